"""Throwing and end events (BPMN 2.0.2 10.5.1, 13.5.3, 13.5.6)."""

from __future__ import annotations

from typing import Any

from engine.workflow.bpmn import compile_tasks as actions
from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Event, Op
from engine.workflow.interpreter import (
    bodies,
    compensation,
    conversations,
    data,
    faults,
    lookups,
    scopes,
    transactions,
    triggers,
    ways,
)
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.naming import code_of, name_of_event
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import ROOT, Scope, Status, Token, Wait


def enter(run: Run, op: Op, move: Move, *, held: bool = False) -> None:
    """A token reaches a throwing or end event. A signal throw waits until nothing else moves."""
    if not held and any(event.kind is EventKind.SIGNAL for event in op.events):
        run.state.throws.append([move.node, move.scope, move.flow])
        return
    token = Token(run.new_id(), op.id, move.scope, Wait.EVENT)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id)
    start(run, op, token)


def start(run: Run, op: Op, token: Token) -> None:
    """Throw, or run the handler that throws."""
    if op.node.stage:
        run.effects.append(fx.SetStage(op.id, op.node.stage))
    try:
        if op.action in {actions.HANDLER, actions.SEND, actions.JOB}:
            data.read_mappings(run, op, token)
            bodies.act(run, op, token)
        else:
            after_action(run, op, token)
    except TROUBLES as error:
        run.park(token, "enter", error)


def after_action(run: Run, op: Op, token: Token) -> None:
    """Throw all definitions, then go on or end. Whatever that interrupts, the event itself is done (10.5.1), and in the
    history it is done before anything catches what it throws: a throw event does not wait (13.5.2)."""
    place = len(run.effects)
    _throw_all(run, op, token)
    for at in range(place, len(run.effects)):
        told = run.effects[at]
        if isinstance(told, fx.HistoryEvent) and told.activation == token.id:
            run.effects.insert(place, run.effects.pop(at))
            place += 1
            if told.kind == "completed":
                return


def _throw_all(run: Run, op: Op, token: Token) -> None:
    token.wait = Wait.THROWN
    done_by_action = op.action in {actions.HANDLER, actions.SEND, actions.JOB}
    for kind, throw in _FIRST_THROWS:
        for event in op.events:
            if event.kind is kind and not (kind is EventKind.MESSAGE and done_by_action):
                throw(run, op, event, token)
    if token.id not in run.state.tokens:
        return
    for event in op.events:
        if event.kind in _LAST:
            _LAST_THROWS[event.kind](run, op, event, token)
            return
    end_or_leave(run, op, token)


def end_or_leave(run: Run, op: Op, token: Token) -> None:
    """An end event consumes the token, a throw event lets it go on."""
    if op.kind is not NodeKind.END:
        ways.leave(run, op, token.scope, token.id, token)
        return
    run.state.tokens.pop(token.id, None)
    run.history("completed", op.id, token.id)
    ways.follow(run, (), token.scope, token.id)


def throw_message(run: Run, op: Op, event: Event, token: Token) -> None:
    """Send a message; its keys are read from the payload and the variables (8.4.2)."""
    payload = data.send_payload(run, op, token)
    context = run.context(token, token.scope, payload)
    keys = data.mapped(run, event.keys, context) | conversations.known(run, event)
    conversations.learn(run, event, dict(context))
    name = name_of_event(run, event, run.context(token, token.scope))
    run.history("thrown", op.id, token.id, {"message": name})
    run.effects.append(fx.ThrowMessage(token.id, op.id, name, keys, payload))


def broadcast(run: Run, op: Op, event: Event, token: Token) -> None:
    """A signal reaches every catcher armed now, here and in all other instances (10.5.1)."""
    payload = data.send_payload(run, op, token)
    name = name_of_event(run, event, run.context(token, token.scope))
    run.history("thrown", op.id, token.id, {"signal": name})
    run.effects.append(fx.ThrowSignal(token.id, op.id, name, payload))
    receive_signal(run, name, payload)


def throw_default(run: Run, op: Op, host: Token, payload: Any) -> None:
    """The signal of a multi-instance activity that names none: for its own boundary events only (10.3.8)."""
    run.history("thrown", op.id, host.id, {"signal": op.id})
    for item in [one for one in lookups.armed_by(run.state, host.id) if one.index >= 0]:
        event = run.program.ops[item.node].events[item.index]
        if event.kind is EventKind.SIGNAL and event.name == op.id and item.id in run.state.arms:
            triggers.fire(run, item, payload)


def receive_signal(run: Run, name: str, payload: Any) -> bool:
    """Fire every catcher of that name armed at this moment; True when there was one."""
    caught = False
    for item in list(run.state.arms.values()):
        if item.id not in run.state.arms or item.index < 0:
            continue
        event = run.program.ops[item.node].events[item.index]
        if event.kind is EventKind.SIGNAL and (item.name or event.name) == name:
            triggers.fire(run, item, payload)
            caught = True
    return caught


def _escalate(run: Run, op: Op, event: Event, token: Token) -> None:
    if token.id in run.state.tokens:
        code = code_of(run, event, run.context(token, token.scope))
        run.history("thrown", op.id, token.id, {"escalation": code})
        faults.escalate(run, token, code, data.send_payload(run, op, token))


def _error(run: Run, op: Op, event: Event, token: Token) -> None:
    code = code_of(run, event, run.context(token, token.scope))
    run.history("thrown", op.id, token.id, {"error": code})
    faults.throw(run, token, code, op.node.name, data.send_payload(run, op, token))


def _compensate(run: Run, op: Op, event: Event, token: Token) -> None:
    run.history("thrown", op.id, token.id, {"compensate": event.activity})
    compensation.throw(run, op, event, token)


def _cancel(run: Run, op: Op, event: Event, token: Token) -> None:
    """Cancel the enclosing transaction (13.5.5)."""
    scope: Scope | None = run.state.scopes[token.scope]
    while scope is not None and run.program.ops.get(scope.node, op).kind is not NodeKind.TRANSACTION:
        scope = scopes.parent_scope(run, scope)
    if scope is None:
        end_or_leave(run, op, token)
        return
    transactions.cancel(run, scope, token)


def _terminate(run: Run, op: Op, event: Event, token: Token) -> None:
    """End everything in the scope without compensation (13.5.6); in the process, the instance."""
    run.state.tokens.pop(token.id, None)
    run.history("completed", op.id, token.id)
    scope = run.state.scopes[token.scope]
    if scope.id == ROOT:
        scopes.finish(run, Status.TERMINATED)
        return
    scopes.clear(run, [scope.id])
    scope.live = 0
    scope.undo.clear()
    scopes.check(run, scope)


def _link(run: Run, op: Op, event: Event, token: Token) -> None:
    """Go on at the catching link event (10.5.1)."""
    if op.link is None:
        end_or_leave(run, op, token)
        return
    run.state.tokens.pop(token.id, None)
    run.history("completed", op.id, token.id)
    run.push(op.link, token.scope)


_FIRST_THROWS = (
    (EventKind.MESSAGE, throw_message),
    (EventKind.ESCALATION, _escalate),
    (EventKind.SIGNAL, broadcast),
)
_LAST_THROWS = {
    EventKind.ERROR: _error,
    EventKind.COMPENSATE: _compensate,
    EventKind.CANCEL: _cancel,
    EventKind.TERMINATE: _terminate,
    EventKind.LINK: _link,
}
_LAST = frozenset(_LAST_THROWS)
