"""Nodes and flows nobody has named, in texts: “部门审批”之后的排他网关 says more than the id a drawing tool made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Flow, Node, NodeKind
from engine.workflow.bpmn.program import Program

_MADE_UP = re.compile(
    r"_\d+|(?:sid-|_|id[-_]?)?[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{13,}|[A-Za-z]+_(?=[0-9a-z]*\d)[0-9a-z]{7}"
    r"|[a-z]+(?:event|gateway|task)\d+|[A-Z][a-z]*(?:Event|Gateway|Task)_\d+"
)
_KINDS: Mapping[NodeKind, Text] = {
    NodeKind.START: Text("开始事件", "start event"),
    NodeKind.END: Text("结束事件", "end event"),
    NodeKind.CATCH: Text("等待事件", "catch event"),
    NodeKind.THROW: Text("抛出事件", "throw event"),
    NodeKind.BOUNDARY: Text("边界事件", "boundary event"),
    NodeKind.USER: Text("用户任务", "user task"),
    NodeKind.MANUAL: Text("手工任务", "manual task"),
    NodeKind.SERVICE: Text("服务任务", "service task"),
    NodeKind.SCRIPT: Text("脚本任务", "script task"),
    NodeKind.RULE: Text("规则任务", "business rule task"),
    NodeKind.SEND: Text("发送任务", "send task"),
    NodeKind.RECEIVE: Text("接收任务", "receive task"),
    NodeKind.CALL: Text("调用流程", "call activity"),
    NodeKind.EXCLUSIVE: Text("排他网关", "exclusive gateway"),
    NodeKind.PARALLEL: Text("并行网关", "parallel gateway"),
    NodeKind.INCLUSIVE: Text("包容网关", "inclusive gateway"),
    NodeKind.COMPLEX: Text("复杂网关", "complex gateway"),
    NodeKind.EVENT_BASED: Text("事件网关", "event-based gateway"),
}
_OTHERWISE = {True: Text("子流程", "sub-process"), False: Text("任务", "task")}
_FARTHEST = 5
_OF_IDS = frozenset({"id.duplicate", "xml.schema"})
"""Findings that speak of the ids themselves."""

_NOUN_ZH = "(?:任务|事件网关|网关|(?:边界|开始|结束)?事件|定时器|活动|子流程|连线)?"
_NOUN_EN = "(?:(?:the|an?) (?:[a-z-]+ )?(?:task|gateway|event|timer|activity|sub-process|flow) )?"


class Graph(Protocol):
    """Nodes and flows by their ids: a process as read, or a program."""

    @property
    def nodes(self) -> Mapping[str, Node]: ...
    @property
    def flows(self) -> Mapping[str, Flow]: ...


class Labels:
    """What is said instead of the made-up ids of some processes; empty when everything in them has a name."""

    def __init__(self, graphs: Iterable[Graph]) -> None:
        self._texts: dict[str, Text] = {}
        for graph in graphs:
            nodes = _of_nodes(graph)
            self._texts |= {**_of_flows(graph, nodes), **nodes}
        ids = "|".join(re.escape(one) for one in sorted(self._texts, key=len, reverse=True))
        self._zh = re.compile(rf"{_NOUN_ZH}“(→ )?({ids})”|(?<![\w-])({ids})(?![\w-])")
        self._en = re.compile(rf"{_NOUN_EN}(['\"]?)(?<![\w-])({ids})(?![\w-])\1", re.IGNORECASE)

    def told(self, text: Text) -> Text:
        """The text with made-up ids told by kind and neighbour."""
        if not self._texts:
            return text
        return Text(self._zh.sub(self._chinese, text.zh), self._en.sub(self._english, text.en))

    def _chinese(self, found: re.Match[str]) -> str:
        return f"{found[1] or ''}{self._texts[found[2] or found[3]].zh}"

    def _english(self, found: re.Match[str]) -> str:
        label = self._texts.get(found[2])
        if label is None:  # an id that differs in its case only
            return found[0]
        return label.en if found.start() else f"{label.en[:1].upper()}{label.en[1:]}"

    def findings(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings in these words, but those that speak of ids."""
        if not self._texts:
            return list(findings)
        return [one if one.rule in _OF_IDS else replace(one, text=self.told(one.text)) for one in findings]


@dataclass(frozen=True, slots=True)
class _Compiled:
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]


def labels_of(program: Program) -> Labels:
    """Those of a program, made once."""
    found = program.cache.get("labels")
    if not isinstance(found, Labels):
        nodes = {op.id: op.node for op in program.ops.values()}
        flows = {name: Flow(name, source, target, "") for name, (source, target) in program.flows.items()}
        found = program.cache["labels"] = Labels((_Compiled(nodes, flows),))
    return found


def _of_nodes(graph: Graph) -> dict[str, Text]:
    places: dict[NodeKind, list[str]] = {}
    for node in graph.nodes.values():
        places.setdefault(node.kind, []).append(node.id)
    unnamed = [one for one in graph.nodes.values() if not one.name.strip() and _MADE_UP.fullmatch(one.id)]
    return {node.id: _label(graph, node) or _counted(node, places[node.kind]) for node in unnamed}


def _counted(node: Node, kindred: Sequence[str]) -> Text:
    """Of a node with no name around it: its kind, and which one it is of several."""
    kind, place = _kind(node), kindred.index(node.id) + 1
    if len(kindred) == 1:
        return Text(kind.zh, f"the {kind.en}")
    return Text(f"第 {place} 个{kind.zh}", f"{kind.en} {place}")


def _of_flows(graph: Graph, nodes: Mapping[str, Text]) -> dict[str, Text]:
    unnamed = [one for one in graph.flows.values() if not one.name.strip() and _MADE_UP.fullmatch(one.id)]
    return {flow.id: _between(graph, nodes, flow) for flow in unnamed}


def _between(graph: Graph, nodes: Mapping[str, Text], flow: Flow) -> Text:
    ends = []
    for end in (flow.source, flow.target):
        node = graph.nodes.get(end)
        name = _line(node.name) if node is not None else ""
        ends.append(nodes.get(end) or Text(f"“{name or end}”", name or end))
    return Text(f"{ends[0].zh}到{ends[1].zh}的连线", f"the flow from {ends[0].en} to {ends[1].en}")


def _kind(node: Node) -> Text:
    return _KINDS.get(node.kind) or _OTHERWISE[node.kind is not NodeKind.TASK]


def _label(graph: Graph, node: Node) -> Text | None:
    """None when nothing around it has a name either."""
    kind = _kind(node)
    if node.kind is NodeKind.BOUNDARY:
        host = graph.nodes.get(node.attached_to or "")
        named = _line(host.name) if host is not None else ""
        return Text(f"“{named}”上的{kind.zh}", f"the {kind.en} of {named}") if named else None
    before = _named(graph, node, forward=False) if node.kind is not NodeKind.START else ""
    if before:
        return Text(f"“{before}”之后的{kind.zh}", f"the {kind.en} after {before}")
    after = _named(graph, node, forward=True)
    return Text(f"“{after}”之前的{kind.zh}", f"the {kind.en} before {after}") if after else None


def _named(graph: Graph, node: Node, *, forward: bool) -> str:
    """The name of the nearest named node that way, over the first flow of each."""
    here = node
    for _ in range(_FARTHEST):
        flows = here.outgoing if forward else here.incoming
        flow = graph.flows.get(flows[0]) if flows else None
        following = graph.nodes.get(flow.target if forward else flow.source) if flow is not None else None
        if following is None:
            return ""
        if following.name.strip():
            return _line(following.name)
        here = following
    return ""


def _line(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
