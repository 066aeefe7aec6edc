"""Messages, signals and called processes across instances."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.workflow import incidents, instances, messages
from engine.workflow.messages import stepping

MESSAGE = '<message id="m" name="paid"/><signal id="sg" name="closed"/>'


def catcher(world: Any, key: str = "demo", event: str = "") -> str:
    event = event or '<messageEventDefinition messageRef="m"/>'
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="wait"><extensionElements>'
        f'<school:key name="order" value="=order"/></extensionElements>{event}</intermediateCatchEvent>'
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "wait"), ("wait", "after"))
    )
    return world.model(body, key=key, extra=MESSAGE)


def send(world: Any, order: Any, message_id: str | None, **kw: Any) -> Any:
    return world.run(
        SYSTEM, lambda tx: messages.correlate(tx, "paid", {"order": order}, {"amount": 5}, message_id, **kw)
    )


def test_message_moves_the_one_who_waits_for_its_key(world: Any) -> None:
    world.deploy(catcher(world))
    one, two = world.start(order="A1"), world.start(order=7)
    assert send(world, "7", "src:1").instance_id == two
    assert (set(world.open(one)), set(world.open(two))) == (set(), {"after"})


def test_computed_name_reaches_the_case_it_was_computed_for(world: Any) -> None:
    world.deploy(catcher(world).replace('name="paid"', 'name="=&quot;pa&quot; + end"'))
    one, two = world.start(order="A1", end="id"), world.start(order="A1", end="yed")
    assert send(world, "A1", "src:1").instance_id == one
    assert (set(world.open(one)), set(world.open(two))) == ({"after"}, set())


def test_message_id_takes_effect_once(world: Any) -> None:
    world.deploy(catcher(world))
    case = world.start(order="A1")
    assert send(world, "A1", "src:1").status == "delivered"
    again = send(world, "A1", "src:1")
    assert (again.status, again.instance_id) == ("duplicate", case)


def test_message_before_the_subscription_is_kept_and_taken(world: Any) -> None:
    world.deploy(catcher(world))
    assert send(world, "A1", "src:1").status == "buffered"
    case = world.start(order="A1")
    assert set(world.open(case)) == {"after"}


def test_message_kept_too_long_expires(world: Any) -> None:
    world.deploy(catcher(world))
    send(world, "A1", "src:1", ttl=timedelta(hours=1))
    world.pass_time(hours=2)
    assert world.open(world.start(order="A1")) == {}
    assert world.sql("select status from message") == [("expired",)]


def test_message_with_several_receivers_goes_to_a_person(world: Any) -> None:
    world.deploy(catcher(world))
    one, two = world.start(order="A1"), world.start(order="A1")
    assert send(world, "A1", "src:1").status == "ambiguous"
    assert (world.open(one), world.open(two)) == ({}, {})
    found = world.run("adm", incidents.open_incidents)
    assert [row.kind for row in found] == ["ambiguous_message"]
    world.run("adm", lambda tx: instances.cancel(tx, one, "double"))
    world.run("adm", lambda tx: messages.settle_message(tx, found[0].id, "again", "one is gone"))
    world.drain()
    assert set(world.open(two)) == {"after"}


def test_message_with_several_receivers_is_given_to_the_one_a_person_names(world: Any) -> None:
    world.deploy(catcher(world))
    one, two = world.start(order="A1"), world.start(order="A1")
    send(world, "A1", "src:1")
    (left,) = world.run("adm", messages.undelivered_messages)
    assert (left.name, dict(left.keys)) == ("paid", {"order": "A1"})
    assert {(each.instance_id, each.node_id) for each in left.receivers} == {(one, "wait"), (two, "wait")}
    given = world.run("adm", lambda tx: messages.settle_message(tx, left.id, "give", "asked the parent", to=two))
    assert (given.status, given.instance_id) == ("delivered", two)
    assert (set(world.open(one)), set(world.open(two))) == (set(), {"after"})
    assert world.run("adm", messages.undelivered_messages) == ()
    assert world.run("adm", messages.undelivered_count) == 0
    with pytest.raises(Conflict, match="incident_settled"):
        world.run("adm", lambda tx: messages.settle_message(tx, left.id, "drop"))


def test_undelivered_message_is_given_only_to_a_case_that_waits_for_it(world: Any) -> None:
    world.deploy(catcher(world))
    for _ in range(2):
        world.start(order="A1")
    other = world.start(order="B2")
    send(world, "A1", "src:1")
    (left,) = world.run("adm", messages.undelivered_messages)
    with pytest.raises(Conflict, match="receiver_not_waiting"):
        world.run("adm", lambda tx: messages.settle_message(tx, left.id, "give", to=other))
    for asked in (messages.undelivered_messages, messages.undelivered_count):
        with pytest.raises(Forbidden):
            world.run("ann", asked)
    assert world.run("adm", messages.undelivered_count) == 1
    assert [one.id for one in world.run("adm", messages.undelivered_messages)] == [left.id]


def test_message_of_a_person_needs_the_right_for_its_name(world: Any) -> None:
    world.deploy(catcher(world))
    case = world.start(order="A1")
    with pytest.raises(Forbidden, match="may_not_send"):
        world.run("ann", lambda tx: messages.post(tx, "paid", {"order": "A1"}, {}, "1"))
    found = world.run("adm", lambda tx: messages.post(tx, "paid", {"order": "A1"}, {}, "1"))
    assert (found.status, found.instance_id) == ("delivered", case)


def test_message_refuses_too_many_keys(world: Any) -> None:
    keys = {f"k{n}": n for n in range(6)}
    with pytest.raises(UserError, match="too_many_keys"):
        world.run(SYSTEM, lambda tx: messages.correlate(tx, "paid", keys, {}, "src:1"))


def test_message_to_a_suspended_instance_waits_for_resume(world: Any) -> None:
    world.deploy(catcher(world))
    case = world.start(order="A1")
    world.run("adm", lambda tx: instances.suspend(tx, case, "check"))
    assert send(world, "A1", "src:1").status == "queued"
    world.drain()
    world.run("adm", lambda tx: instances.resume(tx, case))
    world.drain()
    assert set(world.open(case)) == {"after"}


def test_message_starts_a_process(world: Any) -> None:
    body = (
        '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
        + world.task("look", '<school:assignee rule="role:sales"/>')
        + world.flows(("s", "look"))
    )
    world.deploy(world.model(body, extra=MESSAGE))
    found = send(world, "A1", "src:1", branch_id=world.branch)
    assert found.status == "started"
    assert world.view(found.instance_id).variables["amount"] == 5


def test_thrown_message_and_signal_reach_other_instances(world: Any) -> None:
    thrower = world.model(
        '<startEvent id="s"/><intermediateThrowEvent id="t1"><extensionElements>'
        '<school:key name="order" value="=order"/></extensionElements><messageEventDefinition messageRef="m"/>'
        "</intermediateThrowEvent>"
        '<intermediateThrowEvent id="t2"><signalEventDefinition signalRef="sg"/></intermediateThrowEvent>'
        '<endEvent id="e"/>' + world.flows(("s", "t1"), ("t1", "t2"), ("t2", "e")),
        key="thrower",
        extra=MESSAGE,
    )
    world.deploy(catcher(world))
    world.deploy(catcher(world, "listener", '<signalEventDefinition signalRef="sg"/>'))
    world.deploy(thrower)
    waits, hears, also = world.start(order="A1"), world.start("listener"), world.start("listener")
    world.start("thrower", order="A1")
    world.drain()
    assert [set(world.open(case)) for case in (waits, hears, also)] == [{"after"}] * 3


SLOW = '<escalationEventDefinition escalationRef="slow"/>'
ESCALATION = '<escalation id="slow" name="slow" escalationCode="slow"/>'


def caller(world: Any) -> tuple[str, str]:
    parent = world.model(
        '<startEvent id="s"/><callActivity id="call" calledElement="child"><extensionElements><school:call>'
        '<school:input name="n" value="=n + 1"/><school:output name="got" value="=m"/></school:call>'
        "</extensionElements></callActivity>"
        '<boundaryEvent id="late" attachedToRef="call"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.task("gave_up", '<school:assignee rule="starter"/>')
        + f'<boundaryEvent id="up" attachedToRef="call" cancelActivity="false">{SLOW}</boundaryEvent>'
        + world.task("told", '<school:assignee rule="starter"/>')
        + world.flows(("s", "call"), ("call", "after"), ("late", "gave_up"), ("up", "told")),
        extra=ESCALATION,
    )
    child = world.model(
        '<startEvent id="s"/>'
        + world.task("work", '<school:assignee rule="starter"/>')
        + f'<intermediateThrowEvent id="tell">{SLOW}</intermediateThrowEvent>'
        + world.task("check", '<school:assignee rule="starter"/>')
        + '<endEvent id="e"/>'
        + world.flows(("s", "work"), ("work", "tell"), ("tell", "check"), ("check", "e")),
        key="child",
        extra=ESCALATION,
    )
    return parent, child


def test_called_process_runs_as_an_instance_escalates_and_answers(world: Any) -> None:
    world.deploy(*caller(world))
    case = world.start(n=1)
    world.drain()
    child = world.view(case).children[0]
    assert world.view(child).variables["n"] == 2
    world.done("ann", child, "work", m=9)
    world.drain()
    assert (set(world.open(case)), world.view(case).variables["got"]) == ({"told"}, 9)
    world.done("ann", child, "check", m=10)
    world.drain()
    assert (set(world.open(case)), world.view(case).variables["got"]) == ({"after", "told"}, 10)


def test_called_process_is_cancelled_with_its_caller(world: Any) -> None:
    world.deploy(*caller(world))
    case = world.start(n=1)
    world.drain()
    child = world.view(case).children[0]
    world.pass_time(hours=1)
    assert set(world.open(case)) == {"gave_up"}
    assert world.view(child).status == "cancelled"


def test_called_process_is_compensated_by_an_instance_of_the_same_version(world: Any) -> None:
    undo = "<compensateEventDefinition/>"
    parent = world.model(
        '<startEvent id="s"/><callActivity id="call" calledElement="child"/>'
        + world.task("sure", '<school:assignee rule="starter"/>')
        + f'<endEvent id="e">{undo}</endEvent>'
        + world.flows(("s", "call"), ("call", "sure"), ("sure", "e"))
    )
    child = world.model(
        '<startEvent id="s"/>'
        + world.task("work", '<school:assignee rule="starter"/>')
        + f'<boundaryEvent id="b" attachedToRef="work">{undo}</boundaryEvent>'
        + world.task("undo", '<school:assignee rule="starter"/>').replace(
            "<userTask", '<userTask isForCompensation="true"'
        )
        + '<association id="l" sourceRef="b" targetRef="undo"/><endEvent id="e"/>'
        + world.flows(("s", "work"), ("work", "e")),
        key="child",
    )
    world.deploy(parent, child)
    case = world.start()
    world.drain()
    first = world.view(case).children[0]
    world.done("ann", first, "work", amount=5)
    world.drain()
    world.done("ann", case, "sure")
    world.drain()
    again = world.view(case).children[-1]
    assert (set(world.open(again)), world.view(again).variables["amount"]) == ({"undo"}, 5)
    assert (world.view(case).status, world.view(again).version_id) == ("active", world.view(first).version_id)
    world.done("ann", again, "undo")
    world.drain()
    assert [world.view(one).status for one in (again, case)] == ["completed", "completed"]


def test_call_cancelled_before_its_start_never_starts(world: Any) -> None:
    world.deploy(*caller(world))
    case = world.start(n=1)
    world.run("adm", lambda tx: instances.cancel(tx, case, "no"))
    world.drain()
    assert world.view(case).children == ()


def test_eight_senders_of_one_message_deliver_it_once(world: Any) -> None:
    world.deploy(catcher(world))
    case = world.start(order="A1")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(send(world, "A1", "src:1").status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["delivered", *["duplicate"] * 7]
    assert set(world.open(case)) == {"after"}


def test_subscription_and_message_at_once_never_miss_each_other(world: Any) -> None:
    world.deploy(catcher(world))
    for number in range(12):
        cases: list[Any] = []
        order = f"N{number}"
        both = [
            threading.Thread(target=lambda order=order, cases=cases: cases.append(world.start(order=order))),
            threading.Thread(target=lambda order=order: send(world, order, f"src:{order}")),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert set(world.open(cases[0])) == {"after"}, order


def test_process_that_calls_itself_without_end_stops_with_an_incident(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "MOST_CALLS", 5)
    again = world.model(
        '<startEvent id="s"/><exclusiveGateway id="g" default="no"/><callActivity id="call" calledElement="again"/>'
        '<endEvent id="e"/><sequenceFlow id="no" sourceRef="g" targetRef="e"/>'
        '<sequenceFlow id="yes" sourceRef="g" targetRef="call"><conditionExpression>n = 1</conditionExpression>'
        "</sequenceFlow>" + world.flows(("s", "g"), ("call", "e")),
        key="again",
    )
    world.deploy(again)
    case = world.start("again", n=1)
    world.drain()
    (incident,) = world.view(case).incidents
    assert incident.node_id == "call"
    depth = 0
    while world.view(case).children:
        case, depth = world.view(case).children[0], depth + 1
    assert depth == 5
