"""Errors and escalations: searched from inside out (BPMN 2.0.2 10.5.1, 13.5.3, 13.5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.bpmn.model import EventKind
from engine.workflow.bpmn.program import Event, Op
from engine.workflow.interpreter import activities, scopes, triggers
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import ROOT, Scope, Status, Token

Catch = tuple[Op, Event, Token | None, Scope]


def find(run: Run, token: Token, kind: EventKind, code: str) -> Catch | None:
    """Who catches it: boundary of the activity (a loop's body included), event sub-process of the scope, owner.

    What an event sub-process throws is offered to its siblings as long as they wait: an interrupting one has ended that
    (13.5.4), one that accompanies its scope has not. It never catches what it throws itself.
    """
    holder = token
    while True:
        while holder.parent:
            holder = run.state.tokens[holder.parent]
        op = run.op(holder)
        scope = run.state.scopes[holder.scope]
        found = _match(run, op.boundary, kind, code)
        if found is not None:
            return (*found, holder, scope)
        found = _match(run, _waiting_starts(run, op, scope), kind, code)
        if found is not None:
            return (*found, None, scope)
        owner = run.state.tokens.get(scope.owner)
        if owner is None:
            return None
        holder = owner


def _waiting_starts(run: Run, holder: Op, scope: Scope) -> tuple[str, ...]:
    """Start events of the event sub-processes of a scope that can still begin while `holder` runs in it."""
    handlers = run.program.scopes[scope.node].handlers
    own = next((run.program.ops[start] for handler, start in handlers if handler == holder.id), None)
    if own is not None and (own.node.interrupting or any(event.kind in _ALWAYS_ENDS for event in own.events)):
        return ()
    return tuple(start for handler, start in handlers if handler != holder.id)


_ALWAYS_ENDS = frozenset({EventKind.ERROR, EventKind.COMPENSATE})


def _match(run: Run, nodes: tuple[str, ...], kind: EventKind, code: str) -> tuple[Op, Event] | None:
    """The catcher of exactly this code, else one of an error without a code, which catches every code (10.5.1)."""
    general: tuple[Op, Event] | None = None
    for identity in nodes:
        op = run.program.ops[identity]
        for event in op.events:
            if event.kind is kind and code == (event.code if event.code is not None else event.name):
                return op, event
            if event.kind is kind and event.code is None and general is None:
                general = (op, event)
    return general


def throw(run: Run, token: Token, code: str, message: str, variables: Mapping[str, Any]) -> None:
    """An error: the catcher's activity or scope is cancelled; uncaught it is an incident, or the caller's error."""
    found = find(run, token, EventKind.ERROR, code)
    if found is None:
        _uncaught(run, token, code, message)
        return
    op, event, holder, scope = found
    values = {**variables}
    if event.code_variable:
        values[event.code_variable] = code
    if event.message_variable:
        values[event.message_variable] = message
    if holder is None:
        triggers.start_handler(run, scope, op, values, interrupting=True)
        return
    activities.interrupt(run, holder)
    triggers.boundary_taken(run, op, scope.id, values)


def _uncaught(run: Run, token: Token, code: str, message: str) -> None:
    if run.state.called:
        scopes.cancel(run, [token])
        scopes.finish(run, Status.ERROR, code, message)
        return
    name = run.op(token).node.name or token.node
    raised = Trouble(
        "error.uncaught",
        f"“{name}”抛出的错误“{code}”没有被处理" + (f"：{message}" if message else ""),
        f"Nothing catches the error {code!r} thrown at {name!r}" + (f": {message}" if message else ""),
    )
    run.park(token, "body" if run.op(token).is_activity else "enter", raised)


def is_heard(run: Run, token: Token, code: str) -> bool:
    """Whether somebody here, or a caller of this instance, may catch an escalation."""
    return run.state.called or find(run, token, EventKind.ESCALATION, code) is not None


def escalate(run: Run, token: Token, code: str, variables: Mapping[str, Any]) -> None:
    """An escalation: the thrower goes on unless the catcher interrupts it; uncaught it goes to the caller."""
    found = find(run, token, EventKind.ESCALATION, code)
    if found is None:
        if run.state.called and run.state.scopes.get(ROOT) is not None:
            run.effects.append(fx.EscalateToCaller(code, dict(variables), dict(run.state.variables)))
        return
    op, event, holder, scope = found
    values = {**variables}
    if event.code_variable:
        values[event.code_variable] = code
    if holder is None:
        triggers.start_handler(run, scope, op, values)
        return
    if op.node.interrupting:
        activities.interrupt(run, holder)
    else:
        scope.live += 1
    triggers.boundary_taken(run, op, scope.id, values)
