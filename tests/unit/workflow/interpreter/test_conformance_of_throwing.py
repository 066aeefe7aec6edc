"""What throws is done whatever it interrupts; transactions undone as a whole; complex gateways reset (10.5, 13.4.5)."""

import pytest

from engine.kernel.errors import Conflict
from tests.unit.workflow.driver import document, documents, flows, run
from tests.unit.workflow.interpreter.pieces import (
    CANCEL,
    ERROR,
    ESCALATION,
    MESSAGE,
    ROOTS,
    SIGNAL,
    UNDO,
    boundary,
    handler,
    order,
    undoes,
)


def thrown_inside(definition: str, tag: str = "endEvent") -> str:
    """A sub-process `x` that throws at `ex`; its boundary event leads to `u`."""
    inner = f'<startEvent id="sx"/><{tag} id="ex">{definition}</{tag}><task id="never"/>' + flows("sx -> ex")
    more = flows("ex -> never") if tag != "endEvent" else ""
    return f'<startEvent id="s"/><subProcess id="x">{inner}{more}</subProcess><task id="u"/>'


def test_event_whose_throwing_interrupts_its_scope_is_completed_not_cancelled() -> None:
    for definition in (ERROR, ESCALATION, SIGNAL):
        body = thrown_inside(definition) + boundary("b", "x", definition) + flows("s -> x; b -> u")
        body = body.replace('<task id="never"/>', "")
        _, instance = run(document(body, ROOTS))
        assert instance.trace() == ["s", "sx", "ex", "b", "u"]
        assert instance.trace("cancelled") == ["x"]


def test_interrupting_throw_goes_no_further() -> None:
    for definition in (ESCALATION, SIGNAL):
        body = thrown_inside(definition, "intermediateThrowEvent")
        _, instance = run(document(body + boundary("b", "x", definition) + flows("s -> x; b -> u"), ROOTS))
        assert instance.trace() == ["s", "sx", "ex", "b", "u"]


def test_event_that_throws_is_done_before_what_catches_it() -> None:
    """A throw event does not wait (13.5.2): effects do not come before their cause."""
    for definition in (ESCALATION, SIGNAL):
        catch = boundary("b", "x", definition).replace('id="b"', 'id="b" cancelActivity="false"')
        body = thrown_inside(definition, "intermediateThrowEvent") + catch + flows("s -> x; b -> u")
        _, instance = run(document(body, ROOTS))
        assert instance.trace("entered", "thrown", "completed")[:8] == ["s", "s", "x", "sx", "sx", "ex", "ex", "ex"]
        assert set(instance.trace()[3:]) == {"b", "u", "never", "x"}
    parallel = (
        f'<startEvent id="s"/><parallelGateway id="f"/><intermediateThrowEvent id="t">{SIGNAL}</intermediateThrowEvent>'
        f'<intermediateCatchEvent id="c">{SIGNAL}</intermediateCatchEvent>'
    )
    _, instance = run(document(parallel + flows("s -> f -> t; f -> c"), ROOTS))
    assert instance.trace() == ["s", "f", "t", "c"]


def test_multiple_end_event_throws_all_even_when_one_of_them_interrupts() -> None:
    inner = (
        '<startEvent id="sx"/><endEvent id="ex">' + ESCALATION + MESSAGE + SIGNAL + "</endEvent>" + flows("sx -> ex")
    )
    body = f'<startEvent id="s"/><subProcess id="x">{inner}</subProcess><task id="u"/>'
    engine, instance = run(document(body + boundary("b", "x", ESCALATION) + flows("s -> x; b -> u"), ROOTS))
    assert [item.name for item in engine.sent] == ["go", "alarm"]
    assert instance.trace() == ["s", "sx", "ex", "b", "u"]


def test_cancel_end_event_inside_a_subprocess_is_done_once() -> None:
    inner = '<startEvent id="sy"/><endEvent id="ey">' + CANCEL + "</endEvent>" + flows("sy -> ey")
    transaction = '<startEvent id="sx"/><task id="a"/>' + undoes("a") + f'<subProcess id="y">{inner}</subProcess>'
    body = f'<startEvent id="s"/><transaction id="x">{transaction}{flows("sx -> a -> y")}</transaction><task id="u"/>'
    _, instance = run(document(body + boundary("b", "x", CANCEL) + flows("s -> x; b -> u")))
    assert instance.trace() == ["s", "sx", "a", "sy", "ey", "u_a", "b", "u"]
    assert instance.trace("cancelled") == ["y", "x"]


