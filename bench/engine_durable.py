"""Durable step: complete a user task up to the next wait, committed, against its floor and against SpiffWorkflow.

`python -m bench.engine_durable [--steps 400] [--workers 4]` prints steps per second of three programs in one run on one
PostgreSQL with `synchronous_commit=on`, for the contract approval: (1) our runner, (2) the rows that step writes as one
bare SQL statement, (3) SpiffWorkflow with its JSON serializer, its state in one column, the same rows beside it.
Targets: (1)/(2) ≥ 0.7, (1)/(3) ≥ 7.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from lxml import etree
from sqlalchemy import create_engine

from bench import curves
from engine.kernel import migrate
from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.ids import new_id
from engine.kernel.servers.postgres import APPLICATION, start_postgres
from engine.kernel.uow import Boundary, SilentWaker, Tx
from engine.workflow import deployments, instances, runtime, tasks
from engine.workflow.handlers import HandlerRegistry
from engine.workflow.tasks import TaskRow

ANN = Actor(ActorKind.USER, "ann", "Ann")
BRANCH = UUID(int=2)


class People:
    """One user who gets everything."""

    def user_by_username(self, username: str) -> str | None:
        return username

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        return list(users)

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        return ["ann"]

    def users_in_group(self, group: str) -> Sequence[str]:
        return ["ann"]

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        return ["ann"]

    def branch_head(self, branch_id: UUID) -> str | None:
        return "ann"

    def superior(self, user_id: str, level: int) -> str | None:
        return None

    def headquarters(self) -> UUID:
        return BRANCH

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        return ["ann"]

    def person(self, user_id: str) -> str:
        return user_id

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        return {user: user for user in user_ids}


class NoRecords:
    """Instances about nothing."""

    def read(self, tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Any]:
        return {}

    def set_stage(self, tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
        return


class Open:
    """Everybody may."""

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        return True

    def grant_task(self, tx: Tx, task: TaskRow, user_id: str) -> None:
        return

    def tasks_ended(self, tx: Tx, task_ids: Sequence[UUID]) -> None:
        return


def model() -> str:
    """The contract approval, drawn so that both engines run it: seven people's steps, two decisions, one fork."""
    people = (
        "submit",
        "approve_head",
        "approve_principal",
        "review_finance",
        "review_teaching",
        "sign",
        "pay",
        "place",
    )
    nodes = "".join(f'<userTask id="{name}" name="{name}"/>' for name in people)
    nodes += '<exclusiveGateway id="how_much" default="f3"/><exclusiveGateway id="approved"/>'
    nodes += '<parallelGateway id="fork"/><parallelGateway id="join"/>'
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'
        for number, (source, target, condition) in enumerate(_FLOWS, 1)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        f'<process id="contract" isExecutable="true"><startEvent id="s"/>{nodes}<endEvent id="e"/>{flows}</process>'
        "</definitions>"
    )


_PEOPLES_STEPS = (
    "submit", "approve_head", "approve_principal", "review_finance", "review_teaching", "sign", "pay", "place",
)  # fmt: skip
_FLOWS = (
    ("s", "submit", ""),
    ("submit", "how_much", ""),
    ("how_much", "approve_head", ""),
    ("how_much", "approve_principal", "<conditionExpression>net_amount &gt; 20000</conditionExpression>"),
    ("approve_head", "approved", ""),
    ("approve_principal", "approved", ""),
    ("approved", "fork", ""),
    ("fork", "review_finance", ""),
    ("fork", "review_teaching", ""),
    ("review_finance", "join", ""),
    ("review_teaching", "join", ""),
    ("join", "sign", ""),
    ("sign", "pay", ""),
    ("pay", "place", ""),
    ("place", "e", ""),
)
WARM = 36  # the server plans a statement anew five times before it keeps the plan
STEPS = 6  # completed per instance, of seven: the last would end it
VARIABLES = {"net_amount": 12000, **{f"v{n}": f"value {n}" for n in range(19)}}


def timed(url: str, workers: int, steps: int, work: Callable[[Boundary, int, int], None]) -> float:
    """Steps per second of `workers` processes that each do `work(boundary, worker, steps)` after a warm-up."""
    context = multiprocessing.get_context("fork")
    ready, times = context.Barrier(workers), context.Queue()

    def run(worker: int) -> None:
        boundary = Boundary(open_engine(url), SystemClock(), SilentWaker())
        work(boundary, worker, min(WARM, steps))
        ready.wait()
        start = time.perf_counter()
        work(boundary, worker, steps)
        times.put((start, time.perf_counter()))

    processes = [context.Process(target=run, args=(worker,)) for worker in range(workers)]
    for process in processes:
        process.start()
    spans = [times.get() for _ in processes]
    for process in processes:
        process.join()
    return workers * steps / (max(end for _, end in spans) - min(start for start, _ in spans))


