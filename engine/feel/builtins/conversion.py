"""Conversions. Source: DMN 1.5, table 71 and 10.3.4.1."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from engine.feel import exact
from engine.feel.builtins.registry import builtin
from engine.feel.comparing import same
from engine.feel.durations import NANOS, DaysAndTimeDuration, Duration, YearsAndMonthsDuration, parse_duration
from engine.feel.exact import Exact, Temporal
from engine.feel.fuel import Fuel
from engine.feel.runtime import Run
from engine.feel.temporal import (
    format_date_time,
    format_time,
    months_between,
    offset_zone,
    zone_named,
)
from engine.feel.temporal_literals import date_of_text, date_time_of_text, time_of_text
from engine.feel.values import FeelFunction, Range, Value, cut, number, number_text

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,5})?", re.ASCII)


@builtin("number", "from: string", "grouping separator: string?", "decimal separator: string?")
def to_number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    """``number("1 000,5", " ", ",")``; null when the text is no number."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        return None
    if grouping is not None and grouping == point:
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    found = number(text) if _NUMBER.fullmatch(text) else None
    return found or (None if found is None else found.copy_abs())


@builtin("number", "from: number")
def same_number(value: Decimal) -> Decimal:
    """A number stays itself."""
    return value


@builtin("string", "from: any", needs_run=True)
def to_string(run: Run, value: Value) -> str | None:
    """The text of any value; texts inside lists and contexts stand in quotes."""
    if value is None:
        return None
    text = value if isinstance(value, str) else describe(value, run)
    run.spend(len(text) >> 6)
    return text


