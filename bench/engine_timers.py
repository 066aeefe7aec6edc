"""Due timers: `python -m bench.engine_timers [--timers 100000] [--workers 2]`.

Every instance waits at one timer that is due; workers drain until nothing is left. Prints timers per second, and fails
unless every instance was moved exactly once. Target: 100,000 fired, none twice, at least 500 per second.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine

from bench.engine_durable import ANN, BRANCH, NoRecords, Open, People
from engine.kernel import migrate
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import APPLICATION, start_postgres
from engine.kernel.uow import Boundary, SilentWaker, Tx
from engine.workflow import deployments, drains, instances, runtime
from engine.workflow.handlers import HandlerRegistry
from engine.workflow.invariants import violations

MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="waits" isExecutable="true"><startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition>
<timeDuration>PT0S</timeDuration></timerEventDefinition></intermediateCatchEvent><userTask id="after" name="after"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="w"/><sequenceFlow id="f2" sourceRef="w" targetRef="after"/></process>
</definitions>"""
_COPY = """with ids as (select gen_random_uuid() as id from generate_series(1, %(count)s)),
 i as (insert into instance (id, version_id, process_key, status, suspended, state, lock_version, title, branch_id,
 lifecycle, root_id, starter, starter_kind, starter_name, pinned, chosen, open_incidents, started_at, updated_at)
 select ids.id, version_id, process_key, status, suspended, state, lock_version, title, branch_id, lifecycle, ids.id,
 starter, starter_kind, starter_name, pinned, chosen, 0, started_at, updated_at from instance, ids
 where instance.id = %(id)s)
 insert into timer (id, instance_id, activation, kind, reference, due_at, data) select gen_random_uuid(), ids.id,
 activation, kind, reference, now() - random() * interval '1 hour', data from timer, ids where instance_id = %(id)s"""
_MOVED = """select count(*), count(distinct instance_id) from user_task"""


def main() -> None:
    """Fill, drain, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timers", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = start_postgres(Path(folder))
        try:
            owner = create_engine(server.owner_url)
            migrate.upgrade(owner, APPLICATION)
            owner.dispose()
            _measure(server.url, arguments.timers, arguments.workers)
        finally:
            server.stop()


def _measure(url: str, count: int, workers: int) -> None:
    runtime.install(runtime.Runtime(HandlerRegistry(), lambda tx: People(), NoRecords(), Open()))
    boundary = Boundary(open_engine(url), SystemClock(), SilentWaker())
    boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"waits.bpmn": MODEL}))
    case = boundary.run(ANN, lambda tx: instances.start(tx, "waits", {}, branch_id=BRANCH))
    boundary.run(SYSTEM, lambda tx: tx.post(_COPY, {"id": case, "count": count - 1}))
    boundary.engine.dispose()
    processes = [multiprocessing.get_context("fork").Process(target=_drain, args=(url,)) for _ in range(workers)]
    start = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - start
    tasks, moved = boundary.run(SYSTEM, _count)
    broken = boundary.run(SYSTEM, violations)
    sys.stdout.write(f"{count} timers, {workers} workers: {count / seconds:.0f} per second (target 500)\n")
    if (tasks, moved, broken) != (count, count, []):
        raise SystemExit(f"expected {count} instances moved once, found {moved} by {tasks} steps; {broken[:3]}")


def _drain(url: str) -> None:
    boundary = Boundary(open_engine(url), SystemClock(), SilentWaker())
    while drains.run_due(boundary):
        pass


def _count(tx: Tx) -> tuple[int, int]:
    ((tasks, moved),) = tx.query(_MOVED, {})
    return tasks, moved


if __name__ == "__main__":
    main()
