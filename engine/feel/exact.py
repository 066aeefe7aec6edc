"""Dates and times beyond Python's own types: years up to nine digits, also negative, and nanoseconds.

Only what Python's types cannot hold is an ``Exact``; everything else stays a ``date``, ``time`` or ``datetime``, and
what a calculation brings back into their range becomes one again. Days count by the proleptic Gregorian calendar, which
has a year 0 (ISO 8601).
Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.feel import temporal
from engine.feel.durations import NANOS
from engine.feel.temporal import parse_date_time, parse_time, parse_zone, zone_text

MAX_YEAR = 999_999_999
_DAY = 86_400 * NANOS
_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d{2})-(\d{2})", re.ASCII)
_CLOCK = re.compile(r"(\d{2}:\d{2}:\d{2})\.(\d{7,9})(.*)", re.ASCII)
_ZONE = re.compile(r"Z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+\-/]+", re.ASCII)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Exact:
    """``day`` counts from 1970-01-01 and is None for a time; ``nanos`` from midnight and is None for a date."""

    day: int | None
    nanos: int | None
    zone: tzinfo | None = None

    @property
    def kind(self) -> str:
        """Its type in FEEL."""
        if self.nanos is None:
            return "date"
        return "time" if self.day is None else "date and time"

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day."""
        return civil(self.day or 0)

    @property
    def offset(self) -> timedelta | None:
        """The offset from UTC: in a named zone that of the same day in a year Python knows."""
        if self.zone is None:
            return None
        year, month, day = self.date if self.day is not None else (1970, 1, 1)
        wall = datetime(year if 1 <= year <= 9999 else 2000 + year % 400, month, day)
        return (wall + timedelta(microseconds=(self.nanos or 0) // 1000)).replace(tzinfo=self.zone).utcoffset()

    @property
    def instant(self) -> int:
        """Nanoseconds on the time line, in UTC where there is a zone."""
        offset = (self.offset or timedelta()) // timedelta(microseconds=1) * 1000
        return (self.day or 0) * _DAY + (self.nanos or 0) - offset

    def __str__(self) -> str:
        zone = zone_text(self.zone, self.offset) if self.zone is not None else ""
        return "T".join(part for part in (self._day_text(), self._clock_text()) if part) + zone

    def _day_text(self) -> str:
        if self.day is None:
            return ""
        year, month, day = self.date
        return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"

    def _clock_text(self) -> str:
        if self.nanos is None:
            return ""
        seconds, fraction = divmod(self.nanos, NANOS)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return clock + (f".{fraction:09d}".rstrip("0") if fraction else "")


Temporal = date | time | Exact


def exact(value: Temporal) -> Exact:
    """Any date, time or date-time in this form."""
    if isinstance(value, Exact):
        return value
    if isinstance(value, datetime):
        return Exact(days(value.year, value.month, value.day), _nanos(value), value.tzinfo)
    if isinstance(value, time):
        return Exact(None, _nanos(value), value.tzinfo)
    return Exact(days(value.year, value.month, value.day), None)


def simplest(value: Exact) -> Temporal | None:
    """The same as one of Python's types where they can hold it; None beyond nine digits of the year."""
    year, month, day = value.date
    if abs(year) > MAX_YEAR:
        return None
    if not 1 <= year <= 9999 or (value.nanos or 0) % 1000:
        return value
    if value.nanos is None:
        return date(year, month, day)
    seconds, fraction = divmod(value.nanos, NANOS)
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60, fraction // 1000, tzinfo=value.zone)
    return clock if value.day is None else datetime.combine(date(year, month, day), clock)


def _nanos(value: datetime | time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * NANOS + value.microsecond * 1000


def days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to that date. Raises: ValueError when the calendar has no such date."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= _month_days(year, month):
        raise ValueError("no such date")
    shifted = year - (month <= 2)
    era, within = divmod(shifted, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + within * 365 + within // 4 - within // 100 + of_year - 719_468


def civil(count: int) -> tuple[int, int, int]:
    """The year, month and day of a number of days from 1970-01-01."""
    era, of_era = divmod(count + 719_468, 146_097)
    within = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * within + within // 4 - within // 100)
    place = (5 * of_year + 2) // 153
    month = place + (3 if place < 10 else -9)
    return within + era * 400 + (month <= 2), month, of_year - (153 * place + 2) // 5 + 1


def _month_days(year: int, month: int) -> int:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS[month - 1] + leap


def read_date(text: str) -> Exact | None:
    """A date of a year that Python does not know."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return Exact(days(*map(int, match.groups())), None)
    except ValueError:
        return None


def read_time(text: str) -> Exact | None:
    """A time with seven to nine digits of a second."""
    match = _CLOCK.fullmatch(text)
    if match is None or (match[3] and not _ZONE.fullmatch(match[3])):
        return None
    plain = parse_time(match[1])
    zone = parse_zone(match[3]) if match[3] else None
    if plain is None or (match[3] and zone is None):
        return None
    return Exact(None, _nanos(plain) + int(match[2].ljust(9, "0")), zone)


def read_date_time(text: str) -> Exact | None:
    """A date-time whose date or time is one of these."""
    day_text, mark, clock_text = text.partition("T")
    clock: Exact | time | None = (read_time(clock_text) or parse_time(clock_text)) if mark else time()
    plain = parse_date_time(day_text)
    day = read_date(day_text) or (exact(plain) if plain is not None else None)
    return combine(day, exact(clock)) if day is not None and clock is not None else None


def combine(day: Exact, clock: Exact) -> Exact:
    """A date with a time."""
    return Exact(day.day, clock.nanos, clock.zone)


def start_of_day(value: Temporal) -> Temporal:
    """A date as its midnight in UTC; anything else as it is."""
    if isinstance(value, Exact):
        return Exact(value.day, 0, UTC) if value.kind == "date" else value
    return value if isinstance(value, time) else temporal.start_of_day(value)


def order(left: Temporal, right: Temporal) -> int | None:
    """Negative, zero or positive; None between different types, or when one has a zone and the other has not."""
    a, b = exact(left), exact(right)
    if a.kind != b.kind or (a.zone is None) != (b.zone is None):
        return None
    return (a.instant > b.instant) - (a.instant < b.instant)


def shift(value: Temporal, nanoseconds: int) -> Temporal | None:
    """The value moved by a duration; a time wraps at midnight, a date keeps its type."""
    given = exact(value)
    if given.day is None:
        return simplest(replace(given, nanos=((given.nanos or 0) + nanoseconds) % _DAY))
    moved, rest = divmod((given.nanos or 0) + nanoseconds, _DAY)
    return simplest(replace(given, day=given.day + moved, nanos=None if given.nanos is None else rest))


def shift_months(value: Temporal, months: int) -> Temporal | None:
    """The value moved by months; the day is cut to the last of the month. Raises: ValueError out of range."""
    given = exact(value)
    if given.day is None:
        return None
    year, month, day = given.date
    year, month = divmod(year * 12 + month - 1 + months, 12)
    return simplest(replace(given, day=days(year, month + 1, min(day, _month_days(year, month + 1)))))


def whole_months(start: Temporal, end: Temporal) -> int | None:
    """Whole months from the day of ``start`` to that of ``end``, cut towards zero; None for times."""
    a, b = exact(start), exact(end)
    if a.day is None or b.day is None:
        return None
    (y1, m1, d1), (y2, m2, d2) = a.date, b.date
    count = (y2 - y1) * 12 + m2 - m1
    if count > 0 and d2 < d1:
        return count - 1
    return count + 1 if count < 0 and d2 > d1 else count
