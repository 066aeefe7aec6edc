"""Compensation, precedence of handlers and joins in every position (BPMN 2.0.2 10, 13); saved between all steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run
from tests.unit.workflow.interpreter.pieces import (
    ERROR,
    HOUR,
    HOURS,
    MESSAGE,
    ROOTS,
    UNDO,
    boundary,
    handler,
    order,
    undoes,
)


def test_complex_gateway_splits_like_an_inclusive_one() -> None:
    body = '<startEvent id="s"/><complexGateway id="g"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>' + flows(
        "s -> g; g -> a [x > 1]; g -> b [x > 2]; g -> c [x > 9]"
    )
    assert run(document(body), {"x": 3})[1].active == ["a", "b"]


def test_compensation_of_a_subprocess_by_its_own_handler_is_one_step() -> None:
    body = (
        '<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/><task id="a"/>'
        + undoes("a")
        + flows("sx -> a")
        + "</subProcess>"
        + undoes("x")
        + '<endEvent id="e">'
        + UNDO
        + "</endEvent>"
        + flows("s -> x -> e")
    )
    _, instance = run(document(body))
    assert order(instance, "u_x", "u_a") == ["u_x"]


def test_compensation_throw_that_does_not_wait_goes_on_at_once() -> None:
    body = (
        '<startEvent id="s"/><task id="a"/>'
        + boundary("c_a", "a", UNDO)
        + '<userTask id="u_a" isForCompensation="true"/>'
        '<association id="l" sourceRef="c_a" targetRef="u_a"/><intermediateThrowEvent id="th">'
        '<compensateEventDefinition waitForCompletion="false"/></intermediateThrowEvent><userTask id="t"/>'
        + flows("s -> a -> th -> t")
    )
    _, instance = run(document(body))
    assert {task.element for task in instance.tasks} == {"t", "u_a"}
    instance.complete("t")
    assert instance.status == "running"
    instance.complete("u_a")
    assert instance.status == "completed"


def test_compensation_runs_multi_instance_subprocess_items_in_reverse() -> None:
    many = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>2</loopCardinality>'
        "</multiInstanceLoopCharacteristics>"
    )
    body = (
        f'<startEvent id="s"/><subProcess id="x">{many}<startEvent id="sx"/><task id="a"/>'
        + undoes("a")
        + flows("sx -> a")
        + '</subProcess><endEvent id="e">'
        + UNDO
        + "</endEvent>"
        + flows("s -> x -> e")
    )
    _, instance = run(document(body))
    assert (order(instance, "u_a"), instance.status) == (["u_a", "u_a"], "completed")


def test_completion_quantity_of_a_subprocess_and_start_quantity_meet() -> None:
    body = (
        '<subProcess id="x" completionQuantity="3"><userTask id="t"/></subProcess><userTask id="u" startQuantity="3"/>'
        + flows("x -> u")
    )
    _, instance = run(document(body))
    instance.complete("t")
    assert instance.active == ["u"]


def test_multiple_boundary_event_takes_whichever_comes() -> None:
    body = '<userTask id="t"/>' + boundary("b", "t", MESSAGE + HOUR) + '<userTask id="u"/>' + flows("b -> u")
    engine, instance = run(document(body, ROOTS))
    engine.advance_time(HOURS)
    assert (instance.active, instance.subscriptions) == (["u"], [])


def test_error_boundary_on_a_task_inside_takes_precedence_over_outer_handlers() -> None:
    inner = (
        '<startEvent id="sx"/><serviceTask id="t"/>'
        + boundary("near", "t", ERROR)
        + '<userTask id="here"/>'
        + flows("sx -> t; near -> here")
    )
    body = f'<subProcess id="x">{inner}</subProcess>' + boundary("far", "x", ERROR) + '<userTask id="there"/>'
    _, instance = run(document(body + flows("far -> there"), ROOTS))
    instance.throw_error("t", "bad")
    assert instance.active == ["here", "x"]


def test_error_thrown_by_an_error_handler_goes_outwards() -> None:
    fails = handler("h", ERROR, '<endEvent id="again">' + ERROR + "</endEvent>" + flows("h_s -> again"))
    inner = '<startEvent id="sx"/><endEvent id="ex">' + ERROR + "</endEvent>" + flows("sx -> ex") + fails
    body = (
        f'<subProcess id="x">{inner}</subProcess>' + boundary("b", "x", ERROR) + '<userTask id="u"/>' + flows("b -> u")
    )
    assert run(document(body, ROOTS))[1].active == ["u"]


def test_conditional_event_subprocess_sees_a_variable_of_its_scope() -> None:
    condition = "<conditionalEventDefinition><condition>n &gt; 1</condition></conditionalEventDefinition>"
    body = (
        '<userTask id="t"/><userTask id="t2"/>'
        + flows("t -> t2")
        + handler("h", condition, '<userTask id="u"/>' + flows("h_s -> u"))
    )
    _, instance = run(document(body))
    instance.complete("t", {"n": 2})
    assert instance.active == ["h", "u"]


def test_message_thrown_in_one_branch_is_caught_in_another() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><intermediateThrowEvent id="th">'
        + MESSAGE
        + '</intermediateThrowEvent><intermediateCatchEvent id="c">'
        + MESSAGE
        + '</intermediateCatchEvent><userTask id="t"/>'
        + flows("s -> f -> th; f -> c -> t")
    )
    assert run(document(body, ROOTS))[1].active == ["t"]


def test_instantiating_receive_behind_nothing_and_second_receive_in_the_same_instance() -> None:
    engine = CheckedEngine()
    body = '<receiveTask id="r" messageRef="m" instantiate="true"/><receiveTask id="r2" messageRef="m2"/>' + flows(
        "r -> r2"
    )
    engine.deploy(document(body, ROOTS))
    engine.correlate("go")
    engine.correlate("stop")
    (instance,) = engine.instances.values()
    assert instance.status == "completed"


@pytest.mark.parametrize(("tag", "text"), [("timeDate", "2026-01-01T01:00:00Z"), ("timeDuration", "PT1H")])
def test_intermediate_timer_by_date_and_duration(tag: str, text: str) -> None:
    timer = f"<timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition>"
    engine, instance = run(document(f'<intermediateCatchEvent id="c">{timer}</intermediateCatchEvent>'))
    engine.advance_time(timedelta(minutes=59))
    assert instance.status == "running"
    engine.advance_time(timedelta(minutes=1))
    assert instance.status == "completed"


def test_implicit_join_of_boundary_path_and_normal_path() -> None:
    body = (
        '<userTask id="t"/>'
        + boundary("b", "t", HOUR, stays=True)
        + '<userTask id="u"/><endEvent id="e"/>'
        + flows("t -> u -> e; b -> u")
    )
    engine, instance = run(document(body))
    engine.advance_time(HOURS)
    instance.complete("t")
    assert instance.active == ["u", "u"]


def test_inclusive_join_with_a_token_looping_upstream_waits() -> None:
    body = (
        '<startEvent id="s"/><inclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><exclusiveGateway id="x" '
        'default="x_j"/><inclusiveGateway id="j"/><userTask id="end"/>'
        + flows("s -> g; g -> a [true]; g -> b [true]; a -> x; x -> a [again]; x -> j [default]; b -> j -> end")
    )
    _, instance = run(document(body), {"again": True})
    instance.complete("b")
    instance.complete("a")
    assert instance.active == ["a"]
    instance.complete("a", {"again": False})
    assert instance.active == ["end"]


def test_error_event_subprocess_of_the_process_catches_a_called_process() -> None:
    called = '<process id="q" isExecutable="true"><endEvent id="e">' + ERROR + "</endEvent></process>"
    caller = '<startEvent id="s"/><callActivity id="c" calledElement="q"/>' + flows("s -> c")
    caller += handler("h", ERROR, '<userTask id="u"/>' + flows("h_s -> u"))
    _, instance = run(documents(ROOTS, f'<process id="p" isExecutable="true">{caller}</process>', called))
    assert instance.active == ["h", "u"]
