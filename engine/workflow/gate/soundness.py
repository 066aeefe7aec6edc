"""Soundness of the token graph (van der Aalst: every case can end, ends clean, no dead activity), by bounded search.

A marking says on which flows of one scope tokens lie. Steps without a choice are taken at once and in one order: in
such nets the order of independent steps changes nothing, so only choices branch and parallel regions do not explode.
Sub-processes are one step here and are searched on their own. Conditions are not evaluated: every way can be taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import SCOPE_KINDS, EventKind, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of

MARKINGS = 20_000
_SUBSETS = 4

Marking = frozenset[str]


@dataclass(slots=True)
class _Net:
    """One scope: its nodes, which flows go in and out, and what was seen."""

    nodes: dict[str, Node]
    inputs: dict[str, tuple[str, ...]]
    outputs: dict[str, tuple[str, ...]]
    bound: dict[str, list[Node]]
    stuck: dict[str, Node] = field(default_factory=dict)
    doubled: dict[str, Node] = field(default_factory=dict)
    endless: list[Node] = field(default_factory=list)


def check(process: Process) -> Iterator[Finding]:
    """Deadlocks and steps that run more than once by mistake, in every scope that is drawn with plain constructs."""
    scopes = [process.id, *(node.id for node in process.nodes.values() if node.kind in SCOPE_KINDS)]
    for scope in scopes:
        net = _net(process, scope)
        if _is_plain(net) and _explore(process, net, scope):
            yield from _findings(net)


def _net(process: Process, scope: str) -> _Net:
    nodes = {node.id: node for node in process.nodes.values() if node.scope == scope}
    flows = {flow.id for flow in process.flows.values() if flow.source in nodes and flow.target in nodes}
    bound: dict[str, list[Node]] = {}
    for node in nodes.values():
        if node.kind is NodeKind.BOUNDARY and node.attached_to:
            bound.setdefault(node.attached_to, []).append(node)
    return _Net(
        nodes,
        {key: tuple(flow for flow in node.incoming if flow in flows) for key, node in nodes.items()},
        {key: tuple(flow for flow in node.outgoing if flow in flows) for key, node in nodes.items()},
        bound,
    )


def _is_plain(net: _Net) -> bool:
    """Complex gateways, ad-hoc scopes, links and quantities have rules of their own: nothing is claimed about them."""
    return not any(
        node.kind in {NodeKind.COMPLEX, NodeKind.ADHOC}
        or node.start_quantity != 1
        or node.completion_quantity != 1
        or any(event.kind is EventKind.LINK for event in node.events)
        for node in net.nodes.values()
    )


def _explore(process: Process, net: _Net, scope: str) -> bool:
    """Searches all markings; False when there are too many to say anything."""
    waiting = [marking for start in _starts(net) for marking in _fire_outputs(net, start, frozenset())]
    came_from: dict[Marking, list[Marking]] = {}
    seen: set[Marking] = set()
    ends: list[Marking] = []
    while waiting:
        marking = waiting.pop()
        if marking in seen:
            continue
        seen.add(marking)
        if len(seen) > MARKINGS:
            return False
        following = _step(process, net, marking)
        if following is None:
            _note_stuck(process, net, marking)
        if not following:
            ends.append(marking)
        for one in following or ():
            came_from.setdefault(one, []).append(marking)
            waiting.append(one)
    _note_endless(process, net, seen, came_from, ends)
    return True


def _note_endless(
    process: Process, net: _Net, seen: set[Marking], came_from: dict[Marking, list[Marking]], ends: list[Marking]
) -> None:
    """Markings from which neither an end nor a standstill can be reached: the case turns for ever."""
    finite: set[Marking] = set()
    waiting = list(ends)
    while waiting:
        marking = waiting.pop()
        if marking not in finite:
            finite.add(marking)
            waiting += came_from.get(marking, ())
    turning = {process.flows[flow].target for marking in seen - finite for flow in marking}
    net.endless += [node for node in net.nodes.values() if node.id in turning][:1]


def _starts(net: _Net) -> list[Node]:
    starts = [node for node in net.nodes.values() if node.kind is NodeKind.START]
    if starts:
        return starts
    return [
        node
        for node in net.nodes.values()
        if not net.inputs[node.id] and node.kind is not NodeKind.BOUNDARY and not node.triggered_by_event
        and not node.for_compensation
    ]  # fmt: skip


def _step(process: Process, net: _Net, marking: Marking) -> list[Marking] | None:
    """The markings after one step; [] when the scope has ended; None when tokens lie there and nothing can move."""
    if not marking:
        return []
    late: list[Node] = []
    merges: list[Node] = []
    for key in sorted({process.flows[flow].target for flow in marking}):
        node = net.nodes[key]
        if node.kind is NodeKind.PARALLEL:
            if set(net.inputs[key]) <= marking:
                return _fire(net, node, marking - set(net.inputs[key]))
        elif len(net.inputs[key]) > 1:
            (late if node.kind is NodeKind.INCLUSIVE else merges).append(node)
        else:
            return _fire(net, node, marking - set(net.inputs[key]))
    if merges:
        return _merge(net, merges[0], marking)
    if late:
        return _fire(net, late[0], marking - set(net.inputs[late[0].id]))
    return None


def _merge(net: _Net, node: Node, marking: Marking) -> list[Marking]:
    """Merges wait for everything else, so tokens that come to one side by side are seen together."""
    arrived = [flow for flow in net.inputs[node.id] if flow in marking]
    if len(arrived) > 1 and net.outputs[node.id]:
        net.doubled.setdefault(net.outputs[node.id][0], node)
    return _fire(net, node, marking - set(arrived[:1]))


def _fire(net: _Net, node: Node, rest: Marking) -> list[Marking]:
    if node.kind is NodeKind.END and any(event.kind is EventKind.TERMINATE for event in node.events):
        return [frozenset()]
    if node.kind is NodeKind.END and any(e.kind in {EventKind.ERROR, EventKind.CANCEL} for e in node.events):
        return [frozenset()]
    found = _fire_outputs(net, node, rest)
    for boundary in net.bound.get(node.id, ()):
        if any(event.kind is EventKind.COMPENSATE for event in boundary.events):
            continue
        if boundary.interrupting:
            found += _fire_outputs(net, boundary, rest)
        else:
            found += [more for one in _fire_outputs(net, node, rest) for more in _fire_outputs(net, boundary, one)]
    return found


def _fire_outputs(net: _Net, node: Node, rest: Marking) -> list[Marking]:
    """One marking per choice of the ways out."""
    return [_put(net, node, rest, chosen) for chosen in _choices(node, net.outputs[node.id])]


def _choices(node: Node, flows: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not flows:
        return [()]
    if node.kind in {NodeKind.EXCLUSIVE, NodeKind.EVENT_BASED} and not node.event_gateway_parallel:
        return [(flow,) for flow in flows]
    if node.kind is NodeKind.INCLUSIVE:
        if len(flows) > _SUBSETS:
            return [(flow,) for flow in flows] + [flows]
        return [group for size in range(1, len(flows) + 1) for group in combinations(flows, size)]
    return [flows]


def _put(net: _Net, node: Node, rest: Marking, chosen: tuple[str, ...]) -> Marking:
    repeats = node.kind is NodeKind.BOUNDARY and not node.interrupting
    for flow in chosen:
        if flow in rest and not repeats:
            net.doubled.setdefault(flow, node)
    return rest | set(chosen)


def _note_stuck(process: Process, net: _Net, marking: Marking) -> None:
    for flow in marking:
        node = net.nodes[process.flows[flow].target]
        net.stuck.setdefault(node.id, node)


def _findings(net: _Net) -> Iterator[Finding]:
    for node in net.stuck.values():
        yield Finding(
            node.id,
            "soundness.deadlock",
            "error",
            Text(
                f"“{name_of(node)}”可能永远等待：有的走法只到达它的一部分入口",
                f"{name_of(node)} may wait for ever: on some ways only a part of its inputs is reached",
            ),
            Text(
                "并行网关只用来汇合由并行网关分出的路径；由排他网关分出的路径用排他网关汇合",
                "Join with a parallel gateway what a parallel one split, and exclusive ways with an exclusive one",
            ),
        )
    for node in net.endless:
        yield Finding(
            node.id,
            "soundness.never_ends",
            "warning",
            Text(
                f"到了“{name_of(node)}”之后流程可能永远无法结束：没有走得出去的路径",
                f"Past {name_of(node)} the case can't end any more: no way leads out",
            ),
            Text("加一条离开循环、通向结束的路径", "Add a way that leaves the loop and leads to an end"),
        )
    for flow, node in net.doubled.items():
        yield Finding(
            flow,
            "soundness.twice",
            "warning",
            Text(
                f"“{name_of(node)}”之后的步骤可能被执行多次：几条并行的路径没有先汇合",
                f"What follows {name_of(node)} may run more than once: parallel ways are not joined before",
            ),
            Text("在此之前加一个并行网关汇合", "Join them with a parallel gateway first"),
        )
