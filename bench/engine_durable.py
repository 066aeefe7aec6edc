"""Durable step: complete a user task up to the next wait, committed, against its floor and against SpiffWorkflow.

`python -m bench.engine_durable [--steps 400] [--workers 4]` prints steps per second of three programs in one run on one
PostgreSQL with `synchronous_commit=on`, for the contract approval: (1) our runner, (2) the rows that step writes as one
bare SQL statement, (3) SpiffWorkflow with its JSON serializer, its state in one column, the same rows beside it.
Each has the same number of connections, in processes with one or several threads as suits it best: the web process and
the worker have threads. Targets: (1)/(2) ≥ 0.7, (1)/(3) ≥ 7.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from lxml import etree
from sqlalchemy import create_engine

from bench import curves
from bench import floor as floors
from bench.workers import WARM, Run, Shape, best, timed
from engine.kernel import migrate
from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.ids import new_id
from engine.kernel.servers.postgres import APPLICATION, PostgresServer, start_postgres
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

    def branches_of(self, user_id: str) -> frozenset[UUID]:
        return frozenset({BRANCH})

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

    def branches(self, tx: Tx, right: str) -> frozenset[UUID] | None:
        return None

    def may_read(self, tx: Tx, object_key: str, field: str) -> bool:
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
STEPS = 6  # completed per instance, of seven: the last would end it
VARIABLES = {"net_amount": 12000, **{f"v{n}": f"value {n}" for n in range(19)}}


def ours(server: PostgresServer, boundary: Boundary, shape: Shape, steps: int) -> Run:
    """Each worker completes tasks of its own instances."""
    cases = [_start_many(boundary, steps + 2 * WARM) for _ in range(shape.workers)]
    first = [[task for _, task in _with_tasks(boundary, own)] for own in cases]

    def work(own: Boundary, worker: int, count: int) -> None:
        done = 0
        while done < count:
            todo = [first[worker].pop()]
            for _ in range(min(STEPS, count - done)):
                task_id = todo.pop(0)
                todo += own.run(ANN, partial(tasks.complete, task_id=task_id, outcome="done", values={"n": 1}))
                done += 1

    return timed(server, boundary, shape, steps, work)


def _start_many(boundary: Boundary, steps: int) -> list[UUID]:
    count = steps // STEPS + 4
    start = instances.start
    return [boundary.run(ANN, lambda tx: start(tx, "contract", VARIABLES, branch_id=BRANCH)) for _ in range(count)]


def _with_tasks(boundary: Boundary, cases: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Each case with its open task."""
    return [(case, boundary.run(ANN, partial(_open_task, case=case))) for case in cases]


def _open_task(tx: Tx, case: UUID) -> UUID:
    sql = "select id from user_task where instance_id = %(id)s and status = 'open'"
    return UUID(str(tx.connection.exec_driver_sql(sql, {"id": case}).scalar_one()))


def recorded(boundary: Boundary) -> list[floors.Written]:
    """What each step of one case writes: done once by our runner."""
    case = _start_many(boundary, 1)[0]
    todo = [boundary.run(ANN, partial(_open_task, case=case))]
    known, steps = [*todo], list[floors.Written]()
    for _ in range(STEPS):
        task_id = todo.pop(0)
        todo += boundary.run(ANN, partial(tasks.complete, task_id=task_id, outcome="done", values={"n": 1}))
        steps.append(boundary.run(ANN, partial(floors.read, instance=case, known=tuple(known))))
        known += [task["id"] for task in steps[-1].tasks]
    return steps


def floor(
    server: PostgresServer, boundary: Boundary, shape: Shape, steps: int, written: Sequence[floors.Written]
) -> Run:
    """The same writes, already computed, as one prepared statement per commit on a bare connection."""
    cases = [_start_many(boundary, steps + 2 * WARM) for _ in range(shape.workers)]
    with_tasks = zip(*(_with_tasks(boundary, own) for own in cases), strict=True)
    rounds = [[floors.computed(written, case) for case in each] for each in with_tasks]  # keys in the order of use
    ready = [list(own) for own in zip(*reversed(rounds), strict=True)]

    def work(own: Boundary, worker: int, count: int) -> None:
        with own.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            driver.autocommit = True
            for done in range(0, count, STEPS):
                for sql, parameters in ready[worker].pop()[: count - done]:
                    driver.execute(sql, parameters)
            driver.autocommit = False

    return timed(server, boundary, shape, steps, work)


