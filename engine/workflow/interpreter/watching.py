"""Which conditions and joins a step has to look at: of very many, those that what it touched may have changed.

At the end of each step all of them were looked at, or what they hang on was as before. So of those that still sleep
only conditions count that name a variable of which the step has changed any, a record, or the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.feel import Expression
from engine.workflow.bpmn.expressions import Source, unknown_functions
from engine.workflow.bpmn.model import EventKind
from engine.workflow.bpmn.program import Program
from engine.workflow.interpreter import lookups
from engine.workflow.interpreter.large import parts_of
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.state import Arm, Scope
from engine.workflow.interpreter.table import Table, awake

_KEY = "watched"
_TIMES = ("now", "today")
Names = frozenset[str] | None
"""What a condition reads; None where that cannot be told, or time passes in it."""


def arms(run: Run) -> list[Arm]:
    """Armed events whose condition may have become another, with others; the oldest first."""
    armed = run.state.arms
    if not isinstance(armed, Table):
        return list(armed.values())
    told = {*_changed(run), *run.env.records}
    if run.is_whole or any(names is None or not names.isdisjoint(told) for names in _watched(run.program)):
        return list(armed.values())
    return sorted(armed.awake(), key=lambda one: one.id)


def gatherings(run: Run) -> list[Scope]:
    """Scopes with tokens at joins that may be ready now, the oldest first."""
    if run.is_whole:
        return lookups.with_arrivals(run.state)
    return sorted((scope for scope in awake(run.state.scopes) if scope.joins), key=lambda scope: scope.id)


def _changed(run: Run) -> Iterator[str]:
    """Names of variables that this step has set, or that have gone."""
    for scope in awake(run.state.scopes):
        old = run.before.scopes.get(scope.id)
        if old is not None:
            yield from _differing(old.vars, scope.vars)
    for token in awake(run.state.tokens):
        before = run.before.tokens.get(token.id)
        if before is not None:
            yield from _differing(before.vars or {}, token.vars or {})


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = dict(parts_of(before)), dict(parts_of(after))
    for name in old.keys() | new.keys():
        if name not in old or name not in new or old[name] is not new[name]:
            yield name


def _watched(program: Program) -> tuple[Names, ...]:
    """What each condition of the program reads."""
    found = program.cache.get(_KEY)
    if not isinstance(found, tuple):
        events = [event for op in program.ops.values() for event in op.events if event.kind is EventKind.CONDITIONAL]
        found = program.cache[_KEY] = tuple(_read(event.condition) for event in events if event.condition is not None)
    return found


def _read(condition: Source) -> Names:
    if not isinstance(condition, Expression) or unknown_functions(condition):
        return None
    if any(name in condition.text for name in _TIMES):
        return None
    return frozenset(path[0] for path in condition.references)
