"""Processes killed with -9 at every point, lost connections, many workers on one instance."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict
from engine.kernel.uow import Boundary, SilentWaker, Unavailable
from engine.workflow import drains, tasks

POINTS = ["before_statement", "after_statement", "before_commit", "in_handler", "after_commit"]
WORKER = Path(__file__).with_name("worker_process.py")
ROOT = Path(__file__).parents[3]


def booking(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>')
        + '<serviceTask id="work"><extensionElements><school:handler name="book"><school:input name="n" value="=n"/>'
        "</school:handler></extensionElements></serviceTask>"
        '<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
        '<serviceTask id="again"><extensionElements><school:handler name="book"><school:input name="n" value="=n"/>'
        "</school:handler></extensionElements></serviceTask>"
        + world.task("last", '<school:assignee rule="starter"/>')
        + world.flows(("s", "ask"), ("ask", "work"), ("work", "w"), ("w", "again"), ("again", "last"))
    )
    return world.model(body)


def run_worker(world: Any, url: str, kill_at: str, *arguments: str) -> int:
    environment = {**os.environ, "KILL_AT": kill_at, "PYTHONPATH": f"{ROOT}:{WORKER.parent}"}
    command = [sys.executable, str(WORKER), url, world.clock.now().isoformat(), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode


def booked(world: Any) -> int:
    rows = world.sql("select turn from task_turn where process_key = 'book'")
    return int(rows[0][0]) if rows else 0


@pytest.mark.parametrize("point", POINTS)
def test_killed_worker_loses_and_doubles_nothing(world: Any, database_url: str, point: str) -> None:
    world.add("book", lambda tx, inputs: {})
    world.deploy(booking(world))
    case = world.start(n=1)
    task_id = str(world.open(case)["ask"].id)
    was_saved = point == "after_commit"
    assert run_worker(world, database_url, point, "complete", task_id) == -9
    world.check()
    assert (set(world.open(case)), booked(world)) == (set() if was_saved else {"ask"}, int(was_saved))
    if not was_saved:
        assert run_worker(world, database_url, "", "complete", task_id) == 0
    assert booked(world) == 1
    world.clock.advance(timedelta(hours=2))
    assert run_worker(world, database_url, point, "drain") == -9
    world.check()
    assert run_worker(world, database_url, "", "drain") == 0
    assert (set(world.open(case)), booked(world)) == ({"last"}, 2)


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_worker_killed_between_two_instances_starts_and_answers_the_call_once(
    world: Any, database_url: str, point: str
) -> None:
    parent = world.model(
        '<startEvent id="s"/><callActivity id="call" calledElement="child"/>'
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "call"), ("call", "after"))
    )
    body = '<startEvent id="s"/>' + world.task("work", '<school:assignee rule="starter"/>')
    child = world.model(body + '<endEvent id="e"/>' + world.flows(("s", "work"), ("work", "e")), key="child")
    world.deploy(parent, child)
    case = world.start()
    assert run_worker(world, database_url, point, "drain") == -9
    world.check()
    world.drain()
    [called] = world.view(case).children
    world.done("ann", called, "work")
    assert run_worker(world, database_url, point, "drain") == -9
    world.check()
    world.drain()
    assert (set(world.open(case)), world.view(called).status) == ({"after"}, "completed")
    assert [row.node_id for row in world.view(case).tasks] == ["after"]


def test_eight_workers_on_one_instance_fire_everything_once(world: Any) -> None:
    done: list[int] = []
    lock = threading.Lock()

    def count(tx: Any, inputs: Any) -> dict[str, Any]:
        with lock:
            done.append(int(inputs["n"]))
        return {}

    world.add("book", count)
    arms = "".join(
        f'<intermediateCatchEvent id="w{n}"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        f'</timerEventDefinition></intermediateCatchEvent><serviceTask id="x{n}"><extensionElements>'
        f'<school:handler name="book"><school:input name="n" value="={n}"/></school:handler></extensionElements>'
        "</serviceTask>"
        for n in range(20)
    )
    pairs = [pair for n in range(20) for pair in (("split", f"w{n}"), (f"w{n}", f"x{n}"), (f"x{n}", "join"))]
    body = '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>' + arms
    world.deploy(world.model(body + world.flows(("s", "split"), *pairs, ("join", "e"))))
    cases = [world.start() for _ in range(3)]
    world.clock.advance(timedelta(hours=2))
    threads = [threading.Thread(target=drains.run_due, args=(world.boundary,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.pass_time(minutes=1)
    assert [world.view(case).status for case in cases] == ["completed"] * 3
    trail = world.sql(
        "select count(*) from history h, jsonb_array_elements(h.data->'trail') t where h.data ? 'trail'"
        " and t->>0 = 'completed' and t->>1 like 'x%%'"
    )
    assert trail == [(60,)]


def test_eight_people_on_one_task_complete_it_once(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("a", world.decides("role:sales")) + world.flows(("s", "a"))
    world.deploy(world.model(body))
    case = world.start()
    task_id = world.open(case)["a"].id
    found: list[str] = []

    def once(who: str) -> None:
        try:
            world.run(who, lambda tx: tasks.complete(tx, task_id, "approve"))
            found.append("done")
        except Conflict as error:
            found.append(error.code)

    threads = [threading.Thread(target=once, args=(who,)) for who in ["ann", "bob"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["done", *["task_done"] * 7]


def test_lost_connection_in_the_middle_of_a_step_changes_nothing(world: Any) -> None:
    def cut(tx: Any, inputs: Any) -> dict[str, Any]:
        own = tx.connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
        with world.boundary.engine.connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": own})
            other.commit()
        tx.connection.exec_driver_sql("select 1")
        return {}

    world.add("book", cut)
    world.deploy(booking(world))
    case = world.start(n=1)
    task_id = world.open(case)["ask"].id
    with pytest.raises(Unavailable):
        world.run("ann", lambda tx: tasks.complete(tx, task_id))
    world.check()
    assert set(world.open(case)) == {"ask"}


def test_serialized_steps_of_two_boundaries_never_overwrite(world: Any) -> None:
    world.deploy(
        world.model('<startEvent id="s"/>' + world.task("a", world.decides("role:sales")) + world.flows(("s", "a")))
    )
    case = world.start()
    other = Boundary(world.boundary.engine, world.clock, SilentWaker())
    both = [
        threading.Thread(target=_set, args=(boundary, case, name, number))
        for number in range(6)
        for boundary, name in ((world.boundary, "left"), (other, "right"))
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert set(world.view(case).variables) >= {f"{s}{n}" for s in ("left", "right") for n in range(6)}


def _set(boundary: Boundary, case: Any, name: str, number: int) -> None:
    from engine.workflow import instances

    boundary.run(SYSTEM, lambda tx: instances.set_variables(tx, case, {f"{name}{number}": number}, "x"))


_LOCKED_OUT = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


@pytest.mark.parametrize(("when", "answer"), [("after", "done"), ("before", "task_waiting")])
def test_decision_that_waited_for_a_signer_to_be_added_sees_him(world: Any, when: str, answer: str) -> None:
    """What hangs on a task is read once it is locked, not when somebody began to wait for the lock."""
    world.deploy(
        world.model(
            '<startEvent id="s"/>'
            + world.task("a", world.decides("user:ann"), attributes='operations="add_signer"')
            + '<endEvent id="e"/>'
            + world.flows(("s", "a"), ("a", "e"))
        )
    )
    case = world.start()
    task_id = world.open(case)["a"].id
    told: list[str] = []

    def decide() -> None:
        try:
            world.run("ann", lambda tx: tasks.complete(tx, task_id, "approve"))
            told.append("done")
        except Conflict as error:
            told.append(error.code)

    second = threading.Thread(target=decide)

    def add(tx: Any) -> None:
        tasks.add_signer(tx, task_id, ["bob"], when)
        second.start()
        while not world.sql(_LOCKED_OUT)[0][0]:
            pass

    world.run("ann", add)
    second.join()
    world.check()
    assert (told, world.view(case).status, [row.assignee for row in world.view(case).tasks if row.kind != "task"]) == (
        [answer],
        "active",
        ["bob"],
    )
