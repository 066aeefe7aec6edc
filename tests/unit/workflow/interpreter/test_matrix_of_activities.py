"""Every kind of activity with every marker and attribute it may have (10.3, 13.3); saved between all steps."""

import pytest

from tests.unit.workflow.driver import CheckedEngine, documents, flows
from tests.unit.workflow.interpreter.matrix import (
    ACTIVITIES,
    AUTOMATIC,
    CALLED,
    PARALLEL,
    SEQUENTIAL,
    TWICE,
    activity,
    is_at_rest,
    perform,
    played,
)
from tests.unit.workflow.interpreter.pieces import HOUR, HOURS, ROOTS, SIGNAL, UNDO, boundary, order, undoes

ROUNDS = {"parallel": PARALLEL, "sequential": SEQUENTIAL, "loop": TWICE}
Z = '<startEvent id="s"/><task id="z"/>' + flows("s -> a -> z")
every_kind = pytest.mark.parametrize("kind", ACTIVITIES)


@every_kind
def test_alone_it_begins_and_ends_the_process(kind: str) -> None:
    engine, instance = played(activity(kind))
    perform(engine, instance, kind)
    assert (order(instance, "a"), instance.status, is_at_rest(instance)) == (["a"], "completed", True)


@every_kind
@pytest.mark.parametrize("rounds", ROUNDS)
def test_repeated_it_goes_on_once_after_the_last_round(kind: str, rounds: str) -> None:
    engine, instance = played(Z + activity(kind, loop=ROUNDS[rounds]))
    assert kind in AUTOMATIC or order(instance, "a", "z") == []
    perform(engine, instance, kind)
    assert kind in AUTOMATIC or order(instance, "a", "z") == ["a"]
    perform(engine, instance, kind)
    assert (order(instance, "a", "z"), instance.status) == (["a", "a", "z"], "completed")
    assert is_at_rest(instance)


@every_kind
@pytest.mark.parametrize("rounds", ["parallel", "sequential"])
def test_completion_condition_ends_it_early(kind: str, rounds: str) -> None:
    early = "<completionCondition>numberOfCompletedInstances = 1</completionCondition></multi"
    engine, instance = played(Z + activity(kind, loop=ROUNDS[rounds].replace("</multi", early)))
    perform(engine, instance, kind)
    assert (order(instance, "a", "z"), instance.status) == (["a", "z"], "completed")
    assert is_at_rest(instance)
    assert all(child.is_ended for child in instance.children)


@every_kind
def test_loop_tested_before_may_never_run(kind: str) -> None:
    loop = '<standardLoopCharacteristics testBefore="true"><loopCondition>false</loopCondition>'
    _, instance = played(Z + activity(kind, loop=loop + "</standardLoopCharacteristics>"))
    assert (instance.trace(), instance.status) == (["s", "a", "z"], "completed")


@every_kind
def test_no_items_no_round(kind: str) -> None:
    for loop in (PARALLEL, SEQUENTIAL):
        _, instance = played(Z + activity(kind, loop=loop.replace("2", "0")))
        assert (instance.trace(), instance.status) == (["s", "a", "z"], "completed")


@every_kind
def test_start_quantity_joins_that_many_tokens(kind: str) -> None:
    two = '<startEvent id="s"/><parallelGateway id="f"/><task id="b"/><task id="c"/><task id="z"/>'
    body = activity(kind, attributes='startQuantity="2"') + flows("s -> f -> b -> a -> z; f -> c -> a")
    engine, instance = played(two + body)
    perform(engine, instance, kind)
    assert (order(instance, "a", "z"), instance.status) == (["a", "z"], "completed")


@every_kind
def test_completion_quantity_leaves_with_that_many_tokens(kind: str) -> None:
    engine, instance = played(Z + activity(kind, attributes='completionQuantity="2"'))
    perform(engine, instance, kind)
    assert (order(instance, "a", "z"), instance.status) == (["a", "z", "z"], "completed")


@every_kind
@pytest.mark.parametrize(("n", "taken"), [(1, ["always", "other"]), (2, ["always", "some"])])
def test_conditional_and_default_flows_leave_it(kind: str, n: int, taken: list[str]) -> None:
    ways = '<startEvent id="s"/><task id="some"/><task id="other"/><task id="always"/>' + flows("s -> a; a -> always")
    body = activity(kind, attributes='default="a_other"') + flows("a -> some [n > 1]; a -> other [default]")
    engine, instance = played(ways + body, {"n": n})
    perform(engine, instance, kind)
    assert (sorted(order(instance, "some", "other", "always")), instance.status) == (taken, "completed")


@every_kind
def test_several_flows_into_it_run_it_once_each(kind: str) -> None:
    body = '<startEvent id="s"/><parallelGateway id="f"/><task id="b"/><task id="c"/>'
    engine, instance = played(body + activity(kind) + flows("s -> f -> b -> a; f -> c -> a"))
    perform(engine, instance, kind)
    perform(engine, instance, kind)
    assert (order(instance, "a"), instance.status) == (["a", "a"], "completed")


