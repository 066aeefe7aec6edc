"""A process element with all its scopes, flattened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.kernel.text import Text
from engine.workflow.bpmn import read_data, read_extensions, xml
from engine.workflow.bpmn.data_model import DataObject
from engine.workflow.bpmn.model import (
    SCOPE_KINDS,
    Association,
    Flow,
    Lane,
    Node,
    Process,
)
from engine.workflow.bpmn.read_collaboration import subscriptions
from engine.workflow.bpmn.read_nodes import kind_of, read_node
from engine.workflow.bpmn.reading import Reading, expression


@dataclass(slots=True)
class _Parts:
    process: str
    nodes: dict[str, Node] = field(default_factory=dict)
    elements: dict[str, xml.Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    associations: list[Association] = field(default_factory=list)
    data: list[DataObject] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)


def read_process(reading: Reading, element: xml.Element) -> Process:
    """One process with all nodes and flows of all its scopes."""
    identity = xml.attribute(element, "id")
    parts = _Parts(identity)
    _read_scopes(reading, element, identity, parts)
    _check_flows(reading, parts)
    nodes = _connect(reading, parts)
    read_extensions.check_known(reading, element)
    title = read_extensions.school(element, "title")
    return Process(
        id=identity,
        name=xml.attribute(element, "name"),
        executable=xml.is_true(element, "isExecutable"),
        line=xml.line(element),
        nodes=nodes,
        flows=parts.flows,
        associations=tuple(parts.associations),
        data_objects=tuple(parts.data),
        lanes=tuple(parts.lanes),
        correlations=subscriptions(element),
        extension=read_extensions.process_extension(element),
        title=title.get("text") if title is not None else None,
        documentation=xml.text(xml.child(element, "documentation")),
    )


def _read_scopes(reading: Reading, process: xml.Element, identity: str, parts: _Parts) -> None:
    waiting = [(process, identity)]
    while waiting:
        container, scope = waiting.pop(0)
        parts.data += read_data.data_objects(reading, container, scope)
        for item in container:
            if not xml.is_bpmn(item):
                continue
            kind = kind_of(item)
            if kind is not None:
                own = _identity(reading, item, parts)
                parts.nodes[own] = read_node(reading, item, kind, own, scope)
                parts.elements[own] = item
                if kind in SCOPE_KINDS:
                    waiting.append((item, own))
            else:
                _read_other(reading, item, scope, parts)


def _identity(reading: Reading, element: xml.Element, parts: _Parts) -> str:
    given = xml.attribute(element, "id")
    if given and given not in parts.nodes and given != parts.process:  # else a scope would stand in itself
        return given
    if not given:
        reading.report(
            element,
            "id.missing",
            Text(f"元素 {xml.local(element)} 没有标识", f"The {xml.local(element)} has no id"),
            Text("请给它一个标识", "Give it an id"),
            "warning",
        )
    return f"{given or xml.local(element)}__{len(parts.nodes)}"


def _read_other(reading: Reading, item: xml.Element, scope: str, parts: _Parts) -> None:
    tag, identity = xml.local(item), xml.attribute(item, "id")
    if tag == "sequenceFlow":
        own = identity if identity and identity not in parts.flows else f"flow__{len(parts.flows)}"
        parts.flows[own] = Flow(
            own,
            xml.reference(item.get("sourceRef")) or "",
            xml.reference(item.get("targetRef")) or "",
            scope,
            xml.attribute(item, "name"),
            expression(xml.child(item, "conditionExpression")),
            xml.line(item),
        )
        parts.elements[own] = item
    elif tag == "association":
        source, target = xml.reference(item.get("sourceRef")), xml.reference(item.get("targetRef"))
        parts.associations.append(Association(identity, source or "", target or ""))
    elif tag == "laneSet":
        parts.lanes += _lanes(item)


def _lanes(lane_set: xml.Element) -> list[Lane]:
    found: list[Lane] = []
    for item in lane_set.iter(f"{{{xml.BPMN}}}lane"):
        nodes = tuple(ref for part in xml.children(item, "flowNodeRef") if (ref := xml.reference(xml.text(part))))
        around = tuple(xml.attribute(one, "id") for one in item.iterancestors(f"{{{xml.BPMN}}}lane"))[::-1]
        task = read_extensions.task(item)
        found.append(Lane(xml.attribute(item, "id"), xml.attribute(item, "name"), nodes, task, around))
    return found


def _check_flows(reading: Reading, parts: _Parts) -> None:
    """Drop flows that do not join two nodes of one scope, and say so (BPMN 2.0.2 7.6.1)."""
    for flow in list(parts.flows.values()):
        ends = [parts.nodes.get(flow.source), parts.nodes.get(flow.target)]
        if None not in ends and all(node is not None and node.scope == flow.scope for node in ends):
            continue
        if None in ends:
            missing = flow.source if ends[0] is None else flow.target
            text = Text(f"连线的一端“{missing}”不是流程节点", f"One end of the flow, {missing!r}, is no flow node")
            rule = "flow.dangling"
        else:
            text = Text("连线跨越了子流程的边界", "The flow crosses the border of a sub-process")
            rule = "flow.crosses_scope"
        element = parts.elements[flow.id]
        reading.report(element, rule, text, Text("请重新连接或删除这条连线", "Reconnect the flow or delete it"))
        del parts.flows[flow.id]


def _connect(reading: Reading, parts: _Parts) -> dict[str, Node]:
    """Incoming and outgoing flows come from the flows; a node's own outgoing list gives their order (13.4.2)."""
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for flow in parts.flows.values():
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    lanes = _lane_of(parts.lanes)
    return {
        identity: replace(
            node,
            incoming=tuple(incoming.get(identity, ())),
            outgoing=_ordered(parts.elements[identity], outgoing.get(identity, [])),
            default_flow=_default(reading, parts, node, outgoing.get(identity, [])),
            lane=lanes.get(identity),
        )
        for identity, node in parts.nodes.items()
    }


def _ordered(element: xml.Element, flows: list[str]) -> tuple[str, ...]:
    listed = [xml.reference(xml.text(item)) for item in xml.children(element, "outgoing")]
    rank = {identity: index for index, identity in enumerate(listed)}
    return tuple(sorted(flows, key=lambda identity: rank.get(identity, len(listed))))


def _default(reading: Reading, parts: _Parts, node: Node, outgoing: list[str]) -> str | None:
    if node.default_flow is None or node.default_flow in outgoing:
        return node.default_flow
    reading.report(
        parts.elements[node.id],
        "flow.default_missing",
        Text("默认连线不是从本节点出发的连线", "The default flow does not leave this node"),
        Text("请重新选择默认连线", "Choose the default flow again"),
    )
    return None


def _lane_of(lanes: list[Lane]) -> Mapping[str, str]:
    """The innermost lane of each node: nested lanes come after their parents."""
    return {node: lane.id for lane in lanes for node in lane.nodes}
