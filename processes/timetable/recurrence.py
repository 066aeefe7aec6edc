"""Lessons that repeat: weekdays and times expanded to slots, over a holiday calendar, and free slots proposed."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from processes.timetable.conflicts import Slot, overlap

MAX_LESSONS = 500
MAX_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A weekly pattern in the branch's local time; weekdays 0 = Monday. Ends after `count` lessons or on `until`."""

    first_day: date
    weekdays: frozenset[int]
    starts_at: time
    ends_at: time
    count: int | None = None
    until: date | None = None
    every_weeks: int = 1


def expand(recurrence: Recurrence, zone: ZoneInfo, skip: Set[date] = frozenset()) -> tuple[Slot, ...]:
    """The slots of a pattern, oldest first; days to skip (holidays, exceptions) move the count to later days.

    Raises: UserError when the pattern is empty, endless or larger than 500 lessons.
    """
    _check(recurrence)
    days = (day for day in _days(recurrence) if day not in skip)
    limit = recurrence.count if recurrence.count is not None else MAX_LESSONS + 1
    slots = tuple(_slot(day, recurrence, zone) for day in islice(days, limit))
    if len(slots) > MAX_LESSONS:
        raise UserError(
            "timetable.too_many_lessons",
            Text(f"一次最多排 {MAX_LESSONS} 节课", f"At most {MAX_LESSONS} lessons at once"),
            hint=Text("缩短日期范围", "Shorten the range"),
        )
    return slots


def _check(recurrence: Recurrence) -> None:
    endless = recurrence.count is None and recurrence.until is None
    empty = not recurrence.weekdays or not recurrence.weekdays <= frozenset(range(7))
    if endless or empty or recurrence.ends_at <= recurrence.starts_at or recurrence.every_weeks < 1:
        raise UserError(
            "timetable.recurrence_invalid",
            Text(
                "排课规律不完整：需要星期、起止时间和次数或截止日",
                "The pattern needs weekdays, times, and a count or an end day",
            ),
        )


def _days(recurrence: Recurrence) -> Iterator[date]:
    monday = recurrence.first_day - timedelta(days=recurrence.first_day.weekday())
    last = recurrence.until or date.max
    for offset in range(MAX_DAYS):
        day = recurrence.first_day + timedelta(days=offset)
        if day > last:
            return
        week = (day - monday).days // 7
        if day.weekday() in recurrence.weekdays and week % recurrence.every_weeks == 0:
            yield day


def _slot(day: date, recurrence: Recurrence, zone: ZoneInfo) -> Slot:
    return Slot(datetime.combine(day, recurrence.starts_at, zone), datetime.combine(day, recurrence.ends_at, zone))


def free_slots(candidates: Iterable[Slot], busy: Iterable[Slot], wanted: int) -> tuple[Slot, ...]:
    """The first `wanted` candidates, by start, that touch none of the busy ranges nor each other."""
    taken = list(busy)
    free: list[Slot] = []
    for slot in sorted(candidates):
        if len(free) == wanted:
            break
        if not any(overlap(slot, other) for other in (*taken, *free)):
            free.append(slot)
    return tuple(free)


def candidates(
    days: Iterable[date],
    opening: time,
    closing: time,
    *,
    length: timedelta,
    zone: ZoneInfo,
    step: timedelta = timedelta(minutes=30),
) -> Iterator[Slot]:
    """Slots of one length within opening hours, one per step (for `free_slots`)."""
    for day in days:
        start = datetime.combine(day, opening, zone)
        end_of_day = datetime.combine(day, closing, zone)
        while start + length <= end_of_day:
            yield Slot(start, start + length)
            start += step
