"""Soundness of the token graph (van der Aalst: every case can end, ends clean, no dead activity), by bounded search.

The net is folded first, so that only what is not well structured is searched. A marking says on which edges of one
scope tokens lie. Steps outside circles are taken in one order: there the order of independent steps changes nothing, so
only choices branch and parallel regions do not explode. Sub-processes are one step here and are
searched on their own. Conditions are not evaluated: every way can be taken. Where steps count tokens, so does the
search (`counting`), and running a step more than once is no mistake. After `MARKINGS` markings of one scope the
search gives up and says so; what it has found until then stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import SCOPE_KINDS, Node, NodeKind, Process
from engine.workflow.gate import counting
from engine.workflow.gate.examples import Example, example_of, trail
from engine.workflow.gate.folding import fold
from engine.workflow.gate.loops import circles
from engine.workflow.gate.net import BEGIN, Net, Step, has_counts, net_of
from engine.workflow.gate.searching import MARKINGS, Search, choices, in_turn, leading_to
from engine.workflow.gate.structure import name_of, shown

Marking = frozenset[int]


def check(process: Process) -> Iterator[Finding]:
    """Deadlocks and steps that run more than once by mistake, in every scope but those whose steps people choose."""
    scopes = [process.id, *(node.id for node in process.nodes.values() if node.kind in SCOPE_KINDS)]
    for scope in scopes:
        if scope in process.nodes and process.nodes[scope].kind is NodeKind.ADHOC:
            continue
        net = net_of(process, scope)
        if has_counts(process, scope):
            search = Search(net, circling=_circling(net))
            counting.explore(search, process)
        else:
            fold(net)
            search = Search(net, circling=_circling(net))
            _explore(search)
        yield from _findings(process, scope, search)


def _circling(net: Net) -> frozenset[str]:
    graph = {key: tuple(net.edges[edge][1] for edge in step.outs) for key, step in net.steps.items()}
    return frozenset[str]().union(*circles(graph))


def _explore(search: Search) -> None:
    """All markings, up to the cap."""
    waiting = _give(search, search.net.steps[BEGIN], frozenset())
    came_from: dict[Marking, list[Marking]] = {}
    seen: set[Marking] = set()
    ends: list[Marking] = []
    while waiting:
        marking = waiting.pop()
        if marking in seen:
            continue
        seen.add(marking)
        if len(seen) > MARKINGS:
            search.is_complete = False
            return
        following = _step(search, marking)
        if following is None:
            _note_stuck(search, marking)
        if not following:
            ends.append(marking)
        for one in following or ():
            came_from.setdefault(one, []).append(marking)
            waiting.append(one)
    _note_endless(search, seen, came_from, ends)


def _note_endless(
    search: Search, seen: set[Marking], came_from: dict[Marking, list[Marking]], ends: list[Marking]
) -> None:
    """Markings from which neither an end nor a standstill can be reached: the case turns for ever."""
    finite = leading_to(ends, came_from)
    turning = {search.net.edges[edge][1] for marking in seen - finite for edge in marking}
    search.endless += [step.node for step in search.net.steps.values() if step.key in turning and step.node][:1]


def _step(search: Search, marking: Marking) -> list[Marking] | None:
    """The markings after one step; [] when the scope has ended; None when tokens lie there and nothing can move.

    A step that no circle leads back to is taken alone; else each of those that can move, for a circle could starve the
    others. A step that ends the whole scope may come at any time.
    """
    if not marking:
        return []
    steps = [search.net.steps[key] for key in sorted({search.net.edges[edge][1] for edge in marking})]
    ended = [more for step in steps if step.flushes for more in _fire(search, step, marking)]
    steps = [step for step in steps if not step.flushes]
    for group in _groups(search, steps, marking):
        chosen = next((step for step in group if step.key not in search.circling), None)
        following = [more for step in ([chosen] if chosen else group) for more in _move(search, step, marking)]
        return following + ended
    return ended or None


def _groups(search: Search, steps: list[Step], marking: Marking) -> Iterator[list[Step]]:
    """Those that can move, by turns: merges wait for everything else, inclusive joins for the merges too."""
    can = [step for step in steps if (set(step.ins) <= marking if step.joins == "+" else len(step.ins) == 1)]
    merges = [step for step in steps if len(step.ins) > 1 and step.joins == "x"]
    yield from (group for group in (can, merges, in_turn(search, steps, marking)) if group)


def _move(search: Search, step: Step, marking: Marking) -> list[Marking]:
    if len(step.ins) > 1 and step.joins == "x":
        return _merge(search, step, marking)
    return _fire(search, step, marking - set(step.ins))


def _merge(search: Search, step: Step, marking: Marking) -> list[Marking]:
    """Merges wait for everything else, so tokens that come to one side by side are seen together."""
    arrived = [edge for edge in step.ins if edge in marking]
    if len(arrived) > 1 and step.outs and step.node is not None:
        search.doubled.setdefault(_flow(search.net, step.outs[0], step), step.node)
    return _fire(search, step, marking - set(arrived[:1]))


def _fire(search: Search, step: Step, rest: Marking) -> list[Marking]:
    search.fired.add(step.key)
    return [frozenset()] if step.flushes else _give(search, step, rest)


def _give(search: Search, step: Step, rest: Marking) -> list[Marking]:
    """One marking per choice of the ways out."""
    found: list[Marking] = []
    for chosen in choices(step):
        for edge in chosen:
            repeats = step.splits == "?" and edge != step.outs[0]
            if edge in rest and not repeats and step.node is not None:
                search.doubled.setdefault(_flow(search.net, edge, step), step.node)
        found.append(rest | set(chosen))
    return found


def _flow(net: Net, edge: int, step: Step) -> str:
    """The sequence flow an edge begins with, else its step."""
    return net.edges[edge][2] or step.key.split(" ")[0]


def _note_stuck(search: Search, marking: Marking) -> None:
    for node in _waiting(search.net, marking):
        search.stuck.setdefault(node.id, node)


def _findings(process: Process, scope: str, search: Search) -> Iterator[Finding]:
    if not search.is_complete:
        yield _undecided(process, scope)
    elif not search.stuck and not search.endless:
        yield from _dead(search)
    stuck = [_example(process, scope, node) for node in search.stuck.values()]
    for node, example in {node.id: (node, example) for node, example in stuck}.values():
        yield _deadlock(node, example)
    yield from map(_never_ends, search.endless)
    yield from (_twice(flow, node) for flow, node in search.doubled.items())


def _deadlock(node: Node, example: Example | None) -> Finding:
    return Finding(
        node.id,
        "soundness.deadlock",
        "error",
        _with_example(
            f"“{name_of(node)}”可能永远等待：有的走法只到达它的一部分入口",
            f"{name_of(node)} may wait for ever: on some ways only a part of its inputs is reached",
            example,
        ),
        Text(
            "并行网关只用来汇合由并行网关分出的路径；由排他网关分出的路径用排他网关汇合",
            "Join with a parallel gateway what a parallel one split, and exclusive ways with an exclusive one",
        ),
        path=example.path if example else (),
    )


def _never_ends(node: Node) -> Finding:
    text = Text(
        f"到了“{name_of(node)}”之后流程可能永远无法结束：没有走得出去的路径",
        f"Past {name_of(node)} the case can't end any more: no way leads out",
    )
    fix = Text("加一条离开循环、通向结束的路径", "Add a way that leaves the loop and leads to an end")
    return Finding(node.id, "soundness.never_ends", "warning", text, fix)


def _twice(flow: str, node: Node) -> Finding:
    text = Text(
        f"“{name_of(node)}”之后的步骤可能被执行多次：几条并行的路径没有先汇合",
        f"What follows {name_of(node)} may run more than once: parallel ways are not joined before",
    )
    fix = Text("在此之前加一个并行网关汇合", "Join them with a parallel gateway first")
    return Finding(flow, "soundness.twice", "warning", text, fix)


def _example(process: Process, scope: str, stuck: Node) -> tuple[Node, Example | None]:
    """The shortest way to a standstill in which that node waits, in the net as drawn; or, where the folded net took it
    for its neighbour, the one that waits there.

    No example when it is too long, where steps count tokens, or where tokens that nobody joined meet on one way (a
    finding of its own): as drawn they are seen together there.
    """
    if has_counts(process, scope):
        return stuck, None
    net = net_of(process, scope)
    search = Search(net, circling=_circling(net))
    begun = _give(search, net.steps[BEGIN], frozenset())
    came_from: dict[Marking, Marking | None] = dict.fromkeys(begun)
    waiting = deque(begun)
    stands: dict[str, tuple[Node, Marking]] = {}
    while waiting and len(came_from) <= MARKINGS and stuck.id not in stands:
        marking = waiting.popleft()
        following = _step(search, marking)
        if following is None:
            for node in _waiting(net, marking):
                stands.setdefault(node.id, (node, marking))
        for one in following or ():
            if one not in came_from:
                came_from[one] = marking
                waiting.append(one)
    node, end = stands.get(stuck.id) or next(iter(stands.values()), (stuck, None))
    return node, None if end is None else example_of(process, net, trail(end, came_from), node.id)


def _waiting(net: Net, marking: Marking) -> list[Node]:
    nodes = (net.steps[net.edges[edge][1]].node for edge in sorted(marking))
    return [node for node in nodes if node is not None]


def _with_example(zh: str, en: str, example: Example | None) -> Text:
    if example is None or not example.words.zh:
        return Text(zh, en)
    return Text(f"{zh}。例如{example.words.zh}", f"{en}. For example, {example.words.en}")


def _dead(search: Search) -> Iterator[Finding]:
    """Steps that no marking ever reaches although ways lead to them from where the scope begins."""
    led_to = _led_to(search.net)
    for step in search.net.steps.values():
        if step.key not in search.fired and step.key in led_to and step.node is not None:
            yield Finding(
                step.node.id,
                "soundness.dead",
                "error",
                Text(
                    f"“{name_of(step.node)}”永远不会执行：它等待的路径不会都到达",
                    f"{name_of(step.node)} can never run: what it waits for never comes together",
                ),
                Text("改正通向它的网关，或删除它", "Correct the gateways before it, or delete it"),
            )


def _led_to(net: Net) -> set[str]:
    """All steps behind the beginning; not those behind a boundary event of an activity that only undoes."""
    found: set[str] = set()
    waiting = [BEGIN]
    while waiting:
        for edge in net.steps[waiting.pop()].outs:
            target = net.edges[edge][1]
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _undecided(process: Process, scope: str) -> Finding:
    node = process.nodes.get(scope)
    name = name_of(node) if node is not None else shown(process.name) or process.id
    return Finding(
        scope,
        "soundness.undecided",
        "warning",
        Text(
            f"“{name}”的分支太多：看过 {MARKINGS} 种状态仍未看完，没有看到的死锁不能排除",
            f"{name} branches too much: {MARKINGS} states were looked at and not all; a deadlock can't be ruled out",
        ),
        Text("拆成子流程，或让每个并行网关都有对应的汇合", "Split it into sub-processes, or join each parallel split"),
    )