def describe(value: Value, fuel: Fuel | None = None) -> str:
    """The value as FEEL writes it. Raises: FeelError when that needs too much ``fuel``."""
    fuel = fuel or Fuel()
    fuel.spend(1)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, int | Decimal):
        return number_text(Decimal(value))
    if isinstance(value, datetime):
        return format_date_time(value)
    if isinstance(value, time):
        return format_time(value)
    if isinstance(value, list):
        return "[" + ", ".join(describe(item, fuel) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {describe(item, fuel)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _describe_range(value)
    return value.isoformat() if isinstance(value, date) else _describe_other(value)


def _key(key: str) -> str:
    return key if key.replace(" ", "").isalnum() else describe(key)


def _describe_range(value: Range) -> str:
    if value.operator:
        return f"({value.operator} {describe(value.start)})"
    if value.start is None or value.end is None:
        sign = "<" if value.start is None else ">"
        included = value.end_included if value.start is None else value.start_included
        return f"({sign}{'=' if included else ''} {describe(value.end if value.start is None else value.start)})"
    left, right = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{left}{describe(value.start)}..{describe(value.end)}{right}"


def _describe_other(value: Value) -> str:
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    return str(value)


@builtin("date", "from: string|date|date and time|exact")
def to_date(source: str | date | Exact) -> Temporal | None:
    """The date of a text or of a date-time."""
    if isinstance(source, str):
        return date_of_text(source)
    if isinstance(source, Exact):
        return None if source.day is None else exact.simplest(Exact(source.day, None))
    return source.date() if isinstance(source, datetime) else source


@builtin("date", "year: number", "month: number", "day: number")
def date_of(year: Decimal, month: Decimal, day: Decimal) -> Temporal | None:
    """The date of its parts."""
    return exact.simplest(Exact(exact.days(*map(_whole, (year, month, day))), None))


@builtin("date and time", "from: string|date and time|exact")
def to_date_time(source: str | datetime | Exact) -> datetime | Exact | None:
    """The date-time of a text."""
    if isinstance(source, str):
        return date_time_of_text(source)
    return None if isinstance(source, Exact) and source.kind != "date and time" else source


@builtin("date and time", "date: date|date and time|exact", "time: time|exact")
def date_time_of(day: date | Exact, clock: time | Exact) -> Temporal | None:
    """A date with a time."""
    if isinstance(day, Exact) or isinstance(clock, Exact):
        whole, part = exact.exact(day), exact.exact(clock)
        return exact.simplest(exact.combine(whole, part)) if whole.day is not None and part.kind == "time" else None
    return datetime.combine(day.date() if isinstance(day, datetime) else day, clock)


@builtin("date and time", "date: date and time", "timezone: string")
def date_time_in_zone(moment: datetime, zone: str) -> datetime | None:
    """The same instant in another zone (an extension that modelling tools of others offer)."""
    found = zone_named(zone)
    return moment.astimezone(found) if found is not None and moment.tzinfo is not None else None


@builtin(
    "date and time",
    "year: number",
    "month: number",
    "day: number",
    "hour: number",
    "minute: number",
    "second: number",
    "offset: duration?",
)
def date_time_of_parts(year: Decimal, month: Decimal, day: Decimal, *clock: Value) -> Temporal | None:
    """The date-time of its parts."""
    moment = time_of(*clock)
    whole = exact.days(*map(_whole, (year, month, day)))
    return None if moment is None else exact.simplest(exact.combine(Exact(whole, None), exact.exact(moment)))


@builtin("time", "from: string|time|date|date and time|exact")
def to_time(source: str | time | date | Exact) -> Temporal | None:
    """The time of a text or of a date-time; a date gives its midnight in UTC."""
    if isinstance(source, str):
        return time_of_text(source)
    if isinstance(source, Exact):
        nanos, zone = (source.nanos, source.zone) if source.nanos is not None else (0, UTC)
        return exact.simplest(Exact(None, nanos, zone))
    if isinstance(source, datetime):
        return source.timetz()
    return time(tzinfo=UTC) if isinstance(source, date) else source


@builtin("time", "hour: number", "minute: number", "second: number", "offset: duration?")
def time_of(hour: Decimal, minute: Decimal, second: Decimal, offset: Duration | None = None) -> Temporal | None:
    """The time of its parts; the second may have a fraction."""
    zone = None
    if offset is not None:
        if not isinstance(offset, DaysAndTimeDuration):
            return None
        zone = offset_zone(int(offset.seconds_total()))
        if zone is None:
            return None
    plain = exact.exact(time(_whole(hour), _whole(minute), cut(second), tzinfo=zone))
    return exact.simplest(Exact(None, (plain.nanos or 0) + int((second % 1) * NANOS), zone))


@builtin("duration", "from: string|duration")
def to_duration(source: str | Duration) -> Duration | None:
    """The duration of a text."""
    return parse_duration(source) if isinstance(source, str) else source


@builtin("years and months duration", "from: date|date and time|exact", "to: date|date and time|exact")
def years_and_months(start: date | Exact, end: date | Exact) -> YearsAndMonthsDuration | None:
    """Whole months between two dates."""
    if isinstance(start, Exact) or isinstance(end, Exact):
        months = exact.whole_months(start, end)
        return None if months is None else YearsAndMonthsDuration(months)
    return YearsAndMonthsDuration(months_between(start, end))


@builtin("not", "negand: any")
def negation(value: Value) -> bool | None:
    """Null for anything but a boolean."""
    return not value if isinstance(value, bool) else None


@builtin("is", "value1: any", "value2: any", needs_run=True)
def is_same(run: Run, left: Value, right: Value) -> bool:
    """Same type and same parts."""
    return same(left, right, run)


@builtin("is defined", "value: any")
def is_defined(value: Value) -> bool:
    """Not null (an extension that modelling tools of others offer)."""
    return value is not None


@builtin("get or else", "value: any", "default: any")
def get_or_else(value: Value, default: Value) -> Value:
    """The value, or the default for null (an extension that modelling tools of others offer)."""
    return default if value is None else value


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value() or abs(value) > exact.MAX_YEAR:
        raise ValueError("not a whole number")
    return int(value)
