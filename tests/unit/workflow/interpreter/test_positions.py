"""Constructs inside one another: the rarer positions BPMN allows (2.0.2 10.3, 10.5, 13.3 to 13.5)."""

from datetime import timedelta

from engine.workflow.interpreter import commands as do
from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run

ROOTS = (
    '<message id="m" name="go"/><message id="n" name="stop"/><signal id="sig" name="alarm"/>'
    '<error id="err" errorCode="bad"/><escalation id="esc" escalationCode="up"/>'
)
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'
MULTI = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def sub(name: str, body: str, *, tag: str = "subProcess", attributes: str = "") -> str:
    return f'<{tag} id="{name}" {attributes}>{body}</{tag}>'


def handler(name: str, definition: str, body: str, *, interrupting: bool = True) -> str:
    start = f'<startEvent id="{name}_s" isInterrupting="{str(interrupting).lower()}">{definition}</startEvent>'
    return sub(name, start + body, attributes='triggeredByEvent="true"')


def boundary(name: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    cancel = str(interrupting).lower()
    return f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{cancel}">{definition}</boundaryEvent>'


def test_error_in_one_item_cancels_the_whole_multi_instance_subprocess() -> None:
    body = '<startEvent id="sx"/><userTask id="t"/><endEvent id="ex">' + ERROR + "</endEvent>" + flows("sx -> t -> ex")
    xml = document(
        '<startEvent id="s"/>' + sub("x", MULTI + body) + boundary("b", "x", ERROR) + '<userTask id="fix"/>'
        '<userTask id="normal"/>' + flows("s -> x -> normal; b -> fix"),
        ROOTS,
    )
    _, instance = run(xml)
    instance.complete("t")
    assert instance.active == ["fix"]


def test_error_thrown_in_an_event_subprocess_is_not_offered_to_its_siblings() -> None:
    inner = (
        '<startEvent id="sx"/><userTask id="t"/>'
        + flows("sx -> t")
        + handler("h1", MESSAGE, '<endEvent id="e1">' + ERROR + "</endEvent>" + flows("h1_s -> e1"))
        + handler("h2", ERROR, '<userTask id="wrong"/>' + flows("h2_s -> wrong"))
    )
    xml = document(
        '<startEvent id="s"/>'
        + sub("x", inner)
        + boundary("b", "x", ERROR)
        + '<userTask id="right"/>'
        + flows("s -> x; b -> right"),
        ROOTS,
    )
    engine, instance = run(xml)
    engine.correlate("go")
    assert instance.active == ["right"]


def test_what_a_handler_beside_its_scope_throws_is_offered_to_its_siblings() -> None:
    """13.5.4: as it interrupts nothing, the others still wait; it does not catch what it throws itself."""
    for thrown in (ERROR, ESCALATION):
        inner = (
            '<userTask id="t"/>'
            + handler("h1", MESSAGE, f'<endEvent id="e1">{thrown}</endEvent>' + flows("h1_s -> e1"), interrupting=False)
            + handler("h2", thrown, '<userTask id="right"/>' + flows("h2_s -> right"))
        )
        engine, instance = run(document(sub("x", inner) + boundary("b", "x", thrown), ROOTS))
        engine.correlate("go")
        assert [task.element for task in instance.tasks] == ["right"]
    again = handler(
        "h", ESCALATION, f'<endEvent id="e">{ESCALATION}</endEvent>' + flows("h_s -> e"), interrupting=False
    )
    _, instance = run(document('<userTask id="t"/>' + again, ROOTS))
    instance.throw_escalation("t", "up")
    assert instance.trace() == ["h_s", "e", "h"]


def test_escalation_of_a_called_process_reaches_the_caller() -> None:
    xml = documents(
        ROOTS,
        '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/>'
        + boundary("b", "c", ESCALATION, interrupting=False)
        + '<userTask id="told"/>'
        + flows("b -> told")
        + "</process>",
        '<process id="q" isExecutable="true"><startEvent id="qs"/><intermediateThrowEvent id="qt">'
        + ESCALATION
        + '</intermediateThrowEvent><userTask id="qu"/>'
        + flows("qs -> qt -> qu")
        + "</process>",
    )
    engine, instance = run(xml)
    assert instance.active == ["c", "told"]
    engine.instances["2"].complete("qu")
    instance.complete("told")
    assert instance.status == "completed"


def test_multi_instance_call_activity_starts_one_instance_per_item() -> None:
    xml = documents(
        '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q">'
        + MULTI
        + "</callActivity></process>",
        '<process id="q" isExecutable="true"><userTask id="u"/></process>',
    )
    engine, instance = run(xml)
    assert len(engine.instances) == 3
    for number in ("2", "3"):
        engine.instances[number].complete("u")
    assert instance.status == "completed"


def test_terminate_in_a_called_process_lets_the_caller_go_on() -> None:
    xml = documents(
        '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/><userTask id="after"/>'
        + flows("c -> after")
        + "</process>",
        '<process id="q" isExecutable="true"><userTask id="u"/><task id="t"/><endEvent id="e">'
        "<terminateEventDefinition/></endEvent>" + flows("t -> e") + "</process>",
    )
    _, instance = run(xml)
    assert instance.active == ["after"]


def test_interrupting_boundary_of_a_call_activity_cancels_the_called_instance() -> None:
    xml = documents(
        '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/>'
        + boundary("b", "c", HOUR)
        + '<userTask id="late"/>'
        + flows("b -> late")
        + "</process>",
        '<process id="q" isExecutable="true"><userTask id="u"/></process>',
    )
    engine, instance = run(xml)
    engine.advance_time(timedelta(hours=1))
    assert instance.active == ["late"]
    assert engine.instances["2"].status == "cancelled"


def test_event_subprocess_inside_an_event_subprocess() -> None:
    inner = handler("h2", SIGNAL, '<userTask id="deep"/>' + flows("h2_s -> deep"))
    outer = handler("h1", MESSAGE, '<userTask id="mid"/>' + flows("h1_s -> mid") + inner)
    engine, instance = run(document('<userTask id="t"/>' + outer, ROOTS))
    engine.signal("alarm")
    assert instance.active == ["t"]
    engine.correlate("go")
    assert instance.active == ["h1", "mid"]
    engine.signal("alarm")
    assert instance.active == ["deep", "h1", "h2"]
    instance.complete("deep")
    assert instance.status == "completed"


def test_timer_event_subprocess_repeats_while_its_scope_lives() -> None:
    cycle = "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
    body = handler("h", cycle, '<task id="tick"/>' + flows("h_s -> tick"), interrupting=False)
    engine, instance = run(document('<userTask id="t"/>' + body, ROOTS))
    for _ in range(3):
        engine.advance_time(timedelta(hours=1))
    assert instance.trace().count("tick") == 3
    instance.complete("t")
    assert (instance.status, instance.timers) == ("completed", [])


def test_endless_cycle_skips_rounds_missed_while_the_engine_stood_still() -> None:
    cycle = "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
    xml = document(
        '<userTask id="t"/>' + boundary("b", "t", cycle, interrupting=False) + '<task id="tick"/>' + flows("b -> tick")
    )
    engine, instance = run(xml)
    engine.now += timedelta(hours=72, minutes=30)
    instance.do(do.FireTimer(instance.timers[0].id))
    assert instance.trace().count("tick") == 1
    assert instance.timers[0].due - engine.now == timedelta(minutes=30)


def test_interrupting_signal_thrown_inside_the_scope_it_interrupts() -> None:
    body = (
        '<startEvent id="sx"/><intermediateThrowEvent id="th">'
        + SIGNAL
        + '</intermediateThrowEvent><userTask id="never"/>'
        + flows("sx -> th -> never")
        + handler("h", SIGNAL, '<userTask id="u"/>' + flows("h_s -> u"))
    )
    _, instance = run(document('<startEvent id="s"/>' + sub("x", body) + flows("s -> x"), ROOTS))
    assert instance.active == ["h", "u", "x"]


def test_parallel_multiple_boundary_needs_both_events() -> None:
    xml = document(
        '<userTask id="t"/><boundaryEvent id="b" attachedToRef="t" parallelMultiple="true">'
        + MESSAGE
        + SIGNAL
        + '</boundaryEvent><userTask id="u"/>'
        + flows("b -> u"),
        ROOTS,
    )
    engine, instance = run(xml)
    engine.correlate("go")
    assert instance.active == ["t"]
    engine.signal("alarm")
    assert instance.active == ["u"]


def test_parallel_multiple_start_waits_for_the_second_event_in_the_instance() -> None:
    engine = CheckedEngine()
    engine.deploy(
        document(
            '<startEvent id="s" parallelMultiple="true">'
            + MESSAGE
            + SIGNAL
            + '</startEvent><userTask id="t"/>'
            + flows("s -> t"),
            ROOTS,
        )
    )
    engine.correlate("go")
    (instance,) = engine.instances.values()
    assert instance.active == ["s"]
    engine.signal("alarm")
    assert instance.active == ["t"]


def test_instantiating_receive_task_starts_the_process() -> None:
    engine = CheckedEngine()
    engine.deploy(
        document('<receiveTask id="r" messageRef="m" instantiate="true"/><userTask id="t"/>' + flows("r -> t"), ROOTS)
    )
    engine.correlate("go", {"n": 3})
    (instance,) = engine.instances.values()
    assert (instance.active, instance.variables) == (["t"], {"n": 3})


def test_standard_loop_around_a_subprocess_and_multi_instance_receive_tasks() -> None:
    loop = "<standardLoopCharacteristics><loopCondition>again = true</loopCondition></standardLoopCharacteristics>"
    xml = document('<startEvent id="s"/>' + sub("x", loop + '<userTask id="t"/>') + flows("s -> x"))
    _, instance = run(xml)
    instance.complete("t", {"again": True})
    instance.complete("t", {"again": False})
    assert instance.status == "completed"
    engine, instance = run(document(f'<receiveTask id="r" messageRef="m">{MULTI}</receiveTask>', ROOTS))
    engine.correlate("go")
    assert instance.status == "running"
    engine.correlate("go")
    assert instance.status == "completed"


def test_nested_inclusive_and_boundary_path_into_the_join() -> None:
    xml = document(
        '<startEvent id="s"/><inclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><inclusiveGateway id="j"/>'
        + boundary("late", "a", HOUR, interrupting=False)
        + '<userTask id="remind"/><userTask id="after"/>'
        + flows("s -> g; g -> a [true]; g -> b [true]; a -> j; b -> j; late -> remind -> j; j -> after"),
    )
    engine, instance = run(xml)
    instance.complete("b")
    engine.advance_time(timedelta(hours=1))
    instance.complete("a")
    assert instance.active == ["remind"]
    instance.complete("remind")
    assert instance.active == ["after"]


def test_compensation_thrown_in_a_subprocess_finds_an_activity_of_the_scope_around() -> None:
    xml = document(
        '<startEvent id="s"/><task id="a"/>'
        + boundary("ca", "a", "<compensateEventDefinition/>")
        + '<task id="ua" isForCompensation="true"/><association id="l" sourceRef="ca" targetRef="ua"/>'
        + sub(
            "x",
            '<startEvent id="sx"/><endEvent id="ex"><compensateEventDefinition activityRef="a"/></endEvent>'
            + flows("sx -> ex"),
        )
        + flows("s -> a -> x")
    )
    _, instance = run(xml)
    assert (instance.status, "ua" in instance.trace()) == ("completed", True)


def test_cancelled_transaction_without_boundary_just_ends() -> None:
    xml = document(
        '<startEvent id="s"/>'
        + sub(
            "x",
            '<startEvent id="sx"/><endEvent id="ex"><cancelEventDefinition/></endEvent>' + flows("sx -> ex"),
            tag="transaction",
        )
        + '<userTask id="normal"/>'
        + flows("s -> x -> normal")
    )
    _, instance = run(xml)
    assert (instance.status, instance.trace("cancelled")) == ("completed", ["x"])


def test_multiple_end_event_throws_everything() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><endEvent id="e">' + MESSAGE + SIGNAL + "</endEvent>"
        '<intermediateCatchEvent id="c">' + SIGNAL + "</intermediateCatchEvent>" + flows("s -> f -> e; f -> c"),
        ROOTS,
    )
    engine, instance = run(xml)
    assert instance.status == "completed"
    assert [(item.kind, item.name) for item in engine.sent] == [("message", "go"), ("signal", "alarm")]


