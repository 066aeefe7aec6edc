"""Timers of an engine: those of its instances and those that start instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from engine.workflow.bpmn.program import Program
from engine.workflow.bpmn.timers import TimerError
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.starts import StartTrigger, start_triggers, timer_due

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine
    from engine.workflow.embed.instance import Instance
    from engine.workflow.embed.records import Timer


@dataclass(slots=True)
class TimerStart:
    """A timer start event: since when it counts, which round is next and when."""

    trigger: StartTrigger
    anchor: datetime
    round: int
    due: datetime


def plan_starts(engine: Engine, program: Program) -> None:
    """Plan the timer start events of a process anew."""
    engine.timer_starts = [item for item in engine.timer_starts if item.trigger.process != program.process]
    for trigger in start_triggers(program):
        if trigger.kind == "timer":
            _plan(engine, program, trigger, engine.now, 0)


def _plan(engine: Engine, program: Program, trigger: StartTrigger, anchor: datetime, number: int) -> None:
    try:
        due = timer_due(program, trigger, Env(now=anchor, zone=engine.zone), number)
    except TimerError:
        return
    if due is not None:
        engine.timer_starts.append(TimerStart(trigger, anchor, number, due))


class Due:
    """Timers of all instances, the next first, by instance in one moment.

    One that was disarmed, also by firing, or whose instance has gone is passed over.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, int, int, Instance]] = []
        self._numbers = count()

    def add(self, instance: Instance, timer: Timer) -> None:
        """It is armed."""
        heappush(self._heap, (timer.due, instance.place, timer.id, next(self._numbers), instance))

    def first(self) -> tuple[datetime, Instance, int] | None:
        """When the next one fires, its instance and id."""
        heap = self._heap
        while heap:
            due, _, activation, _, instance = heap[0]
            if activation in instance.timers_by_id and instance.engine.instances.get(instance.id) is instance:
                return due, instance, activation
            heappop(heap)
        return None


def next_due(engine: Engine) -> datetime | None:
    """When the next timer fires, or None."""
    times = [item.due for item in engine.timer_starts]
    first = engine.due.first()
    return min([*times, first[0]] if first is not None else times, default=None)


def fire_due(engine: Engine) -> int:
    """Fire what is due now; how many."""
    fired = 0
    for start in [item for item in engine.timer_starts if item.due <= engine.now]:
        engine.timer_starts.remove(start)
        trigger, program = start.trigger, engine.programs[start.trigger.process]
        _plan(engine, program, trigger, start.anchor, start.round + 1)
        engine.create(program.process, do.Start({}, trigger.node, trigger.event))
        fired += 1
    while (first := engine.due.first()) is not None and first[0] <= engine.now:
        _, instance, activation = first
        engine.run(instance, do.FireTimer(activation))
        fired += 1
    return fired
