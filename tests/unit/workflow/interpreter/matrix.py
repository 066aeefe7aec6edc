"""What the matrix tests put into positions: activities with what performs them once, events with triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, documents, flows
from tests.unit.workflow.interpreter.pieces import (
    ERROR,
    ESCALATION,
    HOUR,
    HOURS,
    MESSAGE,
    ROOTS,
    SIGNAL,
)

CONDITION = "<conditionalEventDefinition><condition>hot = true</condition></conditionalEventDefinition>"
PARALLEL = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
SEQUENTIAL = PARALLEL.replace("<multi", "<multi", 1).replace(">", ' isSequential="true">', 1)
TWICE = '<standardLoopCharacteristics loopMaximum="2"/>'
_INSIDE = '<startEvent id="is"/><userTask id="i"/><endEvent id="ie"/>' + flows("is -> i -> ie")
_BODIES = {
    "task": "",
    "userTask": "",
    "manualTask": "",
    "serviceTask": "",
    "sendTask": "",
    "receiveTask": "",
    "scriptTask": "<script>{ran: true}</script>",
    "businessRuleTask": "",
    "callActivity": "",
    "subProcess": _INSIDE,
    "transaction": _INSIDE,
    "adHocSubProcess": '<userTask id="i"/>',
}
_ATTRIBUTES = {
    "sendTask": 'messageRef="m2"',
    "receiveTask": 'messageRef="m"',
    "callActivity": 'calledElement="q"',
}
_RULE = '<extensionElements><school:decision ref="d"/></extensionElements>'
ACTIVITIES = tuple(_BODIES)
AUTOMATIC = frozenset({"task", "sendTask", "scriptTask", "businessRuleTask"})
WAITING = tuple(kind for kind in ACTIVITIES if kind not in AUTOMATIC)
CALLED = '<process id="q" isExecutable="true"><userTask id="i"/></process>'


def activity(kind: str, *, loop: str = "", attributes: str = "", name: str = "a") -> str:
    """The activity `a`; what waits inside a sub-process or called process is the user task `i`."""
    rule = _RULE if kind == "businessRuleTask" else ""
    own = f"{_ATTRIBUTES.get(kind, '')} {attributes}"
    return f'<{kind} id="{name}" {own}>{rule}{loop}{_BODIES[kind]}</{kind}>'


def played(body: str, variables: Mapping[str, Any] | None = None) -> tuple[CheckedEngine, Instance]:
    """The process of this body, started; decisions answer `{ruled: true}`."""
    engine = CheckedEngine(decide=lambda ref, binding, context: {"ruled": True})
    engine.deploy(documents(ROOTS, f'<process id="p" isExecutable="true">{body}</process>', CALLED))
    return engine, engine.start("p", variables)


def perform(engine: CheckedEngine, instance: Instance, kind: str) -> None:
    """Do what the activity waits for, once."""
    if kind in {"userTask", "manualTask"}:
        instance.complete("a")
    elif kind == "serviceTask":
        instance.complete_job("a")
    elif kind == "receiveTask":
        engine.correlate("go")
    elif kind == "adHocSubProcess":
        instance.begin("i")
        instance.complete("i")
    elif kind not in AUTOMATIC:
        worker(instance, kind).complete("i")


def worker(instance: Instance, kind: str) -> Instance:
    """Where the user task of the activity waits: here, or in the oldest running called instance."""
    return next(one for one in instance.children if not one.is_ended) if kind == "callActivity" else instance


def raised(method: str, code: str) -> Callable[[CheckedEngine, Instance, str], None]:
    """An error or escalation from inside the activity."""

    def trigger(engine: CheckedEngine, instance: Instance, kind: str) -> None:
        if kind == "adHocSubProcess" and not instance.tasks:
            instance.begin("i")
        name = "a" if kind in {"userTask", "manualTask", "serviceTask"} else "i"
        getattr(worker(instance, kind), method)(name, code)

    return trigger


def _flip(engine: CheckedEngine, instance: Instance, kind: str) -> None:
    instance.set_variables(hot=False)
    instance.set_variables(hot=True)


Trigger = Callable[[CheckedEngine, Instance, str], Any]
EVENTS: Mapping[str, tuple[str, Trigger]] = {
    "message": (MESSAGE, lambda engine, instance, kind: engine.correlate("go")),
    "timer": (HOUR, lambda engine, instance, kind: engine.advance_time(HOURS)),
    "signal": (SIGNAL, lambda engine, instance, kind: engine.signal("alarm")),
    "conditional": (CONDITION, _flip),
    "error": (ERROR, raised("throw_error", "bad")),
    "escalation": (ESCALATION, raised("throw_escalation", "slow")),
}


def is_at_rest(instance: Instance) -> bool:
    """Nothing is open that somebody outside could answer."""
    return not (instance.tasks or instance.jobs or instance.timers or instance.subscriptions or instance.incidents)
