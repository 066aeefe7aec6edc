"""Dates, times and date-times: reading, writing, comparing, calculating.

Years run from 1 to 9999 and fractions of a second have six digits, as in Python's own types; `engine.feel.exact` has
what lies outside of that. Source: DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6 and table 55.
"""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+\-/]+)?", re.ASCII)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*", re.ASCII)
_MAX_OFFSET_S = 14 * 3600
_REFERENCE_DAY = date(1970, 1, 1)


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo | None:
    """The zone of the IANA database with this name, or None."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


def offset_zone(seconds: int) -> tzinfo | None:
    """A fixed offset of at most 14 hours, or None."""
    if abs(seconds) > _MAX_OFFSET_S:
        return None
    return timezone(timedelta(seconds=seconds)) if seconds else UTC


def parse_zone(text: str) -> tzinfo | None:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``."""
    if text == "Z":
        return UTC
    if text[0] == "@":
        return zone_named(text[1:])
    parts = [int(part) for part in text[1:].split(":")]
    if any(part > 59 for part in parts[1:]):
        return None
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return offset_zone(-seconds if text[0] == "-" else seconds)


def parse_date(text: str) -> date | None:
    """``2024-02-29``."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """``08:30:00``, with a fraction and a zone when wanted."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, zone_text = match.groups()
    zone = parse_zone(zone_text) if zone_text else None
    if zone_text and zone is None:
        return None
    try:
        return time(int(hour), int(minute), int(second), int((fraction or "").ljust(6, "0")[:6]), tzinfo=zone)
    except ValueError:
        return None


def parse_date_time(text: str) -> datetime | None:
    """``2024-02-29T08:30:00`` with an optional zone; a date alone means its midnight."""
    day_text, mark, clock_text = text.partition("T")
    day = parse_date(day_text)
    if day is None:
        return None
    clock = parse_time(clock_text) if mark else time()
    return datetime.combine(day, clock) if clock is not None else None


def offset_of(value: time | datetime) -> timedelta | None:
    """The offset from UTC. A bare time in a named zone takes the zone's offset of 1970-01-01."""
    if isinstance(value, time) and value.tzinfo is not None:
        return datetime.combine(_REFERENCE_DAY, value).utcoffset()
    return value.utcoffset()


def time_value(value: time) -> int:
    """Microseconds since midnight, in UTC when the time has a zone (valuet of the standard)."""
    micros = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    offset = offset_of(value)
    return micros if offset is None else micros - offset // timedelta(microseconds=1)


def difference(left: datetime, right: datetime) -> timedelta | None:
    """``left - right`` between instants; None when one has a zone and the other has not."""
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    if left.tzinfo is None:
        return left - right
    return left.replace(tzinfo=None) - right.replace(tzinfo=None) - (_offset(left) - _offset(right))


def _offset(value: datetime) -> timedelta:
    return value.utcoffset() or timedelta()


def start_of_day(value: date) -> datetime:
    """A date used where a date-time is needed: its midnight in UTC. Source: DMN 1.5, 10.3.2.3.5."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), tzinfo=UTC)


def add_days_and_time(value: date | datetime | time, duration: DaysAndTimeDuration) -> date | datetime | time:
    """``value + duration``; a time wraps at midnight, a date keeps its type. Raises: OverflowError."""
    delta = duration.to_timedelta()
    if isinstance(value, time):
        moved = datetime.combine(date(2000, 1, 2), value.replace(tzinfo=None)) + timedelta(seconds=delta.seconds)
        return (moved + timedelta(microseconds=delta.microseconds)).time().replace(tzinfo=value.tzinfo)
    if not isinstance(value, datetime):
        return (datetime.combine(value, time()) + delta).date()
    if value.tzinfo is None or isinstance(value.tzinfo, timezone):
        return value + delta
    return (value.astimezone(UTC) + delta).astimezone(value.tzinfo)


def add_months(value: date | datetime, duration: YearsAndMonthsDuration) -> date | datetime:
    """``value + duration``; the day is cut to the last of the month. Raises: ValueError."""
    years, month = divmod(value.year * 12 + value.month - 1 + duration.months, 12)
    if not 1 <= years <= 9999:
        raise ValueError("year out of range")
    day = min(value.day, calendar.monthrange(years, month + 1)[1])
    return value.replace(year=years, month=month + 1, day=day)


def months_between(start: date, end: date) -> int:
    """Whole months from the day of ``start`` to that of ``end``, cut towards zero; the time of day does not count."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months


def zone_text(zone: tzinfo, offset: timedelta | None) -> str:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``."""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    seconds = int((offset or timedelta()).total_seconds())
    if not seconds:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    return text + f":{rest % 60:02d}" if rest % 60 else text


def format_time(value: time) -> str:
    """The text that ``parse_time`` reads."""
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    zone = zone_text(value.tzinfo, offset_of(value)) if value.tzinfo else ""
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}{zone}"


def format_date_time(value: datetime) -> str:
    """The text that ``parse_date_time`` reads."""
    zone = zone_text(value.tzinfo, value.utcoffset()) if value.tzinfo else ""
    return f"{value.date().isoformat()}T{format_time(value.time())}{zone}"
