"""The bounded search against plain enumeration of small random nets, and on random models that are sound or spoilt."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import soundness
from tests.unit.workflow.driver import document, flows
from tests.unit.workflow.models import models

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


def rules(source: str) -> set[str]:
    return {one.rule for one in soundness.check(load(source).model.processes[0])}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(models())
def test_sound_model_with_every_construct_is_not_remarked_on(source: str) -> None:
    assert rules(source) == set()


@dataclass
class Blocks:
    """Well-structured flows being drawn, with the joins (id, kind of block) and the exits of loops."""

    dice: random.Random
    tags: dict[str, str] = field(default_factory=dict)
    ways: list[tuple[str, str]] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    exits: list[tuple[str, str]] = field(default_factory=list)

    def node(self, tag: str) -> str:
        name = f"n{len(self.tags)}"
        self.tags[name] = tag
        return name

    def block(self, depth: int) -> tuple[str, str]:
        """(first, last) node."""
        kind = self.dice.choice(["exclusive", "parallel", "inclusive", "row", "loop", "task"]) if depth else "task"
        if kind == "task":
            one = self.node("userTask")
            return one, one
        if kind == "row":
            (first, middle), (then, last) = self.block(depth - 1), self.block(depth - 1)
            self.ways.append((middle, then))
            return first, last
        if kind == "loop":
            return self.loop(depth)
        fork, join = self.node(f"{kind}Gateway"), self.node(f"{kind}Gateway")
        for _ in range(self.dice.randint(2, 4)):
            first, last = self.block(depth - 1)
            self.ways += [(fork, first), (last, join)]
        self.joins.append((join, kind))
        return fork, join

    def loop(self, depth: int) -> tuple[str, str]:
        enter, leave, after = self.node("exclusiveGateway"), self.node("exclusiveGateway"), self.node("userTask")
        first, last = self.block(depth - 1)
        self.ways += [(enter, first), (last, leave), (leave, enter), (leave, after)]
        self.exits.append((leave, after))
        return enter, after

    def xml(self) -> str:
        nodes = "".join(f'<{tag} id="{name}"/>' for name, tag in self.tags.items())
        return document(nodes + flows("; ".join(f"{source} -> {target}" for source, target in self.ways)))


def drawn(seed: int) -> Blocks:
    blocks = Blocks(random.Random(seed))
    start, end = blocks.node("startEvent"), blocks.node("endEvent")
    first, last = blocks.block(4)
    blocks.ways += [(start, first), (last, end)]
    return blocks


SEEDS = range(120)


@pytest.mark.parametrize("spoilt", ["exclusive", "parallel", "loop", ""])
def test_each_spoilt_model_is_found_and_no_other(spoilt: str) -> None:
    """Exclusive ways into a parallel join deadlock, parallel ways into a merge double, a loop without exit turns."""
    wanted = {"exclusive": "soundness.deadlock", "parallel": "soundness.twice", "loop": "soundness.never_ends"}
    tried = 0
    for seed in SEEDS:
        blocks = drawn(seed)
        joins = [join for join, kind in blocks.joins if kind == spoilt]
        if spoilt == "loop" and blocks.exits:
            blocks.ways.remove(blocks.dice.choice(blocks.exits))
        elif joins:
            tag = "exclusiveGateway" if spoilt == "parallel" else "parallelGateway"
            blocks.tags[blocks.dice.choice(joins)] = tag
        elif spoilt:
            continue
        tried += 1
        found = rules(blocks.xml())
        assert (wanted[spoilt] in found) if spoilt else found == set(), (seed, found)
    assert tried > 40


def test_parts_without_start_events_begin_side_by_side() -> None:
    joined = '<userTask id="a"/><userTask id="b"/><parallelGateway id="j"/>' + flows("a -> j; b -> j")
    assert rules(document(joined)) == set()
    merged = joined.replace("parallel", "exclusive") + '<userTask id="c"/>' + flows("j -> c")
    assert rules(document(merged)) == {"soundness.twice"}


def test_links_carry_tokens() -> None:
    link = '<linkEventDefinition name="far"/>'
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><parallelGateway id="j"/>'
        f'<intermediateThrowEvent id="t">{link}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="c">{link}</intermediateCatchEvent>'
    )
    assert rules(document(body + flows("s -> f -> a -> t; f -> b -> j; c -> j"))) == set()
    spoilt = body.replace('<parallelGateway id="f"/>', '<exclusiveGateway id="f"/>')
    assert rules(document(spoilt + flows("s -> f -> a -> t; f -> b -> j; c -> j"))) == {"soundness.deadlock"}


def test_step_that_only_an_ended_case_would_reach_is_dead() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><exclusiveGateway id="x"/><userTask id="a"/><userTask id="b"/>'
        '<parallelGateway id="j"/><userTask id="late"/><userTask id="t"/>'
        '<endEvent id="e"><terminateEventDefinition/></endEvent>'
    )
    ways = flows("s -> f -> x -> a -> j; x -> b -> j -> late; f -> t -> e")
    found = soundness.check(load(document(body + ways)).model.processes[0])
    assert {(one.element_id, one.rule) for one in found} == {("j", "soundness.dead"), ("late", "soundness.dead")}


def test_reminders_that_turn_until_the_case_is_ended_are_fine() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><exclusiveGateway id="m"/><intermediateCatchEvent id="w">'
        "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        '<userTask id="r"/><userTask id="z"/><endEvent id="e"><terminateEventDefinition/></endEvent>'
    )
    assert rules(document(body + flows("s -> f -> m -> w -> r -> m; f -> z -> e"))) == set()


def told(body: str) -> set[tuple[str, str]]:
    found = soundness.check(load(document(body)).model.processes[0])
    return {(one.element_id, one.rule) for one in found}


@pytest.mark.parametrize(
    ("gives", "takes", "expected"),
    [
        (2, 2, set()),
        (4, 2, set()),
        (3, 2, {("b", "soundness.deadlock")}),
        (1, 2, {("b", "soundness.deadlock")}),
        (2, 1, set()),
    ],
)
def test_quantities_are_counted(gives: int, takes: int, expected: set[tuple[str, str]]) -> None:
    """BPMN 2.0.2 13.3.2: tokens short of the start quantity wait for ever."""
    body = (
        f'<startEvent id="s"/><userTask id="a" completionQuantity="{gives}"/><userTask id="b" startQuantity="{takes}"/>'
    )
    assert told(body + flows("s -> a -> b")) == expected


def test_quantity_filled_by_branches_and_split_by_a_choice() -> None:
    body = '<startEvent id="s"/>{}<userTask id="a"/><userTask id="c"/><userTask id="b" startQuantity="2"/>'
    ways = flows("s -> g; g -> a -> b; g -> c -> b")
    assert told(body.format('<parallelGateway id="g"/>') + ways) == set()
    assert told(body.format('<exclusiveGateway id="g"/>') + ways) == {("b", "soundness.deadlock")}


def test_source_of_tokens_that_never_stops_is_not_searched_to_the_end() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="a" completionQuantity="2"/>'
    body += '<exclusiveGateway id="x"/><endEvent id="e"/>'
    assert told(body + flows("s -> m -> a -> x -> m; x -> e [go]")) == {("p", "soundness.undecided")}


def gathering(split: str, condition: str, behind: str = "") -> set[tuple[str, str]]:
    """Three ways from a split into a complex gateway."""
    asked = f"<activationCondition>{condition}</activationCondition>" if condition else ""
    body = (
        f'<startEvent id="s"/><{split} id="g"/><userTask id="a"/><userTask id="b"/><userTask id="d"/>'
        f'<complexGateway id="c">{asked}</complexGateway><userTask id="z"/><endEvent id="e"/>{behind}'
    )
    return told(body + flows("s -> g -> a -> c; g -> b -> c; g -> d -> c; c -> z -> e"))


@pytest.mark.parametrize(
    ("split", "condition", "stuck"),
    [
        ("parallelGateway", "activationCount &gt;= 2", False),
        ("parallelGateway", "activationCount &gt;= 4", True),
        ("parallelGateway", "activationCount = 1", False),
        ("parallelGateway", "a_c + b_c = 2", False),
        ("parallelGateway", "", False),
        ("exclusiveGateway", "activationCount &gt;= 2", True),
        ("exclusiveGateway", "activationCount &gt;= 1", False),
        ("exclusiveGateway", "a_c = 1", True),
        ("exclusiveGateway", "", True),
        ("exclusiveGateway", "needed &lt;= activationCount", False),
        ("parallelGateway", "activationCount &gt;= 4 and agreed", True),
        ("parallelGateway", "activationCount &gt;= 2 and agreed", False),
        ("exclusiveGateway", "not(activationCount &lt; 2) and (agreed or urgent)", True),
        ("exclusiveGateway", "activationCount &gt;= 2 or urgent", False),
        ("exclusiveGateway", "not(activationCount = 1 or urgent)", True),
    ],
)
def test_complex_gateway_fires_when_what_arrives_can_fulfil_its_condition(
    split: str, condition: str, stuck: bool
) -> None:
    """BPMN 2.0.2 13.4.5. Data may hold whatever a condition asks; arrivals are counted."""
    assert gathering(split, condition) == ({("c", "soundness.deadlock")} if stuck else set())


def test_complex_gateway_is_not_reset_before_an_inclusive_join_on_the_way_to_it() -> None:
    """13.4.5: the reset waits for every way on which a token may still come."""
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><inclusiveGateway id="i"/><userTask id="a"/><userTask id="b"/>'
        '<inclusiveGateway id="j"/><userTask id="d"/><userTask id="f"/><complexGateway id="c"><activationCondition>'
        'activationCount &gt;= 2</activationCondition></complexGateway><endEvent id="e"/>'
    )
    ways = "s -> g -> i -> a -> j -> c; i -> b [go]; b -> j; g -> d -> c; g -> f -> c; c -> e"
    assert told(body + flows(ways)) == set()


def test_inclusive_join_waits_for_the_one_inside_its_way() -> None:
    """13.4.3: as long as a token waits at the inner join, the outer one can still be filled."""
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><inclusiveGateway id="a"/><inclusiveGateway id="z"/>'
        '<inclusiveGateway id="b"/><inclusiveGateway id="y"/><userTask id="t"/><userTask id="u"/><userTask id="v"/>'
        '<userTask id="w"/><userTask id="x"/><complexGateway id="c"><activationCondition>activationCount &gt;= 2'
        '</activationCondition></complexGateway><endEvent id="e"/>'
    )
    ways = "s -> g -> a -> t -> z -> c; a -> b [go]; b -> u -> y; b -> v [go]; v -> y -> z"
    assert told(body + flows(f"{ways}; g -> w -> c; g -> x -> c; c -> e")) == set()


def test_parallel_join_behind_a_complex_gateway_gets_one_token_of_it() -> None:
    """13.4.5: late tokens are swallowed until the reset, so a join with one more way waits for ever after the next."""
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><userTask id="a"/><userTask id="b"/>'
        '<complexGateway id="c"><activationCondition>activationCount = 1</activationCondition></complexGateway>'
        '<parallelGateway id="j"/><userTask id="z"/>'
    )
    assert told(body + flows("s -> g -> a -> c; g -> b -> c; g -> j; c -> j -> z")) == set()
    lonely = body.replace('<userTask id="z"/>', '<userTask id="z"/><exclusiveGateway id="x"/>')
    ways = flows("s -> g -> a -> c; g -> b -> c; g -> x; x -> j [go]; x -> z [default]; c -> j -> z")
    assert ("j", "soundness.deadlock") in told(lonely + ways)


def test_reset_of_a_complex_gateway_may_give_a_token_of_its_own() -> None:
    """13.4.5: a way that asks for waitingForStart may get one at the reset, and whoever needs it may get none."""
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><userTask id="a"/><userTask id="b"/>'
        '<complexGateway id="c"><activationCondition>activationCount = 1</activationCondition></complexGateway>'
        '<parallelGateway id="j"/><userTask id="z"/>'
    )
    ways = "s -> g -> a -> c; g -> b -> c; c -> z [waitingForStart]; c -> j [not(waitingForStart)]; g -> j"
    assert ("j", "soundness.deadlock") in told(body + flows(ways))


def test_graph_with_too_many_states_says_that_it_was_not_searched_to_the_end() -> None:
    """Twenty exclusive choices side by side, each half of whose ways cross over to the next: nothing folds."""
    count, body, ways = 20, '<startEvent id="s"/><parallelGateway id="f"/>', ["s -> f"]
    for n in range(count):
        body += f'<exclusiveGateway id="x{n}"/><inclusiveGateway id="o{n}"/><userTask id="t{n}"/><userTask id="u{n}"/>'
        ways += [f"f -> x{n} -> t{n} -> o{n}", f"x{n} -> u{n} -> o{(n + 1) % count}"]
    found = list(soundness.check(load(document(body + flows("; ".join(ways)))).model.processes[0]))
    assert [(one.element_id, one.severity) for one in found if one.rule == "soundness.undecided"] == [("p", "warning")]


def test_way_out_of_an_activity_that_undoes_is_not_dead() -> None:
    """10.7.1: a compensation activity has boundary events of its own, which lead on."""
    bound = '<boundaryEvent id="{}" attachedToRef="{}"><{}EventDefinition/></boundaryEvent>'
    undo = '<userTask id="u" isForCompensation="true"/><association id="l" sourceRef="c" targetRef="u"/>'
    body = (
        '<startEvent id="s"/><task id="a"/><task id="fix"/><endEvent id="e"/><intermediateThrowEvent id="t">'
        "<compensateEventDefinition/></intermediateThrowEvent>"
        + bound.format("c", "a", "compensate")
        + undo
        + bound.format("b", "u", "error")
    )
    assert rules(document(body + flows("s -> a -> t -> e; b -> fix -> e"))) == set()
