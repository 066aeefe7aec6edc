"""Compensation and transactions (BPMN 2.0.2 10.7, 13.5.5)."""

from tests.unit.workflow.driver import document, flows, run

COMPENSATE = "<compensateEventDefinition/>"


def task(name: str, undo: str | None = None, kind: str = "task") -> str:
    found = f'<{kind} id="{name}"/>'
    if undo is not None:
        found += (
            f'<boundaryEvent id="c_{name}" attachedToRef="{name}"><compensateEventDefinition/></boundaryEvent>'
            f'<task id="{undo}" isForCompensation="true"/>'
            f'<association id="as_{name}" sourceRef="c_{name}" targetRef="{undo}"/>'
        )
    return found


def test_handlers_run_in_reverse_order_and_only_for_what_completed() -> None:
    xml = document(
        '<startEvent id="s"/>'
        + task("a", "ua")
        + task("b", "ub")
        + task("never", "un")
        + f'<exclusiveGateway id="g" default="g_th"/>'
        f'<intermediateThrowEvent id="th">{COMPENSATE}</intermediateThrowEvent>'
        + '<userTask id="after"/>'
        + flows("s -> a -> b -> g; g -> never [false]; g -> th; th -> after")
    )
    _, instance = run(xml)
    assert instance.trace() == ["s", "a", "b", "g", "ub", "ua", "th"]
    assert instance.active == ["after"]


def test_throw_with_activity_compensates_only_that_one_once() -> None:
    definition = '<compensateEventDefinition activityRef="a"/>'
    xml = document(
        '<startEvent id="s"/>'
        + task("a", "ua")
        + task("b", "ub")
        + f'<intermediateThrowEvent id="t1">{definition}</intermediateThrowEvent>'
        + f'<intermediateThrowEvent id="t2">{definition}</intermediateThrowEvent><endEvent id="e"/>'
        + flows("s -> a -> b -> t1 -> t2 -> e")
    )
    _, instance = run(xml)
    assert instance.trace() == ["s", "a", "b", "ua", "t1", "t2", "e"]
    assert instance.status == "completed"


def test_finished_subprocess_is_compensated_inside_with_its_own_data() -> None:
    xml = document(
        '<startEvent id="s"/><subProcess id="x"><dataObject id="local"/><startEvent id="sx"/>'
        '<scriptTask id="set"><script>'
        "{local: 7}</script></scriptTask>" + task("a") + '<boundaryEvent id="ca" attachedToRef="a">'
        '<compensateEventDefinition/></boundaryEvent><scriptTask id="ua" isForCompensation="true"><script>{seen: local}'
        '</script></scriptTask><association id="as" sourceRef="ca" targetRef="ua"/>'
        + flows("sx -> set -> a")
        + f'</subProcess><endEvent id="e">{COMPENSATE}</endEvent>'
        + flows("s -> x -> e")
    )
    _, instance = run(xml)
    assert instance.trace() == ["s", "sx", "set", "a", "x", "ua", "e"]
    assert instance.variables == {"seen": 7}


def test_compensation_event_subprocess_runs_instead_of_the_default() -> None:
    xml = document(
        '<startEvent id="s"/><subProcess id="x"><startEvent id="sx"/>'
        + task("a", "ua")
        + flows("sx -> a")
        + '<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><compensateEventDefinition/></startEvent>'
        '<task id="undo"/>'
        + flows("hs -> undo")
        + f'</subProcess></subProcess><endEvent id="e">{COMPENSATE}</endEvent>'
        + flows("s -> x -> e")
    )
    _, instance = run(xml)
    assert instance.trace() == ["s", "sx", "a", "x", "hs", "undo", "h", "e"]


def test_multi_instance_activity_is_compensated_per_item() -> None:
    xml = document(
        '<startEvent id="s"/><task id="a"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics></task>"
        '<boundaryEvent id="ca" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<scriptTask id="ua" isForCompensation="true"><script>{order: append(order, loopCounter)}</script></scriptTask>'
        f'<association id="as" sourceRef="ca" targetRef="ua"/><endEvent id="e">{COMPENSATE}</endEvent>'
        + flows("s -> a -> e")
    )
    assert run(xml, {"order": []})[1].variables["order"] == [3, 2, 1]


def test_compensation_waits_for_a_user_handler_one_at_a_time() -> None:
    xml = document(
        '<startEvent id="s"/>'
        + task("a", "ua").replace('<task id="ua"', '<userTask id="ua"')
        + task("b", "ub").replace('<task id="ub"', '<userTask id="ub"')
        + f'<intermediateThrowEvent id="th">{COMPENSATE}</intermediateThrowEvent><endEvent id="e"/>'
        + flows("s -> a -> b -> th -> e")
    )
    _, instance = run(xml)
    assert instance.active == ["th", "ub"]
    instance.complete("ub")
    assert instance.active == ["th", "ua"]
    instance.complete("ua")
    assert instance.status == "completed"


def test_cancel_end_compensates_the_transaction_and_takes_its_cancel_boundary() -> None:
    xml = document(
        '<startEvent id="s"/><transaction id="x"><startEvent id="sx"/><parallelGateway id="f"/>'
        + task("a", "ua")
        + '<userTask id="open"/><endEvent id="stop"><cancelEventDefinition/></endEvent>'
        + flows("sx -> f -> open; f -> a -> stop")
        + '</transaction><boundaryEvent id="b" attachedToRef="x"><cancelEventDefinition/></boundaryEvent>'
        + '<userTask id="after"/><userTask id="normal"/>'
        + flows("s -> x -> normal; b -> after")
    )
    _, instance = run(xml)
    assert instance.active == ["after"]
    assert "ua" in instance.trace()
    assert sorted(instance.trace("cancelled")) == ["open", "x"]


def test_error_event_subprocess_can_compensate_its_scope() -> None:
    xml = document(
        '<startEvent id="s"/>'
        + task("a", "ua")
        + '<endEvent id="bad"><errorEventDefinition errorRef="err"/></endEvent>'
        '<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"><errorEventDefinition/></startEvent>'
        f'<endEvent id="he">{COMPENSATE}</endEvent>{flows("hs -> he")}</subProcess>' + flows("s -> a -> bad"),
        '<error id="err" errorCode="bad"/>',
    )
    _, instance = run(xml)
    assert "ua" in instance.trace()
    assert instance.status == "completed"
