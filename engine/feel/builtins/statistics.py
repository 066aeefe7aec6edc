"""Functions that make one value of a list; all take a list or the values themselves. Source: DMN 1.5, table 74."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import reduce

from engine.feel.arithmetic import add
from engine.feel.builtins.registry import builtin
from engine.feel.comparing import compare
from engine.feel.values import ARITHMETIC, Value, from_python, kind

Aggregate = Callable[[list[Value]], Value]


def aggregate(name: str) -> Callable[[Aggregate], Aggregate]:
    """Declare ``name(list)`` and ``name(a, b, …)``."""

    def declare(function: Aggregate) -> Aggregate:
        builtin(name, "list: list")(function)
        builtin(name, "first: any", "more: any...")(lambda *values: function(list(values)))
        return function

    return declare


def _numbers(items: list[Value]) -> list[Decimal] | None:
    """The numbers of the list, or None when it is empty or holds anything else."""
    if not items or any(kind(item) != "number" for item in items):
        return None
    return [from_python(item) for item in items]


def _extreme(items: list[Value], wanted: int) -> Value:
    if not items or compare(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        order = compare(item, best)
        if order is None:
            return None
        if order * wanted > 0:
            best = item
    return best


@aggregate("min")
def minimum(items: list[Value]) -> Value:
    """The smallest; null for an empty list or values without a common order."""
    return _extreme(items, -1)


@aggregate("max")
def maximum(items: list[Value]) -> Value:
    """The largest; null for an empty list or values without a common order."""
    return _extreme(items, 1)


@aggregate("sum")
def total(items: list[Value]) -> Value:
    """The sum of numbers or of durations of one type; null for an empty list."""
    if items and kind(items[0]).endswith("duration") and len({kind(item) for item in items}) == 1:
        return reduce(add, items)
    found = _numbers(items)
    return reduce(ARITHMETIC.add, found) if found else None


@aggregate("mean")
def mean(items: list[Value]) -> Value:
    """The average; null for an empty list."""
    found = _numbers(items)
    return ARITHMETIC.divide(reduce(ARITHMETIC.add, found), Decimal(len(found))) if found else None


@aggregate("product")
def product(items: list[Value]) -> Value:
    """The product; null for an empty list."""
    found = _numbers(items)
    return reduce(ARITHMETIC.multiply, found) if found else None


@aggregate("median")
def median(items: list[Value]) -> Value:
    """The middle one, or the mean of the two in the middle; null for an empty list."""
    found = _numbers(items)
    if not found:
        return None
    found.sort()
    middle = len(found) // 2
    if len(found) % 2:
        return found[middle]
    return ARITHMETIC.divide(ARITHMETIC.add(found[middle - 1], found[middle]), Decimal(2))


@aggregate("stddev")
def stddev(items: list[Value]) -> Value:
    """The standard deviation of a sample; null for fewer than two numbers."""
    found = _numbers(items)
    if not found or len(found) < 2:
        return None
    average = mean(items)
    gaps = [ARITHMETIC.subtract(value, average) for value in found]
    squares = reduce(ARITHMETIC.add, [ARITHMETIC.multiply(gap, gap) for gap in gaps])
    return ARITHMETIC.sqrt(ARITHMETIC.divide(squares, Decimal(len(found) - 1)))


@aggregate("mode")
def mode(items: list[Value]) -> Value:
    """The most frequent numbers, ascending; an empty list for an empty list."""
    if not items:
        return []
    found = _numbers(items)
    if found is None:
        return None
    counts = Counter(found)
    most = max(counts.values())
    return sorted(value for value, times in counts.items() if times == most)


@aggregate("all")
def every(items: list[Value]) -> bool | None:
    """False when one is false, true when all are true (also of none), else null."""
    return _decide(items, False)


@aggregate("any")
def some(items: list[Value]) -> bool | None:
    """True when one is true, false when all are false (also of none), else null."""
    return _decide(items, True)


def _decide(items: list[Value], decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    return not decisive if all(isinstance(item, bool) for item in items) else None