def test_cancel_compensates_what_completed_inside_running_subprocesses() -> None:
    deep = '<startEvent id="sz"/><task id="c"/>' + undoes("c") + '<userTask id="v"/>' + flows("sz -> c -> v")
    inner = '<startEvent id="sy"/><task id="a"/>' + undoes("a") + f'<subProcess id="z">{deep}</subProcess>'
    transaction = (
        '<startEvent id="sx"/><task id="o"/>'
        + undoes("o")
        + '<parallelGateway id="f"/><userTask id="q"/><endEvent id="ex">'
        + CANCEL
        + f'</endEvent><subProcess id="y">{inner}{flows("sy -> a -> z")}</subProcess>'
        + flows("sx -> o -> f -> y; f -> q -> ex")
    )
    body = f'<startEvent id="s"/><transaction id="x">{transaction}</transaction><userTask id="u"/>'
    _, instance = run(document(body + boundary("b", "x", CANCEL) + flows("s -> x; b -> u")))
    instance.complete("q")
    assert order(instance, "u_o", "u_a", "u_c", "b") == ["u_c", "u_a", "u_o", "b"]
    assert instance.active == ["u"]


def test_cancel_compensates_the_finished_items_of_a_running_multi_instance_activity() -> None:
    many = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics>"
    )
    transaction = (
        f'<startEvent id="sx"/><parallelGateway id="f"/><userTask id="a">{many}</userTask>'
        + undoes("a")
        + '<userTask id="q"/><endEvent id="ex">'
        + CANCEL
        + "</endEvent>"
        + flows("sx -> f -> a; f -> q -> ex")
    )
    body = f'<startEvent id="s"/><transaction id="x">{transaction}</transaction>' + boundary("b", "x", CANCEL)
    _, instance = run(document(body + flows("s -> x")))
    instance.complete("a")
    instance.complete("a")
    instance.complete("q")
    assert (order(instance, "u_a"), instance.status) == (["u_a", "u_a"], "completed")


def test_each_round_of_a_standard_loop_is_compensated() -> None:
    loop = '<standardLoopCharacteristics loopMaximum="3"/>'
    body = f'<startEvent id="s"/><task id="a">{loop}</task>' + undoes("a") + f'<endEvent id="e">{UNDO}</endEvent>'
    assert run(document(body + flows("s -> a -> e")))[1].trace() == ["s", "a", "a", "a", "u_a", "u_a", "u_a", "e"]


def test_complex_gateway_gives_a_token_of_its_reset_to_flows_that_ask_for_it() -> None:
    gateway = "<activationCondition>activationCount &gt;= 1</activationCondition>"
    body = (
        f'<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
        f'<complexGateway id="g">{gateway}</complexGateway><task id="first"/><task id="rest"/><task id="some"/>'
        + flows("s -> f -> a -> g; f -> b -> g; g -> first [waitingForStart]; g -> rest [not(waitingForStart)]")
        + flows("g -> some [activationCount > 0]")
    )
    _, instance = run(document(body))
    instance.complete("b")
    assert order(instance, "first", "rest", "some") == ["first", "some"]
    instance.complete("a")
    assert order(instance, "first", "rest", "some") == ["first", "some", "rest"]
    assert instance.status == "completed"


def test_message_flow_without_message_carries_the_one_its_end_names() -> None:
    pools = (
        '<collaboration id="c"><participant id="pa" processRef="p"/><participant id="pb" processRef="q"/>'
        '<messageFlow id="there" sourceRef="send" targetRef="qs"/><messageFlow id="back" sourceRef="answer" '
        'targetRef="wait"/></collaboration>'
    )
    asks = f'<startEvent id="s"/><intermediateThrowEvent id="send">{MESSAGE}</intermediateThrowEvent>'
    waits = '<receiveTask id="wait" messageRef="m2"/>' + flows("s -> send -> wait")
    answers = '<startEvent id="qs"><messageEventDefinition/></startEvent><sendTask id="answer"/>' + flows(
        "qs -> answer"
    )
    both = (f'<process id="p" isExecutable="true">{asks}{waits}</process>', f'<process id="q">{answers}</process>')
    engine, _ = run(documents(pools, ROOTS, *both))
    assert [one.status for one in engine.instances.values()] == ["completed", "completed"]
    assert [item.name for item in engine.sent] == ["go", "stop"]


def test_plain_result_is_the_only_output_a_task_declares() -> None:
    task = (
        '<ioSpecification><dataOutput id="o" name="out"/><inputSet/><outputSet><dataOutputRefs>o</dataOutputRefs>'
        "</outputSet></ioSpecification><dataOutputAssociation><sourceRef>o</sourceRef><targetRef>ref</targetRef>"
        "</dataOutputAssociation>"
    )
    data = '<dataObject id="d" name="greeting"/><dataObjectReference id="ref" dataObjectRef="d"/>'
    body = f'{data}<startEvent id="s"/><scriptTask id="t">{task}<script>"hello"</script></scriptTask>' + flows("s -> t")
    assert run(document(body))[1].variables["greeting"] == "hello"


