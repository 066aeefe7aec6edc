"""What the organisation's changes and many at once do to running work."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from engine.kernel import background
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Forbidden, UserError
from engine.workflow import (
    bulk,
    deployments,
    health,
    incidents,
    instances,
    leaving,
    messages,
    pins,
    runtime,
    staffing,
    tasks,
)
from tests.integration.workflow.conftest import ROLES, Rights

TO_BOB = {"task": "bob", "offer": "bob", "case": "bob"}


def move_epoch(world: Any) -> None:
    world.run(
        SYSTEM, lambda tx: tx.execute(text("update metadata_epoch set value = nextval('metadata_epoch_sequence')"))
    )


def offered(world: Any, case: Any) -> list[str]:
    sql = """select c.user_id from task_candidate c join user_task t on t.id = c.task_id
 where t.instance_id = %(id)s and c.is_open order by 1"""
    return [row[0] for row in world.sql(sql, id=case)]


def approval(world: Any) -> str:
    return world.model(
        '<startEvent id="s"/>' + world.task("a", world.decides("role:teacher")) + world.flows(("s", "a"))
    )


def work_off(world: Any, job_id: Any, who: str) -> Any:
    background.drain(world.boundary, {bulk.KIND: bulk.run}, SYSTEM)
    return world.run(who, lambda tx: background.get(tx, job_id))


def test_offers_follow_who_holds_the_role(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(approval(world))
    case = world.start()
    staffing.follow_changes(world.boundary)
    monkeypatch.setitem(ROLES, "teacher", ["ted", "tom", "bob"])
    assert staffing.follow_changes(world.boundary) == 0
    move_epoch(world)
    assert staffing.follow_changes(world.boundary) == 1
    assert offered(world, case) == ["bob", "ted", "tom"]


def test_offers_stay_when_nobody_holds_the_role(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(approval(world))
    case = world.start()
    monkeypatch.setitem(ROLES, "teacher", [])
    move_epoch(world)
    assert staffing.follow_changes(world.boundary) == 0
    assert offered(world, case) == ["tea", "ted", "tom"]


def test_version_of_a_deployer_who_lost_the_right_is_flagged(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": approval(world)}))
    monkeypatch.setattr(Rights, "branches", lambda self, tx, right: frozenset())
    move_epoch(world)
    assert staffing.follow_changes(world.boundary) == 1
    (process,) = world.run(SYSTEM, deployments.processes)
    (version,) = world.run(SYSTEM, lambda tx: deployments.versions(tx, "demo"))
    assert (process.flag, version.flag) == ("deployer_right_revoked", "deployer_right_revoked")
    monkeypatch.undo()
    move_epoch(world)
    assert staffing.follow_changes(world.boundary) == 1
    assert world.run(SYSTEM, deployments.processes)[0].flag is None


def test_messages_of_connectors_are_refused_from_callers(world: Any) -> None:
    reserved = frozenset({"attendance.swipe"})
    runtime.install(replace(runtime.runtime_of(_Bare()), reserved_messages=reserved))  # type: ignore[arg-type]
    with pytest.raises(Forbidden) as caught:
        world.run("adm", lambda tx: messages.post(tx, "attendance.swipe", {}, {}, "1"))
    assert caught.value.code == "message_reserved"


class _Bare:
    memo: dict[str, Any] = {}


def test_bulk_cancel_reports_what_it_could_not_do(world: Any) -> None:
    world.deploy(approval(world))
    cases = [world.start() for _ in range(3)]
    world.run("adm", lambda tx: instances.cancel(tx, cases[0], "late"))
    job_id = world.run("adm", lambda tx: bulk.enqueue(tx, "cancel", cases, {"reason": "closed"}))
    job = work_off(world, job_id, "adm")
    assert (job.state, job.done, job.total, job.result["done"]) == ("done", 3, 3, 2)
    assert [one["id"] for one in job.result["failed"]] == [str(cases[0])]
    assert {world.view(case).status for case in cases} == {"cancelled"}


def test_job_of_a_dead_worker_goes_on_behind_what_is_done(world: Any) -> None:
    class Killed(Exception):
        pass

    def dies(boundary: Any, actor: Any, parameters: Any, progress: Any) -> Any:
        bulk.run(boundary, actor, {**parameters, "ids": parameters["ids"][:2]}, progress)
        raise Killed

    world.deploy(approval(world))
    cases = [world.start() for _ in range(4)]
    world.run("adm", lambda tx: instances.cancel(tx, cases[1], "late"))
    job_id = world.run("adm", lambda tx: bulk.enqueue(tx, "cancel", cases, {"reason": "closed"}))
    with pytest.raises(Killed):
        background.drain(world.boundary, {bulk.KIND: dies}, SYSTEM)
    world.run(SYSTEM, lambda tx: tx.execute(text("update background_job set lease_until = '2000-01-01'")))
    job = work_off(world, job_id, "adm")
    assert (job.result["done"], job.result["failed_total"]) == (3, 1)
    assert [one["id"] for one in job.result["failed"]] == [str(cases[1])]


def test_offer_that_only_the_leaving_person_may_claim_goes_over(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLES, "teacher", ["tea"])
    world.deploy(approval(world))
    alone = world.start()
    monkeypatch.setitem(ROLES, "teacher", ["tea", "ted"])
    shared = world.start()
    found = world.run("adm", lambda tx: leaving.belongings(tx, "tea", 10))
    job_id = world.run("adm", lambda tx: bulk.hand_over(tx, "tea", TO_BOB))
    assert work_off(world, job_id, "adm").result["done"] == sum(map(len, found.items.values()))
    assert (world.open(alone)["a"].assignee, world.open(shared)["a"].assignee) == ("bob", None)
    assert found.shared == 1


def test_successor_is_somebody_else(world: Any) -> None:
    with pytest.raises(UserError, match="bad_successor"):
        world.run("adm", lambda tx: bulk.hand_over(tx, "ann", {"task": "ann"}))


def test_leaving_person_hands_all_tasks_over(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("a", '<school:assignee rule="starter"/>') + world.flows(("s", "a"))
    world.deploy(world.model(body))
    cases = [world.start() for _ in range(3)]
    with pytest.raises(Forbidden):
        world.run("bob", lambda tx: bulk.hand_over(tx, "ann", TO_BOB))
    job_id = world.run("adm", lambda tx: bulk.hand_over(tx, "ann", TO_BOB, "leaves"))
    assert work_off(world, job_id, "adm").result == {"done": 3, "failed_total": 0, "failed": []}
    assert {world.open(case)["a"].assignee for case in cases} == {"bob"}


def test_leaving_person_hands_over_what_waits_and_what_he_delegated(world: Any) -> None:
    body = (
        '<startEvent id="s"/>'
        + world.task("a", '<school:assignee rule="starter"/>', attributes='operations="delegate add_signer"')
        + world.task("b", '<school:assignee rule="starter_chooses"/>')
        + world.flows(("s", "a"), ("a", "b"))
    )
    world.deploy(world.model(body))
    cases = [
        world.run("ann", lambda tx: instances.start(tx, "demo", branch_id=world.branch, choose={"b": ["ann"]}))
        for _ in range(2)
    ]
    signed, delegated = (world.open(case)["a"].id for case in cases)
    world.run("ann", lambda tx: tasks.add_signer(tx, signed, ["sam"], "before"))
    world.run("ann", lambda tx: tasks.delegate(tx, delegated, "sam"))
    job_id = world.run("adm", lambda tx: bulk.hand_over(tx, "ann", TO_BOB, "leaves"))
    assert work_off(world, job_id, "adm").result == {"done": 4, "failed_total": 0, "failed": []}
    world.run("sam", lambda tx: tasks.resolve(tx, delegated))
    world.run("sam", lambda tx: tasks.complete(tx, world.open(cases[0])["a"].id))
    assert [world.open(case)["a"].assignee for case in cases] == ["bob", "bob"]
    for case in cases:
        world.done("bob", case, "a")
    assert [world.open(case)["b"].assignee for case in cases] == ["bob", "bob"]


def test_bulk_retry_goes_on_where_handlers_failed(world: Any) -> None:
    broken = [True]

    def work(tx: Any, inputs: Any) -> dict[str, Any]:
        if broken[0]:
            raise ValueError("broken")
        return {}

    world.add("work", work)
    body = (
        '<startEvent id="s"/><serviceTask id="w"><extensionElements><school:handler name="work">'
        '<school:input name="n" value="1"/></school:handler></extensionElements></serviceTask>'
    )
    world.deploy(world.model(body + world.flows(("s", "w"))))
    cases = [world.start() for _ in range(2)]
    for _ in range(8):
        world.pass_time(hours=1)
    assert len(world.run(SYSTEM, incidents.open_incidents)) == 2
    assert world.run(SYSTEM, health.figures).incidents == 2
    broken[0] = False
    job_id = world.run("adm", lambda tx: bulk.enqueue(tx, "retry", cases, {}))
    assert work_off(world, job_id, "adm").result["done"] == 2
    assert {world.view(case).status for case in cases} == {"completed"}


def test_figures_tell_how_late_the_runner_is(world: Any) -> None:
    timer = (
        '<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
    )
    world.deploy(world.model('<startEvent id="s"/>' + timer + world.flows(("s", "w"))))
    world.start()
    assert world.run(SYSTEM, health.figures).timers_due == 0
    world.clock.advance(timedelta(hours=2))
    late = world.run(SYSTEM, health.figures)
    assert (late.timers_due, late.timer_lag_s, late.stuck) == (1, 3600.0, 1)
    world.drain()
    assert world.run(SYSTEM, health.figures).timers_due == 0


def test_field_is_pinned_while_an_instance_of_a_version_that_names_it_runs(world: Any) -> None:
    body = (
        '<startEvent id="s"/>'
        + world.task("a", '<school:assignee rule="field:contract.seller_id"/><school:assignee rule="role:teacher"/>')
        + world.flows(("s", "a"))
    )
    world.deploy(world.model(body, attributes='record="contract"'))
    assert world.run(SYSTEM, lambda tx: pins.field_pins(tx, "contract", "seller_id")) == []
    about = ("contract", UUID(int=7))
    world.store.rows[about] = {"seller_id": "ann"}
    case = world.run("ann", lambda tx: instances.start(tx, "demo", record=about, branch_id=world.branch))
    assert world.run(SYSTEM, lambda tx: pins.field_pins(tx, "contract", "seller_id")) == ["demo v1"]
    assert world.run(SYSTEM, lambda tx: pins.field_pins(tx, "contract", "seller")) == []
    world.run("adm", lambda tx: instances.cancel(tx, case, "x"))
    assert world.run(SYSTEM, lambda tx: pins.field_pins(tx, "contract", "seller_id")) == []
