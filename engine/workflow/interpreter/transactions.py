"""Transactions cancelled: what still runs ends, what was completed is compensated (BPMN 2.0.2 10.7, 13.5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.workflow.bpmn.model import EventKind
from engine.workflow.interpreter import activities, arms, compensation, scopes, triggers
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.state import Scope, Token, Wait


def cancel(run: Run, scope: Scope, token: Token) -> None:
    """Everything else in the transaction ends, what completed is compensated, then its cancel boundary is taken.

    Also what completed inside sub-processes that still run, and in the other instances of a repeated transaction, for
    its boundary event interrupts them all: a transaction is undone as a whole.
    """
    owner = run.state.tokens[scope.owner]
    host = run.state.tokens[owner.parent] if owner.parent else owner
    others = [one for one in run.state.tokens.values() if one.parent == host.id and one.id != owner.id]
    work = compensation.expand(run, (host.data or {}).get("undo", ()), host.scope) if host is not owner else []
    work += _unfinished(run, others, {})
    work += compensation.expand(run, _records(run, scope), scope.id) + _unfinished(run, _members(run, scope), {})
    scopes.cancel(run, others)
    scopes.clear(run, [scope.id], keep=token.id)
    arms.disarm(run, scope=scope.id)
    if run.state.tokens.pop(token.id, None) is not None:
        run.history("completed", token.node, token.id)
    thrower = Token(run.new_id(), token.node, scope.id, Wait.COMPENSATION)
    thrower.data = {"work": work, "then": "cancel"}
    run.state.tokens[thrower.id] = thrower
    scope.undo = []
    scope.live = 1
    arms.disarm(run, owner=host.id)
    compensation.advance(run, thrower)


def _records(run: Run, scope: Scope) -> list[Any]:
    """What has completed in the scope: activities, then the items of multi-instance activities that still run."""
    hosts = [token for token in run.state.tokens.values() if token.scope == scope.id and token.wait == Wait.ITEMS]
    return [*scope.undo, *(record for host in hosts for record in (host.data or {}).get("undo", ()))]


def _members(run: Run, scope: Scope) -> list[Token]:
    return [token for token in run.state.tokens.values() if token.scope == scope.id]


def _unfinished(run: Run, owners: Sequence[Token], around: Mapping[str, Any]) -> list[Any]:
    """The same inside the running sub-processes of these activations, as work of a compensation, with the data each
    handler should see."""
    work: list[Any] = []
    by_id = {token.id: token for token in owners}
    for inner in [one for one in run.state.scopes.values() if one.owner in by_id]:
        owner = by_id[inner.owner]
        variables = {**around, **(owner.vars or {}), **inner.vars}
        if records := _records(run, inner):
            work.append([compensation.INSIDE, inner.node, owner.scope, variables, records])
        work += _unfinished(run, _members(run, inner), variables)
    return work


def leave(run: Run, thrower: Token) -> None:
    """All is compensated: go on from the cancel boundary; without one the token ends."""
    owner = run.state.tokens[run.state.scopes[thrower.scope].owner]
    host = run.state.tokens[owner.parent] if owner.parent else owner
    run.state.tokens.pop(thrower.id, None)
    boundary = next(
        (
            run.program.ops[node]
            for node in run.op(host).boundary
            if any(event.kind is EventKind.CANCEL for event in run.program.ops[node].events)
        ),
        None,
    )
    activities.interrupt(run, host)
    if boundary is not None:
        triggers.boundary_taken(run, boundary, host.scope, None)
        return
    scope = run.state.scopes[host.scope]
    scope.live -= 1
    scopes.check(run, scope)
