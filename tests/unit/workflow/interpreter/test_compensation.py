"""Compensation and transactions (BPMN 2.0.2 10.7, 13.5.5)."""

import pytest

from engine.kernel.errors import Conflict
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
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


def repeated(kind: str, loop: str) -> str:
    """Books and pays per item; `pay` decides whether the item is cancelled; handlers note which item they undo."""
    items = '<extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>'
    booked = (
        '<task id="book"/><boundaryEvent id="cb" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
        '<scriptTask id="unbook" isForCompensation="true"><script>{undone: append(undone, item)}</script></scriptTask>'
        '<association id="ab" sourceRef="cb" targetRef="unbook"/>'
    )
    cancel = '<endEvent id="stop"><cancelEventDefinition/></endEvent>' if kind == "transaction" else '<task id="stop"/>'
    inner = (
        f'<startEvent id="sx"/>{booked}<userTask id="pay"/><exclusiveGateway id="g" default="g_fine"/>{cancel}'
        '<endEvent id="fine"/>' + flows("sx -> book -> pay -> g -> fine; g -> stop [broke]")
    )
    border = (
        '<boundaryEvent id="b" attachedToRef="x"><cancelEventDefinition/></boundaryEvent>' + flows("b -> after")
        if kind == "transaction"
        else ""
    )
    many = f"<multiInstanceLoopCharacteristics {loop}>{items}</extensionElements></multiInstanceLoopCharacteristics>"
    return document(
        f'<startEvent id="s"/><{kind} id="x">{inner}{many}</{kind}><userTask id="after"/><userTask id="normal"/>'
        f'<endEvent id="e">{COMPENSATE}</endEvent>{border}' + flows("s -> x -> normal -> e")
    )


def test_cancel_in_one_instance_undoes_the_repeated_transaction_as_a_whole() -> None:
    """BPMN 2.0.2 10.5.1: the cancel event interrupts the activity, all instances of it; 13.5.5: newest first."""
    _, instance = run(repeated("transaction", ""), {"items": ["a", "b", "c"], "undone": [], "broke": False})
    first, second, third = instance.tasks
    instance.complete(first)
    instance.complete(second, {"broke": True})
    assert instance.variables["undone"] == ["b", "c", "a"]
    assert instance.active == ["after"]
    assert third not in instance.tasks


def test_cancel_in_a_round_undoes_the_rounds_before_and_begins_no_other() -> None:
    """BPMN 2.0.2 13.5.5: instances of a sequential multi-instance are compensated in reverse order."""
    _, instance = run(
        repeated("transaction", 'isSequential="true"'), {"items": ["a", "b", "c", "d"], "undone": [], "broke": False}
    )
    for broke in (False, False, True):
        instance.complete("pay", {"broke": broke})
    assert instance.variables["undone"] == ["c", "b", "a"]
    assert instance.active == ["after"]


def test_handler_inside_a_finished_instance_sees_the_item_of_that_instance() -> None:
    """BPMN 2.0.2 13.5.5: a compensation handler sees the data as its sub-process left it."""
    _, instance = run(repeated("subProcess", ""), {"items": ["a", "b"], "undone": [], "broke": False})
    instance.complete("pay")
    instance.complete("pay")
    instance.complete("normal")
    assert instance.variables["undone"] == ["b", "a"]
    assert instance.status == "completed"


def undoing() -> str:
    """Two tasks that people undo, one after the other, side by side with a task that goes on."""
    undone = [task(name, f"u{name}").replace(f'<task id="u{name}"', f'<userTask id="u{name}"') for name in ("a", "b")]
    return document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="other"/>'
        + "".join(undone)
        + f'<intermediateThrowEvent id="th">{COMPENSATE}</intermediateThrowEvent><userTask id="after"/>'
        + flows("s -> f -> other; f -> a -> b -> th -> after")
    )


def at(instance: Instance, node: str) -> int:
    """The activation at that node."""
    [found] = [token.id for token in instance.state.tokens.values() if token.node == node]
    return found


def test_skipped_throw_stops_undoing_and_goes_on() -> None:
    _, instance = run(undoing())
    assert instance.active == ["other", "th", "ub"]
    instance.do(do.Skip(at(instance, "th"), "enough"))
    assert instance.active == ["after", "other"]
    instance.complete("after")
    instance.complete("other")
    assert (instance.status, instance.trace("cancelled")) == ("completed", ["ub"])


def test_throw_that_is_moved_away_takes_what_undoes_for_it_along() -> None:
    _, instance = run(undoing())
    instance.do(do.MoveToken((at(instance, "th"),), "after", "enough"))
    assert instance.active == ["after", "other"]
    instance.complete("after")
    instance.complete("other")
    assert instance.status == "completed"


def test_handler_that_is_moved_away_counts_as_done() -> None:
    _, instance = run(undoing())
    instance.do(do.MoveToken((at(instance, "ub"),), "other", "by hand"))
    assert instance.active == ["other", "other", "th", "ua"]
    instance.complete("ua")
    assert instance.active == ["after", "other", "other"]


def test_error_thrown_at_a_compensating_event_leaves_nothing_that_undoes_for_it() -> None:
    _, instance = run(undoing())
    instance.do(do.ThrowError(at(instance, "th"), "bad"))
    assert instance.active == ["other", "th"]


def test_transaction_cancelled_while_it_is_undone_tells_of_nothing_that_did_not_happen() -> None:
    undone = task("a", "ua").replace('<task id="ua"', '<userTask id="ua"')
    xml = document(
        f'<transaction id="x"><startEvent id="sx"/>{undone}<endEvent id="stop"><cancelEventDefinition/></endEvent>'
        + flows("sx -> a -> stop")
        + "</transaction>"
    )
    _, instance = run(xml)
    assert instance.active == ["stop", "ua", "x"]
    with pytest.raises(Conflict):
        instance.do(do.ThrowError(at(instance, "stop"), "bad"))
    instance.cancel("enough")
    assert (instance.trace().count("stop"), sorted(instance.trace("cancelled"))) == (1, ["ua", "x"])
