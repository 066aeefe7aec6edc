"""Joins whose missing tokens cannot come any more: found, told before they are reached, and passed by a person."""

import pytest

from engine.kernel.errors import Conflict
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter.commands import MoveToken
from engine.workflow.interpreter.stranding import Stranded, stands_still, stranded
from tests.unit.workflow.driver import document, flows, run
from tests.unit.workflow.interpreter.pieces import ROOTS, STOP, boundary

_FORK = (
    '<startEvent id="s"/><userTask id="ask"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
    '<parallelGateway id="j"/><userTask id="z"/>' + flows("s -> ask -> f -> a -> j -> z; f -> b -> j")
)


def _moved(xml: str, element: str, target: str) -> Instance:
    """An instance whose only token an operator has moved."""
    _, instance = run(xml)
    token = next(one for one in instance.state.tokens.values() if one.node == element)
    instance.do(MoveToken((token.id,), target))
    return instance


def _seen(instance: Instance) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(one.node, one.lacking, one.is_reached) for one in stranded(instance.program, instance.state)]


def test_parallel_join_one_branch_of_which_never_began_is_stranded_before_and_after_it_is_reached() -> None:
    instance = _moved(document(_FORK), "ask", "a")
    assert _seen(instance) == [("j", ("b_j",), False)]
    assert not stands_still(instance.program, instance.state)
    instance.complete("a")
    assert _seen(instance) == [("j", ("b_j",), True)]
    assert stands_still(instance.program, instance.state)
    assert instance.stranded == [("j", "b_j")]


def test_join_goes_on_with_what_has_come_when_a_person_says_so() -> None:
    instance = _moved(document(_FORK), "ask", "a")
    with pytest.raises(Conflict):
        instance.pass_join("j")
    instance.complete("a")
    instance.pass_join("j")
    assert instance.active == ["z"]
    instance.complete("z")
    assert (instance.status, instance.trace()) == ("completed", ["s", "a", "j", "z"])


def test_join_is_not_stranded_once_an_operator_begins_the_branch_that_lacks() -> None:
    instance = _moved(document(_FORK), "ask", "a")
    instance.do(MoveToken((), "b"))
    assert _seen(instance) == []
    instance.complete("a")
    with pytest.raises(Conflict):
        instance.pass_join("j")
    instance.complete("b")
    assert instance.active == ["z"]


def test_running_case_has_no_stranded_join() -> None:
    _, instance = run(document(_FORK))
    for task in ("ask", "a", "b", "z"):
        assert _seen(instance) == []
        instance.complete(task)
    assert instance.status == "completed"


def test_token_that_leads_back_to_the_fork_still_comes() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="ask"/><exclusiveGateway id="m"/><parallelGateway id="f"/><userTask id="a"/>'
        '<userTask id="b"/><exclusiveGateway id="x" default="x_j"/><parallelGateway id="j"/>'
        + flows("s -> ask -> m -> f -> a -> x -> j; x -> m [again]; f -> b -> j")
    )
    assert _seen(_moved(xml, "ask", "a")) == []


def test_boundary_event_of_a_running_activity_can_still_send_a_token() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="ask"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<parallelGateway id="j"/><exclusiveGateway id="n"/>'
        + boundary("e", "a", STOP, stays=True)
        + flows("s -> ask -> f -> a -> j; f -> b -> n -> j; e -> n"),
        ROOTS,
    )
    instance = _moved(xml, "ask", "a")
    assert _seen(instance) == []
    instance.complete("a")
    assert _seen(instance) == [("j", ("n_j",), True)]


def test_two_joins_that_wait_for_each_other_are_both_stranded() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><parallelGateway id="i"/>'
        '<parallelGateway id="j"/><endEvent id="x"/>'
        + flows("s -> f; f -> a -> i; f -> b -> j; i -> j; j -> i; j -> x")
    )
    _, instance = run(xml)
    assert sorted(_seen(instance)) == [("i", ("j_i",), False), ("j", ("i_j",), False)]
    instance.complete("a")
    instance.complete("b")
    assert stands_still(instance.program, instance.state)
    assert sorted(instance.stranded) == [("i", "j_i"), ("j", "i_j")]


