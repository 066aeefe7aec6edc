"""A case from start to end through the durable runner."""

from typing import Any

import pytest

from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.workflow import instances, tasks
from engine.workflow.handlers import BpmnError
from engine.workflow.tasks import InboxQuery


def approval(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>')
        + world.task("decide", world.decides("role:sales"))
        + '<endEvent id="e"/>'
        + world.flows(("s", "ask"), ("ask", "decide"), ("decide", "e"))
    )
    return world.model(body)


def test_instance_runs_from_start_to_end(world: Any) -> None:
    world.deploy(approval(world))
    case = world.start(amount=5)
    assert [row.node_id for row in world.box("ann")] == ["ask"]
    world.done("ann", case, "ask", note="x")
    assert world.box("ann") == []
    assert [row.node_id for row in world.box("bob", "candidate")] == ["decide"]
    world.done("bob", case, "decide", "approve")
    view = world.view(case)
    assert (view.status, view.tokens) == ("completed", ())
    assert [row.node_id for row in world.box("bob", "done")] == ["decide"]
    assert [row.instance_id for row in world.box("ann", "started")] == [case]


def test_second_person_on_one_task_is_told_who_was_faster(world: Any) -> None:
    world.deploy(approval(world))
    case = world.start()
    world.done("ann", case, "ask")
    task_id = world.open(case)["decide"].id
    world.run("bob", lambda tx: tasks.complete(tx, task_id, "approve"))
    with pytest.raises(Conflict, match="task_done") as caught:
        world.run("ann", lambda tx: tasks.complete(tx, task_id, "approve"))
    assert caught.value.message.en == "The task was already done by Bob"


def test_complete_checks_person_outcome_and_comment(world: Any) -> None:
    world.deploy(approval(world))
    case = world.start()
    task_id = world.open(case)["ask"].id
    with pytest.raises(Forbidden):
        world.run("fay", lambda tx: tasks.complete(tx, task_id))
    world.done("ann", case, "ask")
    task_id = world.open(case)["decide"].id
    with pytest.raises(UserError, match="unknown_outcome"):
        world.run("bob", lambda tx: tasks.complete(tx, task_id, "maybe"))
    with pytest.raises(UserError, match="comment_required"):
        world.run("bob", lambda tx: tasks.complete(tx, task_id, "reject"))


def test_strangers_find_neither_task_nor_instance(world: Any) -> None:
    world.deploy(approval(world))
    case = world.start()
    task_id = world.open(case)["ask"].id
    with pytest.raises(NotFound):
        world.run("fay", lambda tx: tasks.get(tx, task_id))
    with pytest.raises(NotFound):
        world.run("fay", lambda tx: instances.get(tx, case))
    assert world.run("ann", lambda tx: tasks.get(tx, task_id)).can_act


def service(world: Any, retries: int = 3) -> str:
    body = (
        '<startEvent id="s"/><serviceTask id="work"><extensionElements>'
        f'<school:handler name="work" retries="{retries}"><school:input name="n" value="=n"/>'
        '<school:output name="twice" value="=result.twice"/></school:handler></extensionElements></serviceTask>'
        '<boundaryEvent id="bad" attachedToRef="work"><errorEventDefinition errorRef="err"/></boundaryEvent>'
        + world.task("look", '<school:assignee rule="starter"/>')
        + world.task("mend", '<school:assignee rule="starter"/>')
        + world.flows(("s", "work"), ("work", "look"), ("bad", "mend"))
    )
    return world.model(body, extra='<error id="err" errorCode="NO"/>')


def test_handler_result_becomes_a_variable(world: Any) -> None:
    world.add("work", lambda tx, inputs: {"twice": inputs["n"] * 2})
    world.deploy(service(world))
    case = world.start(n=21)
    assert world.view(case).variables["twice"] == 42
    assert "look" in world.open(case)


def test_handler_error_code_goes_to_the_boundary(world: Any) -> None:
    def work(tx: Any, inputs: Any) -> Any:
        raise BpmnError("NO")

    world.add("work", work)
    world.deploy(service(world))
    assert set(world.open(world.start(n=1))) == {"mend"}


def test_handler_whose_activity_an_error_beside_it_cancelled_is_not_called(world: Any) -> None:
    called: list[str] = []

    def fails(tx: Any, inputs: Any) -> Any:
        called.append("fails")
        raise BpmnError("NO")

    world.add("fails", fails)
    world.add("works", lambda tx, inputs: called.append("works"))
    given = '<school:input name="n" value="=1"/></school:handler></extensionElements></serviceTask>'
    work = "".join(
        f'<serviceTask id="{name}"><extensionElements><school:handler name="{name}">{given}'
        for name in ("fails", "works")
    )
    both = world.flows(("xs", "f"), ("f", "fails"), ("f", "works"))
    body = (
        '<startEvent id="s"/><subProcess id="x"><startEvent id="xs"/><parallelGateway id="f"/>'
        + work
        + both
        + '</subProcess><boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>'
        + world.task("mend", '<school:assignee rule="starter"/>')
        + world.flows(("s", "x"), ("b", "mend"))
    )
    world.deploy(world.model(body))
    case = world.start()
    assert (called, list(world.open(case))) == (["fails"], ["mend"])


def test_handler_user_error_rejects_the_whole_command(world: Any) -> None:
    def work(tx: Any, inputs: Any) -> Any:
        raise UserError("no_money")

    world.add("work", work)
    world.deploy(service(world))
    with pytest.raises(UserError, match="no_money"):
        world.start(n=1)
    assert world.sql("select count(*) from instance") == [(0,)]


def test_handler_failure_is_retried_then_becomes_an_incident_and_retry_mends_it(world: Any) -> None:
    calls: list[int] = []

    def work(tx: Any, inputs: Any) -> Any:
        calls.append(1)
        tx.connection.exec_driver_sql("insert into task_turn values ('p', 'n', 'u', 1)")
        if len(calls) < 4:
            raise RuntimeError("down")
        return {"twice": 2}

    world.add("work", work)
    world.deploy(service(world, retries=2))
    case = world.start(n=1)
    assert world.open(case) == {}
    for _ in range(6):
        world.pass_time(hours=12)
    view = world.view(case)
    assert len(calls) == 3
    assert [one.resolved_at for one in view.incidents] == [None]
    assert world.sql("select count(*) from task_turn where process_key = 'p'") == [(0,)]
    activation = view.tokens[0].activation
    world.run("adm", lambda tx: instances.retry(tx, case, activation))
    assert set(world.open(case)) == {"look"}
    assert world.sql("select count(*) from task_turn where process_key = 'p'") == [(1,)]


def test_inbox_pages_without_gaps_or_repeats(world: Any) -> None:
    world.deploy(approval(world))
    cases = [world.start() for _ in range(5)]
    seen: list[Any] = []
    after = None
    while True:
        query = InboxQuery(limit=2, after=after)
        page = world.run("ann", lambda tx, query=query: tasks.inbox(tx, query))
        seen += [row.instance_id for row in page.items]
        after = page.next
        if after is None:
            break
    assert seen == cases[::-1]
    assert world.run("ann", tasks.counts)["todo"] == 5
