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
from engine.workflow.interpreter import joins, paths
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.paths import Path
from engine.workflow.interpreter.run import TROUBLES
from engine.workflow.interpreter.state import Scope, State, Wait
from engine.workflow.interpreter.table import Table

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
    """What happens to a token that reaches a node, or leaves it as a task; None for nodes that are not plain.

    `gathering`: inclusive and complex gateways; `watching`: nodes with conditional events. Where tokens wait in the
    former or the latter are armed, something may have to be decided when all tokens rest; so where one waits at
    `lacking`: activities with several input sets. `looks`: there are any of these.
    """

    program: Program
    enter: Mapping[str, Enter | None]
    complete: Mapping[str, Path | None]
    gathering: frozenset[str]
    watching: frozenset[str]
    lacking: frozenset[str]
    looks: bool

    def may_look(self, state: State) -> bool:
        """Whether something may have to be decided when all tokens rest."""
        return bool(state.throws) or (
            self.looks and (self.is_gathering(state) or self.is_watching(state) or self.is_lacking(state))
        )

    def is_gathering(self, state: State) -> bool:
        """Whether tokens wait in one of the gateways; of very many scopes, whether they may."""
        if isinstance(state.scopes, Table):
            return bool(self.gathering)
        return not all(self.gathering.isdisjoint(scope.joins) for scope in state.scopes.values())

    def is_watching(self, state: State) -> bool:
        """Whether one of the conditions is armed; of very many events, whether it may be."""
        if isinstance(state.arms, Table):
            return bool(self.watching)
        return bool(self.watching) and any(arm.node in self.watching for arm in state.arms.values())

    def is_lacking(self, state: State) -> bool:
        """Whether a token waits for its data."""
        return bool(self.lacking) and any(token.wait == Wait.DATA for token in state.tokens.values())


def of(program: Program) -> Shortcuts:
    """The program's shortcuts."""
    found = program.cache.get(KEY)
    if not isinstance(found, Shortcuts):
        found = _shortcuts(program, _Made(partial(_enter, program)), _Made(partial(_complete, program)))
        program.cache[KEY] = found
    return found


def none(program: Program) -> Shortcuts:
    """Everything done the general way."""
    return _shortcuts(program, dict.fromkeys(program.ops), dict.fromkeys(program.ops))


def _shortcuts(program: Program, enter: Mapping[str, Enter | None], complete: Mapping[str, Path | None]) -> Shortcuts:
    ops = program.ops.values()
    gathering = frozenset(op.id for op in ops if op.kind in (NodeKind.INCLUSIVE, NodeKind.COMPLEX))
    watching = frozenset(op.id for op in ops for event in op.events if event.kind is EventKind.CONDITIONAL)
    lacking = frozenset(op.id for op in ops if op.node.input_sets)
    return Shortcuts(program, enter, complete, gathering, watching, lacking, bool(gathering or watching or lacking))


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
    """As `ways.exclusive`; a gateway that cannot choose, or sees more than variables, is left to it."""
    choices = [(way.condition, paths.passing(program, op, (way,))) for way in op.ways if not way.is_default]
    defaults = [paths.passing(program, op, (way,)) for way in op.ways if way.is_default]

    def enter(scope: Scope, flow: str | None, env: Env) -> Path | None:
        if scope.owner or env.records:
            return None
        try:
            for condition, path in choices:
                if condition is None or condition.evaluate(scope.vars, env.feel) is True:
                    return path
        except TROUBLES:
            return None
        return defaults[0] if len(defaults) == 1 else None

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
