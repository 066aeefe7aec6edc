"""Operating instances: suspend, move, skip, variables, migrate; deploying; timers."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.kernel.text import Text
from engine.workflow import deployments, instances, jobs, tasks
from engine.workflow.handlers import Handler, Parameter


def simple(world: Any, *nodes: str, attributes: str = "") -> str:
    chain = ["s", *nodes, "e"]
    body = (
        '<startEvent id="s"/>'
        + "".join(world.task(node, world.decides("role:sales")) for node in nodes)
        + '<endEvent id="e"/>'
        + world.flows(*pairwise(chain))
    )
    return world.model(body, attributes=attributes)


def test_suspended_instance_stands_still_until_resumed(world: Any) -> None:
    world.deploy(simple(world, "a"))
    case = world.start()
    world.run("adm", lambda tx: instances.suspend(tx, case, "check"))
    with pytest.raises(Conflict, match="instance_suspended"):
        world.done("ann", case, "a", "approve")
    world.run("adm", lambda tx: instances.resume(tx, case))
    world.done("ann", case, "a", "approve")


def test_timer_of_a_suspended_instance_fires_after_resume(world: Any) -> None:
    body = (
        '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
        + world.task("a", '<school:assignee rule="starter"/>')
        + world.flows(("s", "w"), ("w", "a"))
    )
    world.deploy(world.model(body))
    case = world.start()
    world.run("adm", lambda tx: instances.suspend(tx, case, "check"))
    world.pass_time(hours=2)
    assert world.open(case) == {}
    world.run("adm", lambda tx: instances.resume(tx, case))
    world.drain()
    assert set(world.open(case)) == {"a"}


def test_timer_start_event_starts_every_round(world: Any) -> None:
    body = (
        '<startEvent id="s"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition></startEvent>'
        + world.task("a", '<school:assignee rule="role:sales"/>')
        + world.flows(("s", "a"))
    )
    world.deploy(world.model(body))
    world.deploy(world.model(body))
    for _ in range(5):
        world.pass_time(hours=1)
    assert world.sql("select count(*) from instance") == [(3,)]


def test_start_by_the_clock_makes_up_for_nothing_it_missed(world: Any) -> None:
    cycle = "<timerEventDefinition><timeCycle>0 0 9 * * ?</timeCycle></timerEventDefinition>"
    sales = world.task("a", '<school:assignee rule="role:sales"/>')
    world.deploy(world.model(f'<startEvent id="s">{cycle}</startEvent>{sales}' + world.flows(("s", "a"))))
    world.pass_time(days=3)
    assert world.sql(
        "select count(*), max(extract(hour from t.due_at at time zone 'Asia/Shanghai')) from instance, timer t"
    ) == [(1, 9)]


def test_move_previews_then_moves_and_needs_a_right_for_approvals(world: Any) -> None:
    world.deploy(simple(world, "a", "b"))
    case = world.start()
    token = world.view(case).tokens[0].activation
    preview = world.run("adm", lambda tx: instances.move(tx, case, [token], "b", "stuck", dry_run=True))
    assert ([task.node_id for task in preview.cancels], preview.passes_approval) == (["a"], True)
    world.run("adm", lambda tx: instances.move(tx, case, [token], "b", "stuck"))
    assert set(world.open(case)) == {"b"}
    with pytest.raises(Forbidden):
        world.run("ann", lambda tx: instances.move(tx, case, [], "a", "x"))


def test_money_process_needs_a_second_person_and_never_skips_approvals(world: Any) -> None:
    source = simple(world, "a", "b", attributes='money="true"')
    made = world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": source}))
    assert made.status == "waiting"
    with pytest.raises(Forbidden, match="same_person"):
        world.run("adm", lambda tx: deployments.approve(tx, made.id))
    from engine.kernel.actor import SYSTEM

    world.run(SYSTEM, lambda tx: deployments.approve(tx, made.id))
    case = world.start()
    token = world.view(case).tokens[0].activation
    with pytest.raises(Forbidden, match="money_approval"):
        world.run("adm", lambda tx: instances.skip(tx, case, token, "hurry"))
    world.done("bob", case, "a", "approve")
    with pytest.raises(Forbidden, match="money_decided"):
        world.run("ann", lambda tx: instances.cancel(tx, case, "changed my mind"))


def test_set_variables_keeps_old_and_new_on_the_trail(world: Any) -> None:
    world.deploy(simple(world, "a"))
    case = world.start(amount=1)
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"amount": 2}, "typo"))
    assert world.view(case).variables["amount"] == 2
    actions = [row["action"] for row in world.run("adm", lambda tx: instances.history(tx, case))]
    assert "instance:variables_set" in actions
    with pytest.raises(UserError, match="reason_required"):
        world.run("adm", lambda tx: instances.set_variables(tx, case, {"amount": 3}, " "))


def test_running_cases_stay_on_their_version(world: Any) -> None:
    world.deploy(simple(world, "a"))
    old = world.start()
    world.deploy(simple(world, "a", "b"))
    new = world.start()
    for case in (old, new):
        world.done("bob", case, "a", "approve")
    assert world.view(old).status == "completed"
    assert set(world.open(new)) == {"b"}


def test_migration_plans_moves_and_undoes(world: Any) -> None:
    first = world.deploy(simple(world, "a", "b")).versions[0].id
    stays, moves, acts = world.start(), world.start(), world.start()
    world.done("bob", stays, "a", "approve")
    world.run("bob", lambda tx: tasks.claim(tx, world_task(tx, moves)))
    second = world.deploy(simple(world, "a", "c")).versions[0].id
    with pytest.raises(Forbidden):
        world.run("bob", lambda tx: instances.plan_migration(tx, first, second))
    plan = world.run("adm", lambda tx: instances.plan_migration(tx, first, second))
    assert (plan.total, set(plan.ready)) == (3, {moves, acts})
    assert [(one.node_id, one.choices) for one in plan.choose] == [("b", ("a", "c"))]
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert (set(result.migrated), [one[0] for one in result.skipped]) == ({moves, acts}, [stays])
    assert world.open(moves)["a"].assignee == "bob"
    world.done("bob", acts, "a", "approve")
    assert set(world.open(acts)) == {"c"}
    undone = world.run("adm", lambda tx: instances.undo_migration(tx, result.batch_id))
    assert (undone.migrated, [one[0] for one in undone.skipped]) == ((moves,), [acts])
    mapped = world.run("adm", lambda tx: instances.migrate(tx, first, second, {"b": "c"}, [stays]))
    assert mapped.migrated == (stays,)
    assert set(world.open(stays)) == {"c"}


def world_task(tx: Any, case: Any) -> Any:
    sql = "select id from user_task where instance_id = %(id)s and status = 'open'"
    return tx.connection.exec_driver_sql(sql, {"id": case}).scalar_one()


def test_diagram_shows_where_the_case_has_been(world: Any) -> None:
    world.deploy(simple(world, "a", "b"))
    case = world.start()
    world.done("bob", case, "a", "approve")
    found = world.run("ann", lambda tx: instances.diagram(tx, case))
    assert found.states == {"s": "done", "a": "done", "b": "active"}
    assert found.flows == {"f0_s_a": 1, "f1_a_b": 1}
    assert found.tokens == {"b": 1}
    assert [(mark.step, mark.by, mark.kind, mark.element_id) for mark in found.marks] == [
        (1, "Ann", "entered", "s"), (1, "Ann", "completed", "s"), (1, "Ann", "taken", "f0_s_a"),
        (1, "Ann", "entered", "a"), (2, "Bob", "completed", "a"), (2, "Bob", "taken", "f1_a_b"),
        (2, "Bob", "entered", "b"),
    ]  # fmt: skip


def test_external_job_is_leased_reported_and_retried(world: Any) -> None:
    body = (
        '<startEvent id="s"/><serviceTask id="work"><extensionElements><school:job type="report" retries="2"/>'
        "</extensionElements></serviceTask>"
        + world.task("a", '<school:assignee rule="starter"/>')
        + world.flows(("s", "work"), ("work", "a"))
    )
    world.deploy(world.model(body))
    case = world.start(n=3)
    (job,) = world.run("adm", lambda tx: jobs.fetch(tx, "report", "w1"))
    assert world.run("adm", lambda tx: jobs.fetch(tx, "report", "w2")) == []
    world.run("adm", lambda tx: jobs.fail(tx, job.id, "w1", "later"))
    world.clock.advance(timedelta(hours=1))
    (again,) = world.run("adm", lambda tx: jobs.fetch(tx, "report", "w2"))
    with pytest.raises(Conflict, match="job_not_leased"):
        world.run("adm", lambda tx: jobs.complete(tx, again.id, "w1"))
    world.run("adm", lambda tx: jobs.complete(tx, again.id, "w2", {"m": 4}))
    assert set(world.open(case)) == {"a"}


def test_paused_process_takes_no_new_cases(world: Any) -> None:
    world.deploy(simple(world, "a"))
    world.run("adm", lambda tx: deployments.pause(tx, "demo", True))
    with pytest.raises(Conflict, match="process_paused"):
        world.start()


def test_broken_model_is_not_deployed(world: Any) -> None:
    with pytest.raises(deployments.DeployRefused):
        world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": "<no"}))
    assert world.sql("select count(*) from deployment") == [(0,)]


HOLDS = (
    '<extensionElements><school:process/><school:cancel handler="give_back"><school:input name="n" value="=held"/>'
    '<school:input name="why" value="=cancel.reason"/></school:cancel></extensionElements>'
)


@pytest.fixture
def holding(world: Any) -> Any:
    """A case that holds 7 of something and gives it back when it is cancelled: (instance, what came back)."""
    returned: list[tuple[int, str]] = []

    def give_back(tx: Any, inputs: Any) -> dict[str, Any]:
        if inputs["why"] == "no":
            raise RuntimeError("the other side does not answer")
        returned.append((int(inputs["n"]), inputs["why"]))
        return {}

    parameters = {"n": Parameter("number"), "why": Parameter("text")}
    world.handlers.add(Handler("give_back", Text("归还", "Give back"), give_back, parameters))
    body = '<startEvent id="s"/>' + world.task("a", world.decides("role:sales")) + world.flows(("s", "a"))
    plain = world.model(body)
    head, tail = plain.split("<extensionElements>", 1)
    world.deploy(head + HOLDS + tail.split("</extensionElements>", 1)[1])
    return world.start(held=7), returned


def test_cancelled_case_gives_back_what_it_holds(world: Any, holding: Any) -> None:
    case, returned = holding
    world.run("adm", lambda tx: instances.cancel(tx, case, "twice"))
    assert (returned, world.view(case).status) == ([(7, "twice")], "cancelled")


def test_case_that_cannot_give_back_is_not_cancelled(world: Any, holding: Any) -> None:
    case, returned = holding
    with pytest.raises(Conflict, match="cancel_failed"):
        world.run("adm", lambda tx: instances.cancel(tx, case, "no"))
    assert (returned, world.view(case).status, set(world.open(case))) == ([], "active", {"a"})


def test_case_that_is_sent_to_its_end_gives_back_too(world: Any, holding: Any) -> None:
    case, returned = holding
    task_id = world.open(case)["a"].id
    world.run("ann", lambda tx: tasks.claim(tx, task_id))
    world.run("ann", lambda tx: tasks.return_to(tx, task_id, "end", "stop here"))
    assert (returned, world.view(case).status) == ([(7, "stop here")], "cancelled")


def money(world: Any, *nodes: str) -> Any:
    """A running case of a money process whose tasks, but for `pay`, are approvals inside a sub-process."""
    inner = "".join(world.task(node, world.decides("role:sales")) for node in nodes)
    chain = world.flows(*pairwise(("i", *nodes)))
    body = (
        f'<startEvent id="s"/><subProcess id="check"><startEvent id="i"/>{inner}{chain}</subProcess>'
        + world.task("pay", '<school:assignee rule="role:finance"/>')
        + '<endEvent id="e"/><sequenceFlow id="x1" sourceRef="s" targetRef="check"/>'
        '<sequenceFlow id="x2" sourceRef="check" targetRef="pay"/><sequenceFlow id="x3" sourceRef="pay" targetRef="e"/>'
    )
    world.deploy(world.model(body, attributes='money="true"'))
    return world.start()


@pytest.mark.parametrize("leaves", ["sub-process", "task", "nothing"])
def test_move_behind_an_undecided_approval_of_money_is_refused(world: Any, leaves: str) -> None:
    case = money(world, "a", "b")
    by_node = {token.node_id: token.activation for token in world.view(case).tokens}
    cancel = {"sub-process": [by_node["check"]], "task": [by_node["a"]], "nothing": []}[leaves]
    shown = world.run("adm", lambda tx: instances.move(tx, case, cancel, "pay", "x", dry_run=True))
    assert (shown.passes_approval, shown.approvals) == (True, ("a", "b"))
    with pytest.raises(Forbidden, match="money_approval"):
        world.run("adm", lambda tx: instances.move(tx, case, cancel, "pay", "hurry"))


def test_skip_of_a_sub_process_with_approvals_of_money_is_refused(world: Any) -> None:
    case = money(world, "a", "b")
    by_node = {token.node_id: token.activation for token in world.view(case).tokens}
    shown = world.run("adm", lambda tx: instances.skip(tx, case, by_node["check"], "", dry_run=True))
    assert ([one.node_id for one in shown.cancels], shown.approvals) == (["a"], ("a", "b"))
    with pytest.raises(Forbidden, match="money_approval"):
        world.run("adm", lambda tx: instances.skip(tx, case, by_node["check"], "hurry"))


def test_move_behind_approvals_that_were_given_is_allowed(world: Any) -> None:
    case = money(world, "a")
    world.done("ann", case, "a", "approve")
    token = world.view(case).tokens[0].activation
    world.run("adm", lambda tx: instances.move(tx, case, [token], "pay", "form was stuck"))
    assert set(world.open(case)) == {"pay"}


def test_cancel_previews_what_ends_and_what_has_left(world: Any) -> None:
    world.deploy(simple(world, "a"))
    case = world.start()
    shown = world.run("ann", lambda tx: instances.cancel(tx, case, "", dry_run=True))
    assert ([one.node_id for one in shown.cancels], shown.ends, world.view(case).status) == (["a"], True, "active")
