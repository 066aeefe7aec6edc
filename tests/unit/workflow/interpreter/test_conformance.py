"""Further positions of BPMN 2.0.2 chapters 10 and 13, construct by construct; states are saved between all steps."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run
from tests.unit.workflow.interpreter.pieces import (
    CANCEL,
    ERROR,
    ESCALATION,
    HOUR,
    HOURS,
    MESSAGE,
    ROOTS,
    SIGNAL,
    STOP,
    TERMINATE,
    boundary,
    handler,
    order,
    undoes,
)


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
