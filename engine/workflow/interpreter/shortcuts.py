"""Which path a token takes from each plain node of a program, laid out when it is first needed.

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
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.paths import Path
from engine.workflow.interpreter.run import TROUBLES
from engine.workflow.interpreter.state import Scope

Enter = Callable[[Scope, str | None, Env], Path | None]
"""The path of a token of this scope that reaches the node by a flow; None when it has to go the general way."""

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

    `looks`: something may have to be decided when all tokens rest. `watches`: conditions are waited for.
    """

    enter: Mapping[str, Enter | None]
    complete: Mapping[str, Path | None]
    looks: bool
    watches: bool


def of(program: Program) -> Shortcuts:
    """The program's shortcuts."""
    found = program.cache.get(KEY)
    if not isinstance(found, Shortcuts):
        enter, complete = _Made(partial(_enter, program)), _Made(partial(_complete, program))
        found = program.cache[KEY] = Shortcuts(enter, complete, _looks(program), _watches(program))
    return found


def none(program: Program) -> Shortcuts:
    """Everything done the general way."""
    return Shortcuts(dict.fromkeys(program.ops), dict.fromkeys(program.ops), looks=True, watches=True)


def _looks(program: Program) -> bool:
    """Has it inclusive or complex joins, or conditional events?"""
    kinds = {op.kind for op in program.ops.values()}
    return bool(kinds & {NodeKind.INCLUSIVE, NodeKind.COMPLEX}) or _watches(program)


def _watches(program: Program) -> bool:
    return any(event.kind is EventKind.CONDITIONAL for op in program.ops.values() for event in op.events)


def _enter(program: Program, node: str) -> Enter | None:
    op = program.ops[node]
    if op.kind is NodeKind.EXCLUSIVE and op.has_conditions:
        return _deciding(program, op)
    if op.kind is NodeKind.PARALLEL and len(op.incoming) > 1 and op.ways:
        return _joining(program, op)
    path = paths.entering(program, node)
    return (lambda scope, flow, env: path) if path.visits else None


def _complete(program: Program, node: str) -> Path | None:
    op = program.ops[node]
    if not (paths.is_plain_task(op) and paths.goes_on(op)):
        return None
    return paths.leaving(program, op)


def _deciding(program: Program, op: Op) -> Enter:
    """As `joins.enter` for an exclusive gateway; one that cannot choose, or sees more than variables, is left to it."""
    by_way = {way.id: paths.passing(program, op, (way,)) for way in op.ways}

    def enter(scope: Scope, flow: str | None, env: Env) -> Path | None:
        if scope.owner or env.records:
            return None
        try:
            (way,) = ways.exclusive(op, scope.vars, env.feel)
        except TROUBLES:
            return None
        return by_way[way.id]

    return enter


def _joining(program: Program, op: Op) -> Enter:
    """As `joins.enter` for a parallel join."""
    path = paths.passing(program, op, op.ways)
    waits = Path()
    waits.visits = 1

    def enter(scope: Scope, flow: str | None, env: Env) -> Path | None:
        if flow is None:
            return None
        return path if joins.arrive(op, scope, flow) else waits

    return enter
