"""``+ - * / **`` and negation over numbers, texts, dates and durations. Source: DMN 1.5, tables 47 to 53 and 55."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_DOWN, Decimal

from engine.feel import exact
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.temporal import add_days_and_time, add_months, difference, start_of_day, time_value
from engine.feel.values import ARITHMETIC, Value, kind, number

_MAX_SPAN = 10**30


def negate(value: Value) -> Value:
    """``-value``"""
    if value.__class__ is Decimal:
        return ARITHMETIC.minus(value)
    if isinstance(value, DaysAndTimeDuration):
        return DaysAndTimeDuration(-value.nanoseconds)
    if isinstance(value, YearsAndMonthsDuration):
        return YearsAndMonthsDuration(-value.months)
    return None


def add(left: Value, right: Value) -> Value:
    """``left + right``"""
    kinds = kind(left), kind(right)
    if kinds == ("number", "number"):
        return ARITHMETIC.add(Decimal(left), Decimal(right))
    if kinds == ("string", "string"):
        return left + right
    if isinstance(left, DaysAndTimeDuration | YearsAndMonthsDuration) and kinds[0] != kinds[1]:
        left, right = right, left
    return _shift(left, right)


def _shift(value: Value, by: Value) -> Value:
    if value.__class__ is exact.Exact:
        return _shift_exact(value, by)
    if isinstance(by, DaysAndTimeDuration):
        if isinstance(value, DaysAndTimeDuration):
            return _days_and_time(value.nanoseconds + by.nanoseconds)
        if isinstance(value, date | time):
            return _or_exact(value, by, lambda: add_days_and_time(value, by))
    if isinstance(by, YearsAndMonthsDuration):
        if isinstance(value, YearsAndMonthsDuration):
            return YearsAndMonthsDuration(value.months + by.months)
        if isinstance(value, date):
            return _or_exact(value, by, lambda: add_months(value, by))
    return None


def _or_exact(value: date | time, by: Value, shift: Callable[[], Value]) -> Value:
    """The moved value, beyond the years that Python knows as well."""
    try:
        return shift()
    except (OverflowError, ValueError):
        return _shift_exact(exact.exact(value), by)


def _shift_exact(value: exact.Exact, by: Value) -> Value:
    if isinstance(by, DaysAndTimeDuration):
        return exact.shift(value, by.nanoseconds)
    return exact.shift_months(value, by.months) if isinstance(by, YearsAndMonthsDuration) else None


def subtract(left: Value, right: Value) -> Value:
    """``left - right``"""
    if kind(left) == kind(right) == "number":
        return ARITHMETIC.subtract(Decimal(left), Decimal(right))
    if isinstance(right, DaysAndTimeDuration | YearsAndMonthsDuration):
        return _shift(left, negate(right))
    if exact.Exact in (left.__class__, right.__class__):
        return _between_exact(left, right)
    if isinstance(left, date) and isinstance(right, date):
        return _between_dates(left, right)
    if isinstance(left, time) and isinstance(right, time) and (left.tzinfo is None) == (right.tzinfo is None):
        return DaysAndTimeDuration((time_value(left) - time_value(right)) * 1000)
    return None


def _between_exact(left: Value, right: Value) -> DaysAndTimeDuration | None:
    if not (isinstance(left, exact.Temporal) and isinstance(right, exact.Temporal)):
        return None
    if kind(left) != kind(right):
        left, right = exact.start_of_day(left), exact.start_of_day(right)
    a, b = exact.exact(left), exact.exact(right)
    if (a.day is None) != (b.day is None) or (a.zone is None) != (b.zone is None):
        return None
    return DaysAndTimeDuration(a.instant - b.instant)


def _between_dates(left: date, right: date) -> DaysAndTimeDuration | None:
    mixed = isinstance(left, datetime) or isinstance(right, datetime)
    gap = difference(start_of_day(left), start_of_day(right)) if mixed else left - right
    return None if gap is None else DaysAndTimeDuration.from_timedelta(gap)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The product; zero has no sign."""
    product = ARITHMETIC.multiply(left, right)
    return product or product.copy_abs()


def quotient(left: Decimal, right: Decimal) -> Decimal:
    """The quotient; zero has no sign. Raises: ArithmeticError for a divisor of zero."""
    found = ARITHMETIC.divide(left, right)
    return found or found.copy_abs()


def multiply(left: Value, right: Value) -> Value:
    """``left * right``"""
    if kind(left) == "number":
        left, right = right, left
    if kind(right) != "number":
        return None
    if kind(left) == "number":
        return times(Decimal(left), Decimal(right))
    return _scale(left, lambda amount: ARITHMETIC.multiply(amount, Decimal(right)))


def divide(left: Value, right: Value) -> Value:
    """``left / right``; null for a divisor of zero."""
    if kind(right) == "number":
        if not right:
            return None
        if kind(left) == "number":
            return quotient(Decimal(left), Decimal(right))
        return _scale(left, lambda amount: ARITHMETIC.divide(amount, Decimal(right)))
    if isinstance(left, DaysAndTimeDuration) and isinstance(right, DaysAndTimeDuration) and right.nanoseconds:
        return quotient(number(left.nanoseconds), number(right.nanoseconds))
    if isinstance(left, YearsAndMonthsDuration) and isinstance(right, YearsAndMonthsDuration) and right.months:
        return quotient(number(left.months), number(right.months))
    return None


def _scale(value: Value, by: Callable[[Decimal], Decimal]) -> Value:
    if isinstance(value, DaysAndTimeDuration):
        return _days_and_time(_whole(by(number(value.nanoseconds))))
    if isinstance(value, YearsAndMonthsDuration):
        months = _whole(by(number(value.months)))
        return YearsAndMonthsDuration(months) if abs(months) < _MAX_SPAN else None
    return None


def _whole(amount: Decimal) -> int:
    if amount.adjusted() > 40:
        raise OverflowError
    return int(amount.to_integral_value(rounding=ROUND_DOWN))


def _days_and_time(nanoseconds: int) -> DaysAndTimeDuration | None:
    return DaysAndTimeDuration(nanoseconds) if abs(nanoseconds) < _MAX_SPAN else None


def power(left: Value, right: Value) -> Value:
    """``left ** right``"""
    if kind(left) != "number" or kind(right) != "number":
        return None
    return raise_to(Decimal(left), Decimal(right))


def raise_to(base: Decimal, exponent: Decimal) -> Decimal:
    """The power; anything to the power 0 is 1. Raises: ArithmeticError for zero to a power below it."""
    if not exponent:
        return Decimal(1)
    if not base and exponent < 0:
        raise ZeroDivisionError
    return ARITHMETIC.power(base, exponent)


OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
DECIMAL_OPERATORS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": times,
    "/": quotient,
    "**": raise_to,
}