def test_inclusive_join_never_strands_and_gives_its_token_to_a_parallel_one() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="ask"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<userTask id="c"/><inclusiveGateway id="o"/><parallelGateway id="j"/>'
        + flows("s -> ask -> f; f -> a -> o; f -> b -> o; o -> j; f -> c -> j")
    )
    instance = _moved(xml, "ask", "a")
    instance.do(MoveToken((), "c"))
    assert _seen(instance) == []
    instance.complete("a")
    instance.complete("c")
    assert instance.status == "completed"


def test_stranded_inside_of_a_sub_process_keeps_the_join_outside_waiting() -> None:
    inside = _FORK.replace('id="z"', 'id="y"').replace("j_z", "j_y").replace('targetRef="z"', 'targetRef="y"')
    xml = document(
        '<startEvent id="s0"/><parallelGateway id="f0"/><userTask id="k"/><parallelGateway id="j0"/><userTask id="z"/>'
        f'<subProcess id="p0">{inside}</subProcess>' + flows("s0 -> f0 -> k -> j0 -> z; f0 -> p0 -> j0")
    )
    instance = _moved(xml, "ask", "a")
    assert _seen(instance) == [("j", ("b_j",), False)]
    instance.complete("a")
    assert _seen(instance) == [("j", ("b_j",), True), ("j0", ("p0_j0",), False)]
    instance.pass_join("j")
    assert _seen(instance) == []
    for task in ("y", "k", "z"):
        instance.complete(task)
    assert instance.status == "completed"


def test_steps_that_people_may_begin_do_not_stand_still() -> None:
    xml = document(
        '<startEvent id="s"/><adHocSubProcess id="p0"><userTask id="a"/><parallelGateway id="j"/><userTask id="b"/>'
        + flows("a -> j; b -> j")
        + "</adHocSubProcess>"
        + flows("s -> p0")
    )
    _, instance = run(xml)
    assert not stands_still(instance.program, instance.state)
    instance.begin("a")
    instance.complete("a")
    assert _seen(instance) == []


def test_event_of_a_stranded_sub_process_still_leads_on() -> None:
    xml = document(
        f'<startEvent id="s0"/><subProcess id="p0">{_FORK}</subProcess><exclusiveGateway id="n"/><endEvent id="x"/>'
        + boundary("e", "p0", STOP)
        + flows("s0 -> p0 -> n -> x; e -> n"),
        ROOTS,
    )
    instance = _moved(xml, "ask", "a")
    instance.complete("a")
    assert instance.stranded == [("j", "b_j")]
    instance.deliver("e")
    assert instance.status == "completed"


def test_activity_that_takes_three_tokens_and_gets_one_is_stranded_once_nothing_more_comes() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="ask"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<userTask id="t" startQuantity="2"/>' + flows("s -> ask -> f; f -> a -> t; f -> b -> t")
    )
    instance = _moved(xml, "ask", "a")
    instance.complete("a")
    assert _seen(instance) == [("t", ("b_t",), True)]
    instance.pass_join("t")
    instance.complete("t")
    assert instance.status == "completed"


def test_complex_gateway_that_still_lacks_tokens_for_its_condition_is_stranded() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="ask"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        '<userTask id="c"/><complexGateway id="j"><activationCondition>activationCount &gt;= 2</activationCondition>'
        '</complexGateway><userTask id="z"/>' + flows("s -> ask -> f; f -> a -> j -> z; f -> b -> j; f -> c -> j")
    )
    instance = _moved(xml, "ask", "a")
    assert _seen(instance) == []
    instance.complete("a")
    assert [one._replace(scope=0) for one in stranded(instance.program, instance.state)] == [
        Stranded(0, "j", ("b_j", "c_j"), True)
    ]
    instance.pass_join("j")
    instance.complete("z")
    assert instance.status == "completed"
