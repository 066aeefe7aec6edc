"""Effects that concern more than their instance: functions, called instances, messages, signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.kernel.errors import Conflict
from engine.workflow.bpmn import compile_tasks as actions
from engine.workflow.bpmn.program import Op
from engine.workflow.embed import messaging
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.records import Sent
from engine.workflow.handlers import BpmnError
from engine.workflow.interpreter import bodies
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.data import clean
from engine.workflow.interpreter.depths import MOST_CALLS, too_deep

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine, Function


def _call(instance: Instance, effect: fx.CallHandler | fx.EnqueueJob, function: Function | None) -> do.Command:
    """Call a registered function; what it returns, raises or lacks becomes a command."""
    activation, op = effect.activation, instance.program.ops[effect.node]
    if function is None:
        return do.HandlerFailed(activation, f"No function named {op.action_name!r} is registered", retry=False)
    try:
        return _answer_of(function, effect.inputs, activation, op)
    except Exception as error:
        return do.HandlerFailed(activation, f"{type(error).__name__}: {error}", retry=False)


def _answer_of(function: Function, inputs: Mapping[str, Any], activation: int, op: Op) -> do.Command:
    """What it returns or throws. Raises: what it raises, UserError for what is no value of a process."""
    try:
        result = clean(function(inputs))
    except BpmnError as error:
        return do.ThrowError(activation, error.code, error.message, clean(error.data))
    return do.HandlerReturned(activation, bodies.named_result(op, result))


def _on_handler(engine: Engine, instance: Instance, effect: fx.CallHandler) -> None:
    engine.answers.append(lambda: _answer(engine, instance, effect))


def _answer(engine: Engine, instance: Instance, effect: fx.CallHandler) -> None:
    """Call it, unless an answer before it has cancelled what it would do."""
    if not _is_open(instance, effect.activation):
        return
    op = instance.program.ops[effect.node]
    function = engine.functions.get(effect.name)
    if op.action == actions.SCRIPT:
        script = engine.scripts.get(op.action_name)
        function = partial(script, op.node.script or "") if script is not None else None
    engine.step(instance, _call(instance, effect, function))


def _on_job(engine: Engine, instance: Instance, effect: fx.EnqueueJob) -> None:
    if effect.type in engine.functions:
        engine.later.append(lambda: _work(engine, instance, effect))


def _work(engine: Engine, instance: Instance, effect: fx.EnqueueJob) -> None:
    if not _is_open(instance, effect.activation):
        return
    answer = _call(instance, effect, engine.functions[effect.type])
    if isinstance(answer, do.HandlerReturned):
        answer = do.CompleteJob(effect.activation, answer.result)
    elif isinstance(answer, do.HandlerFailed):
        answer = do.FailJob(effect.activation, answer.message, 0)
    engine.step(instance, answer)


def _is_open(instance: Instance, activation: int) -> bool:
    return activation in instance.state.tokens


def _if_open(engine: Engine, instance: Instance, command: Any) -> None:
    if _is_open(instance, command.activation):
        engine.step(instance, command)


def _on_called(engine: Engine, instance: Instance, effect: fx.StartCalledInstance) -> None:
    if effect.process not in engine.programs:
        message = f"No process {effect.process!r} is deployed"
        engine.later.append(lambda: _if_open(engine, instance, do.FailJob(effect.activation, message, 0)))
        return
    start = do.Start(effect.variables, called=True, undo=effect.undo)
    link = (instance.id, effect.activation)
    engine.later.append(lambda: _start_called(engine, instance, effect.process, start, link))


def _start_called(engine: Engine, parent: Instance, process: str, start: do.Start, link: tuple[str, int]) -> None:
    if link[1] not in parent.state.tokens:
        return
    if _depth(engine, parent) < MOST_CALLS:
        engine.create(process, start, link)
    else:
        engine.step(parent, too_deep(link[1], process))


def _depth(engine: Engine, instance: Instance) -> int:
    """How many calls led to it."""
    found = 0
    while instance.parent is not None:
        instance, found = engine.instances[instance.parent[0]], found + 1
    return found


def _on_cancel_called(engine: Engine, instance: Instance, effect: fx.CancelCalledInstance) -> None:
    for child in list(engine.instances.values()):
        if child.parent == (instance.id, effect.activation) and not child.is_ended:
            engine.later.append(partial(_cancel_child, engine, child))


def _cancel_child(engine: Engine, child: Instance) -> None:
    if not child.is_ended:
        engine.step(child, do.Cancel())


def _on_ended(engine: Engine, instance: Instance, effect: fx.InstanceEnded) -> None:
    if instance.parent is None:
        return
    parent, activation = engine.instances[instance.parent[0]], instance.parent[1]
    answer: do.Command = do.CalledInstanceEnded(activation, effect.variables, effect.error, effect.message, effect.undo)
    if effect.status == "cancelled":
        answer = do.FailJob(activation, "The called instance was cancelled", 0)
    engine.later.append(lambda: _if_open(engine, parent, answer))


def _on_escalation(engine: Engine, instance: Instance, effect: fx.EscalateToCaller) -> None:
    if instance.parent is not None:
        parent = engine.instances[instance.parent[0]]
        answer = do.ThrowEscalation(instance.parent[1], effect.code, effect.payload or {}, effect.variables)
        engine.later.append(lambda: _if_open(engine, parent, answer))


def _on_message(engine: Engine, instance: Instance, effect: fx.ThrowMessage) -> None:
    sent = Sent("message", effect.node, effect.name, effect.keys, effect.payload, instance.id)
    engine.sent.append(sent)
    engine.later.append(partial(_deliver, engine, sent))


def _deliver(engine: Engine, sent: Sent) -> None:
    """A thrown message several instances wait for is delivered to none of them: that is for a person to settle."""
    try:
        messaging.deliver_or_keep(engine, sent.name, dict(sent.keys), sent.payload)
    except Conflict:
        engine.ambiguous.append(sent)


def _on_signal(engine: Engine, instance: Instance, effect: fx.ThrowSignal) -> None:
    engine.sent.append(Sent("signal", effect.node, effect.name, {}, effect.payload, instance.id))
    engine.later.append(lambda: messaging.broadcast(engine, effect.name, effect.payload, instance.id))


def _on_outbound(engine: Engine, instance: Instance, effect: fx.SendOutbound) -> None:
    engine.sent.append(Sent("outbound", effect.node, effect.connector, {"to": effect.to}, effect.inputs, instance.id))


def _on_subscribe(engine: Engine, instance: Instance, effect: fx.Subscribe) -> None:
    if effect.kind == "message" and engine.kept:
        engine.later.append(lambda: messaging.deliver_kept(engine, effect.name))


OUTSIDE: dict[type, Callable[[Engine, Instance, Any], None]] = {
    fx.CallHandler: _on_handler,
    fx.EnqueueJob: _on_job,
    fx.StartCalledInstance: _on_called,
    fx.CancelCalledInstance: _on_cancel_called,
    fx.InstanceEnded: _on_ended,
    fx.EscalateToCaller: _on_escalation,
    fx.ThrowMessage: _on_message,
    fx.ThrowSignal: _on_signal,
    fx.SendOutbound: _on_outbound,
    fx.Subscribe: _on_subscribe,
}
