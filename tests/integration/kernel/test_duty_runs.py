"""Duties on a real database: exactly once, also when workers race, one fails or the school stood still."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from engine.kernel import duty_runs
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import FixedClock
from engine.kernel.duties import Daily, Duty, Occasion, OutsideDuty
from engine.kernel.errors import UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Boundary

TODAY = Occasion("2026-09-01", date(2026, 9, 1), ZoneInfo("Asia/Shanghai"))


def duty(work) -> Duty:
    return Duty("tests.count", Text("数", "Count"), Daily(time(2)), work)


def count(tx, _occasion):
    tx.record(Event("tests:counted", ("tests", "one")))
    return {"counted": 1}


def trail(boundary: Boundary) -> int:
    query = text("SELECT count(*) FROM history WHERE action = 'tests:counted'")
    return int(boundary.run(SYSTEM, lambda tx: tx.execute(query).scalar_one()))


def test_racing_workers_do_a_duty_once(boundary: Boundary) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: duty_runs.perform(boundary, SYSTEM, duty(count), TODAY), range(16)))
    assert sorted(map(str, found)) == ["None"] * 15 + ["{'counted': 1}"]
    assert trail(boundary) == 1


def test_failed_duty_leaves_nothing_and_is_done_when_tried_again(boundary: Boundary, clock: FixedClock) -> None:
    def fail(tx, occasion):
        count(tx, occasion)
        raise UserError("tests.broken", Text("坏了", "It broke"))

    for _ in range(2):
        with pytest.raises(UserError):
            duty_runs.perform(boundary, SYSTEM, duty(fail), TODAY)
    run = boundary.run(SYSTEM, duty_runs.latest)[("tests.count", "all")]
    assert (run.is_done, run.attempts, run.result) == (False, 2, {"error": "tests.broken: It broke"})
    assert run.retry_at == clock.now() + timedelta(minutes=10)
    assert trail(boundary) == 0
    assert duty_runs.perform(boundary, SYSTEM, duty(count), TODAY) == {"counted": 1}
    run = boundary.run(SYSTEM, duty_runs.latest)[("tests.count", "all")]
    assert (run.is_done, run.attempts, run.result, run.retry_at) == (True, 3, {"counted": 1}, None)


def test_duty_that_keeps_failing_is_given_up(boundary: Boundary) -> None:
    def fail(_tx, _occasion):
        raise RuntimeError("a secret in a message")

    for _ in range(duty_runs.MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            duty_runs.perform(boundary, SYSTEM, duty(fail), TODAY)
    run = boundary.run(SYSTEM, duty_runs.latest)[("tests.count", "all")]
    assert (run.attempts, run.retry_at, run.result) == (5, None, {"error": "RuntimeError"})


def test_outside_duty_is_noted_after_it_was_done(boundary: Boundary) -> None:
    done: list[str] = []

    def act(occasion):
        done.append(occasion.period)
        return {"done": len(done)}

    outside = OutsideDuty("tests.outside", Text("外", "Outside"), Daily(time(2)), act)
    assert duty_runs.perform(boundary, SYSTEM, outside, TODAY) == {"done": 1}
    assert boundary.run(SYSTEM, duty_runs.latest)[("tests.outside", "all")].result == {"done": 1}


def test_old_runs_are_forgotten_intervals_sooner_than_days(boundary: Boundary, clock: FixedClock) -> None:
    interval = Occasion("2026-09-01T01:00:00Z", date(2026, 9, 1), ZoneInfo("Asia/Shanghai"))
    for occasion in (TODAY, interval):
        duty_runs.perform(boundary, SYSTEM, duty(count), occasion)
    clock.advance(timedelta(days=3))
    assert boundary.run(SYSTEM, duty_runs.forget_old) == 1
    clock.advance(timedelta(days=90))
    assert boundary.run(SYSTEM, duty_runs.forget_old) == 1
