"""Who belongs to whom in a state, found without looking at all of it."""

from __future__ import annotations

from collections.abc import Collection

from engine.workflow.interpreter.state import ARMS, SCOPES, TOKENS, Arm, Scope, State, Token, Wait
from engine.workflow.interpreter.table import having

FEW = 16
"""For more than so many it is cheaper to look at everything once."""
OWNERS = frozenset({Wait.SCOPE, Wait.ITEMS, Wait.COMPENSATION, Wait.INCIDENT})


def inside(state: State, scope_id: int) -> list[Token]:
    """Activations in a scope; not the items of its loops."""
    return having(state.tokens, TOKENS, 0, scope_id)


def items_of(state: State, host_id: int) -> list[Token]:
    """Items of a loop or multi-instance activation."""
    return having(state.tokens, TOKENS, 1, host_id)


def bodies_of(state: State, owner_id: int) -> list[Scope]:
    """The scopes of an activation: its body, or what a compensation has opened."""
    return having(state.scopes, SCOPES, 0, owner_id)


def with_arrivals(state: State) -> list[Scope]:
    """Scopes with tokens at gateways that wait for others."""
    return having(state.scopes, SCOPES, 1, 1)


def armed_by(state: State, owner_id: int) -> list[Arm]:
    """Events an activation waits for."""
    return having(state.arms, ARMS, 0, owner_id)


def armed_in(state: State, scope_id: int) -> list[Arm]:
    """Starts of the event sub-processes of a scope."""
    return having(state.arms, ARMS, 1, scope_id)


def armed_among(state: State, owners: Collection[int], scope_ids: Collection[int]) -> list[Arm]:
    """What any of these activations wait for, and the event sub-process starts of these scopes, the oldest first."""
    if not state.arms:
        return []
    if len(owners) + len(scope_ids) <= FEW:
        found = [item for owner in owners for item in armed_by(state, owner)]
        found += [item for scope in scope_ids for item in armed_in(state, scope)]
        return sorted(found, key=lambda item: item.id) if len(found) > 1 else found
    return [one for one in state.arms.values() if (one.owner in owners if one.owner else one.scope in scope_ids)]


def below(state: State, roots: Collection[Token]) -> tuple[list[Token], set[int]]:
    """These activations and everything they own, children after parents; and the scopes they own."""
    found: list[Token] = []
    scope_ids: set[int] = set()
    waiting, asked = list(roots), 0
    while waiting:
        token = waiting.pop()
        found.append(token)
        if token.wait not in OWNERS:
            continue
        asked += 1
        if asked > FEW:
            return _all_below(state, roots)
        waiting += items_of(state, token.id)
        for scope in bodies_of(state, token.id):
            scope_ids.add(scope.id)
            waiting += inside(state, scope.id)
    return found, scope_ids


def _all_below(state: State, roots: Collection[Token]) -> tuple[list[Token], set[int]]:
    """The same for many, all of the state sorted once."""
    by_parent: dict[int, list[Token]] = {}
    by_scope: dict[int, list[Token]] = {}
    scopes_of: dict[int, list[int]] = {}
    for token in state.tokens.values():
        (by_parent if token.parent else by_scope).setdefault(token.parent or token.scope, []).append(token)
    for scope in state.scopes.values():
        scopes_of.setdefault(scope.owner, []).append(scope.id)
    found: list[Token] = []
    scope_ids: set[int] = set()
    waiting = list(roots)
    while waiting:
        token = waiting.pop()
        found.append(token)
        waiting += by_parent.get(token.id, ())
        for identity in scopes_of.get(token.id, ()):
            scope_ids.add(identity)
            waiting += by_scope.get(identity, ())
    return found, scope_ids
