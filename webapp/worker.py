"""The worker: drains due rows when woken, and sweeps for what a lost wake-up left behind.

RQ delivers wake-ups; the rows in the database are the truth. Any number of workers run; what only one may do
(sweeping and sealing the history, duties by the clock) goes to the one that holds the advisory lock for it.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis import Redis, RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from sqlalchemy import Connection, text

from engine.kernel import background as background_jobs
from engine.kernel import history, jobs
from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Drain
from engine.workflow import staffing
from webapp import timings
from webapp.composition import Platform
from webapp.drains import SLICE
from webapp.duties import run_due

log = logging.getLogger(__name__)

_SWEEP_LOCK, _CLOCK_LOCK = 0x50EE9, 0x50EEA
_SWEEP_EVERY_S, _CLOCK_EVERY_S = 1.0, 20.0
_REST_S = 1.0

_platform: Platform | None = None
_bell = threading.Event()
"""Rings for the thread of the long jobs: imports and exports run beside the queue, so that a swipe need not wait."""


@dataclass(frozen=True, slots=True)
class Elected:
    """What one worker of all does again and again while it holds the lock."""

    name: str
    lock: int
    every_s: float
    turn: Callable[[], object]


def drain(name: str) -> int:
    """The RQ job: empties one kind of due rows; how many it handled. Long jobs have a thread of their own."""
    assert _platform is not None, "drain runs inside a worker"
    return _start(_platform, Drain(name))


def _start(platform: Platform, kind: Drain) -> int:
    if kind is Drain.BACKGROUND:
        _bell.set()
        return 0
    return drain_all(platform, kind)


def drain_all(platform: Platform, kind: Drain) -> int:
    """Empties one kind of due rows; when one go leaves some, the next one queues up behind what else has to be done."""
    handled = _turn(platform, kind, platform.drains[kind])
    if handled >= SLICE and platform.due[kind]():
        platform.boundary.waker.wake(frozenset({kind}))
    return handled


def _turn(platform: Platform, kind: Drain, empty: Callable[[], int]) -> int:
    """Clears the wake-up mark first, so that a row committed meanwhile wakes again, then empties the table."""
    jobs.clear_mark(platform.redis, kind)
    begun = time.perf_counter()
    handled = empty()
    if handled:
        timings.note(platform.redis, kind, time.perf_counter() - begun, handled)
    return handled


def work(platform: Platform) -> None:
    """Works until SIGTERM or SIGINT; a drain that has begun is finished first."""
    global _platform  # noqa: PLW0603 - RQ finds the job by name, so the platform has to be found by name too
    _platform = platform
    stop = threading.Event()
    elected = (
        Elected("sweeper", _SWEEP_LOCK, _SWEEP_EVERY_S, lambda: sweep_once(platform)),
        Elected("clock", _CLOCK_LOCK, _CLOCK_EVERY_S, lambda: run_due(platform.boundary, platform.duties)),
    )
    background = [
        threading.Thread(target=_take_turns, args=(platform, one, stop), name=one.name, daemon=True) for one in elected
    ]
    background.append(threading.Thread(target=_do_jobs, args=(platform, stop), name="jobs", daemon=True))
    background += [
        threading.Thread(target=run, args=(stop,), name=name, daemon=True) for name, run in platform.companions.items()
    ]
    for thread in background:
        thread.start()
    waiting = Redis.from_url(platform.settings.redis_url)  # waits for minutes, as no other client may
    try:
        follow_queue(waiting)
    finally:
        stop.set()
        _bell.set()
        for thread in background:
            thread.join(10)
        waiting.close()


class _Worker(SimpleWorker):
    """Remembers that it was told to stop."""

    is_told_to_stop = False

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.is_told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ has no types there


def follow_queue(redis: Redis) -> None:
    """Does the queue's jobs until SIGTERM or SIGINT. RQ's worker also quits when the queue server breaks off between
    two jobs; then another one begins, while the sweeper goes on."""
    while True:
        worker = _Worker([jobs.queue(redis)], connection=redis, serializer=JSONSerializer, log_job_description=False)
        try:
            worker.work(logging_level="WARNING")
        except RedisError:
            log.exception("the queue server does not answer")
        if worker.is_told_to_stop:
            return
        log.warning("the queue broke off; it is followed again")
        with suppress(StopRequested):
            time.sleep(_REST_S)
            continue
        return


def _do_jobs(platform: Platform, stop: threading.Event) -> None:
    """Runs long jobs one after the other; when the worker stops, the running one goes back to the queue."""

    def empty() -> int:
        return background_jobs.drain(platform.boundary, platform.job_handlers, SYSTEM, stop=stop)

    while not stop.is_set():
        _bell.wait()
        _bell.clear()
        try:
            _turn(platform, Drain.BACKGROUND, empty)
        except Exception:
            log.exception("a job broke off; it is taken up again when its lease has run out")
            stop.wait(2)


def _take_turns(platform: Platform, elected: Elected, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            _on_duty(platform, elected, stop)
        except Exception:
            log.exception("the %s lost its connection; it starts again", elected.name)
            stop.wait(2)


def _on_duty(platform: Platform, elected: Elected, stop: threading.Event) -> None:
    """Holds the duty's lock on a connection of its own for as long as that lives."""
    with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not stop.is_set() and not _try_lock(connection, elected.lock):
            stop.wait(2)
        while not stop.is_set():
            connection.execute(text("SELECT 1"))
            elected.turn()
            stop.wait(elected.every_s)


def sweep_once(platform: Platform) -> None:
    """Wakes every drain that has due rows, or does their work when nobody can be woken; chains the history."""
    due = frozenset(kind for kind, is_due in platform.due.items() if is_due())
    if due and not platform.boundary.waker.wake(due):
        for kind in sorted(due):
            _start(platform, kind)
    staffing.follow_changes(platform.boundary)
    with platform.engine.begin() as connection:
        history.seal(connection)


def _try_lock(connection: Connection, key: int) -> bool:
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one())
