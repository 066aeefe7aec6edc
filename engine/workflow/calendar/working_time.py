"""Arithmetic in working time. All times are aware; results are UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from engine.workflow.calendar.model import WorkingCalendar

_HORIZON_DAYS = 3660


def is_workday(calendar: WorkingCalendar, day: date) -> bool:
    """Whether the branch works on that local date.

    >>> from datetime import date
    >>> from engine.workflow.calendar.model import DEFAULT_CALENDAR
    >>> is_workday(DEFAULT_CALENDAR, date(2026, 2, 14)), is_workday(DEFAULT_CALENDAR, date(2026, 2, 16))
    (True, False)
    """
    if day in calendar.make_up_workdays:
        return True
    return day not in calendar.holidays and day.weekday() in calendar.weekdays


def add_working_time(calendar: WorkingCalendar, start: datetime, amount: timedelta) -> datetime:
    """The moment at which `amount` of working time has passed since `start`.

    Raises: ValueError for a negative amount, or when ten years hold too little working time.
    """
    if amount < timedelta(0):
        raise ValueError(f"Expected working time to add, but found {amount}.")
    left = amount
    for opens, closes in _windows_from(calendar, start):
        begin = max(opens, start)
        if closes - begin >= left:
            return (begin + left).astimezone(UTC)
        left -= closes - begin
    raise ValueError(f"Expected the calendar to hold {amount} of working time within ten years.")


def add_working_days(calendar: WorkingCalendar, start: datetime, days: int) -> datetime:
    """The same local clock time `days` workdays later; a start on a day off counts from the next workday's opening.

    Raises: ValueError for a negative number, or when ten years hold too few workdays.
    """
    if days < 0:
        raise ValueError(f"Expected working days to add, but found {days}.")
    local = start.astimezone(calendar.zone)
    day, clock = local.date(), local.time()
    if not is_workday(calendar, day):
        clock = calendar.windows[0][0]
    left = days
    for _ in range(_HORIZON_DAYS):
        if is_workday(calendar, day):
            if left == 0:
                return datetime.combine(day, clock, calendar.zone).astimezone(UTC)
            left -= 1
        day += timedelta(days=1)
    raise ValueError(f"Expected the calendar to hold {days} workdays within ten years.")


def working_time_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Working time from start to end; zero when end is not later."""
    total = timedelta(0)
    for opens, closes in _windows_from(calendar, start):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta(0))
    return total


def _windows_from(calendar: WorkingCalendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Windows that end after `start`, ascending, as UTC moments, for ten years."""
    first = start.astimezone(calendar.zone).date()
    for offset in range(_HORIZON_DAYS):
        day = first + timedelta(days=offset)
        if not is_workday(calendar, day):
            continue
        for opens, closes in calendar.windows:
            closing = datetime.combine(day, closes, calendar.zone).astimezone(UTC)
            if closing > start:
                yield datetime.combine(day, opens, calendar.zone).astimezone(UTC), closing
