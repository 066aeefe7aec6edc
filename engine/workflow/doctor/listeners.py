"""What other engines run beside a step: listeners, scripts before and after it. Each is said with what it did."""

from __future__ import annotations

from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.doctor import splicing
from engine.workflow.doctor.document import Document, called, make, remove
from engine.workflow.doctor.drools_settings import DROOLS
from engine.workflow.doctor.scripts import script_to_feel

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
    if not shown:
        return
    text = Text(
        f"“{where}”{when.zh}运行的脚本在这里不运行（{shown}）",
        f"{where}: the script {when.en} it does not run here ({shown})",
    )
    fix = Text(f"在它{when.zh}加一个脚本任务", f"Put a script task {when.en} it")
    document.note(element, "foreign_script", "warning", text, fix)


def offer(document: Document) -> None:
    """Script tasks of their own for scripts that can be said in FEEL, where the step runs once on its way."""
    for element in document.root.iter("*"):
        scripts = _sayable(element) if xml.is_bpmn(element) else []
        if scripts and splicing.is_single(document, element):
            name, shown = called(element), "; ".join(feel for _, _, feel in scripts)[:80]
            text = Text(f"为“{name}”的脚本另加脚本任务：{shown}", f"Script tasks beside {name}: {shown}")
            change = partial(_to_steps, document, element, scripts)
            document.offer("script.step", xml.attribute(element, "id"), text, change)


def _sayable(element: xml.Element) -> list[tuple[xml.Element, Text, str]]:
    """(script, when, FEEL) of each script around the element that has a FEEL text."""
    given = ((item, _SCRIPTS.get((xml.namespace(item), xml.local(item)))) for item in xml.extensions(element))
    told = ((item, when, script_to_feel(xml.text(item))) for item, when in given if when is not None)
    return [(item, when, feel) for item, when, feel in told if feel is not None]


def _to_steps(document: Document, element: xml.Element, scripts: list[tuple[xml.Element, Text, str]]) -> None:
    identity, name = xml.attribute(element, "id"), called(element)
    for item, when, feel in scripts:
        if when is _BEFORE:
            task = splicing.before(document, element, "scriptTask", f"before_{identity}", f"{name}：准备")
        else:
            task = splicing.after(document, element, "scriptTask", f"after_{identity}", f"{name}：整理")
        task.set("scriptFormat", "feel")
        make(task, "script").text = feel
        remove(item)