def ours(url: str, boundary: Boundary, workers: int, steps: int) -> float:
    """Each worker completes tasks of its own instances."""
    cases = [_start_many(boundary, steps + 2 * WARM) for _ in range(workers)]
    first = [[boundary.run(ANN, lambda tx, case=case: _open_task(tx, case)) for case in own] for own in cases]

    def work(own: Boundary, worker: int, count: int) -> None:
        done = 0
        while done < count:
            todo = [first[worker].pop()]
            for _ in range(min(STEPS, count - done)):
                task_id = todo.pop(0)
                todo += own.run(ANN, lambda tx, task_id=task_id: tasks.complete(tx, task_id, "done", {"n": 1}))
                done += 1

    return timed(url, workers, steps, work)


def _start_many(boundary: Boundary, steps: int) -> list[UUID]:
    count = steps // STEPS + 4
    start = instances.start
    return [boundary.run(ANN, lambda tx: start(tx, "contract", VARIABLES, branch_id=BRANCH)) for _ in range(count)]


def _open_task(tx: Tx, case: UUID) -> UUID:
    sql = "select id from user_task where instance_id = %(id)s and status = 'open'"
    return UUID(str(tx.connection.exec_driver_sql(sql, {"id": case}).scalar_one()))


_ROWS = """b as (update user_task set status = 'done', completed_at = now(), completed_by = 'ann', outcome = 'done'
 where id = %(task)s returning id),
 c as (insert into user_task (id, instance_id, activation, node_id, process_key, kind, status, title, name, created_at,
 assignee) values (%(next)s, %(instance)s, %(n)s, 't', 'contract', 'task', 'open', 't', 't', now(), 'ann')),
 d as (insert into task_candidate values ('ann', %(next)s, false)),
 e as (insert into task_vote values (%(vote)s, %(instance)s, %(task)s, 't', 'ann', 'Ann', 'ann', null, null, 'done',
 '', now())),
 f as (insert into history (id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, instance_id,
 data, hash) values (gen_random_uuid(), now(), 'user', 'ann', 'Ann', 'task:completed', 'task', %(text)s, %(instance)s,
 %(data)s::jsonb, %(hash)s))
 select count(*) from a"""
_FLOOR = f"""with a as (update floor_instance set state = %(state)s, version = version + 1 where id = %(id)s
 returning id), {_ROWS}"""
_SPIFF = _FLOOR.replace("floor_instance", "spiff_instance")
_TRAIL = json.dumps({"trail": [["completed", "t1", 1], ["taken", "f1", 1], ["entered", "t2", 2]], "version": 1})


def _rows(instance: UUID, task: UUID, following: UUID) -> dict[str, Any]:
    """What a step writes beside the state: the task done, the next one, its candidate, the vote, the history."""
    return {
        "task": task, "next": following, "instance": instance, "n": new_id().int & 0x7FFFFFFFFFFF, "vote": new_id(),
        "text": str(instance), "data": _TRAIL, "hash": instance.bytes * 2,
    }  # fmt: skip


def floor(url: str, boundary: Boundary, workers: int, steps: int, blob: bytes) -> float:
    """The same writes, already computed, as one prepared statement per commit on a bare connection."""
    instance = boundary.run(ANN, lambda tx: instances.start(tx, "contract", VARIABLES, branch_id=BRANCH))
    rows = [new_id() for _ in range(workers)]
    boundary.run(SYSTEM, lambda tx: [_seed(tx, row, blob) for row in rows])

    def work(own: Boundary, worker: int, count: int) -> None:
        task = new_id()
        with own.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            driver.autocommit = True
            for _ in range(count):
                following = new_id()
                driver.execute(_FLOOR, {"id": rows[worker], "state": blob, **_rows(instance, task, following)})
                task = following
            driver.autocommit = False

    return timed(url, workers, steps, work)


def _seed(tx: Tx, row: UUID, blob: bytes) -> None:
    sql = "insert into floor_instance values (%(id)s, %(state)s, 1)"
    tx.connection.exec_driver_sql(sql, {"id": row, "state": blob})