def test_interrupted_handler_of_a_compensation_does_not_stop_the_thrower() -> None:
    xml = document(
        '<startEvent id="s"/><task id="a"/>'
        + boundary("ca", "a", "<compensateEventDefinition/>")
        + '<userTask id="ua" isForCompensation="true"/><association id="l" sourceRef="ca" targetRef="ua"/>'
        + boundary("late", "ua", HOUR)
        + '<intermediateThrowEvent id="th"><compensateEventDefinition/></intermediateThrowEvent><userTask id="after"/>'
        + flows("s -> a -> th -> after")
    )
    engine, instance = run(xml)
    assert instance.active == ["th", "ua"]
    engine.advance_time(timedelta(hours=1))
    assert instance.active == ["after"]


def test_mixed_gateway_joins_and_splits() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><parallelGateway id="m"/>'
        '<userTask id="c"/><userTask id="d"/>' + flows("s -> f -> a -> m; f -> b -> m -> c; m -> d")
    )
    _, instance = run(xml)
    instance.complete("a")
    instance.complete("b")
    assert instance.active == ["c", "d"]


def test_conditional_start_event_starts_on_the_rising_edge() -> None:
    engine = CheckedEngine()
    engine.deploy(
        document(
            '<startEvent id="s"><conditionalEventDefinition><condition>stock &lt; 5</condition>'
            '</conditionalEventDefinition></startEvent><userTask id="t"/>' + flows("s -> t")
        )
    )
    for stock in (9, 4, 3, 8, 2):
        engine.observe(stock=stock)
    assert [item.active for item in engine.instances.values()] == [["t"], ["t"]]


