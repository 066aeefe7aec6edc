"""Inbox pages with many open tasks in the table: `python -m bench.engine_inbox [--tasks 1000000]`.

Prints p50 and p95 of each box in milliseconds over a hundred users, after a first look of each. Target: p95 below
50 ms at 1,000,000 open tasks.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine

from engine.kernel import migrate
from engine.kernel.actor import Actor, ActorKind
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import APPLICATION, start_postgres
from engine.kernel.uow import Boundary, SilentWaker
from engine.workflow import tasks
from engine.workflow.tasks import InboxQuery

_SEED = """
insert into deployment
 values ('00000000-0000-0000-0000-000000000001', 'b', null, 'active', false, '[]', 's', 's', now());
insert into process (key, name, money, created_at) values ('p', 'p', false, now());
insert into process_version values ('00000000-0000-0000-0000-000000000002', 'p', 1, 'p', null,
 '00000000-0000-0000-0000-000000000001', 'p', 'h', 'process:p', null, false, false, now());
insert into instance (id, version_id, process_key, status, state, lock_version, title, root_id, starter, starter_kind,
 starter_name, pinned, started_at, updated_at)
 select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00000000-0000-0000-0000-000000000002', 'p',
 'active', '', 1, '退费 ' || n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || n % 1000, 'user',
 'u', '{}', now(), now() from generate_series(1, %(count)s) n;
insert into user_task (id, instance_id, activation, node_id, process_key, kind, status, title, name, assignee, due_at,
 created_at) select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
 ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'a', 'p', 'task', 'open', '审批退费 ' || n, '审批',
 case when n % 2 = 0 then 'u' || n % 1000 end, now() + n % 500 * interval '1 hour', now()
 from generate_series(1, %(count)s) n;
insert into task_candidate select 'u' || (n + k) % 1000, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
 true from generate_series(1, %(count)s, 2) n, generate_series(0, 4) k;
analyze;
"""
QUERIES = {
    "todo": InboxQuery("todo"),
    "todo by due": InboxQuery("todo", order="due"),
    "todo search": InboxQuery("todo", search="99"),
    "candidate": InboxQuery("candidate"),
    "started": InboxQuery("started"),
}


def main() -> None:
    """Fill a database, ask for pages, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    count = parser.parse_args().tasks
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = start_postgres(Path(folder), durable=False)
        try:
            owner = create_engine(server.owner_url)
            migrate.upgrade(owner, APPLICATION)
            with owner.begin() as connection:
                for statement in _SEED.replace("%(count)s", str(count)).split(";\n"):
                    if statement.strip():
                        connection.exec_driver_sql(statement.replace("%", "%%"))
            _measure(Boundary(open_engine(server.url), SystemClock(), SilentWaker()))
            owner.dispose()
        finally:
            server.stop()


def _measure(boundary: Boundary) -> None:
    for name, query in QUERIES.items():
        times: list[float] = []
        for number in [*range(100), *range(100)]:
            actor = Actor(ActorKind.USER, f"u{number * 10}", "u")
            start = time.perf_counter()
            boundary.run(actor, partial(tasks.inbox, query=query))
            times.append((time.perf_counter() - start) * 1000)
        times = times[100:]
        p95 = statistics.quantiles(times, n=20)[-1]
        sys.stdout.write(f"{name:12} p50 {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms\n")
    boundary.engine.dispose()


if __name__ == "__main__":
    main()