_SPIFF = "update spiff_instance set state = %(state)s, version = version + 1 where id = %(worker)s returning id"


def spiff(server: PostgresServer, boundary: Boundary, shape: Shape, steps: int, written: floors.Written) -> Run:
    """Load JSON, complete the ready task, run, save JSON, write the rows of a step beside it, commit."""
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
    sql = floors.statement(len(written.tasks), _SPIFF)
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
                rows = floors.parameters(written, instance, task_id, [following])
                saved = {"worker": worker, "state": serializer.serialize_json(workflow)}
                saved["task0_activation"] = following.int & 0x7FFFFFFFFFFF
                connection.exec_driver_sql(sql, rows | saved)
                connection.commit()
                task_id = following

    def seed(tx: Tx) -> None:
        sql = "insert into spiff_instance values (%(id)s, '', 1) on conflict do nothing"
        for worker in range(shape.workers):
            tx.connection.exec_driver_sql(sql, {"id": worker})

    boundary.run(SYSTEM, seed)
    return timed(server, boundary, shape, steps, work)


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
            _measure(server, arguments.workers, arguments.steps, arguments.curves)
        finally:
            server.stop()


def _measure(server: PostgresServer, workers: int, steps: int, folder: Path | None) -> None:
    owner = create_engine(server.owner_url)
    migrate.upgrade(owner, APPLICATION)
    with owner.begin() as connection:
        connection.exec_driver_sql("create table spiff_instance (id int primary key, state text, version int)")
        connection.exec_driver_sql(f"grant all on spiff_instance to {APPLICATION}")
    runtime.install(runtime.Runtime(HandlerRegistry(), lambda tx: People(), NoRecords(), Open()))
    boundary = Boundary(open_engine(server.url), SystemClock(), SilentWaker())
    boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"contract.bpmn": model()}))
    written = recorded(boundary)
    bare = best(lambda shape: floor(server, boundary, shape, steps, written), workers)
    mine = best(lambda shape: ours(server, boundary, shape, steps), workers)
    peer = best(lambda shape: spiff(server, boundary, shape, max(20, steps // 4), written[0]), workers)
    for name, run in (("bare SQL", bare), ("schoolflow", mine), ("SpiffWorkflow", peer)):
        sys.stdout.write(f"{name:14} {run.rate:5.0f} steps/s by {run.shape.processes} × {run.shape.threads} threads;")
        sys.stdout.write(f" CPU of a step: worker {run.worker_us:5.0f} µs, server {run.server_us:5.0f} µs;")
        sys.stdout.write(f" WAL {run.wal_bytes:5.0f} bytes\n")
    sys.stdout.write(f"state {len(written[0].state)} bytes; ")
    sys.stdout.write(f"schoolflow / bare SQL {mine.rate / bare.rate:.2f} (target 0.7), CPU {mine.cpu / bare.cpu:.1f}; ")
    sys.stdout.write(f"schoolflow / SpiffWorkflow {mine.rate / peer.rate:.1f} (target 7)\n")
    if folder is not None:
        _draw(folder, server, boundary, steps // 2, written)
    boundary.engine.dispose()
    owner.dispose()


def _draw(
    folder: Path, server: PostgresServer, boundary: Boundary, steps: int, written: Sequence[floors.Written]
) -> None:
    """Steps per second over the number of workers, beside the bare statement."""
    numbers = (1, 2, 4, 8)
    bare = [(float(n), best(lambda s: floor(server, boundary, s, steps, written), n).rate) for n in numbers]
    mine = [(float(n), best(lambda s: ours(server, boundary, s, steps), n).rate) for n in numbers]
    lines = [curves.Line("单条 SQL · bare SQL", bare), curves.Line("本引擎 · schoolflow", mine)]
    axes = ("同时工作数 · workers", "每秒步数 · durable steps a second")
    curves.write(folder / "durable.svg", "持久化步骤 · durable steps", axes, lines)


if __name__ == "__main__":
    main()
