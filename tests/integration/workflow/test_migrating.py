"""Running instances on another version: what keeps going, what is new there, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel import background
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict
from engine.workflow import bulk, instances, tasks

ALL = 'operations="return withdraw"'
ALONE = '<school:assignee rule="starter"/>'
TIMER = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"


def model(world: Any, *extra: str, due: str = "PT5H", form: str = "", node: str = "a", message: str = "paid") -> str:
    """A task under a timer beside a message catch, in two branches."""
    body = (
        '<startEvent id="s"/><parallelGateway id="fork"/>'
        + world.task(node, world.decides("role:sales"), attributes=f'form="{form}"')
        + f'<boundaryEvent id="late" attachedToRef="{node}" cancelActivity="false">{TIMER.format(due)}</boundaryEvent>'
        + world.task("chase", world.decides("role:finance"))
        + '<intermediateCatchEvent id="w"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        + world.flows(("s", "fork"), ("fork", node), ("fork", "w"), ("late", "chase"))
        + "".join(extra)
    )
    return str(world.model(body, extra=f'<message id="m" name="{message}"/>'))


SOONER = (
    '<boundaryEvent id="soon" attachedToRef="a" cancelActivity="false">' + TIMER.format("PT1H") + "</boundaryEvent>"
    '<userTask id="nudge"/><sequenceFlow id="n1" sourceRef="soon" targetRef="nudge"/>'
)


def timers(world: Any) -> list[Any]:
    return world.sql("select reference, due_at from timer where kind = 'event' order by reference")  # type: ignore[no-any-return]


def test_timer_keeps_its_due_time_and_a_new_one_starts_now(world: Any) -> None:
    first = world.deploy(model(world)).versions[0].id
    case = world.start()
    [(_, due)] = timers(world)
    world.pass_time(hours=1)
    second = world.deploy(model(world, SOONER, due="P9D")).versions[0].id
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert result.migrated == (case,)
    assert [(name, at == due) for name, at in timers(world)] == [("late", True), ("soon", False)]
    world.check()
    undone = world.run("adm", lambda tx: instances.undo_migration(tx, result.batch_id))
    assert (undone.migrated, timers(world)) == ((case,), [("late", due)])
    world.run("adm", lambda tx: instances.migrate(tx, first, second))
    world.pass_time(hours=1)
    assert set(world.open(case)) == {"a", "nudge"}


def paid(world: Any, node: str) -> str:
    """A payment in a sub-process that somebody gives back when the contract is not signed."""
    inside = (
        f'<startEvent id="begin"/><scriptTask id="{node}"><script>{{paid: 1}}</script></scriptTask>'
        f'<boundaryEvent id="undo" attachedToRef="{node}"><compensateEventDefinition/></boundaryEvent>'
        '<userTask id="repay" isForCompensation="true"/>'
        '<association id="l" associationDirection="One" sourceRef="undo" targetRef="repay"/>'
        + world.flows(("begin", node))
    )
    body = f'<startEvent id="s"/><subProcess id="money">{inside}</subProcess>' + world.task("sign", ALONE)
    back = '<endEvent id="back"><compensateEventDefinition/></endEvent>'
    return str(world.model(body + back + world.flows(("s", "money"), ("money", "sign"), ("sign", "back"))))


def test_what_may_still_be_compensated_moves_along(world: Any) -> None:
    first = world.deploy(paid(world, "pay")).versions[0].id
    case = world.start()
    second = world.deploy(paid(world, "collect")).versions[0].id
    plan = world.run("adm", lambda tx: instances.plan_migration(tx, first, second))
    assert [(one.node_id, one.choices) for one in plan.choose] == [("pay", ("collect",))]
    mapping = {"pay": "collect"}
    moved = world.run("adm", lambda tx: instances.migrate(tx, first, second, mapping))
    assert moved.migrated == (case,)
    world.done("ann", case, "sign")
    assert set(world.open(case)) == {"repay"}


def test_timer_that_fired_before_does_not_fire_again(world: Any) -> None:
    first = world.deploy(model(world, due="PT1H")).versions[0].id
    case = world.start()
    world.pass_time(hours=2)
    second = world.deploy(model(world, due="PT1H")).versions[0].id
    world.run("adm", lambda tx: instances.migrate(tx, first, second))
    world.pass_time(hours=5)
    assert sorted(row.node_id for row in world.view(case).tasks) == ["a", "chase"]


def test_subscription_and_form_follow_the_new_version_and_come_back(world: Any) -> None:
    first = world.deploy(model(world, form="old")).versions[0].id
    case = world.start()
    second = world.deploy(model(world, form="new", message="=&quot;set&quot; + &quot;tled&quot;")).versions[0].id
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert (world.sql("select name from subscription"), world.open(case)["a"].form) == ([("settled",)], "new")
    world.run("adm", lambda tx: instances.undo_migration(tx, result.batch_id))
    assert (world.sql("select name from subscription"), world.open(case)["a"].form) == ([("paid",)], "old")


def test_two_nodes_may_change_names(world: Any) -> None:
    first = world.deploy(model(world, world.task("b"), '<sequenceFlow id="z" sourceRef="fork" targetRef="b"/>'))
    case = world.start()
    both = model(world, world.task("b"), '<sequenceFlow id="z" sourceRef="fork" targetRef="b"/>')
    other = world.deploy(both.replace('attachedToRef="a"', 'attachedToRef="b"'))
    before = {node: row.id for node, row in world.open(case).items()}
    swap = {"a": "b", "b": "a"}
    pair = first.versions[0].id, other.versions[0].id
    assert world.run("adm", lambda tx: instances.plan_migration(tx, *pair, swap)).ready == (case,)
    world.run("adm", lambda tx: instances.migrate(tx, *pair, swap))
    assert {swap[node]: row.id for node, row in world.open(case).items()} == before


def test_event_on_the_border_of_another_node_is_no_counterpart(world: Any) -> None:
    both = model(world, world.task("b"), '<sequenceFlow id="z" sourceRef="fork" targetRef="b"/>')
    first, case = world.deploy(both).versions[0].id, world.start()
    second = world.deploy(both.replace('attachedToRef="a"', 'attachedToRef="b"')).versions[0].id
    plan = world.run("adm", lambda tx: instances.plan_migration(tx, first, second))
    assert [(one.instance_id, one.node_id, one.choices) for one in plan.impossible] == [(case, "late", ())]


def test_node_of_another_kind_under_the_same_id_is_no_counterpart(world: Any) -> None:
    first, case = world.deploy(model(world)).versions[0].id, world.start()
    event = '<intermediateCatchEvent id="w"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    changed = model(world).replace(event, '<receiveTask id="w" messageRef="m"/>')
    second = world.deploy(changed).versions[0].id
    [one] = world.run("adm", lambda tx: instances.plan_migration(tx, first, second)).impossible
    assert (one.instance_id, one.node_id, one.choices) == (case, "w", ())
    assert one.why and one.why.en == "another kind of node: intermediateCatchEvent → receiveTask"
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert [instance_id for instance_id, _ in result.skipped] == [case]


def test_plan_names_every_node_without_a_counterpart(world: Any) -> None:
    first = world.deploy(model(world)).versions[0].id
    world.start()
    second = world.deploy(model(world, node="b").replace('id="w"', 'id="v"').replace('"w"', '"v"')).versions[0].id
    [one] = world.run("adm", lambda tx: instances.plan_migration(tx, first, second)).choose
    assert (one.node_id, one.more) == ("a", ("w",))


def test_batch_of_a_background_job_is_undone_as_one(world: Any) -> None:
    first = world.deploy(model(world)).versions[0].id
    cases = [world.start() for _ in range(3)]
    second = world.deploy(model(world)).versions[0].id
    versions = {"from_version_id": str(first), "to_version_id": str(second)}
    job_id = world.run("adm", lambda tx: bulk.enqueue(tx, "migrate", cases, versions))
    background.drain(world.boundary, {bulk.KIND: bulk.run}, SYSTEM)
    result = world.run("adm", lambda tx: background.get(tx, job_id)).result
    undone = world.run("adm", lambda tx: instances.undo_migration(tx, UUID(result["batch_ids"][0])))
    assert (result["done"], set(undone.migrated)) == (3, set(cases))


def test_cases_of_several_versions_move_in_one_job(world: Any) -> None:
    versions = [world.deploy(model(world)).versions[0].id]
    cases = [world.start()]
    versions.append(world.deploy(model(world)).versions[0].id)
    cases.append(world.start())
    newest = world.deploy(model(world)).versions[0].id
    moves = [bulk.Move(old, newest, [case], {}) for old, case in zip(versions, cases, strict=True)]
    job_id = world.run("adm", lambda tx: bulk.migrate(tx, moves))
    background.drain(world.boundary, {bulk.KIND: bulk.run}, SYSTEM)
    result = world.run("adm", lambda tx: background.get(tx, job_id)).result
    assert (result["done"], len(result["batch_ids"])) == (2, 2)
    assert {world.view(case).version for case in cases} == {3}


def test_case_that_has_left_the_version_is_named_as_failed(world: Any) -> None:
    first = world.deploy(model(world)).versions[0].id
    case = world.start()
    second = world.deploy(model(world)).versions[0].id
    job_id = world.run("adm", lambda tx: bulk.migrate(tx, [bulk.Move(first, second, [case], {})]))
    world.run("adm", lambda tx: instances.migrate(tx, first, second))
    background.drain(world.boundary, {bulk.KIND: bulk.run}, SYSTEM)
    result = world.run("adm", lambda tx: background.get(tx, job_id)).result
    assert (result["failed_total"], result["failed"][0]["en"]) == (1, "Not on a version to be migrated any more")


def two_steps(world: Any, first: str) -> str:
    """A decision, then another one."""
    both = world.task(first, world.decides("role:sales"), attributes=ALL)
    body = f'<startEvent id="s"/>{both}' + world.task("pay", world.decides("role:finance"), attributes=ALL)
    return str(world.model(body + world.flows(("s", first), (first, "pay"))))


def test_case_goes_back_to_a_step_that_has_another_name_by_now(world: Any) -> None:
    first, case = world.deploy(two_steps(world, "check")).versions[0].id, world.start()
    done = world.open(case)["check"].id
    world.done("ann", case, "check", "approve")
    second = world.deploy(two_steps(world, "review")).versions[0].id
    moved = world.run("adm", lambda tx: instances.migrate(tx, first, second, {"check": "review"}))
    pay = world.open(case)["pay"].id
    targets = world.run("fay", lambda tx: tasks.return_targets(tx, pay))
    assert [one.node_id for one in targets] == ["review"]
    world.run("adm", lambda tx: instances.undo_migration(tx, moved.batch_id))
    assert [row.node_id for row in world.view(case).tasks if row.id == done] == ["check"]
    world.run("adm", lambda tx: instances.migrate(tx, first, second, {"check": "review"}))
    world.run("ann", lambda tx: tasks.withdraw(tx, done))
    assert {node: row.assignee for node, row in world.open(case).items()} == {"review": "ann"}


def test_done_step_that_the_new_version_does_not_have_can_be_looked_at_and_not_withdrawn(world: Any) -> None:
    first, case = world.deploy(two_steps(world, "check")).versions[0].id, world.start()
    done = world.open(case)["check"].id
    world.done("ann", case, "check", "approve")
    second = world.deploy(two_steps(world, "review")).versions[0].id
    world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert world.run("ann", lambda tx: tasks.get(tx, done)).row.name == "check"
    with pytest.raises(Conflict) as refused:
        world.run("ann", lambda tx: tasks.withdraw(tx, done))
    assert refused.value.code == "step_gone"