def test_adhoc_subprocess_begins_nothing_more_once_its_condition_held() -> None:
    body = (
        '<startEvent id="s"/><adHocSubProcess id="x" cancelRemainingInstances="false"><userTask id="a"/>'
        '<userTask id="b"/><completionCondition>done = true</completionCondition></adHocSubProcess><task id="z"/>'
        + flows("s -> x -> z")
    )
    _, instance = run(document(body))
    assert [element for _, element in instance.enabled()] == ["a", "b"]
    instance.begin("a")
    instance.begin("b")
    instance.complete("a", {"done": True})
    assert (instance.enabled(), instance.active) == ([], ["b", "x"])
    instance.complete("b")
    assert instance.trace() == ["s", "a", "b", "x", "z"]


def test_sequential_adhoc_subprocess_offers_nothing_while_one_runs() -> None:
    body = '<startEvent id="s"/><adHocSubProcess id="x" ordering="Sequential"><userTask id="a"/><userTask id="b"/>'
    _, instance = run(document(body + "</adHocSubProcess>" + flows("s -> x")))
    instance.begin("b")
    assert instance.enabled() == []
    instance.complete("b")
    assert [element for _, element in instance.enabled()] == ["a", "b"]
    instance.begin("a")
    with pytest.raises(Conflict):
        instance.begin("b")


def test_what_an_event_subprocess_did_is_compensated_with_its_scope() -> None:
    inner = '<startEvent id="xs"/><userTask id="t"/><task id="a"/>' + undoes("a") + flows("xs -> a -> t")
    handled = '<task id="k"/>' + undoes("k") + flows("h_s -> k")
    body = f'<startEvent id="s"/><subProcess id="x">{inner}{handler("h", MESSAGE, handled, stays=True)}</subProcess>'
    throw = f'<intermediateThrowEvent id="th">{UNDO}</intermediateThrowEvent><task id="z"/>'
    engine, instance = run(document(body + throw + flows("s -> x -> th -> z"), ROOTS))
    engine.correlate("go")
    engine.correlate("go")
    instance.complete("t")
    assert order(instance, "a", "k", "u_a", "u_k", "z") == ["a", "k", "k", "u_k", "u_k", "u_a", "z"]
    assert instance.status == "completed"


def test_event_subprocess_compensates_what_it_did_itself_and_what_its_scope_did() -> None:
    """10.7.2: thrown in the handler of a scope it undoes that scope; what the handler completed is newer."""
    booked = '<task id="a"/>' + undoes("a") + '<userTask id="w"/>' + flows("s -> a -> w")
    for waits in ("true", "false"):
        thrown = f'<compensateEventDefinition waitForCompletion="{waits}"/>'
        inside = '<task id="b"/>' + undoes("b") + f'<endEvent id="he">{thrown}</endEvent>' + flows("h_s -> b -> he")
        for stays in (True, False):
            xml = document('<startEvent id="s"/>' + booked + handler("h", MESSAGE, inside, stays), ROOTS)
            engine, instance = run(xml)
            engine.correlate("go")
            assert order(instance, "u_a", "u_b") == ["u_b", "u_a"]
            assert instance.active == (["w"] if stays else [])


def test_compensation_end_event_in_a_subprocess_leaves_what_is_outside() -> None:
    """10.7.2: the scope meant is that of the thrower."""
    inner = '<task id="b"/>' + undoes("b") + f'<endEvent id="ce">{UNDO}</endEvent>' + flows("b -> ce")
    body = '<startEvent id="s"/><task id="a"/>' + undoes("a") + f'<subProcess id="x">{inner}</subProcess>'
    _, instance = run(document(body + flows("s -> a -> x"), ROOTS))
    assert order(instance, "u_a", "u_b") == ["u_b"]


def test_error_or_escalation_without_a_code_catches_every_code_and_first_its_own_name() -> None:
    """10.5.1: "if there is no errorCode, then any error SHALL trigger the event"."""
    bare = '<error id="e1" name="one"/><error id="e2"/><escalation id="e3" escalationCode=""/>'
    for reference, thrown in (("errorRef='e1'", ERROR), ("errorRef='e2'", ERROR), ("escalationRef='e3'", ESCALATION)):
        definition = f"<{'error' if thrown is ERROR else 'escalation'}EventDefinition {reference}/>"
        xml = document(thrown_inside(thrown) + boundary("b", "x", definition) + flows("s -> x; b -> u"), ROOTS + bare)
        _, instance = run(xml)
        assert order(instance, "b", "u") == ["b", "u"]
    throw = '<errorEventDefinition errorRef="e2"/>'
    catchers = boundary("b1", "x", '<errorEventDefinition errorRef="e1"/>') + boundary("b2", "x", throw)
    _, instance = run(document(thrown_inside(throw) + catchers + flows("s -> x; b1 -> u; b2 -> u"), ROOTS + bare))
    assert order(instance, "b1", "b2") == ["b2"]
