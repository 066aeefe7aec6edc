"""A nursery of workers to be killed: `python -m tests.integration.workflow.storm_worker URL VALKEY HOME CONNECTOR`.

A number on stdin is the seed of one more worker; its process id comes back. A worker does what is due and sends what
waits, woken by the queue or by time, in moods of its own, until it is killed. What it cannot cope with goes into the
file `errors` of the folder HOME; the clock all share lies there too, and the list of what the peer has taken.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from redis import Redis, RedisError

from engine.kernel import jobs
from engine.kernel.connector import Outbound
from engine.kernel.database import open_engine
from engine.kernel.delivery import Live, drain_outbox
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.servers.process import die_with_parent
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Drain, Unavailable
from engine.workflow import calendars, drains, runtime
from engine.workflow.handlers import Handler, HandlerRegistry, Parameter

from .conftest import People, Rights, Store
from .random_outside import Peer
from .random_surprises import MOOD, work

BEGUN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
_DUE = (Drain.STEPS, Drain.TIMERS, Drain.OUTBOX)
PATIENCE_S = 3


class SharedClock:
    """One clock for several processes: a moment, and seconds since in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._seconds = mmap.mmap(file.fileno(), 8)

    def now(self) -> datetime:
        """Aware, in UTC."""
        return BEGUN + timedelta(seconds=struct.unpack("d", self._seconds[:8])[0])

    def advance(self, by: timedelta) -> None:
        """Moves the clock of all."""
        self._seconds[:8] = struct.pack("d", struct.unpack("d", self._seconds[:8])[0] + by.total_seconds())


class NotedPeer(Peer):
    """Writes down what it takes, so that it is known when the one who sent it is dead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def send(self, out: Outbound) -> Any:
        """As the peer does."""
        before = self.took[out.id]
        try:
            return super().send(out)
        finally:
            if self.took[out.id] > before:
                with self.path.open("ab") as file:
                    file.write(out.id.bytes)


def install() -> tuple[HandlerRegistry, Store]:
    """The small school of the storms in this process."""
    handlers, store = HandlerRegistry(), Store()
    for name in ("works", "unworks"):
        handlers.add(Handler(name, Text(name, name), work, {"n": Parameter("string")}))
    runtime.install(runtime.Runtime(handlers, lambda tx: People(), store, Rights(), calendar=calendars.calendar_of))
    return handlers, store


def live(connector_id: UUID, home: Path) -> Live:
    """The peer of the storms, whose answers take a while to be given up."""
    return Live(connector_id, "peer", NotedPeer(home / "took"), SendPolicy(rate_per_s=1000, burst=1000))


def toil(url: str, valkey: str, home: Path, connector_id: UUID, seed: int) -> None:
    """Do what is due, for ever."""
    rng, redis = Random(seed), jobs.connect(valkey)
    install()
    boundary = Boundary(
        open_engine(url, pool_size=2, patience_s=PATIENCE_S), SharedClock(home / "clock"), jobs.RqWaker(redis)
    )
    sender = live(connector_id, home)
    assert isinstance(sender.connector, NotedPeer)
    while True:
        MOOD.left, MOOD.kind = rng.choice(((0, 0), (0, 0), (0, 0), (1, rng.randrange(3))))
        sender.connector.moods[:] = [rng.choice((0, 0, 0, 1, 2, 3))]
        try:
            _await_wake(redis)
            drains.run_due(boundary, limit=20)
            drain_outbox(boundary, {connector_id: sender}, rng=rng)
        except Unavailable:
            time.sleep(0.05)
        except Exception:
            with (home / "errors").open("a") as file:
                file.write(traceback.format_exc())


def _await_wake(redis: Redis) -> None:
    """Until somebody calls, or a moment: without the queue's server the moment only."""
    try:
        redis.blpop([f"rq:queue:{jobs.QUEUE}"], timeout=0.1)
    except RedisError:
        time.sleep(0.1)
    for kind in _DUE:
        jobs.clear_mark(redis, kind)


def main() -> None:
    """Fork one worker for each line."""
    url, valkey, home, connector_id = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    end_with_parent = die_with_parent(signal.SIGKILL)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            if end_with_parent is not None:
                end_with_parent()
            toil(url, valkey, Path(home), UUID(connector_id), int(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
