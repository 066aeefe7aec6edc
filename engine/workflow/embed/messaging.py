"""Messages and signals between the instances of an engine, and the ones kept until somebody waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.feel import FeelEnv
from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.bpmn.program import Event
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.records import Subscription
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.starts import start_triggers

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine

ONE_KEY = "correlationKey"
"""The name of the key in models that have but one and give it no name; it fits an only key of any name."""


@dataclass(slots=True)
class Kept:
    """A message nobody waits for yet, kept `until` then."""

    name: str
    keys: dict[str, Any]
    payload: Any
    until: datetime


def deliver_or_keep(engine: Engine, name: str, keys: dict[str, Any], payload: Any) -> bool:
    """True when somebody took it. Raises: Conflict when several instances wait for it."""
    if _deliver(engine, name, keys, payload):
        return True
    engine.kept.append(Kept(name, keys, payload, engine.now + engine.message_ttl))
    return False


def deliver_kept(engine: Engine, name: str) -> None:
    """Offer the kept messages of that name again: somebody new waits."""
    for item in [one for one in engine.kept if one.name == name and one.until >= engine.now]:
        if _deliver(engine, item.name, item.keys, item.payload):
            engine.kept.remove(item)


def _deliver(engine: Engine, name: str, keys: Mapping[str, Any], payload: Any) -> bool:
    known = {**(payload if isinstance(payload, Mapping) else {}), **keys}
    waiting = [
        (instance, item)
        for instance, item in engine.waiting.whom(
            name, known.values(), lambda event: _read(engine, event, payload).values()
        )
        if _matches(engine, instance, item, known, payload)
    ]
    if len({instance.id for instance, _ in waiting}) > 1:
        raise Conflict(
            "message.ambiguous",
            Text(f"有多个实例在等待消息“{name}”", f"Several instances wait for the message {name!r}"),
            hint=Text("请给出更多关联键", "Give more correlation keys"),
        )
    if waiting:
        instance, item = min(waiting, key=lambda pair: pair[1].id)
        engine.step(instance, do.Correlate(item.id, payload))
        return True
    return _start_by(engine, name, payload)


def _matches(engine: Engine, instance: Instance, item: Subscription, known: Mapping[str, Any], payload: Any) -> bool:
    """All keys agree: given ones, the payload by name, and what correlation properties read from it (8.4.2)."""
    if _fits(item.keys, known):
        return True
    read: dict[str, Any] = {}
    for event in instance.program.ops[item.element].events:
        if event.named is not None or event.name == item.name:
            read |= _read(engine, event, payload)
    return _fits(item.keys, {**read, **known})


def _read(engine: Engine, event: Event, payload: Any) -> dict[str, Any]:
    context = payload if isinstance(payload, Mapping) else {}
    env = FeelEnv(now=engine.now, zone=engine.zone)
    return {name: source.evaluate(context, env) for name, source in event.retrieve}


def _fits(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    if len(wanted) == 1 and ONE_KEY in given:
        return given[ONE_KEY] in wanted.values()
    return all(name in given and given[name] == value for name, value in wanted.items())


def _start_by(engine: Engine, name: str, payload: Any) -> bool:
    for program in list(engine.programs.values()):
        for trigger in start_triggers(program):
            if trigger.kind == "message" and trigger.name == name:
                engine.create(program.process, do.Start({}, trigger.node, trigger.event, payload))
                return True
    return False


def broadcast(engine: Engine, name: str, payload: Any, source: str | None) -> None:
    """A signal to every catcher but those of the instance `source`, which has dealt with it, and to every start."""
    for instance in list(engine.instances.values()):
        waits = any(item.kind == "signal" and item.name == name for item in instance.subscriptions)
        if instance.id != source and waits:
            engine.step(instance, do.SignalReceived(name, payload))
    for program in list(engine.programs.values()):
        for trigger in start_triggers(program):
            if trigger.kind == "signal" and trigger.name == name:
                engine.create(program.process, do.Start({}, trigger.node, trigger.event, payload))