def test_data_object_two_scopes_up_is_read_and_written() -> None:
    inner = sub("y", '<scriptTask id="t"><script>{total: total + 1}</script></scriptTask>')
    xml = document('<dataObject id="total"/><startEvent id="s"/>' + sub("x", inner) + flows("s -> x"))
    assert run(xml, {"total": 41})[1].variables == {"total": 42}


def test_python_in_a_script_is_never_executed() -> None:
    engine = CheckedEngine()
    library = engine.deploy(document('<scriptTask id="t"><script>__import__("os").abort()</script></scriptTask>'))
    instance = engine.start()
    assert instance.variables.get("t") is None
    assert [item.rule for item in library.findings] == ["expression.function_unknown"]
    assert [item.code for item in instance.incidents] == ["feel_unknown_function"]


def test_links_meet_by_the_target_the_throwing_one_names() -> None:
    throw = '<linkEventDefinition id="a" name="to B"><target>b</target></linkEventDefinition>'
    catch = '<linkEventDefinition id="b" name="from A"><source>a</source></linkEventDefinition>'
    body = (
        f'<startEvent id="s"/><intermediateThrowEvent id="x">{throw}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="y">{catch}</intermediateCatchEvent><userTask id="t"/>' + flows("s -> x; y -> t")
    )
    _, case = run(document(body))
    assert (case.active, case.trace()) == (["t"], ["s", "x", "y"])
