"""The engine without web or database: deploy a model, drive instances, save and restore them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from engine.feel import FeelEnv, from_python
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.text import Text
from engine.workflow.bpmn.compiler import Library, load
from engine.workflow.bpmn.program import Program
from engine.workflow.bpmn.timers import TimerError
from engine.workflow.doctor import treat
from engine.workflow.embed import saving
from engine.workflow.embed.apply import apply
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.outside import OUTSIDE
from engine.workflow.embed.records import Sent, Subscription
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.starts import StartTrigger, start_triggers, timer_due
from engine.workflow.interpreter.state import new_state

Function = Callable[[Mapping[str, Any]], Any]
Decide = Callable[[str, str, Mapping[str, Any]], Any]


@dataclass(slots=True)
class _Buffered:
    name: str
    keys: dict[str, Any]
    payload: Any
    until: datetime


@dataclass(slots=True)
class _TimerStart:
    trigger: StartTrigger
    anchor: datetime
    round: int
    due: datetime


class Engine:
    """Instances of deployed processes on a clock the embedder moves.

    `functions`: by name, called with a mapping of inputs for script tasks (`scriptFormat="function"`), handlers
    and jobs of that type; a mapping they return sets variables; raising `BpmnError` goes to boundary events.
    `decide(ref, binding, context)` answers business rule tasks. `zone`: for times without one. `message_ttl`: how long
    a message nobody waits for is kept. `sent`: everything instances sent; `ambiguous`: messages several waited for.
    """

    def __init__(
        self,
        *,
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        zone: tzinfo = UTC,
        functions: Mapping[str, Function] | None = None,
        decide: Decide | None = None,
        message_ttl: timedelta = timedelta(hours=1),
    ) -> None:
        self.now = now
        self.zone = zone
        self.functions = dict(functions or {})
        self.decide = decide
        self.message_ttl = message_ttl
        self.programs: dict[str, Program] = {}
        self.instances: dict[str, Instance] = {}
        self.sent: list[Sent] = []
        self.ambiguous: list[Sent] = []
        self.buffer: list[_Buffered] = []
        self._seen: set[str] = set()
        self._timer_starts: list[_TimerStart] = []
        self._held: set[tuple[str, str]] = set()
        self.answers: list[Callable[[], object]] = []
        self.later: list[Callable[[], object]] = []
        self._busy = False

    def deploy(self, source: bytes | str) -> Library:
        """Read and compile a document; its processes can be started, also by their start events.

        The import doctor's rewrites are made first. The findings are in the answer: a
        model with errors is deployed nevertheless, refusing it is the gate's work.
        Raises: XmlError.
        """
        text, log = treat(source)
        library = load(text)
        library = replace(library, findings=(*log, *library.findings)) if log else library
        for process, program in library.programs.items():
            self.programs[process] = program
            self._timer_starts = [item for item in self._timer_starts if item.trigger.process != process]
            for trigger in start_triggers(program):
                if trigger.kind == "timer":
                    self._plan_start(program, trigger, self.now, 0)
        return library

    def _plan_start(self, program: Program, trigger: StartTrigger, anchor: datetime, number: int) -> None:
        try:
            due = timer_due(program, trigger, Env(now=anchor, zone=self.zone), number)
        except TimerError:
            return
        if due is not None:
            self._timer_starts.append(_TimerStart(trigger, anchor, number, due))

    def start(
        self, process: str | None = None, variables: Mapping[str, Any] | None = None, *, node: str | None = None
    ) -> Instance:
        """Start an instance of a deployed process (default: the only one, or the first). Raises: NotFound."""
        name = process if process is not None else next(iter(self.programs), "")
        return self.create(name, do.Start(variables or {}, node))

    def create(self, process: str, command: do.Start, parent: tuple[str, int] | None = None) -> Instance:
        program = self.programs.get(process)
        if program is None:
            raise NotFound(
                "process.unknown", Text(f"没有流程“{process}”", f"There is no process {process!r}; deploy it first")
            )
        identity = str(max((int(known) for known in self.instances if known.isdecimal()), default=0) + 1)
        instance = Instance(self, identity, program, new_state(process))
        instance.parent = parent
        self.instances[identity] = instance
        self.run(instance, command)
        return instance

    def env(self) -> Env:
        """What the interpreter sees of the world now."""
        return Env(now=self.now, zone=self.zone, decide=self.decide)

    def run(self, instance: Instance, command: do.Command) -> None:
        """One step with everything it causes, in this and in other instances. Raises: Conflict."""
        self.step(instance, command)
        self._drain()

    def step(self, instance: Instance, command: do.Command) -> None:
        state, effects = advance(instance.program, instance.state, command, self.env())
        instance.state = state
        for effect in effects:
            apply(instance, effect)
            handler = OUTSIDE.get(type(effect))
            if handler is not None:
                handler(self, instance, effect)

    def correlate(
        self,
        name: str,
        payload: Any = None,
        *,
        keys: Mapping[str, Any] | None = None,
        message_id: str | None = None,
    ) -> bool:
        """Deliver a message to the one subscription or start event it fits; False when it was kept for later.

        A `message_id` is taken once. Raises: Conflict when several instances wait for it.
        """
        if message_id is not None:
            if message_id in self._seen:
                return True
            self._seen.add(message_id)
        found = {str(key): from_python(value) for key, value in (keys or {}).items()}
        delivered = self.deliver_or_keep(name, found, from_python(payload))
        self._drain()
        return delivered

    def _drain(self) -> None:
        """Do what the steps so far caused: answers of functions first, then everything else in order."""
        if self._busy:
            return
        self._busy = True
        try:
            while self.answers or self.later:
                (self.answers or self.later).pop(0)()
        finally:
            self._busy = False

    def deliver_or_keep(self, name: str, keys: dict[str, Any], payload: Any) -> bool:
        if self._deliver(name, keys, payload):
            return True
        self.buffer.append(_Buffered(name, keys, payload, self.now + self.message_ttl))
        return False

    def _deliver(self, name: str, keys: Mapping[str, Any], payload: Any) -> bool:
        known = {**(payload if isinstance(payload, Mapping) else {}), **keys}
        waiting = [
            (instance, item)
            for instance in self.instances.values()
            for item in instance.subscriptions
            if item.kind == "message" and item.name == name and self._matches(instance, item, known, payload)
        ]
        if len({instance.id for instance, _ in waiting}) > 1:
            raise Conflict(
                "message.ambiguous",
                Text(f"有多个实例在等待消息“{name}”", f"Several instances wait for the message {name!r}"),
                hint=Text("请给出更多关联键", "Give more correlation keys"),
            )
        if waiting:
            instance, item = min(waiting, key=lambda pair: pair[1].id)
            self.step(instance, do.Correlate(item.id, payload))
            return True
        return self._start_by("message", name, payload)

    def _matches(self, instance: Instance, item: Subscription, known: Mapping[str, Any], payload: Any) -> bool:
        """All keys agree: given ones, the payload by name, and what correlation properties read from it (8.4.2)."""
        if _fits(item.keys, known):
            return True
        context = payload if isinstance(payload, Mapping) else {}
        env = FeelEnv(now=self.now, zone=self.zone)
        read = {
            name: source.evaluate(context, env)
            for event in instance.program.ops[item.element].events
            if event.name == item.name
            for name, source in event.retrieve
        }
        return _fits(item.keys, {**read, **known})

    def _start_by(self, kind: str, name: str, payload: Any) -> bool:
        for program in list(self.programs.values()):
            for trigger in start_triggers(program):
                if trigger.kind == kind and trigger.name == name:
                    self.create(program.process, do.Start({}, trigger.node, trigger.event, payload))
                    return True
        return False

    def deliver_buffered(self) -> None:
        for item in list(self.buffer):
            if item in self.buffer and item.until >= self.now and self._deliver(item.name, item.keys, item.payload):
                self.buffer.remove(item)

    def signal(self, name: str, payload: Any = None) -> None:
        """Broadcast a signal to every catcher and every signal start event."""
        self.broadcast(name, from_python(payload), None)
        self._drain()

    def broadcast(self, name: str, payload: Any, source: str | None) -> None:
        for instance in list(self.instances.values()):
            waits = any(item.kind == "signal" and item.name == name for item in instance.subscriptions)
            if instance.id != source and waits:
                self.step(instance, do.SignalReceived(name, payload))
        for program in list(self.programs.values()):
            for trigger in start_triggers(program):
                if trigger.kind == "signal" and trigger.name == name:
                    self.create(program.process, do.Start({}, trigger.node, trigger.event, payload))

    def observe(self, **values: Any) -> None:
        """Tell the values conditional start events look at; each starts an instance when it becomes true."""
        context = {name: from_python(value) for name, value in values.items()}
        for program in list(self.programs.values()):
            for trigger in start_triggers(program):
                if trigger.kind != "conditional":
                    continue
                key = (program.process, trigger.node)
                holds, held = trigger.holds(context, self.env()), key in self._held
                self._held = self._held | {key} if holds else self._held - {key}
                if holds and not held:
                    self.create(program.process, do.Start(context, trigger.node, trigger.event))
        self._drain()

    def advance_time(self, by: timedelta | None = None, *, to: datetime | None = None) -> int:
        """Move the clock and fire every timer that comes due on the way, in order; the number fired."""
        end = to if to is not None else self.now + (by or timedelta(0))
        fired = 0
        while True:
            due = self._next_due()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            fired += self._fire_due()
        self.now = end
        self.buffer = [item for item in self.buffer if item.until >= self.now]
        return fired

    def _next_due(self) -> datetime | None:
        times = [timer.due for instance in self.instances.values() for timer in instance.timers_by_id.values()]
        times += [item.due for item in self._timer_starts]
        return min(times, default=None)

    def _fire_due(self) -> int:
        fired = 0
        for start in [item for item in self._timer_starts if item.due <= self.now]:
            self._timer_starts.remove(start)
            trigger, program = start.trigger, self.programs[start.trigger.process]
            self._plan_start(program, trigger, start.anchor, start.round + 1)
            self.create(program.process, do.Start({}, trigger.node, trigger.event))
            fired += 1
        for instance in list(self.instances.values()):
            for timer in instance.timers:
                if timer.due <= self.now and timer.id in instance.timers_by_id:
                    self.run(instance, do.FireTimer(timer.id))
                    fired += 1
        return fired

    def save(self, instance: Instance) -> bytes:
        """The instance with its open tasks, timers, subscriptions, jobs and history as one blob."""
        return saving.save(instance)

    def restore(self, blob: bytes) -> Instance:
        """Take a saved instance in, in place of the one with its id. Raises: StateError."""
        instance = saving.load(self, blob)
        self.instances[instance.id] = instance
        return instance


def _fits(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(name in given and given[name] == value for name, value in wanted.items())
