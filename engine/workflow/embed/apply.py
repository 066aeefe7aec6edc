"""What effects open and close in an instance's lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.workflow.embed.instance import Instance
from engine.workflow.embed.records import Incident, Job, Subscription, Task, Timer
from engine.workflow.interpreter import effects as fx


def _open_task(instance: Instance, effect: fx.OpenTask) -> None:
    name = instance.program.ops[effect.node].node.name
    instance.tasks_by_id[effect.activation] = Task(
        effect.activation, effect.node, name, effect.item, effect.local or {}, effect.due, effect.title, instance.id
    )


def _arm(instance: Instance, effect: fx.ArmTimer) -> None:
    found = Timer(effect.activation, effect.node, effect.due, instance.id)
    instance.timers_by_id[effect.activation] = found
    instance.engine.due.add(instance, found)


def _subscribe(instance: Instance, effect: fx.Subscribe) -> None:
    found = Subscription(effect.activation, effect.node, effect.kind, effect.name, effect.keys, instance.id)
    instance.subscriptions_by_id[effect.activation] = found
    instance.engine.waiting.add(instance, found)


def _unsubscribe(instance: Instance, effect: fx.Unsubscribe) -> None:
    found = instance.subscriptions_by_id.pop(effect.activation, None)
    if found is not None:
        instance.engine.waiting.drop(instance, found)


def _job(instance: Instance, effect: fx.EnqueueJob) -> None:
    instance.jobs_by_id[effect.activation] = Job(
        effect.activation, effect.node, effect.type, effect.inputs, effect.retries, effect.not_before, instance.id
    )


def _send(instance: Instance, effect: fx.SendOutbound) -> None:
    if effect.wait:
        instance.jobs_by_id[effect.activation] = Job(
            effect.activation, effect.node, effect.connector, effect.inputs, 0, None, instance.id
        )


def _incident(instance: Instance, effect: fx.RaiseIncident) -> None:
    instance.incidents_by_id[effect.activation] = Incident(
        effect.activation, effect.node, effect.code, effect.text.en, effect.detail, instance.id, effect.text.zh
    )


def _ended(instance: Instance, effect: fx.InstanceEnded) -> None:
    instance.result, instance.error = dict(effect.variables), effect.error


def _write_store(instance: Instance, effect: fx.WriteStore) -> None:
    instance.engine.stores[effect.store] = effect.value


def _forget(name: str) -> Callable[[Instance, Any], None]:
    return lambda instance, effect: getattr(instance, name).pop(effect.activation, None)


APPLY: dict[type, Callable[[Instance, Any], None]] = {
    fx.OpenTask: _open_task,
    fx.CloseTask: _forget("tasks_by_id"),
    fx.ArmTimer: _arm,
    fx.DisarmTimer: _forget("timers_by_id"),
    fx.Subscribe: _subscribe,
    fx.Unsubscribe: _unsubscribe,
    fx.EnqueueJob: _job,
    fx.SendOutbound: _send,
    fx.CancelJob: _forget("jobs_by_id"),
    fx.RaiseIncident: _incident,
    fx.ResolveIncident: _forget("incidents_by_id"),
    fx.InstanceEnded: _ended,
    fx.WriteStore: _write_store,
}
