"""The queue server dies at any moment: no wake-up is left half done, and the work goes on without it."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import ConnectionError, Redis
from redis.connection import AbstractConnection
from rq import SimpleWorker

from engine.kernel import jobs
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import TooManyRequests
from engine.kernel.servers.valkey import ValkeyServer, start_valkey
from engine.kernel.uow import Boundary, Drain
from engine.metadata import records
from tests.e2e.school import School
from webapp import worker
from webapp.composition import Platform
from webapp.security import throttle


@pytest.fixture
def without_queue(platform: Platform) -> Platform:
    """The platform, whose queue server has gone."""
    gone = jobs.connect("redis://127.0.0.1:1")
    boundary = Boundary(platform.engine, platform.boundary.clock, jobs.RqWaker(gone))
    return replace(platform, redis=gone, boundary=boundary)


def test_sweeper_does_the_work_itself_while_the_queue_is_away(without_queue: Platform, school: School) -> None:
    sales = school.actor("east_sales1")
    values = {"name": "许嘉言", "phone": "13900008821", "guardian_name": "许女士", "source": "web"}
    lead = without_queue.boundary.run(sales, lambda tx: records.create(tx, "lead", values))
    for _ in range(3):
        worker.sweep_once(without_queue)
    sql = "SELECT node_id FROM user_task WHERE record_id = %(lead)s AND status = 'open'"
    assert without_queue.boundary.run(SYSTEM, lambda tx: tx.query(sql, {"lead": lead.id})) == [("accept_lead",)]


@pytest.fixture
def own_queue(server_home: Path) -> Iterator[list[ValkeyServer]]:
    """A queue server of this test's own; the list holds the one that runs now."""
    home = server_home / "mortal"
    home.mkdir(exist_ok=True)
    running = [start_valkey(home)]
    yield running
    running[0].stop()


def test_queue_killed_before_any_command_leaves_no_mark_without_its_job(
    own_queue: list[ValkeyServer], server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, left = AbstractConnection.send_packed_command, [0]

    def send(connection: Any, command: Any, check_health: bool = True) -> None:
        left[0] -= 1
        if left[0] == 0 and (child := own_queue[0].child):
            child.kill()
            child.wait()
        whole(connection, command, check_health)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", send)
    told = []
    for number in range(1, 20):
        with Redis.from_url(own_queue[0].url) as redis:
            redis.flushall()
            waker = jobs.RqWaker(jobs.connect(own_queue[0].url))
            left[0] = number
            told.append(waker.wake(frozenset({Drain.STEPS})))
            was_killed, left[0] = left[0] <= 0, 0
            if was_killed:
                own_queue[0] = start_valkey(server_home / "mortal")
            marked = bool(redis.exists("schoolflow:wake:steps"))
            assert (marked, jobs.queue(redis).count) == ((True, 1) if told[-1] else (False, 0)), f"command {number}"
            assert waker.wake(frozenset({Drain.STEPS})) is told[-1]  # it rests after a failure
        if not was_killed:
            break
    assert told == [*[False] * (number - 1), True] and number > 2


def test_worker_follows_the_queue_again_after_it_broke_off_between_two_jobs_until_it_is_told_to_stop(
    own_queue: list[ValkeyServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(one: SimpleWorker, burst: bool) -> None:
        seen.append(one.name)
        if len(seen) == 1:
            raise ConnectionError("cut")
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(SimpleWorker, "check_for_suspension", look)
    monkeypatch.setattr(worker, "_REST_S", 0)
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Redis.from_url(own_queue[0].url) as redis:
            worker.follow_queue(redis)
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
    assert len(set(seen)) == 2


def test_requests_are_counted_for_their_window_and_let_through_while_the_queue_is_away(
    platform: Platform, without_queue: Platform
) -> None:
    for _ in range(2):
        throttle.allow(platform, "form", "203.0.113.9", limit=2, window_s=60)
    with pytest.raises(TooManyRequests):
        throttle.allow(platform, "form", "203.0.113.9", limit=2, window_s=60)
    assert 0 < int(str(platform.redis.ttl("schoolflow:throttle:form:203.0.113.9"))) <= 60
    for _ in range(3):
        throttle.allow(without_queue, "form", "203.0.113.9", limit=2, window_s=60)
