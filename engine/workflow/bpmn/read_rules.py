"""What the schema allows and the standard forbids in parts that the model does not keep: choreographies, pools, data.

Source: BPMN 2.0.2 8.4.2 (correlation), 9.2.3 (participants), 9.5 (conversations), 10.3.5 (sub-processes),
10.4.2 (inputs and outputs), 10.4.3 (associations).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Severity
from engine.workflow.bpmn.read_items import differ, structure_of
from engine.workflow.bpmn.reading import Reading

Rule = Callable[[Reading, xml.Element], None]
_CONVERSED = frozenset(
    {"conversation", "subConversation", "callConversation", "participantAssociation", "messageFlowAssociation"}
    | {"conversationAssociation", "association", "group", "textAnnotation"}
)
_HOLDERS = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


def check_rules(reading: Reading, root: xml.Element) -> None:
    """Report every breach."""
    for element in root.iter(*_RULES):
        _RULES[str(element.tag)](reading, element)


def _say(reading: Reading, element: xml.Element, rule: str, zh: str, en: str, severity: Severity = "error") -> None:
    reading.report(element, rule, Text(zh, en), None, severity)


def _choreography(reading: Reading, element: xml.Element) -> None:
    parent = element.getparent()
    if parent is not None and xml.local(parent) in _HOLDERS:
        zh, en = "流程里不能有编排活动", "A choreography activity can't stand in a process"
        _say(reading, element, "choreography.in_process", zh, en)


def _multiplicity(reading: Reading, element: xml.Element) -> None:
    low, high = (_integer(element, name, default) for name, default in (("minimum", 0), ("maximum", 1)))
    if low is None or high is None or low < 0 or high < max(low, 1):
        zh = "参与者数量应为 0 ≤ 最小 ≤ 最大，且最大至少为 1"
        en = "Expected 0 <= minimum <= maximum and a maximum of at least 1 participants"
        _say(reading, element, "participant.multiplicity", zh, en)


def _integer(element: xml.Element, name: str, default: int) -> int | None:
    value = xml.attribute(element, name) or str(default)
    digits = value.removeprefix("-").removeprefix("+")
    return int(value) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _specification(reading: Reading, element: xml.Element) -> None:
    parent = element.getparent()
    if parent is not None and xml.local(parent) in _HOLDERS - {"process"}:
        zh, en = "子流程不能有输入输出说明", "A sub-process has no input and output specification"
        _say(reading, element, "data.specification", zh, en, "warning")
    for kind, holder in (("Input", "inputSet"), ("Output", "outputSet")):
        _sets(reading, element, kind, holder)


def _sets(reading: Reading, element: xml.Element, kind: str, holder: str) -> None:
    """Each input stands in a set; what a set calls optional, or read while executing, stands in it too."""
    listed: set[str] = set()
    for one in xml.children(element, holder):
        mine = _names(one, f"data{kind}Refs")
        listed |= mine
        if not _names(one, f"optional{kind}Refs") | _names(one, f"whileExecuting{kind}Refs") <= mine:
            zh, en = "可选的数据不在同一集合里", "What the set calls optional is not in the set"
            _say(reading, one, "data.set", zh, en, "warning")
    for item in xml.children(element, f"data{kind}"):
        if xml.attribute(item, "id") not in listed:
            zh, en = "数据不在任何输入输出集合里", "The data input or output belongs to no set"
            _say(reading, item, "data.set", zh, en, "warning")


def _names(element: xml.Element, name: str) -> set[str]:
    return {xml.reference(xml.text(part)) or "" for part in xml.children(element, name)}


def _association(reading: Reading, element: xml.Element) -> None:
    sources = [xml.reference(xml.text(part)) or "" for part in xml.children(element, "sourceRef")]
    if xml.child(element, "transformation") is not None or xml.child(element, "assignment") is not None:
        return
    if len(sources) > 1:
        zh, en = "没有转换的数据关联只能有一个来源", "Without a transformation a data association has one source"
        _say(reading, element, "data.sources", zh, en)
    target = xml.reference(xml.text(xml.child(element, "targetRef"))) or ""
    if sources and differ(structure_of(reading, sources[0]), structure_of(reading, target)):
        zh, en = "数据关联两端的数据类型不同", "The ends of the data association are of different items"
        _say(reading, element, "data.items_differ", zh, en, "warning")


def _item(reading: Reading, element: xml.Element) -> None:
    item = reading.elements.get(xml.reference(element.get("itemSubjectRef")) or "")
    if item is None:
        return
    if xml.is_true(item, "isCollection") != xml.is_true(element, "isCollection"):
        zh, en = "是否为集合与数据类型不一致", "Its isCollection disagrees with its item definition"
        _say(reading, element, "data.collection", zh, en, "warning")


def _choreography_of_choreography(reading: Reading, element: xml.Element) -> None:
    if xml.child(element, "choreographyRef") is not None:
        zh, en = "编排和全局会话不能再引用编排", "A choreography or global conversation can't refer to a choreography"
        _say(reading, element, "choreography.nested", zh, en, "warning")
    if xml.local(element) == "globalConversation" and any(xml.local(item) in _CONVERSED for item in element):
        zh, en = "全局会话里只能有参与者和消息流", "A global conversation holds participants and message flows only"
        _say(reading, element, "conversation.contents", zh, en, "warning")


def _collaboration(reading: Reading, element: xml.Element) -> None:
    for part in xml.children(element, "choreographyRef"):
        other = reading.elements.get(xml.reference(xml.text(part)) or "")
        if other is not None and xml.is_true(other, "isClosed") != xml.is_true(element, "isClosed"):
            zh, en = "isClosed 与所引用的编排不一致", "Its isClosed disagrees with the choreography's"
            _say(reading, element, "choreography.closed", zh, en, "warning")


def _correlation_key(reading: Reading, element: xml.Element) -> None:
    if not xml.children(element, "correlationPropertyRef"):
        zh, en = "关联键没有任何属性，无法匹配消息", "The correlation key has no property: no message can match"
        _say(reading, element, "correlation.empty", zh, en, "warning")


_RULES: dict[str, Rule] = {
    f"{{{xml.BPMN}}}{tag}": rule
    for tag, rule in {
        "choreographyTask": _choreography,
        "subChoreography": _choreography,
        "callChoreography": _choreography,
        "choreography": _choreography_of_choreography,
        "globalConversation": _choreography_of_choreography,
        "collaboration": _collaboration,
        "correlationKey": _correlation_key,
        "participantMultiplicity": _multiplicity,
        "ioSpecification": _specification,
        "dataInputAssociation": _association,
        "dataOutputAssociation": _association,
        "dataObject": _item,
        "dataInput": _item,
        "dataOutput": _item,
    }.items()
}
