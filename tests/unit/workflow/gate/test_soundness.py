"""The bounded search against plain enumeration of all markings of small random nets."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import soundness

TAGS = {"x": "exclusiveGateway", "+": "parallelGateway", "t": "userTask"}
ENOUGH = 3000


@dataclass(frozen=True)
class Net:
    """Kinds by node number (0 starts, the last one ends) and flows as (source, target)."""

    kinds: tuple[str, ...]
    flows: tuple[tuple[int, int], ...]

    def xml(self) -> str:
        last = len(self.kinds) + 1
        parts = ['<startEvent id="n0"/>', f'<endEvent id="n{last}"/>']
        parts += [f'<{TAGS[kind]} id="n{number + 1}"/>' for number, kind in enumerate(self.kinds)]
        for index, (source, target) in enumerate(self.flows):
            parts.append(f'<sequenceFlow id="f{index}" sourceRef="n{source}" targetRef="n{target}"/>')
        head = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        return f'{head}<process id="p" isExecutable="true">{"".join(parts)}</process></definitions>'


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """Every node lies on a way from start to end; a flow back goes only into an exclusive gateway."""
    kinds = tuple(draw(st.lists(st.sampled_from("xx+t"), min_size=2, max_size=7)))
    last = len(kinds) + 1
    flows = {(draw(st.integers(0, node - 1)), node) for node in range(1, last)}
    for node in range(1, last):
        if all(source != node for source, _ in flows):
            flows.add((node, draw(st.integers(node + 1, last))))
    for _ in range(draw(st.integers(0, 3))):
        source, target = draw(st.integers(1, last - 1)), draw(st.integers(1, last))
        if target > source or (target < last and source != target and kinds[target - 1] == "x"):
            flows.add((source, target))
    return Net(kinds, tuple(sorted(flows)))


def enumerated(net: Net) -> tuple[bool, bool, bool] | None:
    """(deadlocks, some flow ever holds two tokens, turns for ever); None when there are too many markings."""
    last = len(net.kinds) + 1
    into = {n: [i for i, (_, to) in enumerate(net.flows) if to == n] for n in range(last + 1)}
    out = {n: [i for i, (source, _) in enumerate(net.flows) if source == n] for n in range(last + 1)}
    first = [0] * len(net.flows)
    for flow in out[0]:
        first[flow] += 1
    seen: set[tuple[int, ...]] = set()
    waiting = [tuple(first)]
    before: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    ends: list[tuple[int, ...]] = []
    stuck = doubled = False
    while waiting:
        marking = waiting.pop()
        if marking in seen:
            continue
        seen.add(marking)
        if len(seen) > ENOUGH:
            return None
        if max(marking) > 1:
            doubled = True
            continue
        following = [more for node in range(1, last + 1) for more in fired(net, node, marking, into, out)]
        stuck = stuck or (not following and any(marking))
        ends += [] if following else [marking]
        for more in following:
            before.setdefault(more, []).append(marking)
        waiting += following
    finite: set[tuple[int, ...]] = set()
    while ends:
        marking = ends.pop()
        if marking not in finite:
            finite.add(marking)
            ends += before.get(marking, [])
    return stuck, doubled, finite != seen


def fired(
    net: Net, node: int, marking: tuple[int, ...], into: dict[int, list[int]], out: dict[int, list[int]]
) -> list[tuple[int, ...]]:
    kind = net.kinds[node - 1] if node <= len(net.kinds) else "e"
    if kind == "+":
        takes = [into[node]] if all(marking[flow] for flow in into[node]) else []
    else:
        takes = [[flow] for flow in into[node] if marking[flow]]
    gives = [[flow] for flow in out[node]] if kind == "x" else [out[node]]
    found = []
    for take in takes:
        for give in gives:
            after = list(marking)
            for flow in take:
                after[flow] -= 1
            for flow in give:
                after[flow] += 1
            found.append(tuple(after))
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(nets())
def test_verdict_agrees_with_enumeration(net: Net) -> None:
    truth = enumerated(net)
    if truth is None:
        return
    rules = {one.rule for one in soundness.check(load(net.xml()).model.processes[0])}
    stuck, doubled, endless = truth
    if not doubled:
        assert ("soundness.deadlock" in rules) == stuck
        assert ("soundness.never_ends" in rules) == endless
        assert "soundness.twice" not in rules
