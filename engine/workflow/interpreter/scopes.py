"""Bodies of the process and of sub-processes: opened, completed, cancelled (BPMN 2.0.2 13.3.4, 13.5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.interpreter import activities, adhoc, arms, compensation, leaving, lookups
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.state import ROOT, Scope, Status, Token, Wait


def open_scope(run: Run, node: str, owner: Token | None, variables: dict[str, Any]) -> Scope:
    """A new scope with its local data names and its event sub-processes armed; nothing moves in it yet."""
    identity = ROOT if owner is None else run.new_id()
    layout = run.program.scopes[node]
    if owner is not None:
        for name in layout.data:
            variables.setdefault(name, None)
    scope = Scope(identity, node, owner.id if owner is not None else 0, vars=variables)
    run.state.scopes[identity] = scope
    for _, start in layout.handlers:
        arms.arm_all(run, run.program.ops[start], owner=0, scope=identity)
    return scope


def begin(run: Run, scope: Scope, start: str | None = None) -> None:
    """Let the body move: from `start`, else its none start event, else its implicit starts (10.5.2)."""
    if run.state.arms and arms.test_conditions(run, scope=scope.id):
        return
    layout = run.program.scopes[scope.node]
    begins = (start,) if start else (layout.start,) if layout.start else layout.implicit
    if not begins:
        members = (item for item in layout.members if run.program.ops[item].kind is NodeKind.START)
        begins = tuple(item for item in [next(members, None)] if item is not None)
    scope.live += len(begins)
    for node in begins:
        run.push(node, scope.id)
    if scope.live == 0:
        check(run, scope)


def check(run: Run, scope: Scope) -> None:
    """Complete the scope when nothing lives in it any more."""
    if scope.live > 0 or scope.id not in run.state.scopes:
        return
    owner = run.state.tokens.get(scope.owner)
    if scope.id != ROOT and (owner is None or owner.wait == Wait.COMPENSATION):
        return
    if run.plain.watching and run.state.arms:
        arms.test_before_end(run, scope.id, 0 if owner is None else owner.parent or owner.id)
        if scope.live > 0 or scope.id not in run.state.scopes:
            return
    if owner is None:
        finish(run, Status.COMPLETED)
        return
    if run.op(owner).kind is NodeKind.ADHOC and not adhoc.is_over(run, owner, scope):
        return
    close(run, scope, owner)


def close(run: Run, scope: Scope, owner: Token) -> None:
    """The body is done: hand what can be undone to the parent and complete the owner."""
    arms.disarm(run, scope=scope.id)
    compensation.hand_over(run, scope, owner)
    leaving.keep(run, scope, owner)
    op = run.op(owner)
    values = scope.vars if op.outputs or op.data_outputs else {}
    run.state.scopes.pop(scope.id, None)
    activities.complete(run, owner, {}, local=values)


def finish(run: Run, status: Status, error: str | None = None, message: str = "") -> None:
    """End the instance; everything still open is cancelled."""
    root = run.state.scopes[ROOT]
    if run.state.tokens:
        clear(run, [ROOT])
    arms.disarm(run, scope=ROOT)
    run.state.scopes.clear()
    run.state.throws.clear()
    run.queue.clear()
    run.state.calls = 0
    run.state.status = status
    undo = compensation.left_to_undo(run, root) if run.state.called and status is Status.COMPLETED else ()
    run.effects.append(fx.InstanceEnded(_ENDED.get(status, "cancelled"), dict(root.vars), error, message, undo))


_ENDED: dict[Status, fx.EndStatus] = {
    Status.COMPLETED: "completed",
    Status.TERMINATED: "terminated",
    Status.ERROR: "error",
}


def clear(run: Run, scope_ids: Iterable[int], keep: int = 0) -> None:
    """Cancel all that lives in these scopes (they stay open), but not activation `keep` and what it owns."""
    state = run.state
    inside = set(scope_ids)
    roots = [token for identity in inside for token in lookups.inside(state, identity)]
    kept = state.tokens.get(keep)
    if kept is not None and kept.parent:
        keep = kept.parent
    cancel(run, [token for token in roots if token.id != keep])
    for identity in inside:
        scope = state.scopes.get(identity)
        if scope is not None:
            scope.joins.clear()
            scope.live = sum(1 for token in roots if token.id == keep and token.scope == identity)
    drop_moves(run, inside, set())


def drop_moves(run: Run, scope_ids: set[int], token_ids: set[int]) -> None:
    """Every interruption also deletes the queued and held-back tokens of its scopes."""
    if run.queue:
        kept = [move for move in run.queue if move.scope not in scope_ids and move.token not in token_ids]
        run.queue.clear()
        run.queue.extend(kept)
    state = run.state
    if state.throws:
        state.throws = [item for item in state.throws if item[1] not in scope_ids]


def cancel(run: Run, roots: list[Token]) -> None:
    """Remove these activations with all they own: items, scopes, events, tasks, jobs, called instances.

    The caller settles the live count of the scopes the roots stood in.
    """
    tokens, scope_ids = lookups.below(run.state, roots)
    if not tokens:
        return
    state = run.state
    arms.disarm_all(run, {token.id for token in tokens}, scope_ids)
    for token in tokens:
        if state.tokens.pop(token.id, None) is None:
            continue
        close_wait(run, token)
        if token.wait == Wait.COMPENSATION and compensation.is_frame(token):
            continue
        kind: fx.HistoryKind = "completed" if token.wait == Wait.THROWN else "cancelled"
        run.history(kind, token.node, token.id, {"host": True} if token.wait == Wait.ITEMS else None)
    for identity in scope_ids:
        state.scopes.pop(identity, None)
    drop_moves(run, scope_ids, {token.id for token in tokens})
    for token in tokens:
        if token.wait == Wait.COMPENSATION:
            compensation.stop(run, token)


def close_wait(run: Run, token: Token) -> None:
    """Close what the token waits for outside: its task, job, call or incident."""
    out = run.effects.append
    if token.wait == Wait.USER:
        out(fx.CloseTask(token.id, "cancelled"))
    elif token.wait in {Wait.JOB, Wait.OUTBOUND}:
        out(fx.CancelJob(token.id))
    elif token.wait == Wait.HANDLER:
        run.state.calls -= 1
    elif token.wait == Wait.CALLED:
        out(fx.CancelCalledInstance(token.id))
    elif token.wait == Wait.INCIDENT:
        out(fx.ResolveIncident(token.id))


def parent_scope(run: Run, scope: Scope) -> Scope | None:
    """The scope around a scope; None for the process."""
    owner = run.state.tokens.get(scope.owner)
    return run.state.scopes.get(owner.scope) if owner is not None else None


def has_compensation_handler(run: Run, node: str) -> str | None:
    """The compensation event sub-process of a scope, or None."""
    for handler, start in run.program.scopes[node].handlers:
        if any(event.kind is EventKind.COMPENSATE for event in run.program.ops[start].events):
            return handler
    return None
