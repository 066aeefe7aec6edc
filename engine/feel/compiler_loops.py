"""Filters and iteration. Source: DMN 1.5, 10.3.2.5 (filters), 10.3.2.14 (for), 10.3.2.15 (some, every)."""

from collections.abc import Callable, Iterable
from collections.abc import Iterator as Iteration
from decimal import Decimal

from engine.feel.comparing import compare
from engine.feel.compiler import COMPILERS, Closure, Static, compile_node
from engine.feel.exact import Exact, exact, simplest
from engine.feel.runtime import Scope
from engine.feel.syntax import Filter, For, Iterator, Quantified, mentions
from engine.feel.values import ARITHMETIC, RAW, Range, Value, from_python, kind

_MOST = Decimal(10) ** ARITHMETIC.prec
Each = Callable[[Scope], Iteration[Scope]]


def _filter(node: Filter, static: Static) -> Closure:
    base = compile_node(node.base, static)
    condition = compile_node(node.condition, static.inner(None))

    def select(scope: Scope) -> Value:
        return filter_values(base(scope), condition, scope)

    return select


def filter_values(value: Value, condition: Closure, scope: Scope) -> Value:
    """``value[condition]``: an element when the condition is a number, else the list of those for which it holds."""
    items = value if value.__class__ is list else [] if value is None else [value]
    if not items:
        index = condition(scope.inner({"item": None}))
        return None if kind(index) == "number" else []
    scope.run.spend(len(items))
    chosen: list[Value] = []
    for item in items:
        result = condition(_item_scope(scope, item))
        if result is True:
            chosen.append(item)
        elif result.__class__ is Decimal:
            return _element(items, result)
    return chosen


def _item_scope(scope: Scope, item: Value) -> Scope:
    if item.__class__ in RAW:
        item = from_python(item)
    inner = scope.inner({"item": item})
    return inner.inner(item) if item.__class__ is dict else inner


def _element(items: list[Value], index: Decimal) -> Value:
    position = int(index) if index == index.to_integral_value() and abs(index) <= len(items) else 0
    if position == 0:
        return None
    value = items[position - 1 if position > 0 else position]
    return from_python(value) if value.__class__ in RAW else value


def _for(node: For, static: Static) -> Closure:
    names = frozenset(iterator.name for iterator in node.iterators) | {"partial"}
    each = _compile_iterators(node.iterators, static)
    body = compile_node(node.body, static.inner(names))
    uses_partial = mentions(node.body, "partial")

    def loop(scope: Scope) -> Value:
        results: list[Value] = []
        try:
            around: dict[str, Value] = {"partial": []}
            for inner in each(scope.inner(around)):
                results.append(body(inner))
                if uses_partial:
                    scope.run.spend(len(results) >> 6)
                    around["partial"] = list(results)
        except NotIterable:
            return None
        return results

    return loop


def _quantified(node: Quantified, static: Static) -> Closure:
    names = frozenset(iterator.name for iterator in node.iterators)
    each = _compile_iterators(node.iterators, static)
    condition = compile_node(node.condition, static.inner(names))
    decisive = not node.every

    def decide(scope: Scope) -> bool | None:
        answer: bool | None = not decisive
        try:
            for inner in each(scope):
                value = condition(inner)
                if value is decisive:
                    return bool(value)
                if value.__class__ is not bool:
                    answer = None
        except NotIterable:
            return None
        return answer

    return decide


class NotIterable(Exception):
    """The source of a loop is null or its bounds have no steps."""


def _compile_iterators(iterators: list[Iterator], static: Static) -> Each:
    """Yields one scope for every combination, the last name changing fastest."""
    first, rest = iterators[0], iterators[1:]
    source = compile_node(first.source, static)
    end = compile_node(first.end, static) if first.end is not None else None
    name = first.name
    deeper = _compile_iterators(rest, static.inner(frozenset([name]))) if rest else None

    def each(scope: Scope) -> Iteration[Scope]:
        value = source(scope)
        for item in steps(value, end(scope)) if end is not None else elements(value):
            scope.run.spend(1)
            inner = scope.inner({name: item})
            if deeper is None:
                yield inner
            else:
                yield from deeper(inner)

    return each


def elements(value: Value) -> Iterable[Value]:
    """What a loop runs over: a list, the steps of an interval, or a single value. Raises: NotIterable."""
    if value.__class__ is list:
        return value if not any(item.__class__ in RAW for item in value[:1]) else [from_python(item) for item in value]
    if value is None:
        raise NotIterable
    if isinstance(value, Range):
        return _range_steps(value)
    return [value]


def _range_steps(interval: Range) -> Iterable[Value]:
    """The steps of a range value, which runs upwards only: ``[3..1]`` holds nothing to run over."""
    if (compare(interval.start, interval.end) or 0) > 0 or interval.operator == "!=":
        raise NotIterable
    found: Iterable[Value] = steps(interval.start, interval.end)
    for bound, included in ((interval.start, interval.start_included), (interval.end, interval.end_included)):
        if not included:
            found = _without(found, bound)
    return found


def _without(values: Iterable[Value], bound: Value) -> Iterable[Value]:
    return (value for value in values if compare(value, bound) != 0)


def steps(start: Value, end: Value) -> Iterable[Value]:
    """Whole numbers or days from ``start`` to ``end``, up or down. Raises: NotIterable.

    A number of more digits than decimals have is no start nor end: it has no next one.
    """
    if kind(start) == kind(end) == "number":
        if max(abs(start), abs(end)) > _MOST or start != int(start) or end != int(end):
            raise NotIterable
        low, high = int(start), int(end)
        numbers = range(low, high + 1) if low <= high else range(low, high - 1, -1)
        return map(Decimal, numbers)
    if kind(start) == kind(end) == "date":
        first, last = exact(start).day or 0, exact(end).day or 0
        days = range(first, last + 1) if first <= last else range(first, last - 1, -1)
        return (simplest(Exact(day, None)) for day in days)
    raise NotIterable


COMPILERS[Filter] = _filter
COMPILERS[For] = _for
COMPILERS[Quantified] = _quantified