def spiff(url: str, boundary: Boundary, workers: int, steps: int) -> float:
    """Load JSON, complete the ready task, run, save JSON, write the same rows beside it, commit."""
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.util.task import TaskState

    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(model().encode())))
    serializer = BpmnWorkflowSerializer()
    fresh = BpmnWorkflow(parser.get_spec("contract"))
    next(iter(fresh.get_tasks(state=TaskState.READY))).data.update(VARIABLES)
    fresh.do_engine_steps()
    first = serializer.serialize_json(fresh)
    instance = boundary.run(ANN, lambda tx: instances.start(tx, "contract", VARIABLES, branch_id=BRANCH))
    load = "select state from spiff_instance where id = %(id)s for update"

    def work(own: Boundary, worker: int, count: int) -> None:
        task_id = new_id()
        for number in range(count):
            with own.engine.connect() as connection:
                text = connection.exec_driver_sql(load, {"id": worker}).scalar_one()
                workflow = serializer.deserialize_json(first if number % STEPS == 0 else text)
                task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
                task.data["n"] = 1
                task.run()
                workflow.do_engine_steps()
                following = new_id()
                saved = {"id": worker, "state": serializer.serialize_json(workflow)}
                connection.exec_driver_sql(_SPIFF, saved | _rows(instance, task_id, following))
                connection.commit()
                task_id = following

    def seed(tx: Tx) -> None:
        for worker in range(workers):
            tx.connection.exec_driver_sql("insert into spiff_instance values (%(id)s, '', 1)", {"id": worker})

    boundary.run(SYSTEM, seed)
    return timed(url, workers, steps, work)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--curves", type=Path, help="folder for the curve over the number of workers")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = start_postgres(Path(folder))
        try:
            _measure(server.owner_url, server.url, arguments.workers, arguments.steps, arguments.curves)
        finally:
            server.stop()


def _measure(owner_url: str, url: str, workers: int, steps: int, folder: Path | None) -> None:
    owner = create_engine(owner_url)
    migrate.upgrade(owner, APPLICATION)
    with owner.begin() as connection:
        connection.exec_driver_sql("create table floor_instance (id uuid primary key, state bytea, version int)")
        connection.exec_driver_sql("create table spiff_instance (id int primary key, state text, version int)")
        connection.exec_driver_sql(f"grant all on floor_instance, spiff_instance to {APPLICATION}")
    runtime.install(runtime.Runtime(HandlerRegistry(), lambda tx: People(), NoRecords(), Open()))
    boundary = Boundary(open_engine(url), SystemClock(), SilentWaker())
    boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"contract.bpmn": model()}))
    case = _start_many(boundary, 1)[0]
    sql = "select state from instance where id = %(id)s"
    blob = bytes(boundary.run(SYSTEM, lambda tx: tx.connection.exec_driver_sql(sql, {"id": case}).scalar_one()))
    floor_rate = floor(url, boundary, workers, steps, blob)
    our_rate = ours(url, boundary, workers, steps)
    spiff_rate = spiff(url, boundary, workers, max(20, steps // 4))
    for name, rate in (("bare SQL", floor_rate), ("schoolflow", our_rate), ("SpiffWorkflow", spiff_rate)):
        sys.stdout.write(f"{name:14} {rate:9.0f} steps/s\n")
    sys.stdout.write(f"state {len(blob)} bytes; schoolflow / bare SQL {our_rate / floor_rate:.2f} (target 0.7); ")
    sys.stdout.write(f"schoolflow / SpiffWorkflow {our_rate / spiff_rate:.1f} (target 7)\n")
    if folder is not None:
        _draw(folder, url, boundary, steps // 2, blob)
    boundary.engine.dispose()
    owner.dispose()


def _draw(folder: Path, url: str, boundary: Boundary, steps: int, blob: bytes) -> None:
    """Steps per second over the number of workers, beside the bare statement."""
    numbers = (1, 2, 4, 8)
    bare = [(float(number), floor(url, boundary, number, steps, blob)) for number in numbers]
    mine = [(float(number), ours(url, boundary, number, steps)) for number in numbers]
    lines = [curves.Line("单条 SQL · bare SQL", bare), curves.Line("本引擎 · schoolflow", mine)]
    axes = ("工作进程数 · workers", "每秒步数 · durable steps a second")
    curves.write(folder / "durable.svg", "持久化步骤 · durable steps", axes, lines)


if __name__ == "__main__":
    main()
