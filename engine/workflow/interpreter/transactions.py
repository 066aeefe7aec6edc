"""Transactions cancelled: what still runs ends, what was completed is compensated (BPMN 2.0.2 10.7, 13.5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.bpmn.model import EventKind
from engine.workflow.interpreter import activities, arms, compensation, scopes, triggers
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.state import Scope, Token, Wait


def cancel(run: Run, scope: Scope, token: Token) -> None:
    """Everything else in the transaction ends, what completed is compensated, then its cancel boundary is taken.

    Also what completed inside sub-processes that still run: a transaction is undone as a whole.
    """
    owner = run.state.tokens[scope.owner]
    work = compensation.expand(run, _records(run, scope), scope.id) + _unfinished(run, scope, {})
    scopes.clear(run, [scope.id], keep=token.id)
    arms.disarm(run, scope=scope.id)
    if run.state.tokens.pop(token.id, None) is not None:
        run.history("completed", token.node, token.id)
    thrower = Token(run.new_id(), token.node, scope.id, Wait.COMPENSATION)
    thrower.data = {"work": work, "then": "cancel"}
    run.state.tokens[thrower.id] = thrower
    scope.undo = []
    scope.live = 1
    arms.disarm(run, owner=owner.id)
    compensation.advance(run, thrower)


def _records(run: Run, scope: Scope) -> list[Any]:
    """What has completed in the scope: activities, then the items of multi-instance activities that still run."""
    hosts = [token for token in run.state.tokens.values() if token.scope == scope.id and token.wait == Wait.ITEMS]
    return [*scope.undo, *(record for host in hosts for record in (host.data or {}).get("undo", ()))]


def _unfinished(run: Run, scope: Scope, around: Mapping[str, Any]) -> list[Any]:
    """The same inside its running sub-processes, as work of a compensation, with the data each handler should see."""
    work: list[Any] = []
    owners = {token.id for token in run.state.tokens.values() if token.scope == scope.id}
    for inner in [one for one in run.state.scopes.values() if one.owner in owners]:
        variables = {**around, **inner.vars}
        if records := _records(run, inner):
            work.append([compensation.INSIDE, inner.node, scope.id, variables, records])
        work += _unfinished(run, inner, variables)
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
