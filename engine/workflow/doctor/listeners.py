"""What other engines run beside a step: listeners, scripts before and after it. Each is said with what it did."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document, called
from engine.workflow.doctor.drools import DROOLS

_SINGLE = frozenset({"executionListener", "taskListener"})
_GROUPS = frozenset({"executionListeners", "taskListeners"})
_BEFORE, _AFTER = Text("之前", "before"), Text("之后", "after")
_SCRIPTS = {
    (xml.SPIFF, "preScript"): _BEFORE,
    (xml.SPIFF, "postScript"): _AFTER,
    (DROOLS, "onEntry-script"): _BEFORE,
    (DROOLS, "onExit-script"): _AFTER,
}
NAMES = _SINGLE | _GROUPS | frozenset({name for _, name in _SCRIPTS})
_DONE_BY = ("class", "delegateExpression", "expression", "type")
_LONGEST = 60


def treat(document: Document) -> None:
    """A warning for each element with some."""
    for element in document.root.iter("*"):
        if not xml.is_bpmn(element):
            continue
        found = [text for item in xml.extensions(element) for text in _heard(item)]
        if found:
            _tell_listeners(document, element, found)
        for item in xml.extensions(element):
            when = _SCRIPTS.get((xml.namespace(item), xml.local(item)))
            if when is not None:
                _tell_script(document, element, xml.text(item), when)


def _heard(item: xml.Element) -> list[str]:
    """`create: org.acme.Notify` for each listener in it."""
    name, space = xml.local(item), xml.namespace(item)
    if name in _SINGLE and space in xml.KINDRED:
        return [_said(item, xml.attribute(item, "event"))]
    if name in _GROUPS and space == xml.ZEEBE:
        return [_said(one, xml.attribute(one, "eventType")) for one in item if isinstance(one.tag, str)]
    return []


def _said(listener: xml.Element, event: str) -> str:
    done_by = next((value for name in _DONE_BY if (value := xml.attribute(listener, name))), "")
    script = next((xml.text(one) for one in listener if xml.local(one) == "script"), "")
    return f"{event or 'start'}: {' '.join((done_by or script or 'script').split())[:_LONGEST]}"


def _tell_listeners(document: Document, element: xml.Element, found: list[str]) -> None:
    shown, where = "; ".join(found)[:200], called(element)
    text = Text(
        f"“{where}”的监听器在这里不运行（{shown}）",
        f"{where}: its listeners do not run here ({shown})",
    )
    fix = Text(
        "数据用输入输出或脚本任务设置；通知用提醒；其他放进前后的服务任务",
        "Set data by inputs, outputs or a script task, notify by reminders, do the rest in a service task beside it",
    )
    document.note(element, "foreign_listener", "warning", text, fix)


def _tell_script(document: Document, element: xml.Element, script: str, when: Text) -> None:
    shown, where = " ".join(script.split())[:80], called(element)
    if shown:
        text = Text(
            f"“{where}”{when.zh}运行的脚本在这里不运行（{shown}）",
            f"{where}: the script {when.en} it does not run here ({shown})",
        )
        fix = Text(f"在它{when.zh}加一个脚本任务", f"Put a script task {when.en} it")
        document.note(element, "foreign_script", "warning", text, fix)
