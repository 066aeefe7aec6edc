"""A worker of its own process for fault tests: `python worker_process.py URL MODE ARGUMENTS…`.

MODE `drain` does everything due, `complete` finishes a task as ann. With KILL_AT=name it dies with SIGKILL at that
point: before the statement of the step, after it, or after the commit.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

from conftest import People, Rights, Store, user  # type: ignore[import-not-found]

from engine.kernel.clock import FixedClock
from engine.kernel.database import open_engine
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, SilentWaker, Tx
from engine.workflow import drains, runtime, tasks
from engine.workflow.handlers import Handler, HandlerRegistry
from engine.workflow.runner import statement

KILL_AT = os.environ.get("KILL_AT", "")


def kill() -> None:
    """What happens at the chosen point."""
    os.kill(os.getpid(), signal.SIGKILL)


def die(point: str) -> None:
    """Strike when this is the chosen point."""
    if point == KILL_AT:
        kill()


def instrument() -> None:
    """Put the points of death around the step's statement and the commit."""
    write, flush = statement.write, Tx.flush_history

    def around_write(*args: Any, **kw: Any) -> None:
        die("before_statement")
        write(*args, **kw)
        die("after_statement")

    def around_flush(tx: Tx) -> None:
        flush(tx)
        die("before_commit")

    statement.write = around_write
    Tx.flush_history = around_flush  # type: ignore[method-assign]


def book(tx: Tx, inputs: Any) -> dict[str, Any]:
    """A local effect that must happen exactly once."""
    die("in_handler")
    tx.connection.exec_driver_sql(
        "insert into task_turn values ('book', %(id)s, 'x', 1) on conflict (process_key, node_id, user_id)"
        " do update set turn = task_turn.turn + 1",
        {"id": str(inputs["n"])},
    )
    return {}


def opened(url: str, now: str, *, patience_s: int = 20) -> Boundary:
    """The small school's boundary, instrumented."""
    registry = HandlerRegistry([Handler("book", Text("记", "book"), book, {"n": "number"})])
    runtime.install(runtime.Runtime(registry, lambda tx: People(), Store(), Rights()))
    instrument()
    engine = open_engine(url, patience_s=patience_s)
    return Boundary(engine, FixedClock(datetime.fromisoformat(now)), SilentWaker())


def main() -> None:
    """Run the mode."""
    url, now, mode, *rest = sys.argv[1:]
    boundary = opened(url, now)
    if mode == "drain":
        drains.run_due(boundary)
    else:
        boundary.run(user("ann"), lambda tx: tasks.complete(tx, UUID(rest[0])))
    die("after_commit")
    sys.stdout.write("done")


if __name__ == "__main__":
    main()
