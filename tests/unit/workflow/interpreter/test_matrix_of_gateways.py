"""Every kind of split before every kind of join, and joins in unusual surroundings (13.4); saved between all steps."""

from itertools import permutations

import pytest

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, document, flows, run
from tests.unit.workflow.interpreter.matrix import EVENTS
from tests.unit.workflow.interpreter.pieces import ERROR, MESSAGE, ROOTS, boundary, order

SPLITS = {
    "parallel": ('<parallelGateway id="f"/>', "f -> a; f -> b", ["a", "b"]),
    "inclusive": ('<inclusiveGateway id="f"/>', "f -> a [n > 0]; f -> b [n > 0]", ["a", "b"]),
    "inclusive_one": ('<inclusiveGateway id="f"/>', "f -> a [n > 0]; f -> b [n > 5]", ["a"]),
    "inclusive_default": ('<inclusiveGateway id="f" default="f_b"/>', "f -> a [n > 5]; f -> b [default]", ["b"]),
    "exclusive": ('<exclusiveGateway id="f"/>', "f -> a [n > 0]; f -> b [n > 0]", ["a"]),
    "exclusive_default": ('<exclusiveGateway id="f" default="f_b"/>', "f -> a [n > 5]; f -> b [default]", ["b"]),
    "complex": ('<complexGateway id="f"/>', "f -> a [n > 0]; f -> b [n > 0]", ["a", "b"]),
    "activity": ('<task id="f"/>', "f -> a; f -> b", ["a", "b"]),
    "activity_condition": ('<task id="f"/>', "f -> a [n > 5]; f -> b [n > 0]", ["b"]),
    "start": ("", "s -> a; s -> b", ["a", "b"]),
}
JOINS = {
    "exclusive": ('<exclusiveGateway id="j"/>', 1),
    "parallel": ('<parallelGateway id="j"/>', 2),
    "inclusive": ('<inclusiveGateway id="j"/>', 0),
    "complex": ('<complexGateway id="j"/>', 2),
    "discriminator": (
        '<complexGateway id="j"><activationCondition>activationCount &gt;= 1</activationCondition></complexGateway>',
        -1,
    ),
    "activity": ('<task id="j"/>', 1),
}
"""A join: 1 passes every token, 2 needs both, 0 waits for those that come, -1 passes the first."""


def model(split: str, join: str) -> str:
    node, ways, _ = SPLITS[split]
    head = '<startEvent id="s"/><userTask id="a"/><userTask id="b"/><task id="z"/>' + node
    return document(
        head + JOINS[join][0] + flows(ways) + flows("a -> j; b -> j; j -> z") + (flows("s -> f") * bool(node))
    )


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("join", JOINS)
def test_join_behind_split_in_any_order(split: str, join: str) -> None:
    open_tasks, rule = SPLITS[split][2], JOINS[join][1]
    for sequence in permutations(open_tasks):
        _, instance = run(model(split, join), {"n": 1})
        assert instance.active == open_tasks
        for done, name in enumerate(sequence, 1):
            instance.complete(name)
            both = done == 2
            reached = {1: done, 2: int(both), 0: int(done == len(open_tasks)), -1: 1}[rule]
            assert order(instance, "z") == ["z"] * reached
        stuck = rule == 2 and len(open_tasks) == 1
        assert instance.arrived == ([("j", f"{open_tasks[0]}_j")] if stuck else [])
        assert instance.status == ("running" if stuck else "completed")


@pytest.mark.parametrize("tag", ["exclusiveGateway", "inclusiveGateway", "complexGateway"])
def test_split_that_can_take_no_flow_is_an_incident_and_goes_on_after_a_retry(tag: str) -> None:
    body = f'<startEvent id="s"/><{tag} id="g"/><task id="a"/>' + flows("s -> g; g -> a [n > 1]")
    _, instance = run(document(body), {"n": 1})
    assert [(one.element, one.code) for one in instance.incidents] == [("g", "flow.none_taken")]
    instance.set_variables(n=2)
    instance.retry("g")
    assert (order(instance, "a"), instance.status) == (["a"], "completed")


@pytest.mark.parametrize("tag", ["parallelGateway", "inclusiveGateway"])
def test_one_gateway_joins_and_splits(tag: str) -> None:
    body = f'<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><{tag} id="g"/>'
    ends = '<task id="x"/><task id="y"/>' + flows("s -> f -> a -> g -> x; f -> b -> g -> y")
    _, instance = run(document(body + ends))
    instance.complete("b")
    assert order(instance, "x", "y") == []
    instance.complete("a")
    assert (sorted(order(instance, "x", "y")), instance.status) == (["x", "y"], "completed")


@pytest.mark.parametrize("tag", ["parallelGateway", "inclusiveGateway"])
def test_join_takes_one_token_of_each_flow_at_a_time(tag: str) -> None:
    tasks = '<task id="a" completionQuantity="2"/><userTask id="b" completionQuantity="2"/>'
    body = f'<startEvent id="s"/><parallelGateway id="f"/>{tasks}<{tag} id="j"/><task id="z"/>'
    _, instance = run(document(body + flows("s -> f -> a -> j; f -> b -> j; j -> z")))
    instance.complete("b")
    assert (sorted(order(instance, "j", "z")), instance.status) == (["j", "j", "z", "z"], "completed")


def inclusive(body: str, ways: str, variables: dict[str, object] | None = None) -> tuple[CheckedEngine, Instance]:
    head = '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><inclusiveGateway id="j"/>'
    return run(document(head + '<task id="z"/>' + body + flows(ways + "; j -> z"), ROOTS), variables)


