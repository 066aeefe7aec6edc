"""Every kind of event in every position that BPMN gives it (10.5, 13.5); saved between all steps."""

import pytest

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, document, flows
from tests.unit.workflow.interpreter.matrix import (
    EVENTS,
    PARALLEL,
    SEQUENTIAL,
    TWICE,
    WAITING,
    activity,
    is_at_rest,
    perform,
    played,
)
from tests.unit.workflow.interpreter.pieces import (
    CANCEL,
    ERROR,
    ESCALATION,
    MESSAGE,
    ROOTS,
    SIGNAL,
    TERMINATE,
    UNDO,
    boundary,
    handler,
    order,
    undoes,
)

LOOPS = {"": "", "parallel": PARALLEL, "sequential": SEQUENTIAL, "loop": TWICE}
ARMED = ("message", "timer", "signal", "conditional")
THROWN = ("error", "escalation")
STAYING = ("message", "signal", "conditional", "escalation")
FRAME = '<startEvent id="s"/><task id="z"/><userTask id="after"/>' + flows("s -> a -> z; b -> after")


def can_happen(kind: str, event: str) -> bool:
    """A receive task waits for the message itself, and nothing inside it can throw."""
    return kind != "receiveTask" or event not in {"message", *THROWN}


HOSTS = [(kind, loop) for kind in WAITING for loop in LOOPS]
CELLS = [(kind, loop, event) for kind, loop in HOSTS for event in EVENTS if can_happen(kind, event)]
STAYING_CELLS = [cell for cell in CELLS if cell[2] in STAYING]


@pytest.mark.parametrize(("kind", "loop", "event"), CELLS)
def test_interrupting_boundary_event_cancels_all_its_activity_has_open(kind: str, loop: str, event: str) -> None:
    definition, trigger = EVENTS[event]
    engine, instance = played(FRAME + activity(kind, loop=LOOPS[loop]) + boundary("b", "a", definition))
    trigger(engine, instance, kind)
    assert (instance.active, [task.element for task in instance.tasks]) == (["after"], ["after"])
    assert not (instance.jobs or instance.timers or instance.subscriptions)
    assert all(child.is_ended for child in instance.children)
    instance.complete("after")
    assert (order(instance, "b", "after", "z"), instance.status) == (["b", "after"], "completed")
    assert "a" in instance.trace("cancelled")


@pytest.mark.parametrize(("kind", "loop", "event"), STAYING_CELLS)
def test_non_interrupting_boundary_event_may_happen_again_and_again(kind: str, loop: str, event: str) -> None:
    definition, trigger = EVENTS[event]
    host = activity(kind, loop=LOOPS[loop])
    engine, instance = played(FRAME + host + boundary("b", "a", definition, stays=True))
    for _ in range(2):
        trigger(engine, instance, kind)
    assert [task.element for task in instance.tasks].count("after") == 2
    if kind == "adHocSubProcess" and event == "escalation":
        instance.complete("i")
    else:
        perform(engine, instance, kind)
    if loop:
        perform(engine, instance, kind)
    assert order(instance, "b", "z") == ["b", "b", "z"]
    instance.complete("after")
    instance.complete("after")
    assert (instance.status, is_at_rest(instance)) == ("completed", True)


@pytest.mark.parametrize(("kind", "loop"), HOSTS)
def test_non_interrupting_timer_happens_once(kind: str, loop: str) -> None:
    definition, trigger = EVENTS["timer"]
    host = activity(kind, loop=LOOPS[loop])
    engine, instance = played(FRAME + host + boundary("b", "a", definition, stays=True))
    trigger(engine, instance, kind)
    trigger(engine, instance, kind)
    assert ([task.element for task in instance.tasks].count("after"), instance.timers) == (1, [])


SCOPES = {
    "process": "{}",
    "subProcess": '<startEvent id="s"/><subProcess id="x">{}</subProcess><task id="z"/>' + flows("s -> x -> z"),
    "transaction": '<startEvent id="s"/><transaction id="x">{}</transaction><task id="z"/>' + flows("s -> x -> z"),
    "item": f'<startEvent id="s"/><subProcess id="x">{SEQUENTIAL.replace("2", "1")}{{}}</subProcess><task id="z"/>'
    + flows("s -> x -> z"),
    "handler": '<subProcess id="o" triggeredByEvent="true">{}</subProcess><startEvent id="s"/><userTask id="t"/>'
    + flows("s -> t"),
}
BEGIN = '<startEvent id="is" isInterrupting="false"><signalEventDefinition signalRef="begin"/></startEvent>'
INSIDE = '<startEvent id="is"/><userTask id="i"/>' + flows("is -> i")


def opened(scope: str, body: str) -> tuple[CheckedEngine, Instance]:
    """An instance whose user task `i` waits in a scope of that kind."""
    if scope == "handler":
        body = body.replace('<startEvent id="is"/>', BEGIN)
    engine = CheckedEngine()
    engine.deploy(document(SCOPES[scope].format(body), ROOTS + '<signal id="begin" name="begin"/>'))
    instance = engine.start("p")
    engine.signal("begin")
    return engine, instance


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("event", EVENTS)
def test_interrupting_event_subprocess_takes_the_place_of_its_scope(scope: str, event: str) -> None:
    definition, trigger = EVENTS[event]
    engine, instance = opened(scope, INSIDE + handler("h", definition, '<userTask id="u"/>' + flows("h_s -> u")))
    trigger(engine, instance, "subProcess")
    assert "u" in instance.active
    assert "i" in instance.trace("cancelled")
    if event in ARMED:
        trigger(engine, instance, "subProcess")
        assert instance.active.count("u") == 1
    instance.complete("u")
    assert order(instance, "h", "z") == (["h"] if scope in {"process", "handler"} else ["h", "z"])
    assert instance.status == ("running" if scope == "handler" else "completed")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("event", STAYING)
