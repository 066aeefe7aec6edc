"""What holds of every state between two steps: each token waits for something that can come, nothing is left over.

Rules that a state breaks by itself; whether it agrees with the rows beside it is asked by `engine.workflow.invariants`.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.workflow.bpmn.program import Program
from engine.workflow.interpreter.joins import FIRED
from engine.workflow.interpreter.state import Arm, Scope, State, Status, Token, Wait

_OPEN = frozenset({Wait.SCOPE, Wait.COMPENSATION, Wait.INCIDENT})
_PASSING = frozenset({Wait.HANDLER, Wait.READY, Wait.THROWN})


def faults(program: Program, state: State) -> Iterator[str]:
    """Each rule the state breaks, as words with the node; nothing for a state that is whole."""
    if state.status != Status.RUNNING:
        if state.tokens or state.arms or state.throws:
            yield "something is left of what has ended"
        return
    owners = _Owners(state)
    for token in state.tokens.values():
        yield from (f"{fault} at {token.node}" for fault in _of_token(state, owners, token))
    for arm in state.arms.values():
        yield from (f"{fault} at {arm.node}" for fault in _of_event(program, state, arm))
    for scope in state.scopes.values():
        yield from (f"{fault} in {scope.node}" for fault in _of_scope(state, scope))


class _Owners:
    """Activations that own an armed event, a scope, items, or work of a compensation."""

    def __init__(self, state: State) -> None:
        self.events = {arm.owner for arm in state.arms.values() if arm.owner}
        self.scopes = {scope.owner for scope in state.scopes.values() if scope.owner}
        self.items = {token.parent for token in state.tokens.values() if token.parent}
        self.work = {token.undo_of for token in state.tokens.values() if token.undo_of}

    def of(self, wait: str) -> set[int] | None:
        """The activations that a token with this wait has to be among; None for waits that rows answer."""
        named = {Wait.EVENT: self.events, Wait.RETRY: self.events, Wait.SCOPE: self.scopes, Wait.ITEMS: self.items}
        return self.work if wait == Wait.COMPENSATION else named.get(Wait(wait))


def _of_token(state: State, owners: _Owners, token: Token) -> Iterator[str]:
    awaited = owners.of(token.wait)
    if token.wait in _PASSING:
        yield "token did not come to rest"
    if awaited is not None and token.id not in awaited:
        yield "token waits for nothing"
    if token.scope not in state.scopes:
        yield "token in a scope that has gone"
    host = state.tokens.get(token.parent)
    if token.parent and (host is None or host.wait != Wait.ITEMS):
        yield "item without its activity"
    thrower = state.tokens.get(token.undo_of)
    if token.undo_of and (thrower is None or thrower.wait != Wait.COMPENSATION):
        yield "compensation that nobody waits for"


def _of_event(program: Program, state: State, arm: Arm) -> Iterator[str]:
    owner = state.tokens.get(arm.owner)
    if arm.scope not in state.scopes or (arm.owner and owner is None):
        yield "event of what has gone"
    elif owner is not None:
        host = program.ops[owner.node]
        behind = {way.target for way in host.ways}
        if arm.node not in {owner.node, *host.boundary, *behind}:
            yield "event of another node"


def _of_scope(state: State, scope: Scope) -> Iterator[str]:
    owner = state.tokens.get(scope.owner)
    if scope.owner and (owner is None or owner.wait not in _OPEN):
        yield "scope without its activity"
    if any(count < 0 for flows in scope.joins.values() for count in flows.values()):
        yield "less than no arrival"
    inside = sum(1 for token in state.tokens.values() if token.scope == scope.id and not token.parent)
    inside += sum(count for flows in scope.joins.values() for flow, count in flows.items() if lives(flow))
    inside += sum(1 for held in state.throws if held[1] == scope.id)
    if scope.live != inside and not (owner is not None and owner.wait == Wait.COMPENSATION):
        yield f"{scope.live} counted and {inside} held"


def lives(flow: str) -> bool:
    """Whether what is noted there counts in the scope: arrivals, and the mark of a complex gateway that has fired."""
    return flow == FIRED or not flow.startswith(FIRED)
