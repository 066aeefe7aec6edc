"""``value.name``: entries of contexts and the properties of dates, durations and ranges.

Source: DMN 1.5, tables 63 to 68.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel.durations import NANOS, DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.exact import Exact
from engine.feel.fuel import Fuel
from engine.feel.temporal import offset_of
from engine.feel.values import RAW, Range, Value, from_python


def member(value: Value, name: str, fuel: Fuel | None = None) -> Value:
    """The named part of the value; over a list, the parts of its elements; null when there is none.

    Raises: FeelError when lists of lists use up the steps of ``fuel``.
    """
    if value.__class__ is dict or isinstance(value, Mapping):
        found = value.get(name)
        return from_python(found) if found.__class__ in RAW else found
    if value.__class__ is list:
        fuel = fuel or Fuel()
        fuel.spend(1 + (len(value) >> 2))
        return [member(item, name, fuel) for item in value]
    if value.__class__ is Exact:
        return _exact_part(value, name)
    for cls, properties in _PROPERTIES:
        if isinstance(value, cls):
            reader = properties.get(name)
            return reader(value) if reader is not None else None
    return None


def descendants(value: Value, name: str, fuel: Fuel) -> Iterator[Value]:
    """All values of this name in the contexts of the value, however deep, each before those in it; none is null.

    Source: DMN 1.6 (descendant expressions).
    """
    pending: list[tuple[str | None, Value]] = [(None, value)]
    while pending:
        key, at = pending.pop()
        fuel.spend(1)
        at = from_python(at) if at.__class__ in RAW else at
        if key == name and at is not None:
            yield at
        if isinstance(at, Mapping):
            pending.extend([*at.items()][::-1])
        elif at.__class__ is list:
            pending.extend((None, item) for item in reversed(at))


def _offset(value: time | datetime) -> DaysAndTimeDuration | None:
    offset = offset_of(value)
    return None if offset is None else DaysAndTimeDuration.from_timedelta(offset)


def _zone(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(unit_s: int, modulo: int | None) -> Callable[[DaysAndTimeDuration], Decimal]:
    def read(value: DaysAndTimeDuration) -> Decimal:
        amount = abs(value.nanoseconds) // (unit_s * NANOS)
        amount = amount % modulo if modulo else amount
        return Decimal(amount if value.nanoseconds >= 0 else -amount)

    return read


def _seconds(value: DaysAndTimeDuration) -> Decimal:
    amount = Decimal(abs(value.nanoseconds) % (60 * NANOS)).scaleb(-9).normalize()
    return amount if value.nanoseconds >= 0 else -amount


def _months(value: YearsAndMonthsDuration) -> Decimal:
    return Decimal(abs(value.months) % 12 if value.months >= 0 else -(abs(value.months) % 12))


def _years(value: YearsAndMonthsDuration) -> Decimal:
    return Decimal(value.months // 12 if value.months >= 0 else -(-value.months // 12))


def _exact_part(value: Exact, name: str) -> Value:
    if value.day is not None and name in _DATE:
        parts = dict(zip(("year", "month", "day"), value.date, strict=True))
        return Decimal(parts[name] if name in parts else (value.day + 3) % 7 + 1)
    if value.nanos is None or name not in _TIME:
        return None
    if name == "time offset":
        return None if value.offset is None else DaysAndTimeDuration.from_timedelta(value.offset)
    if name == "timezone":
        return value.zone.key if isinstance(value.zone, ZoneInfo) else None
    seconds = value.nanos // NANOS
    return Decimal({"hour": seconds // 3600, "minute": seconds // 60 % 60, "second": seconds % 60}[name])


_Properties = dict[str, Callable[[Value], Value]]
_DATE: _Properties = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.isoweekday()),
}
_TIME: _Properties = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": _offset,
    "timezone": _zone,
}
_PROPERTIES: tuple[tuple[type, _Properties], ...] = (
    (datetime, {**_DATE, **_TIME}),
    (date, _DATE),
    (time, _TIME),
    (
        DaysAndTimeDuration,
        {"days": _part(86_400, None), "hours": _part(3600, 24), "minutes": _part(60, 60), "seconds": _seconds},
    ),
    (YearsAndMonthsDuration, {"years": _years, "months": _months}),
    (
        Range,
        {
            "start": lambda value: value.start,
            "end": lambda value: value.end,
            "start included": lambda value: value.start_included,
            "end included": lambda value: value.end_included,
        },
    ),
)


def parts_of_kind(kind: str) -> tuple[str, ...] | None:
    """The names behind the dot that values of this kind have; None for contexts, lists and what has any."""
    return _PARTS.get(kind)


_PARTS: Mapping[str, tuple[str, ...]] = {
    "number": (),
    "string": (),
    "boolean": (),
    "date": (*_DATE,),
    "time": (*_TIME,),
    "date and time": (*_DATE, *_TIME),
    "days and time duration": ("days", "hours", "minutes", "seconds"),
    "years and months duration": ("years", "months"),
}
