"""Expressions of other tools wherever a document holds them: conditions, loops, timers, scripts, attributes."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.compile_tasks import FUNCTION_FORMATS, script_format
from engine.workflow.bpmn.rhythm import is_rhythm
from engine.workflow.bpmn.timers import TimerError, parse_timer
from engine.workflow.doctor.document import Document, drop
from engine.workflow.doctor.foreign_expressions import calls_methods, is_braced, is_feel, to_feel
from engine.workflow.doctor.scripts import is_assignment, script_to_feel
from engine.workflow.doctor.timer_texts import to_iso
from engine.workflow.doctor.xpath import functions_in_feel

_CONDITIONS = (
    "conditionExpression",
    "completionCondition",
    "loopCardinality",
    "loopCondition",
    "condition",
    "activationCondition",
    "transformation",
    "messagePath",
    "dataPath",
)
_TIMES = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_LEFT_ALONE = frozenset({"class", "expression", "delegateExpression", "businessKey"})
_OURS = frozenset({"", "feel"})
_FROM_MONDAY = re.compile(r"^(?:\S+\s+){5}\d")
"""A number as the weekday: 1 is Monday in Camunda 8 whether or not there is a `?`, as it is here without one."""
_FOREIGN_LANGUAGE = re.compile(r"xpath|mvel|java|juel|groovy|python|ruby|(?:^|[:/.])js\b", re.IGNORECASE)


def treat(document: Document) -> None:
    """Everything that has an equal in FEEL is said in FEEL."""
    for element in document.all(*_CONDITIONS):
        _condition(document, element)
    for name, form in _TIMES.items():
        for element in document.all(name):
            _time(document, element, form)
    for element in document.all("scriptTask", "globalScriptTask"):
        _script(document, element)
    for element in document.all("callActivity"):
        _called(document, element)
    for element in document.root.iter():
        if isinstance(element.tag, str):
            _attributes(document, element)


def _is_fine(body: str) -> bool:
    if is_braced(body) or calls_methods(body):
        return False
    return not body or is_feel(body.removeprefix("="))


def _condition(document: Document, element: xml.Element) -> None:
    body, language = xml.text(element), xml.attribute(element, "language").lower()
    is_fine, is_foreign = _is_fine(body), _FOREIGN_LANGUAGE.search(language) is not None
    if is_fine and not is_foreign:
        return
    spelled = functions_in_feel(body) if "xpath" in language else body
    found = to_feel(spelled) or (spelled if spelled != body and is_feel(spelled) else None)
    if found not in (None, body):
        _say(document, element, body, str(found))
    elif not is_fine and (is_braced(body) or is_foreign):
        _untold(document, element, body)


def _time(document: Document, element: xml.Element, form: str) -> None:
    body = xml.text(element)
    if "?" in body and _FROM_MONDAY.search(body) and xml.ZEEBE in document.root.nsmap.values() and is_rhythm(body):
        _say(document, element, body, body.replace("?", "*"))
        return
    try:
        parse_timer(body, form)
        return
    except TimerError:
        pass
    iso = to_iso(body, form)
    if iso is not None:
        _say(document, element, body, iso)
    elif not _is_fine(body):
        _condition(document, element)


def _script(document: Document, element: xml.Element) -> None:
    script = xml.child(element, "script")
    body = xml.text(script)
    language = script_format(element.get("scriptFormat") or element.get("scriptLanguage"))
    if script is None or language == "function" or language in document.scripts:
        return
    is_foreign = language not in _OURS or (not language and xml.SPIFF in document.root.nsmap.values())
    if _is_fine(body) and not (is_foreign and is_assignment(body)):
        return
    found = script_to_feel(body)
    if found is not None:
        element.set("scriptLanguage" if xml.local(element) == "globalScriptTask" else "scriptFormat", "feel")
        _say(document, script, body, found)
    elif language not in FUNCTION_FORMATS:
        _untold(document, script, body, _BY_A_FUNCTION)


def _called(document: Document, element: xml.Element) -> None:
    """Which process is called may be computed."""
    body = xml.attribute(element, "calledElement")
    if not is_braced(body):
        return
    found = to_feel(body)
    if found is None:
        _unset(document, element, "calledElement", body)
    else:
        element.set("calledElement", f"={found}")
        _told(document, element, body, found)


def _attributes(document: Document, element: xml.Element) -> None:
    """`${…}` in attributes and parameters of Camunda 7, Flowable and Activiti."""
    for key, value in element.attrib.items():
        space, _, name = str(key).removeprefix("{").rpartition("}")
        is_ours = space in xml.KINDRED or (not space and xml.namespace(element) in xml.KINDRED)
        if is_ours and name not in _LEFT_ALONE and is_braced(str(value)):
            found = to_feel(str(value))
            if found is None:
                _unset(document, element, name, str(value))
            else:
                element.set(key, f"={found}")
                _told(document, element, str(value), found)
    if xml.namespace(element) in xml.KINDRED and not len(element) and is_braced(xml.text(element)):
        _parameter(document, element)


def _parameter(document: Document, element: xml.Element) -> None:
    body = xml.text(element)
    if xml.local(element) not in {"inputParameter", "outputParameter", "string", "expression"}:
        return
    found = to_feel(body)
    if found is None:
        _unset(document, element, xml.attribute(element, "name"), body)
    else:
        element.text = f"={found}"
        _told(document, element, body, found)


def _say(document: Document, element: xml.Element, old: str, new: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = new
    drop(element, "language")
    _told(document, element, old, new)


def _told(document: Document, element: xml.Element, old: str, new: str) -> None:
    document.rewritten(
        element,
        "expression",
        f"表达式“{old[:80]}”改写为 FEEL：{new[:80]}",
        f"The expression {old[:80]} is now written in FEEL: {new[:80]}",
    )


_IN_FEEL = Text("请改写为 FEEL 表达式，例如 金额 > 100", "Write it in FEEL, for example amount > 100")
_BY_A_FUNCTION = Text(
    "请改写为 FEEL，例如 {total: price * 2}，或改用服务任务，由处理器或函数完成",
    "Write it in FEEL, for example {total: price * 2}, or make it a service task that a handler or function does",
)


def _unset(document: Document, element: xml.Element, name: str, body: str) -> None:
    """A setting whose value program code worked out."""
    text = Text(
        f"{name} 原来由那边的程序算出，无法转换：{body[:80]}",
        f"{name} was worked out by program code there and can't be translated: {body[:80]}",
    )
    fix = Text(
        "接受修复先不用它，再用本系统的设置配置",
        "Accept the fix to go without it, then set it with this system's settings",
    )
    document.note(element, "expression_unknown", "error", text, fix)


def _untold(document: Document, element: xml.Element, body: str, fix: Text = _IN_FEEL) -> None:
    document.note(
        element,
        "expression_unknown",
        "error",
        Text(f"表达式“{body[:80]}”无法转换", f"The expression {body[:80]} can't be translated"),
        fix,
    )
