"""An armed event happens (BPMN 2.0.2 13.5.2 to 13.5.4, 13.4.4)."""

from __future__ import annotations

from typing import Any

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import activities, adhoc, arms, data, lookups, scopes, ways
from engine.workflow.interpreter.run import TROUBLES, Run
from engine.workflow.interpreter.state import Arm, Scope, Token, Wait


def fire(run: Run, found: Arm, payload: Any = None) -> None:
    """Take the event where it is waited for."""
    op = run.program.ops[found.node]
    owner = run.state.tokens.get(found.owner)
    if op.node.parallel_multiple and len(op.events) > 1 and _more_to_come(run, op, found, owner, payload):
        return
    if op.kind is NodeKind.BOUNDARY and owner is not None:
        _boundary(run, op, found, owner, payload)
    elif op.kind is NodeKind.START and owner is None:
        _handler(run, op, found, payload)
    elif owner is not None and run.op(owner).kind is NodeKind.EVENT_BASED:
        _gateway(run, op, found, owner, payload)
    elif owner is not None:
        arms.disarm(run, owner=owner.id)
        caught(run, op, owner, payload)


def _more_to_come(run: Run, op: Op, found: Arm, owner: Token | None, payload: Any) -> bool:
    """Parallel multiple: all definitions have to happen (10.5.1)."""
    arms.disarm_one(run, found)
    near = lookups.armed_by(run.state, found.owner) if found.owner else lookups.armed_in(run.state, found.scope)
    rest = [one for one in near if one.node == op.id]
    if rest:
        data.take_payload(run, op, found.scope, payload, owner)
    return bool(rest)


def caught(run: Run, op: Op, token: Token, payload: Any) -> None:
    """A catching event or receive task got what it waited for."""
    run.history("caught", op.id, token.id)
    if op.is_activity:
        values = payload if isinstance(payload, dict) else {op.id: payload} if payload is not None else {}
        activities.complete(run, token, values, payload=payload)
        return
    try:
        data.take_payload(run, op, token.scope, payload, token)
    except TROUBLES as error:
        run.park(token, "leave", error)
        return
    ways.leave(run, op, token.scope, token.id, token)


def _boundary(run: Run, op: Op, found: Arm, host: Token, payload: Any) -> None:
    if op.node.interrupting:
        activities.interrupt(run, host)
    else:
        run.state.scopes[host.scope].live += 1
        _again(run, op, found)
    boundary_taken(run, op, host.scope, payload)


def _again(run: Run, op: Op, found: Arm) -> None:
    """A non-interrupting event stays: a cycle gets its next round, a single timer is over."""
    if op.node.parallel_multiple and len(op.events) > 1:
        arms.arm_all(run, op, owner=found.owner, scope=found.scope)
    elif op.events[found.index].kind is EventKind.TIMER:
        arms.disarm_one(run, found)
        arms.rearm(run, op, found)


def boundary_taken(run: Run, op: Op, scope_id: int, payload: Any) -> None:
    """The token (already counted) goes on from a boundary event."""
    activation = run.new_id()
    run.history("entered", op.id, activation)
    try:
        data.take_payload(run, op, scope_id, payload)
    except TROUBLES as error:
        run.park(Token(activation, op.id, scope_id, Wait.INCIDENT), "leave", error)
        return
    ways.leave(run, op, scope_id, activation)


def _handler(run: Run, op: Op, found: Arm, payload: Any) -> None:
    scope = run.state.scopes[found.scope]
    if not op.node.interrupting:
        _again(run, op, found)
    start_handler(run, scope, op, payload)


def start_handler(run: Run, scope: Scope, start: Op, payload: Any, *, interrupting: bool | None = None) -> Token:
    """Run an event sub-process of the scope from its start event (13.5.4).

    Interrupting: everything else in the scope is cancelled and none of its other event sub-processes can start.
    """
    if start.node.interrupting if interrupting is None else interrupting:
        arms.disarm(run, scope=scope.id)
        scopes.clear(run, [scope.id])
        adhoc.replaced(run, scope)
    host = Token(run.new_id(), start.scope, scope.id, Wait.SCOPE)
    run.state.tokens[host.id] = host
    scope.live += 1
    run.history("entered", host.node, host.id)
    body = scopes.open_scope(run, start.scope, host, {})
    data.take_payload(run, start, body.id, payload)
    scopes.begin(run, body, start.id)
    return host


def _gateway(run: Run, op: Op, found: Arm, gateway: Token, payload: Any) -> None:
    """The first event wins (13.4.4); behind a parallel one every event has to come."""
    parallel = run.op(gateway).node.event_gateway_parallel
    source = run.op(gateway)
    if parallel:
        for item in [one for one in lookups.armed_by(run.state, gateway.id) if one.node == op.id]:
            arms.disarm_one(run, item)
        run.state.scopes[gateway.scope].live += 1
        if not lookups.armed_by(run.state, gateway.id):
            run.state.tokens.pop(gateway.id, None)
            run.state.scopes[gateway.scope].live -= 1
            run.history("completed", source.id, gateway.id)
    else:
        arms.disarm(run, owner=gateway.id)
        run.state.tokens.pop(gateway.id, None)
        run.history("completed", source.id, gateway.id)
    branch_taken(run, source, op, gateway, payload)


def branch_taken(run: Run, source: Op, op: Op, gateway: Token, payload: Any) -> None:
    """The token (already counted) goes to the event that happened and on from there."""
    for way in source.ways:
        if way.target == op.id:
            run.history("taken", way.id, gateway.id)
    token = Token(run.new_id(), op.id, gateway.scope, Wait.EVENT)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id)
    caught(run, op, token, payload)
