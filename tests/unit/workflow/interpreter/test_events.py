"""Events in every position (BPMN 2.0.2 10.5, 13.5); timers have a module of their own."""

from datetime import timedelta

import pytest

from engine.kernel.errors import Conflict
from tests.unit.workflow.driver import CheckedEngine, document, flows, run
from tests.unit.workflow.interpreter.pieces import boundary, handler, timer

MESSAGE = '<message id="m" name="go"/>'
SIGNAL = '<signal id="sig" name="alarm"/>'
ERROR = '<error id="err" name="Bad" errorCode="bad"/><error id="err2" name="Other" errorCode="other"/>'
ESCALATION = '<escalation id="esc" name="Up" escalationCode="up"/>'
OVER_FIVE = "<conditionalEventDefinition><condition>x &gt; 5</condition></conditionalEventDefinition>"


def test_error_end_event_goes_to_the_boundary_of_its_own_subprocess_only() -> None:
    inner = (
        '<subProcess id="{0}"><startEvent id="s{0}"/><userTask id="t{0}"/>'
        '<endEvent id="e{0}">{1}</endEvent>{2}</subProcess>'
    )
    error = '<errorEventDefinition errorRef="err"/>'
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/>'
        + inner.format("x", error, flows("sx -> tx -> ex"))
        + inner.format("y", "", flows("sy -> ty -> ey"))
        + boundary("bx", "x", error)
        + boundary("by", "y", error)
        + '<userTask id="hx"/><userTask id="hy"/>'
        + flows("s -> f -> x; f -> y; bx -> hx; by -> hy"),
        ERROR,
    )
    _, instance = run(xml)
    instance.complete("tx")
    assert instance.active == ["hx", "ty", "y"]


def test_error_prefers_its_code_over_catch_all_and_passes_other_codes_outwards() -> None:
    def xml(code: str) -> str:
        return document(
            f'<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/><endEvent id="ex"><errorEventDefinition '
            f'errorRef="{code}"/></endEvent>{flows("sx -> ex")}</subProcess>'
            + boundary("any", "x", "<errorEventDefinition/>")
            + boundary("exact", "x", '<errorEventDefinition errorRef="err"/>')
            + '<userTask id="a"/><userTask id="b"/>'
            + flows("s -> x; any -> a; exact -> b"),
            ERROR,
        )

    assert run(xml("err"))[1].active == ["b"]
    assert run(xml("err2"))[1].active == ["a"]


def test_uncaught_error_is_an_incident() -> None:
    xml = document(
        '<startEvent id="s"/><endEvent id="e"><errorEventDefinition errorRef="err"/></endEvent>' + flows("s -> e"),
        ERROR,
    )
    _, instance = run(xml)
    assert [item.code for item in instance.incidents] == ["error.uncaught"]
    assert instance.status == "running"


def test_error_event_subprocess_starts_only_on_error() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><endEvent id="e"><errorEventDefinition errorRef="err"/></endEvent>'
        '<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><errorEventDefinition errorRef="err"/>'
        f'</startEvent><userTask id="fix"/><endEvent id="he"/>{flows("hs -> fix -> he")}</subProcess>'
        + flows("s -> t -> e"),
        ERROR,
    )
    _, instance = run(xml)
    assert instance.active == ["t"]
    instance.complete("t")
    assert instance.active == ["fix", "h"]
    instance.complete("fix")
    assert instance.status == "completed"


def test_escalation_non_interrupting_lets_the_thrower_go_on() -> None:
    for stays, expected in ((True, ["a", "go", "x"]), (False, ["a"])):
        xml = document(
            '<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/><intermediateThrowEvent id="up">'
            '<escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent><userTask id="go"/>'
            f"{flows('sx -> up -> go')}</subProcess>"
            + boundary("b", "x", '<escalationEventDefinition escalationRef="esc"/>', stays=stays)
            + '<userTask id="a"/>'
            + flows("s -> x; b -> a"),
            ESCALATION,
        )
        assert run(xml)[1].active == expected


def test_signal_end_event_reaches_a_parallel_branch_that_arms_later() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><endEvent id="throw"><signalEventDefinition signalRef="sig"/>'
        '</endEvent><task id="t1"/><task id="t2"/><intermediateCatchEvent id="c"><signalEventDefinition '
        'signalRef="sig"/></intermediateCatchEvent><endEvent id="e"/>'
        + flows("s -> f -> throw; f -> t1 -> t2 -> c -> e"),
        SIGNAL,
    )
    assert run(xml)[1].status == "completed"


