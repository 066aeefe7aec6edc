"""Commands: each checked against what the activation waits for, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import (
    activities,
    adhoc,
    arms,
    bodies,
    compensation,
    conversations,
    data,
    events,
    faults,
    items,
    operations,
    scopes,
    throwing,
    triggers,
    voting,
)
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.data import clean, put
from engine.workflow.interpreter.run import TROUBLES, Run, Trouble
from engine.workflow.interpreter.state import ROOT, Arm, Status, Token, Wait

RETRY_BASE_S = 30
_RETRY_GROWTH = 4
_RETRY_MAX_S = 6 * 3600


def dispatch(run: Run, command: do.Command) -> None:
    """Do one command. Raises: Conflict when it does not fit the state."""
    status = run.state.status
    if isinstance(command, do.Start):
        if status != Status.NEW:
            raise Conflict("instance.started", Text("流程实例已经启动", "The instance has already started"))
    elif status != Status.RUNNING:
        raise Conflict("instance.ended", Text("流程实例已经结束", "The instance has ended"))
    _COMMANDS[type(command)](run, command)


def _token(run: Run, activation: int, *waits: Wait) -> Token:
    token = run.state.tokens.get(activation)
    if token is None or (waits and token.wait not in waits):
        raise Conflict(
            "activation.gone",
            Text("该任务已被处理或已取消", "This has already been done or cancelled"),
            hint=Text("请刷新页面", "Reload the page"),
        )
    return token


def _arm(run: Run, activation: int) -> Arm:
    found = run.state.arms.get(activation)
    if found is None:
        raise Conflict("event.gone", Text("已不再等待该事件", "This event is no longer waited for"))
    return found


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    put(found, given)
    return found


def _no_start(node: str) -> Conflict:
    return Conflict("start.unknown", Text(f"流程没有启动事件“{node}”", f"The process has no start event {node!r}"))


def _start(run: Run, command: do.Start) -> None:
    state = run.state
    state.status, state.called = Status.RUNNING, command.called
    payload = clean(command.payload)
    if command.undo:
        compensation.begin_again(run, _values(command.variables), command.undo)
        return
    root = scopes.open_scope(run, state.process, None, _values(command.variables))
    if command.node is None:
        scopes.begin(run, root)
        return
    op = run.program.ops.get(command.node)
    if op is None or op.kind not in events.INSTANTIATING or op.scope != state.process:
        raise _no_start(command.node)
    if op.kind is NodeKind.EVENT_BASED:
        if not 0 <= command.event < len(op.ways):
            raise _no_start(command.node)
        events.start_at_gateway(run, op, command.event, payload)
    elif op.kind is NodeKind.RECEIVE:
        root.live += 1
        token = Token(run.new_id(), op.id, ROOT, Wait.EVENT)
        state.tokens[token.id] = token
        run.history("entered", op.id, token.id)
        triggers.caught(run, op, token, payload)
    else:
        data.take_payload(run, op, ROOT, payload)
        if op.node.parallel_multiple and len(op.events) > 1:
            events.start_at_parallel_event(run, op, command.event)
        else:
            scopes.begin(run, root, op.id)
    _learn_from_start(run, op, command.event, payload)


def _learn_from_start(run: Run, op: Op, index: int, payload: Any) -> None:
    """The message that starts an instance is the first of its conversation."""
    source = run.program.ops[op.ways[index].target] if op.kind is NodeKind.EVENT_BASED else op
    place = index if op.kind is NodeKind.START else 0
    if place < len(source.events):
        conversations.learn(run, source.events[place], payload)


def _complete_task(run: Run, command: do.CompleteTask) -> None:
    token = _token(run, command.activation, Wait.USER)
    op = run.op(token)
    values = _values(command.variables)
    run.effects.append(fx.CloseTask(token.id, "completed"))
    if token.parent and op.loop is not None and op.loop.vote is not None:
        voting.cast(run.state.tokens[token.parent], op.loop, voting.vote_of(command, run.env.now))
    elif not command.as_given or op.id not in values:
        values[op.id] = voting.vote_of(command, run.env.now)
    token.wait = Wait.EVENT
    activities.complete(run, token, values)


def _complete_job(run: Run, command: do.CompleteJob) -> None:
    token = _token(run, command.activation, Wait.JOB, Wait.OUTBOUND)
    run.effects.append(fx.CancelJob(token.id))
    token.wait = Wait.EVENT
    activities.complete(run, token, _values(command.result))


def _fail_job(run: Run, command: do.FailJob) -> None:
    token = _token(run, command.activation, Wait.JOB, Wait.OUTBOUND, Wait.CALLED)
    facts, op = token.data or {}, run.op(token)
    left = facts.get("retries", 1) - 1 if command.retries is None else command.retries
    if left > 0 and token.wait == Wait.JOB:
        attempt = facts.get("attempt", 1) + 1
        at = command.retry_at or run.env.now + backoff(attempt - 1, token.id)
        bodies.enqueue(run, op, token, retries=left, attempt=attempt, not_before=at)
        return
    if token.wait != Wait.CALLED:
        run.effects.append(fx.CancelJob(token.id))
    run.park(token, "body", _failed("job.failed", op.node.name or op.id, command.message))


def _handler_returned(run: Run, command: do.HandlerReturned) -> None:
    token = _token(run, command.activation, Wait.HANDLER)
    run.state.calls -= 1
    token.wait = Wait.EVENT
    activities.complete(run, token, _values(command.result))


def _handler_failed(run: Run, command: do.HandlerFailed) -> None:
    token = _token(run, command.activation, Wait.HANDLER)
    run.state.calls -= 1
    op = run.op(token)
    tries = (token.data or {}).get("tries", 0) + 1
    token.data = {**(token.data or {}), "tries": tries}
    if tries > op.retries or not command.retry:
        del token.data["tries"]
        run.park(token, "body", _failed("handler.failed", op.node.name or op.id, command.message))
        return
    token.wait = Wait.RETRY
    retry = Arm(run.new_id(), op.id, -1, token.id, token.scope, run.env.now + backoff(tries, token.id))
    run.state.arms[retry.id] = retry
    run.effects.append(fx.ArmTimer(retry.id, op.id, run.env.now + backoff(tries, token.id), "retry"))


def backoff(tries: int, activation: int) -> timedelta:
    """30 s, 2 min, 8 min … at most 6 h, stretched by up to a fifth so that failures do not come back together."""
    seconds = min(RETRY_BASE_S * _RETRY_GROWTH ** (min(tries, 12) - 1), _RETRY_MAX_S)
    return timedelta(seconds=seconds * (1 + (activation * 7919 % 200) / 1000))


def _failed(code: str, name: str, message: str) -> Trouble:
    return Trouble(code, f"“{name}”执行失败", f"{name!r} failed", message)


def _throw_error(run: Run, command: do.ThrowError) -> None:
    token = _token(run, command.activation)
    if token.wait == Wait.COMPENSATION and compensation.is_frame(token):
        zh, en = "正在补偿，此处不能抛出错误", "Something is being compensated; no error can be thrown here"
        raise Conflict("error.undoing", Text(zh, en))
    operations.release(run, token)
    faults.throw(run, token, command.code, command.message, _values(command.variables))


def _throw_escalation(run: Run, command: do.ThrowEscalation) -> None:
    token = _token(run, command.activation)
    if token.wait == Wait.CALLED and command.called and faults.is_heard(run, token, command.code):
        op, called = run.op(token), _values(command.called)
        with suppress(*TROUBLES):  # what cannot be mapped midway is left to the end of the call
            data.write_results(run, op, token, data.of_called(op, called), local={})
    faults.escalate(run, token, command.code, _values(command.variables))


def _fire_timer(run: Run, command: do.FireTimer) -> None:
    found = _arm(run, command.activation)
    if found.due is None:
        raise Conflict("event.gone", Text("这不是定时器", "This is not a timer"))
    if found.index >= 0:
        _fire(run, found, None)
        return
    arms.disarm_one(run, found)
    token = _token(run, found.owner, Wait.RETRY)
    try:
        bodies.begin(run, run.op(token), token)
    except TROUBLES as error:
        run.park(token, "body", error)


def _correlate(run: Run, command: do.Correlate) -> None:
    found = _arm(run, command.activation)
    if found.keys is None:
        raise Conflict("event.gone", Text("这不是消息订阅", "This is not a message subscription"))
    payload = clean(command.payload)
    event = run.program.ops[found.node].events[found.index]
    _fire(run, found, payload)
    conversations.learn(run, event, payload)


def _fire(run: Run, found: Arm, payload: Any) -> None:
    triggers.fire(run, found, payload)


def _signal(run: Run, command: do.SignalReceived) -> None:
    throwing.receive_signal(run, command.name, clean(command.payload))


def _set_variables(run: Run, command: do.SetVariables) -> None:
    values = _values(command.variables)
    if command.activation is None:
        run.state.scopes[ROOT].vars.update(values)
        return
    token = _token(run, command.activation)
    for name, value in values.items():
        run.assign(token, token.scope, name, value)


def _called_ended(run: Run, command: do.CalledInstanceEnded) -> None:
    token = _token(run, command.activation, Wait.CALLED)
    token.wait = Wait.EVENT
    values = _values(command.variables)
    if command.error is not None:
        faults.throw(run, token, command.error, command.message, values if run.op(token).copy_out else {})
        return
    op = run.op(token)
    if compensation.is_again(token):
        activities.finish(run, op, token)
        return
    compensation.keep_called(token, values, command.undo, command.version)
    activities.complete(run, token, data.of_called(op, values))


def _activate(run: Run, command: do.ActivateAdHoc) -> None:
    adhoc.activate(run, _token(run, command.activation, Wait.SCOPE), command.node)


def _finish_adhoc(run: Run, command: do.FinishAdHoc) -> None:
    adhoc.finish(run, _token(run, command.activation, Wait.SCOPE))


def _add_item(run: Run, command: do.AddItem) -> None:
    token = _token(run, command.activation)
    host = run.state.tokens[token.parent] if token.parent else token
    if host.wait != Wait.ITEMS:
        raise Conflict("multi.none", Text("该任务不是会签任务", "This is not a multi-instance activity"))
    items.add(run, host, clean(command.item), is_next=command.is_next)


def _arrange_items(run: Run, command: do.ArrangeItems) -> None:
    items.arrange(run, _token(run, command.activation, Wait.ITEMS), [number - 1 for number in command.order])


def _remove_item(run: Run, command: do.RemoveItem) -> None:
    token = _token(run, command.activation)
    host = run.state.tokens.get(token.parent)
    if host is None or host.wait != Wait.ITEMS:
        raise Conflict("multi.none", Text("该任务不是会签任务", "This is not a multi-instance activity"))
    items.remove(run, host, token)


def _recall(run: Run, command: do.RecallVote) -> None:
    host = run.state.tokens.get(command.activation)
    if host is None or host.wait != Wait.ITEMS:
        raise Conflict("vote.counted", Text("会签已有结果，不能撤回意见", "The countersign is decided already"))
    items.recall(run, host, command.item - 1, command.by)


def _cancel(run: Run, command: do.Cancel) -> None:
    scopes.finish(run, Status.CANCELLED, message=command.reason)


_COMMANDS: dict[type, Callable[[Run, Any], None]] = {
    do.Start: _start,
    do.CompleteTask: _complete_task,
    do.CompleteJob: _complete_job,
    do.FailJob: _fail_job,
    do.HandlerReturned: _handler_returned,
    do.HandlerFailed: _handler_failed,
    do.ThrowError: _throw_error,
    do.ThrowEscalation: _throw_escalation,
    do.FireTimer: _fire_timer,
    do.Correlate: _correlate,
    do.SignalReceived: _signal,
    do.SetVariables: _set_variables,
    do.Refresh: lambda run, command: None,
    do.Refit: operations.refit,
    do.MoveToken: operations.move,
    do.Skip: operations.skip,
    do.PassJoin: operations.pass_join,
    do.Retry: operations.retry,
    do.Cancel: _cancel,
    do.ActivateAdHoc: _activate,
    do.FinishAdHoc: _finish_adhoc,
    do.AddItem: _add_item,
    do.ArrangeItems: _arrange_items,
    do.RemoveItem: _remove_item,
    do.RecallVote: _recall,
    do.CalledInstanceEnded: _called_ended,
}
