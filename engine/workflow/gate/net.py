"""The token graph of one scope as plain steps, and its edges.

A step consumes tokens by its `joins` kind and gives them by its `splits` kind: `x` one, `+` all, `o` any subset, `?`
the first and any of the others (non-interrupting boundary events).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.workflow.bpmn.model import EventKind, Node, NodeKind, Process

_FLUSHING = frozenset({EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL})
_JOINS = {NodeKind.PARALLEL: "+", NodeKind.INCLUSIVE: "o"}
_SPLITS = {NodeKind.EXCLUSIVE: "x", NodeKind.EVENT_BASED: "x", NodeKind.INCLUSIVE: "o"}
BEGIN = ""
"""The step before all others."""


@dataclass(slots=True)
class Step:
    """One step; `ins` and `outs` are edges. `flushes`: it ends the whole scope. `node`: None for the beginning."""

    key: str
    node: Node | None
    joins: str = "x"
    splits: str = "+"
    flushes: bool = False
    ins: list[int] = field(default_factory=list)
    outs: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Net:
    """Steps by key, and per edge: (source, target, id of the sequence flow it begins with)."""

    steps: dict[str, Step] = field(default_factory=dict)
    edges: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    number: int = 0

    def connect(self, source: str, target: str, flow: str = "") -> None:
        """A new edge, last at both ends."""
        self.number += 1
        self.edges[self.number] = (source, target, flow)
        self.steps[source].outs.append(self.number)
        self.steps[target].ins.append(self.number)

    def cut(self, edge: int) -> None:
        """Take an edge away."""
        source, target, _ = self.edges.pop(edge)
        self.steps[source].outs.remove(edge)
        self.steps[target].ins.remove(edge)


def has_counts(process: Process, scope: str) -> bool:
    """It has a complex gateway or a step with quantities: what they do depends on how many tokens there are."""
    inside = (node for node in process.nodes.values() if node.scope == scope)
    return any(node.kind is NodeKind.COMPLEX or _counts(node) for node in inside)


def _counts(node: Node) -> bool:
    return node.start_quantity != 1 or node.completion_quantity != 1


def net_of(process: Process, scope: str) -> Net:
    """The whole net of a scope; a sub-process is one step."""
    net = Net()
    nodes = {
        node.id: node
        for node in process.nodes.values()
        if node.scope == scope and not node.triggered_by_event and not node.for_compensation and not _undoes(node)
    }
    net.steps[BEGIN] = Step(BEGIN, None)
    for node in nodes.values():
        net.steps[node.id] = _step(process, node)
    bound: dict[str, list[Node]] = {}
    for node in nodes.values():
        if node.kind is NodeKind.BOUNDARY:
            bound.setdefault(node.attached_to or "", []).append(node)
    leaving = {key: _with_events(net, node, bound.get(key, [])) for key, node in nodes.items()}
    for node in nodes.values():
        for flow in (process.flows[one] for one in node.outgoing):
            if flow.target in nodes:
                net.connect(leaving[node.id], flow.target, flow.id)
        for target in _linked(nodes, node):
            net.connect(node.id, target)
    _begin(net, nodes)
    return net


def _undoes(node: Node) -> bool:
    return node.kind is NodeKind.BOUNDARY and any(event.kind is EventKind.COMPENSATE for event in node.events)


def _step(process: Process, node: Node) -> Step:
    splits = _SPLITS.get(node.kind, "+")
    if node.event_gateway_parallel:
        splits = "+"
    elif node.kind is not NodeKind.PARALLEL and splits == "+":
        conditional = any(process.flows[flow].condition is not None for flow in node.outgoing)
        splits = "o" if conditional and len(node.outgoing) > 1 else "+"
    flushes = node.kind is NodeKind.END and any(event.kind in _FLUSHING for event in node.events)
    return Step(node.id, node, _JOINS.get(node.kind, "x"), splits, flushes)


def _with_events(net: Net, host: Node, events: list[Node]) -> str:
    """The step that gives the host's own flows, behind one in which its boundary events happen or not."""
    current = net.steps[host.id]
    splits = current.splits
    for kind, is_interrupting in (("?", False), ("x", True)):
        mine = [event for event in events if event.interrupting is is_interrupting]
        if mine:
            inner = Step(f"{host.id} {kind}", host)
            net.steps[inner.key] = inner
            current.splits = kind
            for key in (inner.key, *(event.id for event in mine)):
                net.connect(current.key, key)
            current = inner
    current.splits = splits
    return current.key


def _linked(nodes: dict[str, Node], node: Node) -> list[str]:
    """The catching links of the names it throws."""
    if node.kind not in {NodeKind.THROW, NodeKind.END}:
        return []
    names = {event.name for event in node.events if event.kind is EventKind.LINK}
    return [one.id for one in nodes.values() if names and _catches(one, names)]


def _catches(node: Node, names: set[str | None]) -> bool:
    links = (event for event in node.events if event.kind is EventKind.LINK)
    return node.kind is NodeKind.CATCH and any(event.name in names for event in links)


def _begin(net: Net, nodes: dict[str, Node]) -> None:
    """One of the starts; without any, everything that nothing leads to, side by side (13.3.4)."""
    starts = [node for node in nodes.values() if node.kind is NodeKind.START or node.instantiate]
    if starts:
        net.steps[BEGIN].splits = "x"
    else:
        starts = [
            node for node in nodes.values() if not net.steps[node.id].ins and node.kind is not NodeKind.BOUNDARY
        ]  # fmt: skip
    for node in starts:
        net.connect(BEGIN, node.id)
