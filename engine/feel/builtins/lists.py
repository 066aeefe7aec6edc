"""List functions. Positions count from 1, negative ones from the end. Source: DMN 1.5, table 74."""

from collections.abc import Iterable
from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.comparing import equal
from engine.feel.runtime import Run
from engine.feel.values import FeelFunction, Value, cut

Items = list[Value]


def _position(items: Items, position: Decimal) -> int | None:
    index = cut(position)
    if index == 0 or abs(index) > len(items):
        return None
    return index - 1 if index > 0 else len(items) + index


@builtin("list contains", "list: list", "element: any", needs_run=True)
def list_contains(run: Run, items: Items, element: Value) -> bool:
    """Is the element in the list?"""
    return any(equal(item, element, run) is True for item in items)


@builtin("count", "list: list", constant_time=True)
def count(items: Items) -> Decimal:
    """The number of elements."""
    return Decimal(len(items))


@builtin("sublist", "list: list", "start position: number", "length: number?")
def sublist(items: Items, start: Decimal, length: Decimal | None = None) -> Items | None:
    """``length`` elements from ``start``; null when the list is too short."""
    first = _position(items, start)
    if first is None:
        return None
    if length is None:
        return items[first:]
    end = first + cut(length)
    return items[first:end] if end > first and end <= len(items) else None


@builtin("append", "list: list", "item: any...", needs_run=True)
def append(run: Run, items: Items, *added: Value) -> Items:
    """The list with more items at its end."""
    run.spend(len(items) >> 3)
    return [*items, *added]


@builtin("concatenate", "list: list...", needs_run=True)
def concatenate(run: Run, *lists: Items) -> Items:
    """All lists, one after the other."""
    run.spend(sum(map(len, lists)) >> 3)
    return [item for items in lists for item in items]


@builtin("insert before", "list: list", "position: number", "newItem: any", needs_run=True)
def insert_before(run: Run, items: Items, position: Decimal, item: Value) -> Items | None:
    """The list with ``item`` inserted before ``position``."""
    index = _position(items, position)
    run.spend(len(items) >> 3)
    return None if index is None else [*items[:index], item, *items[index:]]


@builtin("remove", "list: list", "position: number", needs_run=True)
def remove(run: Run, items: Items, position: Decimal) -> Items | None:
    """The list without the element at ``position``."""
    index = _position(items, position)
    run.spend(len(items) >> 3)
    return None if index is None else [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list: list", "position: number", "newItem: any", needs_run=True)
def list_replace(run: Run, items: Items, position: Decimal, item: Value) -> Items | None:
    """The list with another element at ``position``, a whole number."""
    index = _position(items, position) if position == position.to_integral_value() else None
    run.spend(len(items) >> 3)
    return None if index is None else [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list: list", "match: function", "newItem: any", needs_run=True)
def list_replace_matching(run: Run, items: Items, match: FeelFunction, item: Value) -> Items | None:
    """The list with ``item`` in place of all elements for which ``match(element, item)`` holds."""
    if len(match.parameters) != 2:
        return None
    run.spend(len(items))
    answers = [match.call([old, item], run) for old in items]
    if not all(isinstance(answer, bool) for answer in answers):
        return None
    return [item if answer else old for old, answer in zip(items, answers, strict=True)]


@builtin("reverse", "list: list")
def reverse(items: Items) -> Items:
    """The last first."""
    return items[::-1]


@builtin("index of", "list: list", "match: any", needs_run=True)
def index_of(run: Run, items: Items, match: Value) -> Items:
    """The positions of all elements equal to ``match``, ascending."""
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("union", "list: list...", needs_run=True)
def union(run: Run, *lists: Items) -> Items:
    """All lists without duplicates."""
    return distinct_values(run, [item for items in lists for item in items])


@builtin("distinct values", "list: list", needs_run=True)
def distinct_values(run: Run, items: Items) -> Items:
    """The list without duplicates, the first of each kept."""
    found: Items = []
    seen: set[Value] = set()
    for item in items:
        run.spend(1)
        if isinstance(item, str | bool | Decimal) or item is None:
            key = (item.__class__, item)
            if key not in seen:
                seen.add(key)
                found.append(item)
        else:
            run.spend(len(found))
            if not list_contains(run, found, item):
                found.append(item)
    return found


@builtin("flatten", "list: list", needs_run=True)
def flatten(run: Run, items: Items) -> Items:
    """All elements of nested lists in one."""
    found: Items = []
    pending: list[Iterable[Value]] = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.spend(1)
            if isinstance(item, list):
                pending.append(iter(item))
                break
            found.append(item)
        else:
            pending.pop()
    return found


@builtin("partition", "list: list", "size: number", needs_run=True)
def partition(run: Run, items: Items, size: Decimal) -> list[Items] | None:
    """Lists of at most ``size`` elements (an extension that modelling tools of others offer)."""
    step = cut(size)
    run.spend(len(items))
    return [items[start : start + step] for start in range(0, len(items), step)] if step > 0 else None
