"""Cycles that name a time of day: `0 0 9 * * ?` (every day at nine), `0 30 8 ? * MON-FRI`, `0 0 8 L * ?`.

Six fields (second, minute, hour, day, month, weekday) and perhaps a year, or five without the second, read by the clock
of the branch. BPMN leaves the language of expressions open (2.0.2 8.4.6); ISO 8601 has no cycle by the calendar.
Weekdays are best named. Their numbers count from Sunday: from 0 (7 is Sunday too), from 1 where a field is `?`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_LIMITS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (1970, 2199))
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}
_FIRST_HALF, _SECOND_HALF = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN"), ("JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate((*_FIRST_HALF, *_SECOND_HALF), 1)}
_ALIASES = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * SUN",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_SHAPE = re.compile(r"(?:[\d*?][\d*/?,-]*\s+){2}(?:[\w*?][\w*/?,#-]*\s+){2,4}[\w*?][\w*/?,#-]*|@[a-z]+")
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d{1,4}))?")
_LAST_DAY = re.compile(r"L(?:-(?P<back>\d{1,2}))?(?P<work>W)?|(?P<near>\d{1,2})W")
_NTH = re.compile(r"(?P<day>\w+?)(?:#(?P<nth>[1-5])|L)")
_LONGEST = timedelta(days=366 * 40)


class TimerError(ValueError):
    """The text or value says no time."""


class Nth(NamedTuple):
    """The n-th such weekday of a month, the last one for 0. `weekday`: 0 is Monday."""

    weekday: int
    nth: int


class Counted(NamedTuple):
    """A day of the month as counted from its end (`back` days before the last), or the workday nearest to `near`."""

    back: int = 0
    near: int = 0
    is_workday: bool = False


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When it is due by the clock. Empty tuples of days leave that side open; both sides have to hold."""

    times: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    days: tuple[int, ...]
    counted: tuple[Counted, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    nths: tuple[Nth, ...]
    years: tuple[int, ...]

    def after(self, anchor: datetime, times: int, zone: tzinfo) -> datetime:
        """The `times`-th moment after `anchor`, in UTC. Raises: TimerError when there is none within forty years."""
        found = anchor
        for _ in range(times):
            found = self._next(found, zone)
        return found

    def _next(self, anchor: datetime, zone: tzinfo) -> datetime:
        here = anchor.astimezone(zone).replace(tzinfo=None, fold=0)
        day, end = here.date(), min(here.date(), date(9999 - 41, 1, 1)) + _LONGEST
        clock: time | None = here.time()
        while day <= end:
            found = self._time(clock) if self._is_on(day) else None
            if found is None:
                day, clock = day + timedelta(days=1), None
                continue
            due = datetime.combine(day, found, zone).astimezone(UTC)
            if due > anchor:
                return due
            clock = found
        raise TimerError("Expected a cycle with a day within forty years")

    def _time(self, behind: time | None) -> time | None:
        """The first time of a day, or the first one behind another."""
        hours, minutes, seconds = self.times
        for hour in hours:
            if behind is not None and hour < behind.hour:
                continue
            for minute in minutes:
                if behind is not None and (hour, minute) < (behind.hour, behind.minute):
                    continue
                for second in seconds:
                    found = time(hour, minute, second)
                    if behind is None or found > behind:
                        return found
        return None

    def _is_on(self, day: date) -> bool:
        if day.month not in self.months or (self.years and day.year not in self.years):
            return False
        if (self.days or self.counted) and not self._is_day(day):
            return False
        return not (self.weekdays or self.nths) or self._is_weekday(day)

    def _is_day(self, day: date) -> bool:
        return day.day in self.days or any(_counts(one, day) for one in self.counted)

    def _is_weekday(self, day: date) -> bool:
        return day.weekday() in self.weekdays or any(_is_nth(one, day) for one in self.nths)


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _counts(counted: Counted, day: date) -> bool:
    wanted = counted.near or _last(day) - counted.back
    if not counted.is_workday:
        return day.day == wanted
    if not 1 <= wanted <= _last(day):
        return False
    weekday = date(day.year, day.month, wanted).weekday()
    if weekday == 5:
        wanted += -1 if wanted > 1 else 2
    elif weekday == 6:
        wanted += 1 if wanted < _last(day) else -2
    return day.day == wanted


def _is_nth(one: Nth, day: date) -> bool:
    if day.weekday() != one.weekday:
        return False
    return day.day > _last(day) - 7 if one.nth == 0 else (day.day - 1) // 7 + 1 == one.nth


def is_rhythm(text: str) -> bool:
    """It has the shape of such a cycle; what its fields hold may still be wrong."""
    return _SHAPE.fullmatch(text.strip()) is not None


def parse_rhythm(text: str) -> Rhythm:
    """Raises: TimerError."""
    body = _ALIASES.get(text.strip(), text.strip()).upper()
    fields = body.split()
    if len(fields) == 5:
        fields = ["0", *fields]
    if not 6 <= len(fields) <= 7:
        raise TimerError(f"Expected five to seven fields such as 0 0 9 * * ?, but found {text[:60]!r}")
    second, minute, hour = (_numbers(fields[place], place) for place in range(3))
    days, counted = _days(fields[3])
    weekdays, nths = _weekdays(fields[5], 1 if "?" in body else 0)
    years = () if len(fields) < 7 or fields[6] in {"*", "?"} else _numbers(fields[6], 6)
    return Rhythm((hour, minute, second), days, counted, _numbers(fields[4], 4), weekdays, nths, years)


def _days(field: str) -> tuple[tuple[int, ...], tuple[Counted, ...]]:
    if field in {"*", "?"}:
        return (), ()
    counted, plain = [], []
    for part in field.split(","):
        match = _LAST_DAY.fullmatch(part)
        if match is None:
            plain.append(part)
        elif match["near"]:
            counted.append(Counted(near=int(match["near"]), is_workday=True))
        else:
            counted.append(Counted(back=int(match["back"] or 0), is_workday=match["work"] is not None))
    return (_numbers(",".join(plain), 3) if plain else ()), tuple(counted)


def _weekdays(field: str, sunday: int) -> tuple[tuple[int, ...], tuple[Nth, ...]]:
    """`sunday`: its number. Weekdays of Python count from Monday, 0."""
    if field in {"*", "?"}:
        return (), ()
    nths, plain = [], []
    for part in field.split(","):
        match = _NTH.fullmatch(part)
        if match is not None:
            nths.append(Nth((_number(match["day"], 5) - _offset(match["day"], sunday) - 1) % 7, int(match["nth"] or 0)))
        else:
            first = re.split(r"[-/]", part)[0]
            plain += [(number - _offset(first, sunday) - 1) % 7 for number in _numbers(part, 5)]
    return tuple(sorted(set(plain))), tuple(nths)


def _offset(text: str, sunday: int) -> int:
    """Names count from 0 whatever the numbers do."""
    return sunday if text.isdecimal() else 0


def _numbers(field: str, place: int) -> tuple[int, ...]:
    """`1,5-9,*/2` as numbers. Raises: TimerError."""
    return tuple(sorted({number for part in field.split(",") for number in _range(part, place)}))


def _range(part: str, place: int) -> Iterator[int]:
    """One of them; `FRI-MON` goes over the end."""
    match = _PART.fullmatch(part.replace("?", "*"))
    if match is None or match["step"] == "0":
        raise TimerError(f"Expected numbers such as 1, 5-9 or 0/15, but found {part[:60]!r}")
    low, high = _LIMITS[place]
    step = int(match["step"] or 1)
    first = low if match["first"] == "*" else _number(match["first"], place)
    is_open = match["step"] is not None or match["first"] == "*"
    last = _number(match["last"], place) if match["last"] else high if is_open else first
    size = high - low + 1
    length = last - first if first <= last else last - first + size
    for number in range(0, length + 1, step):
        yield low + (first - low + number) % size


def _number(text: str, place: int) -> int:
    names = {4: _MONTHS, 5: _WEEKDAYS}.get(place, {})
    low, high = _LIMITS[place]
    number = names.get(text, int(text) if text.isdecimal() and len(text) <= 4 else -1)
    if not low <= number <= high:
        raise TimerError(f"Expected a number from {low} to {high}, but found {text[:60]!r}")
    return number
