"""Further positions of BPMN 2.0.2 chapters 10 and 13, construct by construct; states are saved between all steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run

ROOTS = (
    '<message id="m" name="go"/><message id="m2" name="stop"/><signal id="sig" name="alarm"/>'
    '<error id="err" errorCode="bad"/><escalation id="esc" escalationCode="slow"/>'
)
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'
STOP = '<messageEventDefinition messageRef="m2"/>'
CANCEL = "<cancelEventDefinition/>"
UNDO = "<compensateEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
HOURS = timedelta(hours=1)


def boundary(identity: str, host: str, event: str, stays: bool = False) -> str:
    more = ' cancelActivity="false"' if stays else ""
    return f'<boundaryEvent id="{identity}" attachedToRef="{host}"{more}>{event}</boundaryEvent>'


def handler(identity: str, event: str, body: str, stays: bool = False) -> str:
    more = ' isInterrupting="false"' if stays else ""
    start = f'<startEvent id="{identity}_s"{more}>{event}</startEvent>'
    return f'<subProcess id="{identity}" triggeredByEvent="true">{start}{body}</subProcess>'


def undoes(activity: str) -> str:
    """A compensation task `u_<activity>` for the activity."""
    return (
        boundary(f"c_{activity}", activity, UNDO)
        + f'<task id="u_{activity}" isForCompensation="true"/>'
        + f'<association id="l_{activity}" sourceRef="c_{activity}" targetRef="u_{activity}"/>'
    )


def order(instance: Instance, *wanted: str) -> list[str]:
    return [one for one in instance.trace() if one in wanted]


def test_signal_reaches_every_waiting_instance_and_every_start() -> None:
    wait = (
        '<process id="p" isExecutable="true"><intermediateCatchEvent id="c">'
        + SIGNAL
        + "</intermediateCatchEvent></process>"
    )
    begin = '<process id="q" isExecutable="true"><startEvent id="s">' + SIGNAL + '</startEvent><userTask id="t"/>'
    engine = CheckedEngine()
    engine.deploy(documents(ROOTS, wait, begin + flows("s -> t") + "</process>"))
    first, second = engine.start("p"), engine.start("p")
    engine.signal("alarm")
    assert (first.status, second.status) == ("completed", "completed")
    assert [one.active for one in engine.instances.values() if one.process == "q"] == [["t"]]


def test_process_with_several_starts_begins_at_the_one_that_happened() -> None:
    engine = CheckedEngine()
    body = (
        '<startEvent id="plain"/><startEvent id="asked">'
        + MESSAGE
        + '</startEvent><startEvent id="rung">'
        + SIGNAL
        + '</startEvent><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        + flows("plain -> a; asked -> b; rung -> c")
    )
    engine.deploy(document(body, ROOTS))
    assert engine.start().active == ["a"]
    engine.correlate("go")
    engine.signal("alarm")
    assert [one.active for one in engine.instances.values()] == [["a"], ["b"], ["c"]]


def test_timer_start_cycle_starts_exactly_twice() -> None:
    engine = CheckedEngine()
    cycle = "<timerEventDefinition><timeCycle>R2/PT1H</timeCycle></timerEventDefinition>"
    engine.deploy(document('<startEvent id="s">' + cycle + '</startEvent><task id="t"/>' + flows("s -> t")))
    engine.advance_time(timedelta(days=2))
    assert len(engine.instances) == 2


def test_inner_transaction_that_completed_is_compensated_when_the_outer_is_cancelled() -> None:
    inner = (
        '<transaction id="y"><startEvent id="sy"/><task id="a"/>' + undoes("a") + flows("sy -> a") + "</transaction>"
    )
    outer = (
        '<transaction id="x"><startEvent id="sx"/>'
        + inner
        + '<task id="b"/>'
        + undoes("b")
        + '<endEvent id="ex">'
        + CANCEL
        + "</endEvent>"
        + flows("sx -> y -> b -> ex")
        + "</transaction>"
    )
    _, instance = run(document(outer + boundary("cx", "x", CANCEL) + '<userTask id="after"/>' + flows("cx -> after")))
    assert order(instance, "u_a", "u_b") == ["u_b", "u_a"]
    assert instance.active == ["after"]


def test_error_in_a_transaction_leaves_it_without_compensation() -> None:
    body = (
        '<transaction id="x"><startEvent id="sx"/><task id="a"/>'
        + undoes("a")
        + '<endEvent id="ex">'
        + ERROR
        + "</endEvent>"
        + flows("sx -> a -> ex")
        + "</transaction>"
        + boundary("b", "x", ERROR)
        + '<userTask id="after"/>'
        + flows("b -> after")
    )
    _, instance = run(document(body, ROOTS))
    assert (instance.active, order(instance, "u_a")) == (["after"], [])


def test_escalation_end_event_interrupts_or_lets_go_on() -> None:
    def model(stays: bool) -> str:
        inner = '<startEvent id="sx"/><endEvent id="ex">' + ESCALATION + "</endEvent>" + flows("sx -> ex")
        return document(
            f'<subProcess id="x">{inner}</subProcess>'
            + boundary("b", "x", ESCALATION, stays)
            + '<userTask id="told"/><userTask id="next"/>'
            + flows("b -> told; x -> next"),
            ROOTS,
        )

    assert run(model(stays=True))[1].active == ["next", "told"]
    assert run(model(stays=False))[1].active == ["told"]


def test_escalation_event_subprocess_without_interruption() -> None:
    body = (
        '<startEvent id="s"/><intermediateThrowEvent id="th">'
        + ESCALATION
        + '</intermediateThrowEvent><userTask id="t"/>'
        + flows("s -> th -> t")
        + handler("h", ESCALATION, '<userTask id="u"/>' + flows("h_s -> u"), stays=True)
    )
    _, instance = run(document(body, ROOTS))
    assert instance.active == ["h", "t", "u"]
    instance.complete("t")
    instance.complete("u")
    assert instance.status == "completed"


def test_non_interrupting_message_handler_runs_several_times_at_once() -> None:
    body = '<userTask id="t"/>' + handler("h", MESSAGE, '<userTask id="u"/>' + flows("h_s -> u"), stays=True)
    engine, instance = run(document(body, ROOTS))
    engine.correlate("go")
    engine.correlate("go")
    assert instance.active == ["h", "h", "t", "u", "u"]
    instance.complete("t")
    assert instance.status == "running"
    instance.complete("u")
    instance.complete("u")
    assert instance.status == "completed"


def test_terminate_in_an_event_subprocess_ends_only_it() -> None:
    ends = '<endEvent id="e">' + TERMINATE + '</endEvent><userTask id="u"/><parallelGateway id="f"/>'
    body = '<userTask id="t"/>' + handler("h", MESSAGE, ends + flows("h_s -> f -> u; f -> e"), stays=True)
    engine, instance = run(document(body, ROOTS))
    engine.correlate("go")
    assert (instance.active, instance.status) == (["t"], "running")


def test_terminate_in_one_item_of_a_multi_instance_subprocess_leaves_the_others() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    inner = '<startEvent id="s"/><userTask id="t"/><endEvent id="e">' + TERMINATE + "</endEvent>" + flows("s -> t -> e")
    _, instance = run(document(f'<subProcess id="x">{many}{inner}</subProcess>'))
    instance.complete("t")
    assert instance.active == ["t", "x"]
    instance.complete("t")
    assert instance.status == "completed"


def test_terminate_at_the_top_ends_nested_scopes() -> None:
    inner = '<subProcess id="x"><subProcess id="y"><userTask id="t"/></subProcess></subProcess>'
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/>'
        + inner
        + '<userTask id="u"/><endEvent id="e">'
        + TERMINATE
        + "</endEvent>"
        + flows("s -> f -> x; f -> u -> e")
    )
    _, instance = run(document(body))
    instance.complete("u")
    assert (instance.status, instance.tasks) == ("terminated", [])


def test_two_link_throws_meet_in_one_catch() -> None:
    link = '<linkEventDefinition name="far"/>'
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><intermediateThrowEvent id="a">'
        + link
        + '</intermediateThrowEvent><intermediateThrowEvent id="b">'
        + link
        + "</intermediateThrowEvent>"
        + '<intermediateCatchEvent id="c">'
        + link
        + '</intermediateCatchEvent><task id="t"/>'
        + flows("s -> f -> a; f -> b; c -> t")
    )
    _, instance = run(document(body))
    assert (instance.status, order(instance, "t")) == ("completed", ["t", "t"])


def test_event_gateway_with_a_receive_task_and_a_timer() -> None:
    body = (
        '<eventBasedGateway id="g"/><receiveTask id="r" messageRef="m"/><intermediateCatchEvent id="late">'
        + HOUR
        + '</intermediateCatchEvent><userTask id="a"/><userTask id="b"/>'
        + flows("g -> r -> a; g -> late -> b")
    )
    engine, instance = run(document(body, ROOTS))
    engine.correlate("go", {"n": 1})
    assert (instance.active, instance.timers, instance.variables["n"]) == (["a"], [], 1)
    engine, instance = run(document(body, ROOTS))
    engine.advance_time(HOURS)
    assert (instance.active, instance.subscriptions) == (["b"], [])


def test_message_boundary_on_a_receive_task_and_on_a_call_activity() -> None:
    body = '<receiveTask id="r" messageRef="m"/>' + boundary("b", "r", STOP) + '<userTask id="u"/>' + flows("b -> u")
    engine, instance = run(document(body, ROOTS))
    engine.correlate("stop")
    assert (instance.active, instance.subscriptions) == (["u"], [])
    called = '<process id="q" isExecutable="true"><userTask id="t"/></process>'
    caller = '<callActivity id="c" calledElement="q"/>' + boundary("b", "c", STOP, stays=True) + '<userTask id="u"/>'
    engine, instance = run(
        documents(ROOTS, f'<process id="p" isExecutable="true">{caller}{flows("b -> u")}</process>', called)
    )
    engine.correlate("stop")
    engine.correlate("stop")
    assert instance.active == ["c", "u", "u"]


def test_non_interrupting_timer_on_a_multi_instance_subprocess_fires_once() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    body = (
        f'<subProcess id="x">{many}<userTask id="t"/></subProcess>'
        + boundary("b", "x", HOUR, stays=True)
        + '<userTask id="remind"/>'
        + flows("b -> remind")
    )
    engine, instance = run(document(body))
    engine.advance_time(HOURS * 3)
    assert instance.active.count("remind") == 1
    for _ in range(3):
        instance.complete("t")
    assert instance.active == ["remind"]


def test_boundary_error_on_a_multi_instance_call_activity_cancels_the_other_calls() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    called = (
        '<process id="q" isExecutable="true"><userTask id="t"/><endEvent id="e">'
        + ERROR
        + "</endEvent>"
        + flows("t -> e")
        + "</process>"
    )
    caller = (
        f'<callActivity id="c" calledElement="q">{many}</callActivity>'
        + boundary("b", "c", ERROR)
        + '<userTask id="u"/>'
    )
    engine, instance = run(
        documents(ROOTS, f'<process id="p" isExecutable="true">{caller}{flows("b -> u")}</process>', called)
    )
    engine.instances["2"].complete("t")
    assert (instance.active, engine.instances["3"].status) == (["u"], "cancelled")


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
