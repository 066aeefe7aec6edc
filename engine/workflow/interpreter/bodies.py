"""What each kind of activity does when it begins (BPMN 2.0.2 13.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.workflow.bpmn import compile_tasks as actions
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.bpmn.timers import TimerError, schedule
from engine.workflow.dmn.model import DecisionResult, DmnError
from engine.workflow.interpreter import activities, adhoc, arms, compensation, data, scopes, throwing
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.naming import name_of
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import Token, Wait


def begin(run: Run, op: Op, token: Token) -> None:
    """Do it, or ask for it and wait. Raises: Trouble, FeelError."""
    _BODIES[op.kind](run, op, token)


def _nothing(run: Run, op: Op, token: Token) -> None:
    activities.complete(run, token, {})


def _user(run: Run, op: Op, token: Token) -> None:
    context = run.context(token, token.scope)
    due = _due(run, op, context)
    title = run.evaluate(op.title, context) if op.title is not None else None
    priority = run.evaluate(op.priority, context) if op.priority is not None else None
    token.wait = Wait.USER
    item = int(token.vars["loopCounter"]) if token.parent and token.vars else None
    local = {name: value for name, value in (token.vars or {}).items() if name != "loopCounter"}
    text = title if title is None or isinstance(title, str) else str(title)
    run.effects.append(fx.OpenTask(token.id, op.id, token.parent or None, item, local, due, text, priority))


def _due(run: Run, op: Op, context: Mapping[str, Any]) -> datetime | None:
    value = run.evaluate(op.due, context) if op.due is not None else None
    if value is None:
        return None
    if isinstance(value, str) and value.startswith("P") and run.env.working_time is not None:
        return run.env.working_time(run.env.now, value)
    try:
        return schedule(value, "date").due(run.env.now, run.env.zone)
    except TimerError as error:
        raise Trouble("task.due", "无法理解任务期限", f"The due date cannot be read: {error}") from error


def act(run: Run, op: Op, token: Token) -> None:
    """The bound action of a service, send, rule or script task, or of a throwing message event."""
    action = op.action
    if action in {actions.HANDLER, actions.FUNCTION, actions.SCRIPT}:
        _handler(run, op, token)
    elif action == actions.SEND:
        _outbound(run, op, token)
    elif action == actions.JOB:
        enqueue(run, op, token, retries=op.retries, attempt=1)
    elif action == actions.DECISION:
        _decide(run, op, token)
    elif action == actions.FEEL:
        _script(run, op, token)
    elif action == actions.MESSAGE and op.message is not None:
        throwing.throw_message(run, op, op.message, token)
        activities.complete(run, token, {})
    else:
        activities.complete(run, token, {})


def _handler(run: Run, op: Op, token: Token) -> None:
    context = run.context(token, token.scope)
    inputs = data.mapped(run, op.action_inputs, context) if op.action == actions.HANDLER else dict(context)
    token.wait = Wait.HANDLER
    run.state.calls += 1
    run.effects.append(fx.CallHandler(token.id, op.id, op.action_name, inputs))


def _outbound(run: Run, op: Op, token: Token) -> None:
    context = run.context(token, token.scope)
    send = op.node.send
    wait = op.kind is NodeKind.SERVICE
    effect = fx.SendOutbound(
        token.id,
        op.id,
        op.action_name,
        send.template if send is not None else "",
        run.evaluate(op.to, context) if op.to is not None else None,
        data.mapped(run, op.action_inputs, context),
        run.evaluate(op.expires, context) if op.expires is not None else None,
        run.evaluate(op.ordering, context) if op.ordering is not None else None,
        wait,
    )
    run.effects.append(effect)
    if wait:
        token.wait = Wait.OUTBOUND
    else:
        activities.complete(run, token, {})


def enqueue(run: Run, op: Op, token: Token, *, retries: int, attempt: int, not_before: datetime | None = None) -> None:
    """Offer the job to outside workers; without an input mapping it carries all visible variables."""
    context = run.context(token, token.scope)
    inputs = data.mapped(run, op.action_inputs, context)
    if op.inputs:
        inputs |= {name: (token.vars or {}).get(name) for name, _ in op.inputs}
    name = name_of(run, op, token)
    token.wait = Wait.JOB
    token.data = {"retries": retries, "attempt": attempt}
    carried = inputs if op.action_inputs or op.inputs else dict(context)
    run.effects.append(fx.EnqueueJob(token.id, op.id, name, carried, retries, attempt, not_before))


def _decide(run: Run, op: Op, token: Token) -> None:
    decision = op.node.decision
    if run.env.decide is None or decision is None:
        raise Trouble("decision.none", f"没有决策“{op.action_name}”", f"There is no decision {op.action_name!r}")
    context = run.context(token, token.scope, data.mapped(run, op.action_inputs, run.context(token, token.scope)))
    try:
        name = name_of(run, op, token)
        result = run.env.decide(name, decision.binding, context)
    except DmnError as error:
        raise Trouble("decision.failed", error.message.zh, error.message.en) from error
    if isinstance(result, DecisionResult):
        run.history("decided", op.id, token.id, _audit(name, result))
        result = result.value
    activities.complete(run, token, named_result(op, result), payload=result)


def _audit(name: str, result: DecisionResult) -> dict[str, Any]:
    """Which rules of which tables matched on which inputs, and why values became null."""
    return {
        "decision": name,
        "rules": [
            {"table": one.table_id, "rules": list(one.rules), "inputs": dict(one.inputs)} for one in result.matches
        ],
        "problems": [f"{one.element_id}: {one.text.en}" for one in result.problems],
    }


def _script(run: Run, op: Op, token: Token) -> None:
    if op.script is None:
        activities.complete(run, token, {})
        return
    result = run.evaluate(op.script, run.context(token, token.scope))
    activities.complete(run, token, named_result(op, result), payload=result)


def named_result(op: Op, result: Any) -> dict[str, Any]:
    """A context sets a variable per entry; any other value sets the result variable, by default named as the task."""
    if op.result:
        return {op.result: result}
    if isinstance(result, dict):
        return result
    return {op.id: result} if result is not None else {}


def _receive(run: Run, op: Op, token: Token) -> None:
    arms.arm_all(run, op, owner=token.id, scope=token.scope)
    token.wait = Wait.EVENT


def _call(run: Run, op: Op, token: Token) -> None:
    if not op.action_name:
        raise Trouble("call.unbound", "调用活动没有指定流程", "The call activity names no process")
    if compensation.is_again(token):
        compensation.call_again(run, op, token)
        return
    context = run.context(token, token.scope)
    variables = dict(context) if op.copy_in else {}
    variables |= data.mapped(run, op.action_inputs, context)
    name = name_of(run, op, token)
    token.wait = Wait.CALLED
    run.effects.append(fx.StartCalledInstance(token.id, op.id, name, op.action or "deployment", variables))


def _subprocess(run: Run, op: Op, token: Token) -> None:
    token.wait = Wait.SCOPE
    scope = scopes.open_scope(run, op.id, token, {})
    scopes.begin(run, scope)


def _adhoc(run: Run, op: Op, token: Token) -> None:
    token.wait = Wait.SCOPE
    adhoc.begin(run, op, token)


_BODIES: dict[NodeKind, Callable[[Run, Op, Token], None]] = {
    NodeKind.TASK: _nothing,
    NodeKind.USER: _user,
    NodeKind.MANUAL: _user,
    NodeKind.SERVICE: act,
    NodeKind.SCRIPT: act,
    NodeKind.RULE: act,
    NodeKind.SEND: act,
    NodeKind.THROW: act,
    NodeKind.END: act,
    NodeKind.RECEIVE: _receive,
    NodeKind.CALL: _call,
    NodeKind.SUBPROCESS: _subprocess,
    NodeKind.TRANSACTION: _subprocess,
    NodeKind.ADHOC: _adhoc,
}
