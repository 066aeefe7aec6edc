"""Names of messages and signals and codes of errors that a model computes for each case.

Source: BPMN 2.0.2 8.4.11 (messages), 10.5.5 (definitions) know fixed names; other engines compute them as the event is
armed or thrown. Every step works on a restored state (driver.CheckedEngine).
"""

from __future__ import annotations

from engine.workflow import Engine
from engine.workflow.interpreter.codec import decode, encode
from tests.unit.workflow.driver import document, flows, run

MESSAGE = '<message id="m" name="=&quot;order-&quot; + region"/>'
SIGNAL = '<signal id="g" name="=&quot;alarm-&quot; + region"/>'
HEARS = '<messageEventDefinition messageRef="m"/>'


def test_message_name_is_computed_when_armed_and_stays() -> None:
    body = f'<intermediateCatchEvent id="c">{HEARS}</intermediateCatchEvent>'
    engine, case = run(document(body, MESSAGE), {"region": "east"})
    assert [item.name for item in case.subscriptions] == ["order-east"]
    case.set_variables(region="west")
    assert engine.correlate("order-west", {}) is False
    assert [item.name for item in case.subscriptions] == ["order-east"]
    assert engine.correlate("order-east", {"n": 1}) is True
    assert (case.status, int(case.variables["n"])) == ("completed", 1)


def test_thrown_name_is_computed_and_meets_whoever_waits_for_it() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/>'
        '<subProcess id="east"><receiveTask id="r1" messageRef="m"/></subProcess>'
        '<userTask id="u"/><sendTask id="t" messageRef="m"/>'
    ) + flows("s -> f -> east; f -> u -> t")
    engine, case = run(document(body, MESSAGE), {"region": "east"})
    case.complete("u", {"region": "north"})
    assert case.trace()[-1] == "t"
    assert [item.name for item in engine.sent] == ["order-north"]
    assert [item.name for item in engine.kept] == ["order-north"]
    assert [item.name for item in case.subscriptions] == ["order-east"]
    assert engine.correlate("order-east", {}) is True
    assert case.status == "completed"


def test_signal_reaches_only_catchers_of_the_computed_name() -> None:
    body = (
        '<startEvent id="s"/><subProcess id="sub"><multiInstanceLoopCharacteristics>'
        '<loopDataInputRef>regions</loopDataInputRef><inputDataItem id="region"/></multiInstanceLoopCharacteristics>'
        '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/></intermediateCatchEvent></subProcess>'
        '<dataObject id="regions"/>'
    ) + flows("s -> sub")
    engine, case = run(document(body, SIGNAL), {"regions": ["east", "west", "east"]})
    engine.signal("alarm-east")
    assert case.trace().count("c") == 2
    assert [item.name for item in case.subscriptions] == ["alarm-west"]


def test_name_that_computes_to_nothing_is_an_incident_that_can_be_mended() -> None:
    body = '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>'
    engine, case = run(document(body, SIGNAL))
    assert [(one.element, one.code) for one in case.incidents] == [("c", "name.none")]
    case.set_variables(region="east")
    case.retry("c")
    engine.signal("alarm-east")
    assert case.status == "completed"


def test_error_code_is_computed_when_thrown() -> None:
    body = (
        '<subProcess id="sub"><endEvent id="e"><errorEventDefinition errorRef="x"/></endEvent></subProcess>'
        '<boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition errorRef="late"/></boundaryEvent>'
        '<boundaryEvent id="rest" attachedToRef="sub"><errorEventDefinition/></boundaryEvent>'
    )
    roots = '<error id="x" errorCode="=reason"/><error id="late" errorCode="late"/>'
    _, late = run(document(body, roots), {"reason": "late"})
    assert late.trace() == ["e", "b"]
    _, other = run(document(body, roots), {"reason": "lost"})
    assert other.trace() == ["e", "rest"]


def test_quoted_name_is_a_fixed_one() -> None:
    engine = Engine()
    body = f'<startEvent id="s">{HEARS}</startEvent>'
    assert engine.deploy(document(body, '<message id="m" name="=&quot;placed&quot;"/>')).findings == ()
    assert engine.correlate("placed", {}) is True
    assert [one.status for one in engine.instances.values()] == ["completed"]


def test_saved_state_keeps_the_name_and_old_states_have_none() -> None:
    body = f'<intermediateCatchEvent id="c">{HEARS}</intermediateCatchEvent>'
    _, case = run(document(body, MESSAGE), {"region": "east"})
    (arm,) = decode(encode(case.state)).arms.values()
    assert arm.name == "order-east"
    _, plain = run(document(body, '<message id="m" name="order"/>'))
    (arm,) = decode(encode(plain.state)).arms.values()
    assert arm.name is None
