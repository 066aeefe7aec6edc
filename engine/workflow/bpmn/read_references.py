"""References to elements that are not there or are of another kind, and lists of flows that say something else.

Source: BPMN 2.0.2, the type of each reference in the tables of chapters 8 to 10; 10.5.1 and 7.6.1 for the lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Severity
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.read_nodes import GLOBAL_TASKS
from engine.workflow.bpmn.reading import Reading

_ITEMS = frozenset(
    {"dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInput", "dataOutput", "property"}
    | {"inputDataItem", "outputDataItem"}
)
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "itemSubjectRef": frozenset({"itemDefinition"}),
    "itemRef": frozenset({"itemDefinition"}),
    "operationRef": frozenset({"operation"}),
    "dataStoreRef": frozenset({"dataStore"}),
    "correlationKeyRef": frozenset({"correlationKey"}),
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "categoryValueRef": frozenset({"categoryValue"}),
    "inputDataRef": frozenset({"dataInput", "inputSet"}),
    "outputDataRef": frozenset({"dataOutput", "outputSet"}),
    "definitionalCollaborationRef": frozenset({"collaboration", "choreography", "globalConversation"}),
    "parameterRef": frozenset({"resourceParameter"}),
    "noneBehaviorEventRef": frozenset(),
    "oneBehaviorEventRef": frozenset(),
}
_BODIES: dict[str, frozenset[str]] = {
    "dataInputRefs": frozenset({"dataInput"}),
    "optionalInputRefs": frozenset({"dataInput"}),
    "whileExecutingInputRefs": frozenset({"dataInput"}),
    "dataOutputRefs": frozenset({"dataOutput"}),
    "optionalOutputRefs": frozenset({"dataOutput"}),
    "whileExecutingOutputRefs": frozenset({"dataOutput"}),
    "inputSetRefs": frozenset({"inputSet"}),
    "outputSetRefs": frozenset({"outputSet"}),
    "inMessageRef": frozenset({"message"}),
    "outMessageRef": frozenset({"message"}),
    "resourceRef": frozenset({"resource"}),
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "loopDataInputRef": _ITEMS,
    "loopDataOutputRef": _ITEMS,
}
_DECISIVE = frozenset(
    {"correlationPropertyRef", "messageRef", "noneBehaviorEventRef", "oneBehaviorEventRef"}
    | {"loopDataInputRef", "loopDataOutputRef"}
)
"""What the engine reads. Of the rest, a broken reference is no reason to refuse the model: many tools write them."""
_CALLABLE = frozenset({"process", *GLOBAL_TASKS})
_MESSAGES = frozenset({"messageFlow", "correlationPropertyRetrievalExpression"})
_ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_NODES = tuple(f"{{{xml.BPMN}}}{kind.value}" for kind in NodeKind)


def check_references(reading: Reading, root: xml.Element) -> None:
    """Report what names an element of this document that is not there. References into imports are not followed."""
    space = _space(root)
    for element in root.iter(f"{{{xml.BPMN}}}*"):
        for name, value, kinds in _given(element):
            target = _local(element, value, space)
            found = reading.kind_of(target)
            if target is not None and not (found and (not kinds or found in kinds)):
                _missing(reading, element, name, target)


def check_calls(reading: Reading, root: xml.Element) -> None:
    """Report call activities that call something of this document that can't be called (10.3.6)."""
    for element in root.iter(f"{{{xml.BPMN}}}callActivity"):
        found = reading.kind_of(_local(element, element.get("calledElement") or "", _space(root)))
        if found and found not in _CALLABLE:
            zh, en = "被调用的不是流程，也不是全局任务", "What it calls is neither a process nor a global task"
            fix = Text("选择一个流程", "Choose a process")
            reading.report(element, "reference.not_callable", Text(zh, en), fix)


def _given(element: xml.Element) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(name, value, kinds it may be of) of each reference of the element."""
    for name, value in element.attrib.items():
        if str(name) in _ATTRIBUTES:
            yield str(name), str(value), _ATTRIBUTES[str(name)]
    tag = xml.local(element)
    if tag in _BODIES:
        yield tag, xml.text(element), _BODIES[tag]
    elif tag == "association":
        yield "sourceRef", element.get("sourceRef") or "", frozenset()
        yield "targetRef", element.get("targetRef") or "", frozenset()
    elif tag in _MESSAGES:
        yield "messageRef", element.get("messageRef") or "", frozenset({"message"})
    elif tag in _ASSOCIATIONS:
        for part in (*xml.children(element, "sourceRef"), *xml.children(element, "targetRef")):
            yield tag, xml.text(part), _ITEMS


def _missing(reading: Reading, element: xml.Element, name: str, target: str) -> None:
    zh = f"{name} 引用的“{target}”不存在，或不是所需的类型"
    en = f"{target!r}, which {name} names, does not exist or is of another kind"
    fix = Text("请在文件中定义它，或改正引用", "Define it in the file or correct the reference")
    severity: Severity = "error" if name in _DECISIVE else "warning"
    reading.report(element, "reference.missing", Text(zh, en), fix, severity)


def _space(root: xml.Element) -> str:
    return xml.attribute(root, "targetNamespace")


def _local(element: xml.Element, value: str, space: str) -> str | None:
    """The id; None when nothing is named, or something of another namespace."""
    prefix, mark, _ = value.strip().partition(":")
    if mark and element.nsmap.get(prefix) not in (None, space):
        return None
    return xml.reference(value)


def check_lists(reading: Reading, root: xml.Element) -> None:
    """Report incoming and outgoing lists that disagree with the flows; the flows are what counts."""
    ends = {"incoming": "targetRef", "outgoing": "sourceRef"}
    flows = root.findall(f".//{{{xml.BPMN}}}sequenceFlow")
    drawn = {name: _by_node(flows, attribute) for name, attribute in ends.items()}
    for node in root.iter(*_NODES):
        for name in ends:
            listed = set(_listed(node, name))
            if listed and listed != drawn[name].get(xml.attribute(node, "id"), set()):
                zh = f"{name} 列出的顺序流与实际的顺序流不一致，以顺序流为准"
                en = f"its {name} list disagrees with the sequence flows, which are what counts"
                reading.report(node, "flow.listed_wrongly", Text(zh, en), None, "warning")


def _listed(node: xml.Element, name: str) -> Iterator[str]:
    return (target for part in xml.children(node, name) if (target := xml.reference(xml.text(part))))


def _by_node(flows: list[xml.Element], attribute: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for flow in flows:
        found.setdefault(xml.reference(flow.get(attribute)) or "", set()).add(xml.attribute(flow, "id"))
    return found
