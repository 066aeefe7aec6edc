"""Due times in working hours across public holidays and make-up workdays, and what happens when they pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.workflow import calendars, substitutions
from engine.workflow.calendar import DEFAULT_CALENDAR, WorkingCalendar


def start(world: Any, due: str, reminders: str = "", at: datetime | None = None) -> UUID:
    content = world.decides("role:principal") + reminders
    body = '<startEvent id="s"/>' + world.task("t", content, attributes=f'due="{due}"') + world.flows(("s", "t"))
    world.deploy(world.model(body))
    if at is not None:
        world.clock.advance(at - world.clock.now())
    case: UUID = world.start()
    return case


def shanghai(month: int, day: int, hour: int) -> datetime:
    """A time in Shanghai (UTC+8)."""
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("due", "begins", "ends"),
    [
        # National Day: the 1st to the 7th of October are off, Saturday the 10th is worked instead.
        ("PT4W", shanghai(9, 30, 16), shanghai(10, 8, 11)),
        ("P2WD", shanghai(9, 30, 10), shanghai(10, 9, 10)),
        ("P3WD", shanghai(9, 30, 10), shanghai(10, 10, 10)),
        ("P4WD", shanghai(9, 30, 10), shanghai(10, 12, 10)),
        ("PT2W", shanghai(10, 3, 12), shanghai(10, 8, 11)),
        ("P2D", shanghai(9, 30, 10), shanghai(10, 2, 10)),
    ],
)
def test_due_time_skips_the_holidays_of_the_national_day(
    world: Any, due: str, begins: datetime, ends: datetime
) -> None:
    case = start(world, due, at=begins)
    assert world.open(case)["t"].due_at == ends


def test_branch_with_a_calendar_of_its_own_works_on_holidays(world: Any) -> None:
    zone, windows = DEFAULT_CALENDAR.zone, DEFAULT_CALENDAR.windows
    own = WorkingCalendar(zone, frozenset(range(7)), windows)
    world.run("adm", lambda tx: calendars.save(tx, world.branch, own))
    case = start(world, "P2WD", at=shanghai(9, 30, 10))
    assert world.open(case)["t"].due_at == shanghai(10, 2, 10)


def test_reminder_before_due_counts_working_time_and_time_rejects_in_the_end(world: Any) -> None:
    reminders = '<school:reminder before_due="PT2W"/><school:reminder after="P3WD" action="reject"/>'
    case = start(world, "P2WD", reminders, at=shanghai(9, 30, 10))
    world.clock.advance(shanghai(10, 8, 9) - world.clock.now())
    assert world.drain() == 0
    world.clock.advance(shanghai(10, 9, 9) - world.clock.now())
    assert world.drain() == 1
    assert world.open(case)["t"].urged_at == world.clock.now()
    world.clock.advance(shanghai(10, 10, 10) - world.clock.now())
    world.drain()
    found = world.view(case)
    assert (found.status, found.variables["t"]["outcome"]) == ("completed", "reject")


def test_overdue_task_goes_to_who_stands_in_for_the_superior(world: Any) -> None:
    case = start(world, "P2D", '<school:reminder after="PT1H" action="escalate"/>')
    now = world.clock.now()
    world.run("adm", lambda tx: substitutions.create(tx, "boss", "sam", now, now + timedelta(days=9)))
    world.pass_time(hours=1)
    row = world.open(case)["t"]
    assert (row.assignee, row.acting_for) == ("sam", {"sam": "boss"})
    world.done("sam", case, "t", "approve")
    assert world.sql("select user_id, acting_for from task_vote") == [("sam", "boss")]
