"""Activities from entry to exit, whatever they do inside (BPMN 2.0.2 13.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.bpmn import compile_tasks as actions
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import (
    adhoc,
    arms,
    bodies,
    compensation,
    data,
    inputs,
    leaving,
    loops,
    scopes,
    throwing,
    ways,
)
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import Token, Wait

_EVALUATED = frozenset({actions.FEEL, actions.DECISION})
"""What may be evaluated anew when its result could not be written."""


def enter(run: Run, op: Op, move: Move) -> None:
    """A token reaches an activity. One that came by no flow, as when people begin it again, waits for no others."""
    if op.node.start_quantity > 1 and move.flow is not None and not _gathered(run, op, move.scope, move.flow):
        return
    token = Token(run.new_id(), op.id, move.scope, Wait.READY, vars=move.vars, undo_of=move.undo_of)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id, {"host": True} if op.loop is not None else None)
    if op.node.stage:
        run.effects.append(fx.SetStage(op.id, op.node.stage))
    try:
        for name in op.node.properties:
            token.vars = {**(token.vars or {}), name: None}
        for boundary in op.boundary:
            arms.arm_all(run, run.program.ops[boundary], owner=token.id, scope=token.scope)
        is_ready = inputs.read(run, op, token)
    except TROUBLES as error:
        arms.disarm(run, owner=token.id)
        run.park(token, "enter", error)
        return
    if op.boundary and arms.test_conditions(run, owner=token.id):
        return
    if is_ready:
        start(run, op, token)


def _gathered(run: Run, op: Op, scope_id: int, flow: str) -> bool:
    """Collect start-quantity tokens (10.3.1 startQuantity): True when enough have come; they become one.

    Counted by flow, so that a return knows which of them come again; states saved before that count them under `#`.
    """
    scope = run.state.scopes[scope_id]
    counts = scope.joins.setdefault(op.id, {})
    counts[flow] = counts.get(flow, 0) + 1
    if sum(counts.values()) < op.node.start_quantity:
        return False
    del scope.joins[op.id]
    scope.live -= op.node.start_quantity - 1
    return True


def start(run: Run, op: Op, token: Token) -> None:
    """Begin the body, once or as often as its loop says."""
    try:
        if op.loop is not None and not token.parent and not compensation.is_again(token):
            loops.begin(run, op, op.loop, token)
        else:
            data.read_mappings(run, op, token)
            bodies.begin(run, op, token)
    except TROUBLES as error:
        run.park(token, "body", error)


def complete(
    run: Run, token: Token, values: Mapping[str, Any], *, local: Mapping[str, Any] | None = None, payload: Any = None
) -> None:
    """The body is done with these result values; `local` are variables of a finished sub-process."""
    op = run.op(token)
    try:
        data.write_results(run, op, token, values, local=local or {}, payload=payload)
        if token.parent:
            loops.item_done(run, run.state.tokens[token.parent], token)
            return
    except TROUBLES as error:
        is_evaluated = op.action in _EVALUATED and op.loop is None
        run.park(token, "enter" if is_evaluated else "done", error, None if is_evaluated else values)
        return
    finish(run, op, token)


def finish(run: Run, op: Op, token: Token) -> None:
    """The whole activity is done: disarm, remember for compensation, leave."""
    if not op.is_activity:
        throwing.after_action(run, op, token)
        return
    if op.boundary:
        arms.disarm(run, owner=token.id)
    if token.undo_of:
        run.state.tokens.pop(token.id, None)
        run.history("completed", op.id, token.id, ways.rounds_told(op, token))
        compensation.handler_done(run, token)
        return
    compensation.remember(run, op, token)
    scope = run.scope_of(token)
    owner = run.state.tokens.get(scope.owner)
    if owner is not None and run.op(owner).kind is NodeKind.ADHOC:
        adhoc.count(owner, op.id)
    if not ways.leave(run, op, token.scope, token.id, token, times=op.node.completion_quantity):
        return
    if owner is not None and run.op(owner).kind is NodeKind.ADHOC and scope.id in run.state.scopes:
        adhoc.after(run, owner, scope)


def interrupt(run: Run, token: Token) -> None:
    """Cancel an activity whose place in its scope is taken by what interrupted it."""
    thrower = token.undo_of
    leaving.keep_cancelled(run, token)
    adhoc.interrupted(run, token)
    scopes.cancel(run, [token])
    if thrower:
        run.state.scopes[token.scope].live += 1
        compensation.handler_done(run, token)
