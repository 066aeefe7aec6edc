"""Numeric functions. Source: DMN 1.5, table 75."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from engine.feel.builtins.registry import builtin
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.values import ARITHMETIC, Value, cut

_MIN_SCALE, _MAX_SCALE = -6111, 6176
_DIGITS = 34


def rounded(value: Decimal, scale: Decimal | None, mode: str) -> Decimal | None:
    """``value`` with ``scale`` digits after the point; null for a scale outside of -6111 to 6176."""
    places = cut(scale) if scale is not None else 0
    if not _MIN_SCALE <= places <= _MAX_SCALE:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -places:
        return value
    unit = Decimal((0, (1,), -places))
    if value.adjusted() < -places - 1:
        value = Decimal((value.as_tuple().sign, (1,) if value else (0,), -places - 2))
    found = value.quantize(unit, rounding=mode, context=ARITHMETIC)
    return found or found.copy_abs()


@builtin("decimal", "n: number", "scale: number")
def decimal(n: Decimal, scale: Decimal) -> Decimal | None:
    """Half-even."""
    return rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number")
@builtin("floor", "n: number", "scale: number")
def floor(n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Towards minus infinity."""
    return rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number")
@builtin("ceiling", "n: number", "scale: number")
def ceiling(n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    """Towards plus infinity."""
    return rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n: number", "scale: number")
def round_up(n: Decimal, scale: Decimal) -> Decimal | None:
    """Away from zero."""
    return rounded(n, scale, ROUND_UP)


@builtin("round down", "n: number", "scale: number")
def round_down(n: Decimal, scale: Decimal) -> Decimal | None:
    """Towards zero."""
    return rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n: number", "scale: number")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal | None:
    """To the nearest, a half away from zero."""
    return rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number", "scale: number")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal | None:
    """To the nearest, a half towards zero."""
    return rounded(n, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number|duration")
def absolute(n: Decimal | DaysAndTimeDuration | YearsAndMonthsDuration) -> Value:
    """Without the sign."""
    if isinstance(n, DaysAndTimeDuration):
        return DaysAndTimeDuration(abs(n.nanoseconds))
    if isinstance(n, YearsAndMonthsDuration):
        return YearsAndMonthsDuration(abs(n.months))
    return ARITHMETIC.abs(n)


@builtin("modulo", "dividend: number", "divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """``dividend - divisor * floor(dividend / divisor)``: the sign of the divisor."""
    if not divisor:
        return None
    rest = ARITHMETIC.remainder(dividend, divisor)
    if not rest:
        return rest.copy_abs()
    if (rest < 0) != (divisor < 0):
        rest = ARITHMETIC.add(rest, divisor)
    return rest


@builtin("sqrt", "number: number")
def sqrt(n: Decimal) -> Decimal:
    """The square root; null below 0."""
    return ARITHMETIC.sqrt(n)


@builtin("log", "number: number")
def log(n: Decimal) -> Decimal | None:
    """The natural logarithm; null for 0 and below."""
    return ARITHMETIC.ln(n) if n > 0 else None


@builtin("exp", "number: number")
def exp(n: Decimal) -> Decimal:
    """Euler's number to the power ``n``."""
    return ARITHMETIC.exp(n)


@builtin("odd", "number: number")
def odd(n: Decimal) -> bool:
    """Is the number odd?"""
    return n.adjusted() < _DIGITS and ARITHMETIC.remainder(n.copy_abs(), Decimal(2)) == 1


@builtin("even", "number: number")
def even(n: Decimal) -> bool:
    """Is the number even? One beyond 34 digits ends in zeros."""
    return n.adjusted() >= _DIGITS or ARITHMETIC.remainder(n, Decimal(2)) == 0
