"""Equality, order and membership. Source: DMN 1.5, tables 42 to 44 and 54."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.feel import exact
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.fuel import Fuel
from engine.feel.temporal import difference, offset_of, time_value
from engine.feel.values import Range, Value, kind

PLAIN = frozenset({Decimal, str, bool, date, DaysAndTimeDuration, YearsAndMonthsDuration})
ORDERED = frozenset({Decimal, str, date, DaysAndTimeDuration, YearsAndMonthsDuration})
_ZERO = timedelta()


def equal(left: Value, right: Value, fuel: Fuel | None = None) -> bool | None:
    """``left = right``: null equals null only; values of different types give null. Containers use up ``fuel``."""
    cls = left.__class__
    if cls is right.__class__ and cls in PLAIN:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    name = kind(left)
    if name != kind(right):
        moments = _as_moments(left, right)
        return None if moments is None else equal(*moments)
    if exact.Exact in (cls, right.__class__):
        return exact.order(left, right) == 0
    if name == "list":
        return _equal_lists(left, right, fuel or Fuel())
    if name == "context":
        return _equal_contexts(left, right, fuel or Fuel())
    if name == "date and time":
        gap = difference(left, right)
        return gap == _ZERO if gap is not None else False
    if name == "time":
        return (left.tzinfo is None) == (right.tzinfo is None) and time_value(left) == time_value(right)
    if name == "range":
        return _equal_ranges(left, right)
    return bool(left == right)


def _equal_lists(left: list[Value], right: list[Value], fuel: Fuel) -> bool | None:
    if len(left) != len(right):
        return False
    fuel.spend(len(left))
    return _all(equal(a, b, fuel) for a, b in zip(left, right, strict=True))


def _equal_contexts(left: dict[str, Value], right: dict[str, Value], fuel: Fuel) -> bool | None:
    if left.keys() != right.keys():
        return False
    fuel.spend(len(left))
    return _all(equal(value, right[key], fuel) for key, value in left.items())


def _equal_ranges(left: Range, right: Range) -> bool | None:
    if (left.start_included, left.end_included, left.operator) != (
        right.start_included,
        right.end_included,
        right.operator,
    ):
        return False
    return _all((equal(left.start, right.start), equal(left.end, right.end)))


def _all(results: Iterable[bool | None]) -> bool | None:
    answer: bool | None = True
    for result in results:
        if result is False:
            return False
        if result is None:
            answer = None
    return answer


def compare(left: Value, right: Value) -> int | None:
    """Negative, zero or positive; null when the two have no order."""
    cls = left.__class__
    if cls is right.__class__ and cls in ORDERED:
        return int(left > right) - int(left < right)
    name = kind(left)
    if name != kind(right):
        moments = _as_moments(left, right)
        return None if moments is None else compare(*moments)
    if exact.Exact in (cls, right.__class__):
        return exact.order(left, right)
    if name == "date and time":
        gap = difference(left, right)
        return None if gap is None else (gap > _ZERO) - (gap < _ZERO)
    if name == "time":
        return _compare_times(left, right)
    if name in ("number", "string", "date"):
        return int(left > right) - int(left < right)
    return None


def _as_moments(left: Value, right: Value) -> tuple[Value, Value] | None:
    """A date beside a date-time is its midnight in UTC; None for any other two types. Source: DMN 1.5, 10.3.2.3.5."""
    if {kind(left), kind(right)} != {"date", "date and time"}:
        return None
    return exact.start_of_day(left), exact.start_of_day(right)


def _compare_times(left: time, right: time) -> int | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    gap = time_value(left) - time_value(right)
    return (gap > 0) - (gap < 0)


def holds(operator: str, left: Value, right: Value, fuel: Fuel | None = None) -> bool | None:
    """``left operator right`` for ``= != < <= > >=``."""
    if operator == "=":
        return equal(left, right, fuel)
    if operator == "!=":
        same = equal(left, right, fuel)
        return None if same is None else not same
    order = compare(left, right)
    if order is None:
        return None
    if operator == "<":
        return order < 0
    if operator == "<=":
        return order <= 0
    return order > 0 if operator == ">" else order >= 0


def in_range(value: Value, interval: Range) -> bool | None:
    """Does the interval contain the value? Null when they have no order."""
    if interval.operator:
        return holds(interval.operator, value, interval.start)
    above = below = True
    if interval.start is not None:
        order = compare(value, interval.start)
        if order is None:
            return None
        above = order > 0 or (order == 0 and interval.start_included)
    if interval.end is not None:
        order = compare(value, interval.end)
        if order is None:
            return None
        below = order < 0 or (order == 0 and interval.end_included)
    return above and below


def in_value(value: Value, target: Value, fuel: Fuel) -> bool | None:
    """``value in target`` for a target that is a value: equal, in the interval, or an element of the list."""
    if target.__class__ is Range:
        return equal(value, target) if value.__class__ is Range else in_range(value, target)
    if target.__class__ is list:
        if value.__class__ is list and equal(value, target, fuel) is True:
            return True
        fuel.spend(len(target) >> 4)
        return any(_is_element(value, item, fuel) for item in target)
    return equal(value, target, fuel)


def _is_element(value: Value, item: Value, fuel: Fuel) -> bool:
    if item.__class__ is Range and value.__class__ is not Range:
        return in_range(value, item) is True
    return equal(value, item, fuel) is True


def same(left: Value, right: Value, fuel: Fuel) -> bool:
    """``is(left, right)``: the same type and the same parts, the offset from UTC included."""
    if kind(left) != kind(right):
        return False
    if exact.Exact in (left.__class__, right.__class__):
        a, b = exact.exact(left), exact.exact(right)
        return (a.day, a.nanos, a.offset) == (b.day, b.nanos, b.offset)
    if isinstance(left, datetime | time):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None) and offset_of(left) == offset_of(right)
    return equal(left, right, fuel) is True
