"""What a FEEL expression takes and gives, and the ways in and out.

None, bool, Decimal, str, date, time, datetime (``Exact`` where those cannot hold it), the two durations, list, dict
with text keys, ``Range``, ``FeelFunction``. Numbers are decimals of 34 digits, rounded half-even (DMN 1.5, 10.3.2.3.1).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.exact import Exact
from engine.feel.fuel import Fuel
from engine.feel.temporal import format_date_time, format_time

if TYPE_CHECKING:
    from engine.feel.syntax import TypeName

ARITHMETIC = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)

_LEAST, _MOST = ARITHMETIC.Etiny(), ARITHMETIC.Emax
_COUNTABLE = Decimal(10**12)
Value = Any
"""One of the types named above; the union is recursive, so it is written as Any and checked at run time."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an endpoint of None is open to infinity. ``operator`` is "=" or "!=" for the ranges ``(=x)``, which
    has x only, and ``(!=x)``, which has all but x: both ends are x."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function value. ``call`` gets the arguments in order and the running evaluation; ``type`` is its function type
    as far as it is declared."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Sequence[Value], Any], Value]
    named: Callable[[Mapping[str, Value], Any], Value] | None = None
    type: "TypeName | None" = None


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    int: "number",
    float: "number",
    str: "string",
    date: "date",
    datetime: "date and time",
    time: "time",
    DaysAndTimeDuration: "days and time duration",
    YearsAndMonthsDuration: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    FeelFunction: "function",
}


def kind(value: Value) -> str:
    """The name of the value's type in FEEL."""
    found = _KINDS.get(value.__class__)
    if found is not None:
        return found
    if value.__class__ is Exact:
        return str(value.kind)
    return next((name for cls, name in reversed(_KINDS.items()) if isinstance(value, cls)), "null")


def number(value: int | str | Decimal) -> Decimal:
    """The decimal, rounded to 34 digits."""
    return ARITHMETIC.create_decimal(value)


def is_bounded(value: Decimal) -> bool:
    """Is the number finite and of a size that FEEL knows (exponents from -6176 to 6144)?"""
    return value.is_finite() and _LEAST <= value.adjusted() <= _MOST


def cut(value: Decimal) -> int:
    """The number without its fraction, where it counts characters or elements: at most 10**12 either way."""
    return int(value) if abs(value) < _COUNTABLE else int(_COUNTABLE.copy_sign(value))


_ROUNDED = 10**34
"""Whole numbers below it are decimals as they are."""


def from_python(value: object, fuel: Fuel | None = None) -> Value:
    """Any plain Python value as a FEEL value: int and float become decimals (a float by its shortest text),
    a timedelta becomes a duration, a UUID a text, containers are copied. NaN and infinities become null.

    Raises: TypeError for anything else, FeelError for more than a million parts.
    """
    if value is None or value.__class__ in _AS_IS:
        return value
    if isinstance(value, int):
        if -_ROUNDED < value < _ROUNDED:
            return Decimal(value)
        return number(value) if value.bit_length() < 20_000 else None
    if isinstance(value, float):
        return number(repr(value + 0.0)) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if is_bounded(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _copy(value, fuel or Fuel())
    if isinstance(value, timedelta):
        return DaysAndTimeDuration.from_timedelta(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a FEEL value")


def _copy(value: Mapping[object, object] | Iterable[object], fuel: Fuel) -> Value:
    if isinstance(value, Mapping):
        fuel.spend(len(value) + 1)
        return {str(key): from_python(item, fuel) for key, item in value.items()}
    items = list(value)
    fuel.spend(len(items) + 1)
    return [from_python(item, fuel) for item in items]


_AS_IS = frozenset(
    {bool, str, date, datetime, time, Exact, DaysAndTimeDuration, YearsAndMonthsDuration, Range, FeelFunction}
)
RAW = frozenset({int, float, tuple, timedelta, UUID})
"""Types that a lookup still turns into FEEL values, for callers that pass a record as it is."""


def number_text(value: Decimal) -> str:
    """Digits without an exponent where that stays readable; zero has no sign."""
    value = value or value.copy_abs()
    _, digits, exponent = value.as_tuple()
    if (isinstance(exponent, int) and -60 < exponent <= 0) or len(digits) + int(exponent) <= 60:
        return format(value, "f")
    return str(value)


def to_json(value: Value, fuel: Fuel | None = None) -> Any:
    """The value as plain JSON for people and other programs: numbers, dates and durations become texts."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return number_text(Decimal(value))
    if isinstance(value, datetime):
        return format_date_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return format_time(value)
    fuel = fuel or Fuel()
    fuel.spend(1)
    if isinstance(value, list | tuple):
        return [to_json(item, fuel) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item, fuel) for key, item in value.items()}
    if isinstance(value, Range):
        return {"start": to_json(value.start), "end": to_json(value.end)}
    return str(value) if not isinstance(value, FeelFunction) else value.name
