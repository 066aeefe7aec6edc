"""A nursery of workers to be killed: `python -m tests.integration.workflow.storm_worker URL VALKEY HOME CONNECTOR`.

A number on stdin is the seed of one more worker, whose process id comes back; a negative one kills that worker. A
worker is the real one (RQ's, with the sweeper beside it): it does what is due and sends what waits, in moods of its
own. What it cannot cope with goes into the file `errors` of the folder HOME; the clock all share lies there too, and
the list of what the peer has taken.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from engine.kernel import jobs
from engine.kernel.actor import SYSTEM
from engine.kernel.database import open_engine
from engine.kernel.delivery import drain_outbox
from engine.kernel.servers.process import die_with_parent
from engine.kernel.uow import Boundary, Drain, Unavailable
from engine.workflow import drains
from webapp import due, worker
from webapp.composition import Platform

from .random_surprises import MOOD
from .storm_school import PATIENCE_S, NotedPeer, SharedClock, install, live


def toil(url: str, valkey: str, home: Path, connector_id: UUID, seed: int) -> None:
    """Do what is due, for ever."""
    rng, redis = Random(seed), jobs.connect(valkey)
    install()
    engine = open_engine(url, pool_size=4, patience_s=PATIENCE_S)
    boundary = Boundary(engine, SharedClock(home / "clock"), jobs.RqWaker(redis))
    sender = live(connector_id, home)
    peer = cast(NotedPeer, sender.connector)
    drains_of = {
        Drain.STEPS: lambda: drains.run_due(boundary, limit=20),
        Drain.TIMERS: lambda: drains.run_due(boundary, limit=20),
        Drain.OUTBOX: lambda: drain_outbox(boundary, {connector_id: sender}, rng=rng),
    }
    platform = SimpleNamespace(
        settings=SimpleNamespace(redis_url=valkey),
        engine=engine,
        redis=redis,
        boundary=boundary,
        drains={kind: partial(_in_a_mood, home, rng, peer, empty) for kind, empty in drains_of.items()},
        due={kind: partial(boundary.run, SYSTEM, due.CHECKS[kind]) for kind in drains_of},
        job_handlers={},
        duties=(),
        companions={},
    )
    worker.work(cast(Platform, platform))


def _in_a_mood(home: Path, rng: Random, peer: NotedPeer, empty: Callable[[], int]) -> int:
    """Handlers fail and the peer is silent now and then. What nobody foresaw is written down."""
    MOOD.left, MOOD.kind = rng.choice(((0, 0), (0, 0), (0, 0), (1, rng.randrange(3))))
    peer.moods[:] = [rng.choice((0, 0, 0, 1, 2, 3))]
    try:
        return empty()
    except Unavailable:
        raise
    except Exception:
        with (home / "errors").open("a") as file:
            file.write(traceback.format_exc())
        raise


def main() -> None:
    """Fork one worker for each number; kill it for its negative id, which only here is known to be its own still."""
    url, valkey, home, connector_id = sys.argv[1:]
    end_with_parent = die_with_parent(signal.SIGKILL)
    for line in sys.stdin:
        if int(line) < 0:
            os.kill(-int(line), signal.SIGKILL)
            os.waitpid(-int(line), 0)
            continue
        child = os.fork()
        if child == 0:
            if end_with_parent is not None:
                end_with_parent()
            toil(url, valkey, Path(home), UUID(connector_id), int(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
