"""Inputs and outputs that disagree with what they feed: operations, messages, called processes, events, loops.

None of it changes how a case runs here, where data are variables by name; another tool may stumble over it, so each is
a warning. Source: BPMN 2.0.2 10.3.3 (tasks), 10.3.6 (call activities), 10.4.2 (sets), 10.5.1 (events), 13.3.7 (loops).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.read_items import carried_by, differ, item_structure
from engine.workflow.bpmn.reading import Reading

Rule = Callable[[Reading, xml.Element], None]
_EVENT_REFERENCES = {
    "messageEventDefinition": "messageRef",
    "signalEventDefinition": "signalRef",
    "errorEventDefinition": "errorRef",
    "escalationEventDefinition": "escalationRef",
}
_FIX = Text(
    "在建模工具中改正数据定义；不影响本系统运行", "Correct the data in your modelling tool; cases run all the same"
)


def check_inputs(reading: Reading, root: xml.Element) -> None:
    """Report every disagreement."""
    for element in root.iter(*_RULES):
        _RULES[str(element.tag)](reading, element)


def _say(reading: Reading, element: xml.Element, rule: str, zh: str, en: str) -> None:
    reading.report(element, f"data.{rule}", Text(zh, en), _FIX, "warning")


def _parts(element: xml.Element, name: str) -> list[xml.Element]:
    """The data inputs, outputs or sets of an activity's specification."""
    found = xml.child(element, "ioSpecification")
    return xml.children(found, name) if found is not None else []


def _compare(reading: Reading, element: xml.Element, data: list[xml.Element], wanted: str) -> None:
    found = item_structure(reading, data[0].get("itemSubjectRef")) if data else ""
    if differ(found, wanted):
        zh, en = "数据与所用消息的内容类型不同", "Its data are of another item than the message it uses"
        _say(reading, element, "item_of_message", zh, en)


def _service(reading: Reading, element: xml.Element) -> None:
    operation = reading.elements.get(xml.reference(element.get("operationRef")) or "")
    if operation is None or xml.child(element, "ioSpecification") is None:
        return
    if len(_parts(element, "inputSet")) != 1 or len(_parts(element, "outputSet")) > 1:
        zh, en = (
            "引用操作的任务只能有一组输入、至多一组输出",
            "With an operation it has one input set and at most one output set",
        )
        _say(reading, element, "sets_of_task", zh, en)
    for name, data in (("inMessageRef", "dataInput"), ("outMessageRef", "dataOutput")):
        _compare(reading, element, _parts(element, data), carried_by(reading, xml.text(xml.child(operation, name))))


def _messaging(reading: Reading, element: xml.Element) -> None:
    message = element.get("messageRef")
    kind = "Input" if xml.local(element) == "sendTask" else "Output"
    data = _parts(element, f"data{kind}")
    if message and (len(_parts(element, f"{kind.lower()}Set")) > 1 or len(data) > 1):
        zh, en = "收发一条消息的任务只能有一项数据", "A task for one message has one set and one item of data"
        _say(reading, element, "sets_of_task", zh, en)
    _compare(reading, element, data, carried_by(reading, message))


def _event(reading: Reading, element: xml.Element) -> None:
    """One data input or output per definition, in their order."""
    data = [*xml.children(element, "dataInput"), *xml.children(element, "dataOutput")]
    definitions = [item for item in element if xml.local(item).endswith(("EventDefinition", "eventDefinitionRef"))]
    if data and len(data) != len(definitions):
        zh, en = "事件的数据个数与事件定义个数不同", "The event has another number of data than of definitions"
        _say(reading, element, "of_event", zh, en)
    carrying = [item for item in definitions if xml.local(item) in _EVENT_REFERENCES]
    for item, definition in zip(data, carrying, strict=False):
        _compare(
            reading, element, [item], carried_by(reading, definition.get(_EVENT_REFERENCES[xml.local(definition)]))
        )


def _call(reading: Reading, element: xml.Element) -> None:
    """A call activity repeats the inputs and outputs of what it calls, where that stands in the same document."""
    called = reading.elements.get(xml.reference(element.get("calledElement")) or "")
    if called is None or called.find(f"{{{xml.BPMN}}}ioSpecification") is None:
        return
    for name in ("dataInput", "dataOutput"):
        mine, theirs = (_structures(reading, one, name) for one in (element, called))
        if len(mine) != len(theirs) or any(differ(a, b) for a, b in zip(mine, theirs, strict=True)):
            zh, en = "输入输出与被调用的流程不一致", "Its inputs and outputs are not those of the process it calls"
            _say(reading, element, "of_call", zh, en)
            return


def _structures(reading: Reading, element: xml.Element, name: str) -> list[str]:
    return sorted(item_structure(reading, item.get("itemSubjectRef")) for item in _parts(element, name))


def _callable(reading: Reading, element: xml.Element) -> None:
    if xml.children(element, "supportedInterfaceRef") and not xml.children(element, "ioBinding"):
        zh, en = "声明了接口，却没有输入输出绑定", "It supports an interface, but binds no operation to its data"
        _say(reading, element, "binding_missing", zh, en)


def _loop(reading: Reading, element: xml.Element) -> None:
    for whole, single in (("loopDataInputRef", "inputDataItem"), ("loopDataOutputRef", "outputDataItem")):
        data = reading.elements.get(xml.reference(xml.text(xml.child(element, whole))) or "")
        item = xml.child(element, single)
        if data is None or item is None:
            continue
        one, other = (item_structure(reading, part.get("itemSubjectRef")) for part in (data, item))
        if differ(one, other):
            zh, en = "单项的数据类型与列表的不同", "The single item is of another kind than the items of the list"
            _say(reading, element, "of_loop", zh, en)


def _set(reading: Reading, element: xml.Element) -> None:
    """Input and output sets that belong together name each other."""
    back = "inputSetRefs" if xml.local(element) == "inputSet" else "outputSetRefs"
    there = "outputSetRefs" if back == "inputSetRefs" else "inputSetRefs"
    for part in xml.children(element, there):
        other = reading.elements.get(xml.reference(xml.text(part)) or "")
        named = {xml.reference(xml.text(one)) for one in xml.children(other, back)} if other is not None else set()
        if other is not None and xml.attribute(element, "id") not in named:
            zh, en = "输入集合与输出集合没有互相引用", "The input and the output set do not name each other"
            _say(reading, element, "sets_one_way", zh, en)


def _association(reading: Reading, element: xml.Element) -> None:
    if not any(xml.child(element, name) is not None for name in ("sourceRef", "transformation", "assignment")):
        zh, en = "数据关联没有来源，什么也不传", "The data association has no source: it carries nothing"
        _say(reading, element, "nothing_carried", zh, en)


_RULES: dict[str, Rule] = {
    f"{{{xml.BPMN}}}{tag}": rule
    for rule, tags in {
        _service: ("serviceTask",),
        _messaging: ("sendTask", "receiveTask"),
        _event: ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
        _call: ("callActivity",),
        _callable: ("process", "globalTask", "globalUserTask", "globalScriptTask", "globalBusinessRuleTask"),
        _loop: ("multiInstanceLoopCharacteristics",),
        _set: ("inputSet", "outputSet"),
        _association: ("dataInputAssociation", "dataOutputAssociation"),
    }.items()
    for tag in tags
}
