"""The plain nodes of a program, each as one function made when it is first needed.

Straight paths (`paths`) with what may stand between them: a gateway that chooses, a join that waits, a completed user
task. Where anything is unusual about node or token, the general functions are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import joins, paths, ways
from engine.workflow.interpreter.paths import Path
from engine.workflow.interpreter.run import TROUBLES, Run
from engine.workflow.interpreter.state import Scope

Enter = Callable[[Run, Scope, str | None], bool]
"""A token reaches a node by a flow; False when it has to be done the general way (nothing has happened then)."""

KEY = "shortcuts"
_T = TypeVar("_T")


class _Made(dict[str, _T]):
    """By node, each made when it is first asked for."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str], _T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, node: str) -> _T:
        found = self[node] = self._make(node)
        return found


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """By node, None for those that are not plain: what happens to a token that reaches it, or leaves it as a task.

    `looks`: something may have to be decided when all tokens rest.
    """

    enter: Mapping[str, Enter | None]
    complete: Mapping[str, Path | None]
    looks: bool


def of(program: Program) -> Shortcuts:
    """The program's shortcuts."""
    found = program.cache.get(KEY)
    if not isinstance(found, Shortcuts):
        enter, complete = _Made(partial(_enter, program)), _Made(partial(_complete, program))
        found = program.cache[KEY] = Shortcuts(enter, complete, _looks(program))
    return found


def none(program: Program) -> Shortcuts:
    """Everything done the general way."""
    return Shortcuts(dict.fromkeys(program.ops), dict.fromkeys(program.ops), looks=True)


def _looks(program: Program) -> bool:
    """Has it inclusive or complex joins, or conditional events?"""
    kinds = {op.kind for op in program.ops.values()}
    events = {event.kind for op in program.ops.values() for event in op.events}
    return bool(kinds & {NodeKind.INCLUSIVE, NodeKind.COMPLEX}) or EventKind.CONDITIONAL in events


def _enter(program: Program, node: str) -> Enter | None:
    op = program.ops[node]
    if op.kind is NodeKind.EXCLUSIVE and op.has_conditions:
        return _deciding(program, op)
    if op.kind is NodeKind.PARALLEL and len(op.incoming) > 1 and op.ways:
        return _joining(program, op)
    path = paths.entering(program, node)
    return _following(path) if path.visits else None


def _following(path: Path) -> Enter:
    def enter(run: Run, scope: Scope, flow: str | None) -> bool:
        path.follow(run, scope)
        return True

    return enter


def _complete(program: Program, node: str) -> Path | None:
    op = program.ops[node]
    if not (paths.is_plain_task(op) and paths.goes_on(op)):
        return None
    return paths.leaving(program, op)


def _deciding(program: Program, op: Op) -> Enter:
    """As `joins.enter` for an exclusive gateway; one that cannot choose is left to it."""
    by_way = {way.id: paths.passing(program, op, (way,)) for way in op.ways}

    def enter(run: Run, scope: Scope, flow: str | None) -> bool:
        try:
            (way,) = ways.exclusive(run, op, run.context(None, scope.id))
        except TROUBLES:
            return False
        by_way[way.id].follow(run, scope)
        return True

    return enter


def _joining(program: Program, op: Op) -> Enter:
    """As `joins.enter` for a parallel join."""
    path = paths.passing(program, op, op.ways)

    def enter(run: Run, scope: Scope, flow: str | None) -> bool:
        if flow is None:
            return False
        if joins.arrive(op, scope, flow):
            path.follow(run, scope)
        else:
            run.visits += 1
        return True

    return enter
