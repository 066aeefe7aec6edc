"""Joins that wait for what can no longer come, because an operator moved a token or the model does not fit itself.

A token counts as coming wherever any way from it leads, whatever conditions say; so what is found waits for ever,
unless an event ends the scope around it, and what conditions keep away is not found (BPMN 2.0.2 13.4.1, 13.4.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter.joins import FIRED
from engine.workflow.interpreter.state import Scope, State, Token, Wait

_HOSTS = frozenset({Wait.SCOPE, Wait.ITEMS})
"""Tokens that wait for others of the same instance."""


class Stranded(NamedTuple):
    """A join in a running scope that cannot be passed. `lacking`: flows by which nothing comes.

    `is_reached`: tokens wait there; otherwise one is on its way there.
    """

    scope: int
    node: str
    lacking: tuple[str, ...]
    is_reached: bool


def stands_still(program: Program, state: State) -> bool:
    """Whether no token waits for anybody or anything outside: only what joins lack could move the case."""
    return all(token.wait in _HOSTS and not _is_chosen(program, token.node) for token in state.tokens.values())


def stranded(program: Program, state: State) -> tuple[Stranded, ...]:
    """Each join that waits for ever, or will once a token gets there; those of inner scopes first."""
    inside = _Inside(state)
    found: list[Stranded] = []
    for number in sorted(state.scopes, reverse=True):
        scope = state.scopes[number]
        tokens = inside.tokens.get(number, [])
        still = {token.id for token in tokens if not inside.is_alive(token)}
        leaving = [_place(program, scope, token) for token in tokens if token.id not in still]
        leaving += inside.held.get(number, [])
        beside = [event for token in tokens if token.id in still for event in program.ops[token.node].boundary]
        flow = _Flow(program, scope)
        flow.follow([*leaving, *beside, *_chosen(program, scope)])
        found += flow.stranded()
        if not (leaving or flow.passed or number in inside.armed or _is_chosen(program, scope.node)):
            inside.still.add(number)
    return tuple(found)


class _Inside:
    """What lies in each scope and activity. `armed`: scopes with an event sub-process that can begin; `still`: scopes
    in which nothing moves, as far as they have been looked at."""

    def __init__(self, state: State) -> None:
        self.tokens: dict[int, list[Token]] = {}
        self.items: dict[int, list[Token]] = {}
        self.scopes: dict[int, list[int]] = {}
        self.held: dict[int, list[str]] = {}
        for token in state.tokens.values():
            place, number = (self.items, token.parent) if token.parent else (self.tokens, token.scope)
            place.setdefault(number, []).append(token)
        for scope in state.scopes.values():
            self.scopes.setdefault(scope.owner, []).append(scope.id)
        for node, number, *_ in state.throws:
            self.held.setdefault(number, []).append(node)
        self.armed = {arm.scope for arm in state.arms.values() if not arm.owner}
        self.still: set[int] = set()

    def is_alive(self, token: Token) -> bool:
        """Whether the token can move: one that waits for others inside it only where one of them can."""
        if token.wait == Wait.ITEMS:
            return any(self.is_alive(item) for item in self.items.get(token.id, ()))
        return token.wait != Wait.SCOPE or any(one not in self.still for one in self.scopes.get(token.id, ()))


def _place(program: Program, scope: Scope, token: Token) -> str:
    """Where the token stands in its scope; one that begins inside a sub-process later stands for it."""
    node = token.node
    while program.ops[node].scope not in (scope.node, node):
        node = program.ops[node].scope
    return node


def _is_chosen(program: Program, node: str) -> bool:
    """An ad-hoc sub-process: people choose what begins in it, and when it ends."""
    op = program.ops.get(node)
    return op is not None and op.kind is NodeKind.ADHOC


def _chosen(program: Program, scope: Scope) -> list[str]:
    if not _is_chosen(program, scope.node):
        return []
    return [one.id for one in program.ops.values() if one.scope == scope.node and one.is_activity and not one.incoming]


class _Flow:
    """Where tokens of one scope can still come. `coming`: flows by which one comes, per join; `passed`: joins that
    wait for nothing that does not come."""

    def __init__(self, program: Program, scope: Scope) -> None:
        self.program = program
        self.scope = scope
        self.coming: dict[str, set[str]] = {}
        self.passed = {node for node, counts in scope.joins.items() if _goes_by_itself(program.ops[node], counts)}

    def follow(self, leaving: list[str]) -> None:
        """Every way from these nodes, through joins as they fill."""
        left: set[str] = set()
        waiting = [*leaving, *self.passed]
        while waiting:
            node = waiting.pop()
            if node not in left:
                left.add(node)
                waiting += self._next(self.program.ops[node])

    def stranded(self) -> Iterator[Stranded]:
        """Joins with tokens, there or on their way, that lack others."""
        for node in [*self.scope.joins, *(one for one in self.coming if one not in self.scope.joins)]:
            lacking = () if node in self.passed else self._lacking(self.program.ops[node])
            if lacking:
                yield Stranded(self.scope.id, node, lacking, node in self.scope.joins)

    def _next(self, op: Op) -> Iterator[str]:
        for way in op.ways:
            target = self.program.ops[way.target]
            if not _waits(target):
                yield target.id
                continue
            self.coming.setdefault(target.id, set()).add(way.id)
            if not self._lacking(target):
                self.passed.add(target.id)
                yield target.id
        if op.link is not None:
            yield op.link
        yield from op.boundary

    def _lacking(self, op: Op) -> tuple[str, ...]:
        coming, counts = self.coming.get(op.id, set()), self.scope.joins.get(op.id, {})
        if _needs_all(op):
            return tuple(flow for flow in op.incoming if flow not in coming and not counts.get(flow))
        return () if coming else tuple(flow for flow in op.incoming if not counts.get(flow)) or op.incoming


def _waits(op: Op) -> bool:
    """A node that may hold a token back until others have come."""
    return op.node.start_quantity > 1 or (
        op.kind in (NodeKind.PARALLEL, NodeKind.COMPLEX) and (len(op.incoming) > 1 or op.kind is NodeKind.COMPLEX)
    )


def _needs_all(op: Op) -> bool:
    return op.kind is NodeKind.PARALLEL or (op.kind is NodeKind.COMPLEX and op.activation is None)


def _goes_by_itself(op: Op, counts: dict[str, int]) -> bool:
    """An inclusive join, and a complex one that waits for its reset, go on when nothing more comes."""
    return op.kind is NodeKind.INCLUSIVE or FIRED in counts
