"""Models of jBPM and Kogito: what a task is given as plain texts, and who it goes to by its inputs of fixed names.

In their models the `from` of an assignment to a task's own input is a text, not an expression; `ActorId` and `GroupId`
name who does the task.
"""

from __future__ import annotations

import json
import re

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor import drools_settings
from engine.workflow.doctor.document import Document, called, extensions_of, make, remove
from engine.workflow.doctor.drools_settings import DROOLS
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel
from engine.workflow.doctor.foreign_methods import quoted

_PEOPLE = {"ActorId": "user", "GroupId": "group"}
_WORD = re.compile(r"[\w.@-]+")


def treat(document: Document) -> None:
    """Every task with inputs, in a document that uses their namespace; where FEEL is spoken, other tools wrote it."""
    if DROOLS not in document.root.nsmap.values() or "FEEL" in xml.attribute(document.root, "expressionLanguage"):
        return
    for item in document.all("task"):
        _work_item(document, item)
    for step in document.all("serviceTask", "businessRuleTask"):
        _tell_code(document, step)
    drools_settings.treat(document)
    for specification in document.all("ioSpecification"):
        task = specification.getparent()
        inputs = {
            xml.attribute(one, "id"): xml.attribute(one, "name") for one in xml.children(specification, "dataInput")
        }
        if task is not None and inputs:
            _task(document, task, inputs)


def _work_item(document: Document, task: xml.Element) -> None:
    """A task of a kind of its own (`Rest`, `Email`, `Log`) waits as an outside job of that type."""
    kind = (task.get(f"{{{DROOLS}}}taskName") or "").strip()
    if not kind:
        return
    task.tag = f"{{{xml.BPMN}}}serviceTask"
    make(extensions_of(task), "job", xml.SCHOOL, type=kind)
    zh, en = f"“{called(task)}”是 {kind} 任务，改为外部任务", f"The {kind} of {called(task)} is now an outside job"
    document.rewritten(task, "connector", zh, en)


def _tell_code(document: Document, task: xml.Element) -> None:
    """Which program code did it there."""
    names = (
        task.get(f"{{{DROOLS}}}{name}") or "" for name in ("serviceinterface", "serviceoperation", "ruleFlowGroup")
    )
    shown = ".".join(name for name in names if name)
    if shown:
        text = Text(
            f"“{called(task)}”原来由程序代码执行（{shown[:80]}）",
            f"{called(task)} was done by program code there ({shown[:80]})",
        )
        fix = Text("请为它选择一个处理器、发送渠道或外部任务类型", "Choose a handler, a channel or a job type for it")
        document.note(task, "foreign_code", "warning", text, fix)


def _task(document: Document, task: xml.Element, inputs: dict[str, str]) -> None:
    given: dict[str, str] = {}
    for association in xml.children(task, "dataInputAssociation"):
        name = inputs.get(xml.reference(xml.text(xml.child(association, "targetRef"))) or "")
        source = [xml.child(part, "from") for part in xml.children(association, "assignment")]
        if name is None or len(source) != 1 or source[0] is None:
            continue
        given[name] = xml.text(source[0])
        for part in xml.children(association, "assignment"):
            _to_name(xml.child(part, "to"), inputs)
        if given[name]:
            _say(source[0], _feel(given[name]))
        else:
            remove(association)
    if not given:
        return
    zh, en = f"“{called(task)}”的固定输入按文本处理", f"The fixed inputs of {called(task)} are taken as texts"
    document.rewritten(task, "fixed_inputs", zh, en)
    if xml.local(task) == "userTask":
        drools_settings.take_inputs(document, task, given)
        _people(task, given)
    _decision(document, task, given.get("decision", ""))


def _to_name(target: xml.Element | None, inputs: dict[str, str]) -> None:
    """What is written to an input is known by the input's name, not by its id."""
    name = inputs.get(xml.text(target), "")
    if target is not None and name.isidentifier():
        _say(target, name)


def _decision(document: Document, task: xml.Element, name: str) -> None:
    """A rule task that asks a decision table names it by a fixed input."""
    is_asked = xml.local(task) == "businessRuleTask" and xml.attribute(task, "implementation").endswith("/dmn")
    if is_asked and name and read_extensions.school(task, "decision") is None:
        make(extensions_of(task), "decision", xml.SCHOOL, ref=name)
        zh, en = f"“{called(task)}”使用决策 {name}", f"{called(task)} uses the decision {name}"
        document.rewritten(task, "decision", zh, en)


def _feel(text: str) -> str:
    """A number or truth value as it stands, `#{…}` as an expression, anything else as a text."""
    if is_braced(text):
        return to_feel(text) or quoted(text)
    try:
        value = json.loads(text)
    except ValueError:
        return quoted(text)
    return text if isinstance(value, int | float | bool) else quoted(text)


def _say(element: xml.Element, feel: str) -> None:
    for part in list(element):
        element.remove(part)
    element.text = feel


def _people(task: xml.Element, given: dict[str, str]) -> None:
    rules = [
        f"{kind}:{word.strip()}"
        for name, kind in _PEOPLE.items()
        for word in given.get(name, "").split(",")
        if _WORD.fullmatch(word.strip())
    ]
    ours = read_extensions.school(task, "task")
    if not rules or (ours is not None and xml.child(ours, "assignee", xml.SCHOOL) is not None):
        return
    if ours is None:
        ours = make(extensions_of(task), "task", xml.SCHOOL)
    for rule in rules:
        make(ours, "assignee", xml.SCHOOL, rule=rule)