def test_non_interrupting_event_subprocess_runs_beside_its_scope(scope: str, event: str) -> None:
    definition, trigger = EVENTS[event]
    body = INSIDE + handler("h", definition, '<userTask id="u"/>' + flows("h_s -> u"), stays=True)
    engine, instance = opened(scope, body)
    trigger(engine, instance, "subProcess")
    trigger(engine, instance, "subProcess")
    assert instance.active.count("u") == 2
    instance.complete("i")
    instance.complete("u")
    assert "z" not in instance.trace()
    instance.complete("u")
    assert instance.status == ("running" if scope == "handler" else "completed")
    assert not [item for item in instance.subscriptions if item.element == "h_s"]


CATCH = '<intermediateCatchEvent id="c">{}</intermediateCatchEvent>'
PLACES = {
    "start": CATCH + '<task id="z"/>' + flows("c -> z"),
    "end": '<startEvent id="s"/><task id="z"/>' + CATCH + flows("s -> z -> c"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("event", ARMED)
def test_intermediate_event_waits_until_it_happens(place: str, event: str) -> None:
    definition, trigger = EVENTS[event]
    engine = CheckedEngine()
    engine.deploy(document(PLACES[place].format(definition), ROOTS))
    instance = engine.start("p")
    assert (instance.status, order(instance, "c")) == ("running", [])
    trigger(engine, instance, "")
    assert (order(instance, "c"), instance.status, is_at_rest(instance)) == (["c"], "completed", True)


@pytest.mark.parametrize("event", ARMED)
def test_intermediate_event_in_a_loop_waits_each_time(event: str) -> None:
    definition, trigger = EVENTS[event]
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g"/><exclusiveGateway id="x" default="x_z"/><task id="z"/>'
        '<scriptTask id="n"><script>{n: if n = null then 1 else n + 1, hot: false}</script></scriptTask>'
        + CATCH.format(definition)
        + flows("s -> g -> c -> n -> x; x -> g [n < 3]; x -> z [default]")
    )
    engine = CheckedEngine()
    engine.deploy(document(body, ROOTS))
    instance = engine.start("p")
    for _ in range(3):
        assert instance.status == "running"
        trigger(engine, instance, "")
    assert (order(instance, "c", "z"), instance.status) == (["c", "c", "c", "z"], "completed")


@pytest.mark.parametrize("event", ARMED)
def test_start_event_begins_an_instance_each_time(event: str) -> None:
    definition, trigger = EVENTS[event]
    definition = definition.replace("timeDuration>PT1H</timeDuration", "timeCycle>R/PT1H</timeCycle")
    engine = CheckedEngine()
    engine.deploy(document(f'<startEvent id="b">{definition}</startEvent><task id="z"/>' + flows("b -> z"), ROOTS))
    for _ in range(2):
        if event == "conditional":
            engine.observe(hot=False)
            engine.observe(hot=True)
        else:
            trigger(engine, None, "")
    assert [(one.trace(), one.status) for one in engine.instances.values()] == [(["b", "z"], "completed")] * 2


THROWS = {"message": MESSAGE, "signal": SIGNAL, "escalation": ESCALATION, "compensation": UNDO}
ENDS = THROWS | {"error": ERROR, "terminate": TERMINATE, "cancel": CANCEL}
WHERE = ("subProcess", "transaction")


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("event", THROWS)
def test_intermediate_throw_goes_on_when_nothing_interrupts(where: str, event: str) -> None:
    inner = '<startEvent id="is"/><task id="a"/>' + undoes("a") + '<task id="y"/>'
    throw = f'<intermediateThrowEvent id="th">{THROWS[event]}</intermediateThrowEvent>' + flows("is -> a -> th -> y")
    body = f'<startEvent id="s"/><{where} id="x">{inner}{throw}</{where}><task id="z"/>' + flows("s -> x -> z")
    _, instance = played(body)
    undone = ["u_a"] if event == "compensation" else []
    assert order(instance, "a", "u_a", "th", "y", "x", "z") == ["a", *undone, "th", "y", "x", "z"]
    assert instance.status == "completed"


@pytest.mark.parametrize(
    ("where", "event"), [(w, e) for w in WHERE for e in ENDS if (w, e) != ("subProcess", "cancel")]
)
def test_end_event_ends_its_token_or_its_scope(where: str, event: str) -> None:
    """A parallel user task in the scope shows what the end event does to the rest of it."""
    inner = '<startEvent id="is"/><task id="a"/>' + undoes("a") + '<parallelGateway id="f"/><userTask id="y"/>'
    ends = f'<endEvent id="e">{ENDS[event]}</endEvent>' + flows("is -> a -> f -> e; f -> y")
    body = f'<startEvent id="s"/><{where} id="x">{inner}{ends}</{where}><task id="z"/><task id="out"/>'
    caught = boundary("b", "x", ENDS[event]) if event in {"error", "cancel"} else ""
    _, instance = played(body + caught + flows("s -> x -> z") + (flows("b -> out") if caught else ""))
    assert order(instance, "e") == ["e"]
    goes_on = event in {"message", "signal", "escalation", "compensation"}
    assert [task.element for task in instance.tasks] == (["y"] if goes_on else [])
    if goes_on:
        instance.complete("y")
    undone = ["u_a"] if event in {"compensation", "cancel"} else []
    expected = ["out"] if caught else ["z"]
    assert (order(instance, "u_a", "z", "out"), instance.status) == (undone + expected, "completed")
