"""The worker: drains due rows when woken, and sweeps for what a lost wake-up left behind.

RQ delivers wake-ups; the rows in the database are the truth. Any number of workers run; duties that only one may have
(sweeping, sealing the history, firing timers on time) go to the one that holds the advisory lock.
"""

import logging
import threading

from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Connection, text

from engine.kernel import history, jobs
from engine.kernel.uow import Drain
from webapp.composition import Platform

log = logging.getLogger(__name__)

_DUTY_LOCK = 0x50EE9
_SWEEP_EVERY_S = 1.0

_platform: Platform | None = None


def drain(name: str) -> int:
    """The RQ job: empties one kind of due rows; how many it handled."""
    assert _platform is not None, "drain runs inside a worker"
    return drain_all(_platform, Drain(name))


def drain_all(platform: Platform, kind: Drain) -> int:
    """Clears the wake-up mark first, so that a row committed meanwhile wakes again, then empties the table."""
    jobs.clear_mark(platform.redis, kind)
    return platform.drains[kind]()


def work(platform: Platform) -> None:
    """Works until SIGTERM or SIGINT; a drain that has begun is finished first."""
    global _platform  # noqa: PLW0603 - RQ finds the job by name, so the platform has to be found by name too
    _platform = platform
    stop = threading.Event()
    background = [threading.Thread(target=_sweep, args=(platform, stop), name="sweeper", daemon=True)]
    background += [
        threading.Thread(target=run, args=(stop,), name=name, daemon=True) for name, run in platform.companions.items()
    ]
    for thread in background:
        thread.start()
    worker = SimpleWorker(
        [jobs.queue(platform.redis)], connection=platform.redis, serializer=JSONSerializer, log_job_description=False
    )
    try:
        worker.work(logging_level="WARNING")
    finally:
        stop.set()
        for thread in background:
            thread.join(10)


def _sweep(platform: Platform, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            _on_duty(platform, stop)
        except Exception:
            log.exception("the sweeper lost its connection; it starts again")
            stop.wait(2)


def _on_duty(platform: Platform, stop: threading.Event) -> None:
    """Holds the duty lock on a connection of its own for as long as that lives."""
    with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not stop.is_set() and not _try_lock(connection):
            stop.wait(2)
        while not stop.is_set():
            connection.execute(text("SELECT 1"))
            sweep_once(platform)
            stop.wait(_SWEEP_EVERY_S)


def sweep_once(platform: Platform) -> None:
    """Wakes every drain that has due rows and chains the history."""
    due = frozenset(kind for kind, is_due in platform.due.items() if is_due())
    if due:
        platform.boundary.waker.wake(due)
    with platform.engine.begin() as connection:
        history.seal(connection)


def _try_lock(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _DUTY_LOCK}).scalar_one())