def test_signal_end_in_subprocess_reaches_its_own_boundary() -> None:
    xml = document(
        '<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/><endEvent id="ex"><signalEventDefinition '
        f'signalRef="sig"/></endEvent>{flows("sx -> ex")}</subProcess>'
        + boundary("b", "x", '<signalEventDefinition signalRef="sig"/>')
        + '<userTask id="a"/><userTask id="normal"/>'
        + flows("s -> x -> normal; b -> a"),
        SIGNAL,
    )
    assert run(xml)[1].active == ["a"]


def test_signal_crosses_instances_and_starts_processes() -> None:
    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="c"><signalEventDefinition signalRef="sig"/>'
        "</intermediateCatchEvent>" + flows("s -> c"),
        SIGNAL,
    )
    starter = document(
        '<startEvent id="on"><signalEventDefinition signalRef="sig"/></startEvent><userTask id="u"/>'
        + flows("on -> u"),
        SIGNAL,
        key="q",
    )
    engine, first = run(xml)
    second = engine.start("p")
    engine.deploy(starter)
    engine.signal("alarm")
    assert (first.status, second.status) == ("completed", "completed")
    assert [item.active for item in engine.instances.values() if item.process == "q"] == [["u"]]


def test_message_boundary_non_interrupting_can_fire_twice() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><task id="n"/>'
        + boundary("b", "t", '<messageEventDefinition messageRef="m"/>', stays=True)
        + flows("s -> t; b -> n"),
        MESSAGE,
    )
    engine, instance = run(xml)
    engine.correlate("go")
    engine.correlate("go")
    assert instance.trace().count("n") == 2
    instance.complete("t")
    assert instance.status == "completed"


def test_message_correlation_by_key_chooses_the_instance() -> None:
    xml = document(
        '<startEvent id="s"/><receiveTask id="r" messageRef="m"><extensionElements><school:key name="card" '
        'value="=card"/></extensionElements></receiveTask>' + flows("s -> r"),
        MESSAGE,
    )
    engine, first = run(xml, {"card": "1"})
    second = engine.start("p", {"card": "2"})
    engine.correlate("go", {"x": 1}, keys={"card": "2"})
    assert (first.status, second.status) == ("running", "completed")
    third = engine.start("p", {"card": "1"})
    with pytest.raises(Conflict):
        engine.correlate("go", keys={"card": "1"})
    assert (first.status, third.status) == ("running", "running")


def test_message_is_kept_until_somebody_waits_and_taken_once_per_id() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><intermediateCatchEvent id="c"><messageEventDefinition '
        'messageRef="m"/></intermediateCatchEvent>' + flows("s -> t -> c"),
        MESSAGE,
    )
    engine, instance = run(xml)
    assert not engine.correlate("go", {"n": 1}, message_id="a")
    assert engine.correlate("go", {"n": 2}, message_id="a")
    instance.complete("t")
    assert instance.status == "completed"
    assert instance.variables["n"] == 1


def test_message_throw_and_catch_between_two_processes() -> None:
    from tests.unit.workflow.driver import documents

    xml = documents(
        MESSAGE,
        '<process id="a" isExecutable="true"><startEvent id="s"/><sendTask id="send" messageRef="m"><extensionElements>'
        '<school:input name="n" value="=n"/></extensionElements></sendTask>' + flows("s -> send") + "</process>",
        '<process id="b" isExecutable="true"><startEvent id="on"><messageEventDefinition messageRef="m"/></startEvent>'
        '<userTask id="u"/>' + flows("on -> u") + "</process>",
    )
    engine, first = run(xml, {"n": 7})
    assert first.status == "completed"
    (second,) = [item for item in engine.instances.values() if item.process == "b"]
    assert (second.active, second.variables) == (["u"], {"n": 7})


def test_conditional_catch_and_rising_edge_of_non_interrupting_boundary() -> None:
    condition = "<conditionalEventDefinition><condition>x &gt; 5</condition></conditionalEventDefinition>"
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><task id="n"/>'
        + boundary("b", "t", condition, stays=True)
        + flows("s -> t; b -> n")
    )
    _, instance = run(xml, {"x": 1})
    for value in (6, 7, 2, 9):
        instance.set_variables(x=value)
    assert instance.trace().count("n") == 2


