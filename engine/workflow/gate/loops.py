"""Loops of automatic steps that nothing can leave: the engine would turn in them until its budget stops the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import SCOPE_KINDS, EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings

_WAITING = frozenset({NodeKind.USER, NodeKind.MANUAL, NodeKind.RECEIVE, NodeKind.CALL, NodeKind.EVENT_BASED})
_CHOOSING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.COMPLEX})

Graph = Mapping[str, tuple[str, ...]]


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every circle of automatic steps has a way out that a choice can take."""
    automatic = {node.id for node in process.nodes.values() if _is_automatic(process, node)}
    graph = {identity: _targets(process, process.nodes[identity], automatic) for identity in automatic}
    left_by_event = {node.attached_to for node in process.nodes.values() if node.attached_to and node.interrupting}
    for circle in circles(graph):
        is_left = bool(circle & left_by_event)
        if not is_left and not any(_leads_out(process, process.nodes[identity], circle) for identity in circle):
            first = next(node for node in process.nodes.values() if node.id in circle)
            yield _endless(first, [name_of(process.nodes[identity]) for identity in sorted(circle)])


def _is_automatic(process: Process, node: Node) -> bool:
    """Nothing outside has to happen before the token goes on. Sub-processes are taken for waiting."""
    if node.kind in _WAITING or node.kind in SCOPE_KINDS or node.job is not None:
        return False
    if node.kind is NodeKind.SERVICE:
        return node.handler is not None
    if node.kind is NodeKind.CATCH:
        return all(event.kind is EventKind.LINK for event in node.events)
    return True


def _targets(process: Process, node: Node, automatic: set[str]) -> tuple[str, ...]:
    ends = [process.flows[flow].target for flow in node.outgoing if flow in process.flows]
    ends += [
        other.id
        for event in node.events
        if event.kind is EventKind.LINK and node.kind in {NodeKind.THROW, NodeKind.END}
        for other in process.nodes.values()
        if other.kind is NodeKind.CATCH and any(e.name == event.name for e in other.events)
    ]
    return tuple(end for end in ends if end in automatic)


def _leads_out(process: Process, node: Node, circle: frozenset[str]) -> bool:
    """A choice between staying and leaving."""
    flows = [process.flows[flow] for flow in node.outgoing if flow in process.flows]
    chooses = node.kind in _CHOOSING or any(flow.condition is not None for flow in flows)
    return chooses and any(flow.target not in circle for flow in flows)


def circles(graph: Graph) -> Iterator[frozenset[str]]:
    """Strongly connected parts with at least one edge inside (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in graph:
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(graph[root]))]
        number[root] = low[root] = len(number)
        path.append(root)
        on_path.add(root)
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    part = _cut(path, on_path, node)
                    if len(part) > 1 or node in graph[node]:
                        yield part
            elif following not in number:
                number[following] = low[following] = len(number)
                path.append(following)
                on_path.add(following)
                work.append((following, iter(graph[following])))
            elif following in on_path:
                low[node] = min(low[node], number[following])


def _cut(path: list[str], on_path: set[str], node: str) -> frozenset[str]:
    place = path.index(node)
    part = frozenset(path[place:])
    del path[place:]
    on_path.difference_update(part)
    return part


def _endless(first: Node, names: list[str]) -> Finding:
    shown = ", ".join(names[:6])
    return Finding(
        first.id,
        "loops.endless",
        "error",
        Text(f"自动步骤 {shown} 组成了走不出去的循环", f"The automatic steps {shown} form a loop that nothing leaves"),
        Text("在循环中加一个排他网关，让满足条件时离开", "Add an exclusive gateway that leaves the loop"),
    )
