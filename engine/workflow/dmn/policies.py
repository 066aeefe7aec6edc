"""Hit policies: from the rules that match to the result of the table. Source: DMN 1.5, 8.2.8 to 8.2.11."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

from engine.feel import Tests, Value
from engine.feel.arithmetic import add
from engine.feel.builtins.statistics import maximum, minimum
from engine.feel.comparing import equal
from engine.feel.runtime import Run
from engine.feel.values import number

Outputs = list[Value]
"""The outputs of one rule, one for each column."""


class Columns(NamedTuple):
    """The output columns: their names and the values they allow, the highest priority first."""

    names: tuple[str, ...]
    priorities: tuple[Tests | None, ...]

    def shape(self, outputs: Outputs) -> Value:
        """A value for one column, a context for several."""
        return outputs[0] if len(self.names) == 1 else dict(zip(self.names, outputs, strict=True))


def single(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """UNIQUE: more than one hit is an error and gives null."""
    return columns.shape(hits[0]) if len(hits) == 1 else None


def any_equal(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """ANY: all hits must agree."""
    first = columns.shape(hits[0])
    return first if all(equal(columns.shape(hit), first) is True for hit in hits[1:]) else None


def first_hit(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """FIRST: the first in the order of the rules."""
    return columns.shape(hits[0])


def by_priority(columns: Columns, hits: list[Outputs], run: Run) -> list[Outputs]:
    """The hits, those with the earliest output values first."""

    def rank(hit: Outputs) -> tuple[int, ...]:
        pairs = zip(columns.priorities, hit, strict=True)
        return tuple(_rank(tests, value, run) for tests, value in pairs)

    return sorted(hits, key=rank)


def _rank(tests: Tests | None, value: Value, run: Run) -> int:
    if tests is None:
        return 0
    return tests.position(value, run)


def priority(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """PRIORITY: the hit with the highest priority."""
    return columns.shape(by_priority(columns, hits, run)[0])


def output_order(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """OUTPUT ORDER: all hits by falling priority."""
    return [columns.shape(hit) for hit in by_priority(columns, hits, run)]


def rule_order(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """RULE ORDER and COLLECT: all hits in the order of the rules."""
    return [columns.shape(hit) for hit in hits]


def _aggregated(function: Callable[[list[Value]], Value]) -> Policy:
    def collect(columns: Columns, hits: list[Outputs], run: Run) -> Value:
        if len(columns.names) == 1:
            return function([hit[0] for hit in hits])
        parts = [function([hit[place] for hit in hits]) for place in range(len(columns.names))]
        return columns.shape(parts)

    return collect


def _sum(values: Sequence[Value]) -> Value:
    return reduce(add, values)


def count(columns: Columns, hits: list[Outputs], run: Run) -> Value:
    """C#: the number of hits."""
    return number(len(hits))


Policy = Callable[[Columns, list[Outputs], Run], Value]
POLICIES: dict[str, Policy] = {
    "UNIQUE": single,
    "ANY": any_equal,
    "FIRST": first_hit,
    "PRIORITY": priority,
    "OUTPUT ORDER": output_order,
    "RULE ORDER": rule_order,
    "COLLECT": rule_order,
    "COLLECT SUM": _aggregated(_sum),
    "COLLECT MIN": _aggregated(minimum),
    "COLLECT MAX": _aggregated(maximum),
    "COLLECT COUNT": count,
}
LISTS = frozenset({"OUTPUT ORDER", "RULE ORDER", "COLLECT"})
EMPTY: dict[str, Callable[[], Value]] = {"COLLECT": list, "COLLECT COUNT": lambda: number(0)}
"""Results without a hit that are not null."""