@pytest.mark.parametrize(
    ("values", "fired"), [((9, 1), 1), ((9, 1, 9), 2), ((9, 8, 1), 1), ((9, 1, 9, 1, 7), 3), ((1, 2), 0)]
)
def test_condition_that_was_true_for_a_moment_within_a_step_fires_once_per_edge(
    values: tuple[int, ...], fired: int
) -> None:
    """BPMN 2.0.2 10.5.2: it has to become false, then true, to happen again; the moment between two scripts counts."""
    scripts = "".join(
        f'<scriptTask id="t{n}"><script>{{x: {value}}}</script></scriptTask>' for n, value in enumerate(values)
    )
    way = " -> ".join(f"t{n}" for n in range(len(values)))
    watch = handler(
        "h",
        OVER_FIVE,
        '<scriptTask id="n"><script>{seen: append(seen, x)}</script></scriptTask>' + flows("h_s -> n"),
        stays=True,
    )
    _, instance = run(
        document('<startEvent id="s"/>' + scripts + '<userTask id="u"/>' + watch + flows(f"s -> {way} -> u")),
        {"x": 0, "seen": []},
    )
    assert instance.variables["seen"] == [values[-1]] * fired
    assert instance.active == ["u"]


def test_condition_true_before_a_handler_answers_and_false_after_it_still_interrupts() -> None:
    """What has become true is kept with the state while a local handler is called; nothing is decided meanwhile."""
    xml = document(
        '<startEvent id="s"/><subProcess id="p1"><startEvent id="si"/><scriptTask id="up"><script>{x: 9}</script>'
        '</scriptTask><scriptTask id="ask" scriptFormat="function"><script>calm</script></scriptTask><userTask id="t"/>'
        + flows("si -> up -> ask -> t")
        + '</subProcess><userTask id="stopped"/>'
        + boundary("b", "p1", OVER_FIVE)
        + flows("s -> p1; b -> stopped")
    )
    _, instance = run(xml, {"x": 0}, functions={"calm": lambda inputs: {"x": 1}})
    assert (instance.active, instance.variables) == (["stopped"], {"x": 1})
    assert instance.trace("cancelled") == ["p1", "t"]


def test_condition_already_true_interrupts_before_the_body_runs() -> None:
    condition = "<conditionalEventDefinition><condition>x &gt; 5</condition></conditionalEventDefinition>"
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><userTask id="n"/>'
        + boundary("b", "t", condition)
        + flows("s -> t; b -> n")
    )
    _, instance = run(xml, {"x": 6})
    assert instance.active == ["n"]
    assert instance.trace("cancelled") == ["t"]


def test_condition_that_becomes_true_as_its_scope_ends_is_not_lost() -> None:
    """10.5.2, 13.5.4: the event sub-process and the boundary event still watch while the last tokens arrive."""
    watch = "<conditionalEventDefinition><condition>n = 5</condition></conditionalEventDefinition>"
    body = '<userTask id="u"/><scriptTask id="a"><script>{n: 5}</script></scriptTask>'
    for stays in ("true", "false"):
        inside = f'<startEvent id="hs" isInterrupting="{stays}">{watch}</startEvent><userTask id="t"/>' + flows(
            "hs -> t"
        )
        handled = f'<subProcess id="h" triggeredByEvent="true">{inside}</subProcess><endEvent id="e"/>'
        _, instance = run(document(body + handled + flows("u -> a -> e")))
        instance.complete("u")
        assert [task.element for task in instance.tasks] == ["t"]
        instance.complete("t")
        assert (instance.status, instance.trace()) == ("completed", ["u", "a", "e", "hs", "t", "h"])
    for cancels, order in (("true", ["u", "a", "b"]), ("false", ["u", "a", "b", "x"])):
        border = f'<boundaryEvent id="b" attachedToRef="x" cancelActivity="{cancels}">{watch}</boundaryEvent>'
        inside = f'<subProcess id="x">{body}{flows("u -> a")}</subProcess><endEvent id="e"/><userTask id="t"/>'
        _, instance = run(document(inside + border + flows("x -> e; b -> t")))
        instance.complete("u")
        assert [one for one in instance.trace() if one != "e"] == order
        assert instance.active == ["t"]


