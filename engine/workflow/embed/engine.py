"""The engine without web or database: deploy models, drive instances, save and restore them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from engine.feel import FeelEnv
from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.workflow import gate
from engine.workflow.bpmn.compile_tasks import script_format
from engine.workflow.bpmn.compiler import Library, load
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.labels import Labels
from engine.workflow.bpmn.program import Program
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.dmn.loading import load_decisions
from engine.workflow.dmn.model import DecisionModel, DecisionResult, DmnError
from engine.workflow.doctor import merged, treat
from engine.workflow.embed import clock, messaging, saving, snapshot
from engine.workflow.embed.apply import APPLY
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.outside import OUTSIDE
from engine.workflow.embed.records import Sent, counted
from engine.workflow.embed.waiting import Waiting
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.data import clean, put
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.starts import start_triggers
from engine.workflow.interpreter.state import new_state

Function = Callable[[Mapping[str, Any]], Any]
Script = Callable[[str, Mapping[str, Any]], Any]
Decide = Callable[[str, str, Mapping[str, Any]], Any]
Source = bytes | str | Path


class Engine:
    """Instances of deployed processes on a clock the embedder moves.

    `functions`: by name, called with a mapping of inputs for script tasks (`scriptFormat="function"`), handlers
    and jobs of that type; a mapping they return sets variables; raising `BpmnError` goes to boundary events.
    `scripts`: by `scriptFormat` ("" for script tasks that name none), called with the script's text and all visible
    variables; their answers count as those of functions.
    `decide(ref, binding, context)` answers business rule tasks; without it the deployed decisions do. `zone`: for times
    without one. `message_ttl`: how long a message nobody waits for is kept. `sent`: everything instances sent;
    `ambiguous`: messages several waited for; `kept`: messages nobody waited for yet; `main`: what `start` starts.
    `stores`: what the data stores hold, by name, for all instances.
    """

    def __init__(
        self,
        *,
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        zone: tzinfo = UTC,
        functions: Mapping[str, Function] | None = None,
        scripts: Mapping[str, Script] | None = None,
        decide: Decide | None = None,
        message_ttl: timedelta = timedelta(hours=1),
    ) -> None:
        self.zone = zone
        self.now = self._zoned(now)
        self.functions = dict(functions or {})
        self.scripts = {script_format(name): script for name, script in (scripts or {}).items()}
        self.decide = decide
        self.message_ttl = message_ttl
        self.programs: dict[str, Program] = {}
        self.decisions: list[DecisionModel] = []
        self.instances: dict[str, Instance] = {}
        self.sent: list[Sent] = []
        self.ambiguous: list[Sent] = []
        self.kept: list[messaging.Kept] = []
        self.waiting = Waiting()
        self.due = clock.Due()
        self.main = ""
        self.stores: dict[str, Any] = {}
        self.sources: list[str] = []
        self.decision_sources: list[bytes] = []
        self.seen: set[str] = set()
        self.timer_starts: list[clock.TimerStart] = []
        self.held: set[tuple[str, str]] = set()
        self.events = 0
        self.last_id = 0
        self.last_place = 0
        self.answers: list[Callable[[], object]] = []
        self.later: list[Callable[[], object]] = []
        self._busy = False
        self._env: Env | None = None

    def check(self, source: Source, *, in_school: bool = False) -> tuple[Finding, ...]:
        """What doctor, reader, compiler, deploy gate and XML schema say, errors first; nothing is deployed.
        `in_school`: tasks that name nobody and nothing that does them are as wrong as they are there.

        Raises: XmlError.
        """
        from engine.workflow.bpmn.schema import (
            check_schema,
        )  # takes half a second to import, which driving need not pay

        text, log, library = self._read(source)
        surroundings = gate.Surroundings(functions=frozenset(self.functions), work_is_outside=not in_school)
        found = merged(log, (*library.findings, *gate.check(library, surroundings), *check_schema(text)))
        told = Labels(library.model.processes).findings(found)
        return tuple(sorted(told, key=lambda one: ("error", "warning", "info").index(one.severity)))

    def deploy(self, source: Source) -> Library:
        """Read and compile a document; its processes can be started, also by their start events.

        The import doctor's rewrites are made first. The findings are in the answer: a
        model with errors is deployed nevertheless, refusing it is the business of `check`.
        Raises: XmlError.
        """
        text, log, library = self._read(source)
        library = replace(library, findings=(*log, *library.findings)) if log else library
        self.sources.append(text)
        if not self.main:
            executable = [one.id for one in library.model.processes if one.executable and not one.global_task]
            self.main = next(iter((*executable, *library.programs)), "")
        for process, program in library.programs.items():
            self.programs[process] = program
            clock.plan_starts(self, program)
        return library

    def _read(self, source: Source) -> tuple[str, tuple[Finding, ...], Library]:
        """The text after the doctor's rewrites, what they were, and the text compiled."""
        formats = frozenset(self.scripts)
        text, log = treat(_content(source), formats)
        return text, log, load(text, scripts=formats)

    def deploy_decisions(self, source: Source) -> DecisionModel:
        """Read and compile a DMN file; the latest one of a name counts. A file deployed before one that it imports is
        read again when that one comes.

        Raises: DmnError.
        """
        try:
            content = _content(source)
        except XmlError as error:
            raise DmnError(message=error.message) from error
        data = content.encode() if isinstance(content, str) else content
        model = load_decisions(data, {one.namespace: one for one in self.decisions})
        self.decisions.append(model)
        self.decision_sources.append(data)
        self._relink(model.namespace)
        return model

    def _relink(self, namespace: str) -> None:
        """Read the models again that lacked this namespace, then those that import them."""
        again = [place for place, one in enumerate(self.decisions) if namespace in one.missing]
        for _ in self.decisions:
            known = {one.namespace: one for one in self.decisions}
            for place in again:
                self.decisions[place] = load_decisions(self.decision_sources[place], known)
            read = {self.decisions[place].namespace for place in again}
            again = [place for place, one in enumerate(self.decisions) if one.imported & read]

    def evaluate(
        self, decision: str, inputs: Mapping[str, Any] | None = None, *, model: str | None = None
    ) -> DecisionResult:
        """A deployed decision, decision service or knowledge model, by id or name, with inputs by their names.
        `model`: the namespace, name or id of the model meant; without it the latest that knows the decision is asked.

        Raises: DmnError when there is none.
        """
        for one in reversed(self.decisions):
            if (model is None or model in (one.namespace, one.name, one.id)) and one.knows(decision):
                return one.evaluate(decision, inputs or {}, FeelEnv(now=self.now, zone=self.zone))
        zh, en = f"没有决策“{decision}”", f"There is no decision {decision!r}"
        if model is not None:
            zh, en = f"模型“{model}”没有决策“{decision}”", f"There is no decision {decision!r} in a model {model!r}"
        raise DmnError("dmn_unknown_decision", Text(zh, en))

    def start(
        self, process: str | None = None, variables: Mapping[str, Any] | None = None, *, node: str | None = None
    ) -> Instance:
        """Start an instance of a deployed process (default: the first executable one). Raises: NotFound."""
        name = process if process is not None else self.main
        return self.create(name, do.Start(variables or {}, node))

    def create(self, process: str, command: do.Start, parent: tuple[str, int] | None = None) -> Instance:
        program = self.programs.get(process)
        if program is None:
            zh, en = f"没有流程“{process}”", f"There is no process {process!r}; deploy it first"
            if not self.programs:
                zh, en = "还没有部署任何流程", "No process is deployed yet"
            raise NotFound("process.unknown", Text(zh, en))
        self.last_id += 1
        identity = str(self.last_id)
        instance = Instance(self, identity, program, new_state(process))
        instance.parent = parent
        self.instances[identity] = instance
        try:
            self.run(instance, command)
        except UserError:
            if instance.status == "new":
                del self.instances[identity]
            raise
        return instance

    def take_place(self) -> int:
        """The place of a new instance in their order: what is due at one time fires in it."""
        self.last_place += 1
        return self.last_place

    def env(self) -> Env:
        """What the interpreter sees of the world now."""
        decide = self.decide or (self._ask if self.decisions else None)
        known = self._env
        if known is None or known.now is not self.now or known.zone is not self.zone or known.decide != decide:
            self._env = known = Env(now=self.now, zone=self.zone, decide=decide, stores=self.stores)
        return known

    def _ask(self, ref: str, binding: str, context: Mapping[str, Any]) -> DecisionResult:
        return self.evaluate(ref, context)

    def run(self, instance: Instance, command: do.Command) -> None:
        """One step with everything it causes, in this and in other instances. Raises: Conflict."""
        self.step(instance, command)
        self._drain()

    def step(self, instance: Instance, command: do.Command) -> None:
        state, effects = advance(instance.program, instance.state, command, self.env())
        instance.state = state
        instance.note(effects)
        for effect in effects:
            found = _ACTIONS.get(type(effect))
            if found is None:
                continue
            apply, act = found
            if apply is not None:
                apply(instance, effect)
            if act is not None:
                act(self, instance, effect)

    def correlate(
        self,
        name: str,
        payload: Any = None,
        *,
        keys: Mapping[str, Any] | None = None,
        key: Any = None,
        message_id: str | None = None,
    ) -> bool:
        """Deliver a message to the one instance that waits for it or starts with it; kept when there is none.

        It fits where the payload and `keys` have all keys that are waited for; `key` is the value of an only one.
        A `message_id` is taken once. Raises: Conflict when several instances wait for it.
        """
        found: dict[str, Any] = {}
        put(found, keys or {})
        if key is not None:
            found[messaging.ONE_KEY] = clean(key)
        if message_id is not None and message_id in self.seen:
            return True
        delivered = messaging.deliver_or_keep(self, name, found, clean(payload))
        if message_id is not None:
            self.seen.add(message_id)
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

    def trace(self, *kinds: str) -> list[str]:
        """As `Instance.trace`, of all instances in the order things happened."""
        entries = [entry for instance in self.instances.values() for entry in counted(instance.history, kinds)]
        return [entry.element for entry in sorted(entries, key=lambda one: one.number)]

    def signal(self, name: str, payload: Any = None) -> None:
        """Broadcast a signal to every catcher and every signal start event."""
        messaging.broadcast(self, name, clean(payload), None)
        self._drain()

    def observe(self, **values: Any) -> None:
        """Tell the values conditional start events look at; each starts an instance when it becomes true."""
        context: dict[str, Any] = {}
        put(context, values)
        for program in list(self.programs.values()):
            for trigger in start_triggers(program):
                if trigger.kind != "conditional":
                    continue
                key = (program.process, trigger.node)
                holds, held = trigger.holds(context, self.env()), key in self.held
                self.held = self.held | {key} if holds else self.held - {key}
                if holds and not held:
                    self.create(program.process, do.Start(context, trigger.node, trigger.event))
        self._drain()

    def advance_time(self, by: timedelta | None = None, *, to: datetime | None = None) -> int:
        """Move the clock and fire every timer that comes due on the way, in order; the number fired.

        A time `to` without a zone is one of the engine's zone. Raises: UserError when the time lies in the past.
        """
        end = self._zoned(to) if to is not None else self.now + (by or timedelta(0))
        if end < self.now:
            zh, en = f"时钟不能从 {self.now} 拨回 {end}", f"The clock stands at {self.now} and cannot go back to {end}"
            raise UserError("clock.back", Text(zh, en))
        fired = 0
        while True:
            due = clock.next_due(self)
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            fired += clock.fire_due(self)
        self.now = end
        self.kept = [item for item in self.kept if item.until >= self.now]
        return fired

    def _zoned(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)

    def save(self, instance: Instance) -> bytes:
        """The instance with its open tasks, timers, subscriptions, jobs and history as one blob."""
        return saving.save(instance)

    def restore(self, blob: bytes) -> Instance:
        """Take a saved instance in, in place of the one with its id. Raises: StateError."""
        instance = saving.load(self, blob)
        before = self.instances.get(instance.id)
        if before is not None:
            self.waiting.drop_all(before)
            instance.place = before.place
        self.instances[instance.id] = instance
        for item in instance.subscriptions:
            self.waiting.add(instance, item)
        for timer in instance.timers:
            self.due.add(instance, timer)
        if instance.id.isdecimal():
            self.last_id = max(self.last_id, int(instance.id))
        return instance

    def snapshot(self) -> bytes:
        """The whole engine as one blob: models, clock, instances, kept messages. Functions are not in it."""
        return snapshot.save(self)

    @classmethod
    def from_snapshot(cls, blob: bytes, **options: Any) -> Engine:
        """The engine of a snapshot; `options` are those of the constructor. Raises: StateError."""
        engine = cls(**options)
        snapshot.load(engine, blob)
        return engine


_ACTIONS = {kind: (APPLY.get(kind), OUTSIDE.get(kind)) for kind in (*APPLY, *OUTSIDE)}


def _content(source: Source) -> bytes | str:
    """The content of a file or a text. Raises: XmlError for what is none, such as the name of a file."""
    if isinstance(source, Path):
        return source.read_bytes()
    if isinstance(source, str) and "<" not in source:
        zh = f"应为 XML 文本、字节或 pathlib.Path，而不是“{source[:80]}”"
        en = f"Expected XML as text or bytes, or a file as pathlib.Path, but found the text {source[:80]!r}"
        raise XmlError(message=Text(zh, en))
    return source
