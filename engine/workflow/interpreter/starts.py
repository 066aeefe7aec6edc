"""What can start an instance from outside: message, signal, timer and conditional starts (BPMN 2.0.2 10.5.2, 13.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.feel import FeelError
from engine.workflow.bpmn.expressions import Source
from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Event, Op, Program
from engine.workflow.bpmn.timers import ENDLESS, TimerError, schedule
from engine.workflow.interpreter.env import Env


@dataclass(frozen=True, slots=True)
class StartTrigger:
    """One way to start the process: send `Start(node=…, event=…, payload=…)` when it happens.

    `kind`: `message`, `signal`, `timer` or `conditional`. `name`: of the message or signal. `keys`: key names a
    message start declares (usually none: it matches by name alone). `condition`: of a conditional start.
    """

    process: str
    node: str
    event: int
    kind: str
    name: str = ""
    keys: tuple[str, ...] = ()
    condition: Source | None = None

    def holds(self, context: Mapping[str, Any], env: Env) -> bool:
        """Whether a conditional start's condition is true."""
        try:
            return self.condition is not None and self.condition.evaluate(context, env.feel) is True
        except FeelError:
            return False


def start_triggers(program: Program) -> tuple[StartTrigger, ...]:
    """All of a process, in document order."""
    found: list[StartTrigger] = []
    for node in program.scopes[program.process].members:
        op = program.ops[node]
        if op.kind is NodeKind.START:
            found += [_trigger(program, op.id, index, event) for index, event in enumerate(op.events)]
        elif op.kind is NodeKind.RECEIVE and op.node.instantiate and not op.incoming:
            found.append(_trigger(program, op.id, 0, op.events[0]))
        elif op.kind is NodeKind.EVENT_BASED and not op.incoming:
            found += _behind(program, op)
    return tuple(found)


def _behind(program: Program, op: Op) -> list[StartTrigger]:
    targets = [program.ops[way.target] for way in op.ways]
    return [
        _trigger(program, op.id, index, event) for index, target in enumerate(targets) for event in target.events[:1]
    ]


def _trigger(program: Program, node: str, index: int, event: Event) -> StartTrigger:
    names = tuple(name for name, _ in event.keys)
    return StartTrigger(program.process, node, index, event.kind.value, event.name, names, event.condition)


def timer_due(program: Program, trigger: StartTrigger, env: Env, round_number: int = 0) -> datetime | None:
    """When a timer start fires next: `env.now` is the deployment for round 0, the anchor for later rounds.

    None when it has fired its last time. Raises: TimerError, FeelError.
    """
    op = program.ops[trigger.node]
    if op.kind is NodeKind.EVENT_BASED:
        op, index = program.ops[op.ways[trigger.event].target], 0
    else:
        index = trigger.event
    event = op.events[index]
    if event.kind is not EventKind.TIMER or event.time is None:
        raise TimerError("Expected a timer start")
    plan = schedule(event.time.evaluate({}, env.feel), event.form)
    if round_number == 0:
        return plan.due(env.now, env.zone)
    if plan.period is None or event.form != "cycle" or (plan.count != ENDLESS and round_number >= plan.count):
        return None
    offset = round_number if plan.at is not None else round_number + 1
    return plan.period.after(plan.anchor(env.now, env.zone), offset, env.zone)
