"""Settings of Camunda 7, Flowable and Activiti that need a few words here: the number of an item, decisions asked by a
service task, business keys of called cases."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor.connectors import field_value
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make, remove

_OWN_KEY = frozenset({"#{execution.processBusinessKey}", "${execution.processBusinessKey}"})
_KEYS = ("decisionTableReferenceKey", "decisionServiceReferenceKey")


def treat(document: Document) -> None:
    """All three."""
    for loop in document.all("multiInstanceLoopCharacteristics"):
        activity = loop.getparent()
        if activity is not None:
            _number(document, activity, read_foreign.attribute(loop, "elementIndexVariable"))
    for task in document.all("serviceTask"):
        if read_foreign.attribute(task, "type") == "dmn" and read_extensions.school(task, "decision") is None:
            _decide(document, task)
    for call in document.all("callActivity"):
        _tell_key(document, call)


def _number(document: Document, activity: xml.Element, name: str) -> None:
    """Items are numbered from 0 there."""
    holder = extensions_of(activity) if name.isidentifier() else None
    if holder is None or any(xml.attribute(one, "name") == name for one in xml.children(holder, "input", xml.SCHOOL)):
        return
    make(holder, "input", xml.SCHOOL, name=name, value="=loopCounter - 1")
    zh, en = f"{name} 是份数，从 0 数起：loopCounter - 1", f"{name} is the number of the item from 0: loopCounter - 1"
    document.rewritten(activity, "counter", zh, en)


def _decide(document: Document, task: xml.Element) -> None:
    """A service task of type `dmn` asks a decision."""
    fields = {xml.attribute(one, "name"): one for one in xml.extensions(task) if xml.local(one) == "field"}
    name = next((field_value(fields[key]) for key in _KEYS if key in fields), "")
    if not name:
        return
    task.tag = f"{{{xml.BPMN}}}businessRuleTask"
    for space in xml.KINDRED:
        drop(task, f"{{{space}}}type")
    for one in fields.values():
        remove(one)
    make(extensions_of(task), "decision", xml.SCHOOL, ref=name)
    zh, en = f"“{called(task)}”使用决策 {name}", f"{called(task)} uses the decision {name}"
    document.rewritten(task, "decision", zh, en)


def _tell_key(document: Document, call: xml.Element) -> None:
    """Cases have no business key here: what a called case is known by has to be one of its variables."""
    said = read_foreign.attribute(call, "businessKey")
    for one in xml.extensions(call):
        if xml.local(one) == "in" and xml.namespace(one) in xml.KINDRED:
            said = said or xml.attribute(one, "businessKey")
    if said and said not in _OWN_KEY:
        text = Text(
            f"“{called(call)}”给被调用的流程业务编号 {said[:80]}，这里没有业务编号",
            f"{called(call)} gives the called case the business key {said[:80]}; cases have none here",
        )
        fix = Text("把它作为变量传入", "Hand it over as a variable")
        document.note(call, "business_key", "warning", text, fix)
