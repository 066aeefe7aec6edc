"""Long jobs: what is kept survives the worker, one who was overtaken or asked to stop writes nothing more."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.kernel import background
from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.background import LEASE, Progress
from engine.kernel.clock import FixedClock
from engine.kernel.uow import Boundary

ANN = Actor(ActorKind.USER, "ann", "Ann")


class Killed(Exception):
    """The worker's process is gone."""


def enqueue(boundary: Boundary) -> UUID:
    return boundary.run(ANN, lambda tx: background.enqueue(tx, "count", {"to": 3}))


def job(boundary: Boundary, job_id: UUID) -> background.Job:
    return boundary.run(ANN, lambda tx: background.get(tx, job_id))


def count(boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress) -> Mapping[str, object]:
    """Counts up, one unit a number."""
    done = int((progress.kept or {"done": 0})["done"])
    for number in range(done + 1, parameters["to"] + 1):
        boundary.run(actor, lambda tx, n=number: progress.keep(tx, {"done": n}, n, parameters["to"]))
    return {"done": parameters["to"], "began_at": done}


def dying_after(numbers: int) -> background.JobHandler:
    def handler(
        boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress
    ) -> Mapping[str, object]:
        count(boundary, actor, {"to": numbers}, progress)
        raise Killed

    return handler


def test_a_job_goes_on_behind_what_a_dead_worker_kept(boundary: Boundary, clock: FixedClock) -> None:
    job_id = enqueue(boundary)
    with pytest.raises(Killed):
        background.drain(boundary, {"count": dying_after(2)}, SYSTEM)
    found = job(boundary, job_id)
    assert (found.state, found.done, found.result) == ("running", 2, {"done": 2})
    assert background.drain(boundary, {"count": count}, SYSTEM) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert background.drain(boundary, {"count": count}, SYSTEM) == 1
    assert job(boundary, job_id).result == {"done": 3, "began_at": 2}


def test_a_worker_that_was_overtaken_writes_nothing_more(boundary: Boundary, clock: FixedClock) -> None:
    job_id = enqueue(boundary)

    def slow(inner: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress) -> Mapping[str, object]:
        clock.advance(LEASE + timedelta(seconds=1))
        background.drain(inner, {"count": count}, SYSTEM)
        inner.run(actor, lambda tx: progress.keep(tx, {"done": 99}, 99, 99))
        return {"done": 99}

    background.drain(boundary, {"count": slow}, SYSTEM)
    found = job(boundary, job_id)
    assert (found.state, found.done, found.result) == ("done", 3, {"done": 3, "began_at": 0})


def test_cancelling_keeps_what_is_done(boundary: Boundary) -> None:
    job_id = enqueue(boundary)

    def cancelled(
        inner: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress
    ) -> Mapping[str, object]:
        count(inner, actor, {"to": 2}, progress)
        inner.run(ANN, lambda tx: background.cancel(tx, job_id))
        return count(inner, actor, {"to": 3}, progress)

    background.drain(boundary, {"count": cancelled}, SYSTEM)
    found = job(boundary, job_id)
    assert (found.state, found.result) == ("cancelled", {"done": 2})


def test_a_stopping_worker_gives_the_job_back_at_once(boundary: Boundary) -> None:
    job_id, stop = enqueue(boundary), threading.Event()

    def stopped(
        inner: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress
    ) -> Mapping[str, object]:
        count(inner, actor, {"to": 1}, progress)
        stop.set()
        return count(inner, actor, parameters, progress)

    background.drain(boundary, {"count": stopped}, SYSTEM, stop=stop)
    assert (job(boundary, job_id).state, job(boundary, job_id).result) == ("queued", {"done": 1})
    assert background.drain(boundary, {"count": count}, SYSTEM, stop=stop) == 0
    background.drain(boundary, {"count": count}, SYSTEM)
    assert job(boundary, job_id).result == {"done": 3, "began_at": 1}