@every_kind
@pytest.mark.parametrize("rounds", ["", *ROUNDS])
def test_each_completed_round_is_compensated(kind: str, rounds: str) -> None:
    throw = f'<startEvent id="s"/><intermediateThrowEvent id="th">{UNDO}</intermediateThrowEvent><task id="z"/>'
    body = activity(kind, loop=ROUNDS.get(rounds, "")) + undoes("a") + flows("s -> a -> th -> z")
    engine, instance = played(throw + body)
    times = 2 if rounds else 1
    for _ in range(times):
        perform(engine, instance, kind)
    assert order(instance, "a", "u_a", "th", "z") == ["a"] * times + ["u_a"] * times + ["th", "z"]
    assert instance.status == "completed"


@every_kind
def test_it_may_be_the_handler_of_a_compensation(kind: str) -> None:
    body = (
        f'<startEvent id="s"/><task id="b"/>{boundary("c", "b", UNDO)}<association id="l" sourceRef="c" targetRef="a"/>'
        f'<intermediateThrowEvent id="th">{UNDO}</intermediateThrowEvent><task id="z"/>' + flows("s -> b -> th -> z")
    )
    engine, instance = played(body + activity(kind, attributes='isForCompensation="true"'))
    perform(engine, instance, kind)
    assert (order(instance, "b", "a", "th", "z"), instance.status) == (["b", "a", "th", "z"], "completed")


@every_kind
@pytest.mark.parametrize("rounds", ["", *ROUNDS])
def test_boundary_event_is_gone_when_it_completes(kind: str, rounds: str) -> None:
    late = boundary("late", "a", HOUR) + '<task id="never"/>' + flows("late -> never")
    engine, instance = played(Z + activity(kind, loop=ROUNDS.get(rounds, "")) + late)
    for _ in range(2 if rounds else 1):
        perform(engine, instance, kind)
    engine.advance_time(HOURS)
    assert (order(instance, "late", "z"), instance.status) == (["z"], "completed")


@every_kind
def test_inside_a_multi_instance_subprocess_it_runs_per_item(kind: str) -> None:
    inner = '<startEvent id="xs"/>' + activity(kind) + flows("xs -> a")
    body = f'<startEvent id="s"/><subProcess id="x">{PARALLEL}{inner}</subProcess><task id="z"/>' + flows("s -> x -> z")
    engine, instance = played(body)
    perform(engine, instance, kind)
    perform(engine, instance, kind)
    assert (order(instance, "a", "z"), instance.status) == (["a", "a", "z"], "completed")


SAYS = {"None": 2, "One": 1, "All": 0, "Complex": 1}
"""How often the behaviour throws its event when two instances complete (13.3.7)."""


@every_kind
@pytest.mark.parametrize("rounds", ["parallel", "sequential"])
def test_behavior_throws_its_event_as_often_as_it_says(kind: str, rounds: str) -> None:
    names = {"None": 'noneBehaviorEventRef="sd"', "One": 'oneBehaviorEventRef="sd"', "All": "", "Complex": ""}
    definition = '<signalEventDefinition id="cd" signalRef="sig"/>'
    complex_ = (
        "<complexBehaviorDefinition><condition>numberOfCompletedInstances = 1</condition>"
        f"<event>{definition}</event></complexBehaviorDefinition>"
    )
    for behavior, times in SAYS.items():
        more = f'<multiInstanceLoopCharacteristics behavior="{behavior}" {names[behavior]}'
        loop = ROUNDS[rounds].replace("<multiInstanceLoopCharacteristics", more)
        loop = loop.replace("</multi", (complex_ if behavior == "Complex" else "") + "</multi")
        caught = boundary("b", "a", SIGNAL, stays=True) + '<task id="told"/>' + flows("b -> told")
        engine = CheckedEngine(decide=lambda ref, binding, context: {})
        roots = ROOTS + SIGNAL.replace("<signalEventDefinition", '<signalEventDefinition id="sd"')
        process = f'<process id="p" isExecutable="true">{Z}{activity(kind, loop=loop)}{caught}</process>'
        engine.deploy(documents(roots, process, CALLED))
        instance = engine.start("p")
        for _ in range(2):
            perform(engine, instance, kind)
        assert (behavior, order(instance, "told")) == (behavior, ["told"] * times)
        assert (order(instance, "z"), instance.status) == (["z"], "completed")


@every_kind
@pytest.mark.parametrize("rounds", ["", *ROUNDS])
def test_data_associations_carry_in_and_out(kind: str, rounds: str) -> None:
    ways = (
        "<dataInputAssociation><sourceRef>src</sourceRef><targetRef>inp</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><targetRef>dst</targetRef><assignment><from>inp + 1</from><to>dst</to></assignment>"
        "</dataOutputAssociation>"
    )
    data = '<dataObject id="src" name="src"/><dataObject id="dst" name="dst"/>'
    data += '<property id="inp" name="inp"/>'
    engine, instance = played(data + Z + activity(kind, loop=ways + ROUNDS.get(rounds, "")), {"src": 4})
    for _ in range(2 if rounds else 1):
        perform(engine, instance, kind)
    assert (instance.variables["dst"], instance.status) == (5, "completed")