def test_link_events_jump() -> None:
    xml = document(
        '<startEvent id="s"/><intermediateThrowEvent id="to"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="from"><linkEventDefinition name="L"/></intermediateCatchEvent><userTask id="u"/>'
        + flows("s -> to; from -> u")
    )
    assert run(xml)[1].active == ["u"]


def test_terminate_in_a_subprocess_ends_only_it() -> None:
    xml = document(
        '<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/><parallelGateway id="f"/><userTask id="t"/>'
        f'<endEvent id="ex"><terminateEventDefinition/></endEvent>{flows("sx -> f -> t; f -> ex")}</subProcess>'
        '<userTask id="after"/>' + flows("s -> x -> after")
    )
    _, instance = run(xml)
    assert instance.active == ["after"]
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="t"/><endEvent id="e"><terminateEventDefinition/>'
        "</endEvent>" + flows("s -> f -> t; f -> e")
    )
    assert run(xml)[1].status == "terminated"


def test_parallel_multiple_catch_needs_all_and_multiple_needs_one() -> None:
    def xml(parallel: str) -> str:
        return document(
            f'<startEvent id="s"/><intermediateCatchEvent id="c" parallelMultiple="{parallel}"><messageEventDefinition '
            'messageRef="m"/><signalEventDefinition signalRef="sig"/></intermediateCatchEvent>' + flows("s -> c"),
            MESSAGE + SIGNAL,
        )

    engine, instance = run(xml("true"))
    engine.signal("alarm")
    assert instance.status == "running"
    engine.correlate("go")
    assert instance.status == "completed"
    engine, instance = run(xml("false"))
    engine.signal("alarm")
    assert instance.status == "completed"


def test_event_subprocess_message_non_interrupting_and_interrupting() -> None:
    def xml(interrupting: str) -> str:
        return document(
            '<startEvent id="s"/><userTask id="t"/><subProcess id="h" triggeredByEvent="true"><startEvent id="hs" '
            f'isInterrupting="{interrupting}"><messageEventDefinition messageRef="m"/></startEvent><userTask id="u"/>'
            f"{flows('hs -> u')}</subProcess>" + flows("s -> t"),
            MESSAGE,
        )

    engine, instance = run(xml("false"))
    assert [item.element for item in instance.subscriptions] == ["hs"]
    engine.correlate("go")
    engine.correlate("go")
    assert instance.active == ["h", "h", "t", "u", "u"]
    instance.complete("t")
    instance.complete("u")
    assert instance.status == "running"
    instance.complete("u")
    assert instance.status == "completed"
    engine, instance = run(xml("true"))
    engine.correlate("go")
    assert instance.active == ["h", "u"]
    assert instance.subscriptions == []


def test_timer_start_event_starts_instances() -> None:
    xml = document(
        f'<startEvent id="s">{timer("timeCycle", "R2/PT1H")}</startEvent><userTask id="t"/>' + flows("s -> t")
    )
    engine = CheckedEngine()
    engine.deploy(xml)
    engine.advance_time(timedelta(hours=5))
    assert [item.active for item in engine.instances.values()] == [["t"], ["t"]]


def test_instantiating_event_gateway_exclusive_and_parallel() -> None:
    def xml(kind: str) -> str:
        return document(
            f'<eventBasedGateway id="g" instantiate="true" eventGatewayType="{kind}"/><intermediateCatchEvent id="a">'
            '<messageEventDefinition messageRef="m"/></intermediateCatchEvent><intermediateCatchEvent id="b">'
            '<messageEventDefinition messageRef="n"/></intermediateCatchEvent><userTask id="ta"/><userTask id="tb"/>'
            + flows("g -> a -> ta; g -> b -> tb"),
            MESSAGE + '<message id="n" name="stop"/>',
        )

    engine = CheckedEngine()
    engine.deploy(xml("Exclusive"))
    engine.correlate("stop")
    (instance,) = engine.instances.values()
    assert instance.active == ["tb"]
    engine = CheckedEngine()
    engine.deploy(xml("Parallel"))
    engine.correlate("stop")
    (instance,) = engine.instances.values()
    assert [item.name for item in instance.subscriptions] == ["go"]
    engine.correlate("go")
    assert instance.active == ["ta", "tb"]