def test_inclusive_join_waits_no_longer_when_a_branch_ends_elsewhere() -> None:
    choice = '<exclusiveGateway id="x" default="x_j"/><endEvent id="e"/>'
    ways = "s -> f -> a -> x; x -> e [stop]; x -> j [default]; f -> b -> j"
    _, instance = inclusive(choice, ways, {"stop": True})
    instance.complete("b")
    assert order(instance, "j") == []
    instance.complete("a")
    assert (order(instance, "e", "j"), instance.status) == (["e", "j"], "completed")


def test_inclusive_join_waits_no_longer_when_a_branch_is_interrupted() -> None:
    side = boundary("late", "a", EVENTS["timer"][0]) + '<task id="other"/>'
    engine, instance = inclusive(side, "s -> f -> a -> j; f -> b -> j; late -> other")
    instance.complete("b")
    assert order(instance, "j") == []
    EVENTS["timer"][1](engine, instance, "")
    assert (sorted(order(instance, "other", "j")), instance.status) == (["j", "other"], "completed")


def test_inclusive_join_waits_for_what_a_boundary_event_may_still_send() -> None:
    side = boundary("call", "a", MESSAGE) + '<endEvent id="e"/>'
    ways = "s -> f -> a -> e; f -> b -> j; call -> j"
    for happens in (True, False):
        engine, instance = inclusive(side, ways)
        instance.complete("b")
        assert order(instance, "j") == []
        if happens:
            engine.correlate("go")
        else:
            instance.complete("a")
        assert (order(instance, "j"), instance.status) == (["j"], "completed")


def test_inclusive_join_waits_for_the_activity_whose_boundary_event_filled_another_flow() -> None:
    """13.4.3: only sequence flows lead to the filled flow; the event may not happen once more."""
    side = boundary("call", "a", MESSAGE, stays=True)
    engine, instance = inclusive(side, "s -> f -> a -> j; f -> b -> j; call -> j")
    engine.correlate("go")
    instance.complete("b")
    assert order(instance, "j") == []
    instance.complete("a")
    assert (order(instance, "j"), instance.status) == (["j"], "completed")


def test_inclusive_join_does_not_wait_for_a_token_that_can_fill_a_filled_flow_too() -> None:
    side = '<exclusiveGateway id="x" default="x_low"/><exclusiveGateway id="y"/><task id="low"/><userTask id="c"/>'
    ways = "s -> f -> a -> j; f -> b -> y -> j; f -> c -> x; x -> y [up]; x -> low [default]; low -> j"
    _, instance = inclusive(side, ways, {"up": True})
    instance.complete("b")
    assert order(instance, "j") == []
    instance.complete("a")
    assert order(instance, "j") == ["j"]
    instance.complete("c")
    assert (order(instance, "j"), instance.status) == (["j", "j"], "completed")


def test_inclusive_join_waits_for_a_token_before_a_link() -> None:
    link = '<linkEventDefinition name="far"/>'
    side = f'<intermediateThrowEvent id="lt">{link}</intermediateThrowEvent>'
    side += f'<intermediateCatchEvent id="lc">{link}</intermediateCatchEvent>'
    _, instance = inclusive(side, "s -> f -> a -> lt; lc -> j; f -> b -> j")
    instance.complete("b")
    assert order(instance, "j") == []
    instance.complete("a")
    assert (order(instance, "j"), instance.status) == (["j"], "completed")


def test_inclusive_join_behind_two_tokens_of_one_flow_goes_twice() -> None:
    side = boundary("call", "b", MESSAGE, stays=True) + '<exclusiveGateway id="x"/>'
    engine, instance = inclusive(side, "s -> f -> a -> j; f -> b -> x -> j; call -> x")
    engine.correlate("go")
    instance.complete("b")
    instance.complete("a")
    assert (order(instance, "j", "z"), instance.status) == (["j", "z", "j", "z"], "completed")


def test_nested_inclusive_joins_go_from_inside_out() -> None:
    side = '<inclusiveGateway id="g"/><userTask id="c"/><userTask id="d"/><inclusiveGateway id="k"/>'
    ways = "s -> f -> a -> g; g -> c [true]; g -> d [true]; c -> k; d -> k; k -> j; f -> b -> j"
    _, instance = inclusive(side, ways)
    for name in ("b", "a", "d"):
        instance.complete(name)
        assert order(instance, "k", "j") == []
    instance.complete("c")
    assert (order(instance, "k", "j"), instance.status) == (["k", "j"], "completed")


def test_error_elsewhere_in_the_scope_empties_its_joins() -> None:
    inner = (
        '<startEvent id="is"/><parallelGateway id="f"/><task id="a"/><serviceTask id="b"/><parallelGateway id="j"/>'
        + flows("is -> f -> a -> j; f -> b -> j")
    )
    loop = '<standardLoopCharacteristics loopMaximum="2"/>'
    body = f'<startEvent id="s"/><subProcess id="x">{inner}</subProcess>' + boundary("no", "x", ERROR)
    body += f'<exclusiveGateway id="g"/><userTask id="t">{loop}</userTask>' + flows("s -> g -> x; no -> t -> g")
    _, instance = run(document(body, ROOTS))
    assert instance.arrived == [("j", "a_j")]
    instance.throw_error("b", "bad")
    assert instance.arrived == []
    instance.complete("t")
    instance.complete("t")
    assert instance.arrived == [("j", "a_j")]
    instance.complete_job("b")
    assert (order(instance, "j"), instance.status) == (["j"], "completed")
