"""One step of one instance: feeds commands to the interpreter until nothing moves, and collects what to write."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel import history
from engine.kernel.actor import ActorKind
from engine.kernel.history import Event
from engine.kernel.uow import Drain, Tx
from engine.workflow.assignees import Directory
from engine.workflow.calendar import WorkingCalendar
from engine.workflow.dmn.model import value_of
from engine.workflow.interpreter import commands, effects
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.large import merged
from engine.workflow.interpreter.state import ROOT, Scope, State, new_state
from engine.workflow.programs import Loaded, load, note_run
from engine.workflow.runner import announcing, apart, applying, calls, choosing, environment, statement, stranded
from engine.workflow.runner.buffer import take_buffered
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.scoped import variables_at
from engine.workflow.runner.writes import Writes
from engine.workflow.runtime import runtime_of
from engine.workflow.stores import BranchStores

_MOVES = frozenset({commands.MoveToken, commands.Skip, commands.PassJoin, commands.Refit})
_ENDED = {"completed": "completed", "terminated": "terminated", "error": "terminated", "cancelled": "cancelled"}


class Session:
    """A step in progress. `prefer`: node, or place of a countersign, → user who gets its next task (returned to him).

    `is_moved`: somebody has put tokens where no flow of the model did.
    `known_votes`: votes of earlier steps, once read. `cause` and `told`: the history event that carries the trail.
    """

    def __init__(self, tx: Tx, row: InstanceRow, *, is_new: bool = False) -> None:
        self.tx = tx
        self.row = row
        self.is_new = is_new
        self.loaded: Loaded = load(tx, row.version_id, row.overlay_id)
        note_run(tx, row.id, self.loaded)
        self.state: State = new_state(row.process_key) if is_new else apart.decode(tx, row.id, row.state)
        self.named_apart: frozenset[bytes] = apart.digests(self.state)
        self.writes: Writes = Writes()
        self.is_moved = False
        self.prefer: dict[str, str] = {}
        self.known_votes: list[tuple[str, str, str, str | None, str]] | None = None
        self.cause: tuple[str, tuple[str, UUID]] | None = None
        self.told: Mapping[str, Any] = {}
        self.looked_up: set[int] = set()
        self.caused: deque[applying.Caused | effects.CallHandler] = deque()
        self.principal = environment.principal_of(tx, row, self.loaded)
        self.records = environment.BoundRecord(tx, row, self.principal)
        self.calendar: WorkingCalendar = runtime_of(tx).calendar(tx, row.branch_id)
        self.zone = self.calendar.zone
        self._directory: Directory | None = None
        self.stores = BranchStores(tx, lambda: self.branch_id, self._headquarters, self.loaded.program.stores)
        self._env = environment.build(tx, row, self.loaded, self.records, self.stores)

    @property
    def directory(self) -> Directory:
        """People, as this transaction sees them."""
        if self._directory is None:
            self._directory = runtime_of(self.tx).directory(self.tx)
        return self._directory

    @property
    def branch_id(self) -> UUID:
        """The instance's branch; headquarters when it has none."""
        return self.row.branch_id or self._headquarters()

    def _headquarters(self) -> UUID:
        return self.directory.headquarters()

    @property
    def starter_user(self) -> str | None:
        """The user who started the instance, if a user did."""
        return self.row.starter if self.row.starter_kind == ActorKind.USER else None

    @property
    def last_handler(self) -> str | None:
        """The user acting now, else the starter."""
        return self.tx.actor.id if self.tx.actor.kind is ActorKind.USER else self.starter_user

    def context(self, local: Mapping[str, Value] | None = None, activation: int = 0) -> dict[str, Value]:
        """Variables by name: the bound record, then what the activation (0: the process) sees, then `local`."""
        found: dict[str, Value] = {}
        if self.loaded.reads_record:
            found.update(self.records)
        return merged(found, variables_at(self.state, activation), local or {})

    def record_values(self) -> Mapping[str, Value]:
        """The bound record's values; empty without one."""
        found = self.records.get("record", {})
        return found if isinstance(found, Mapping) else {}

    def decide(self, ref: str, context: Mapping[str, Value]) -> Value:
        """The decision's result, deployed beside this version or the latest."""
        return None if self._env.decide is None else value_of(self._env.decide(ref, "deployment", context))

    def tasks_for(self, user: str) -> tuple[UUID, ...]:
        """Tasks this step opens that the user has or may claim."""
        return tuple(
            task["id"]
            for activation, task in self.writes.tasks.items()
            if user == task["assignee"] or (not task["assignee"] and user in self.writes.candidates[activation])
        )

    def run(self, *wanted: commands.Command) -> None:
        """Advance by these commands and by all they cause inside this transaction."""
        following: Sequence[commands.Command] = wanted
        while following:
            for command in following:
                self.is_moved |= command.__class__ in _MOVES
                self._advance(command)
                self._settle()
            following = take_buffered(self)

    def _settle(self) -> None:
        """Call handlers and follow rules, unless what came before has cancelled the activity they are for."""
        while self.caused:
            item = self.caused.popleft()
            if item.activation not in self.state.tokens:
                continue
            if isinstance(item, effects.CallHandler):
                answer = calls.call(self, item)
                self.records.forget()
                self._advance(answer)
            else:
                self._advance(item)

    def _advance(self, command: commands.Command) -> None:
        self.state, found = advance(self.loaded.program, self.state, command, self._env)
        caused: list[applying.Caused | effects.CallHandler] = []
        for effect in found:
            if isinstance(effect, effects.CallHandler):
                caused.append(effect)
            else:
                caused.extend(applying.apply(self, effect))
        self.caused.extendleft(reversed(caused))

    def save(self) -> None:
        """Write the step in one statement, its trail, and wake whoever has to go on."""
        row = self.row
        if self.writes.ended is not None:
            row.status = _ENDED[self.writes.ended.status]
            self.state.scopes[ROOT] = Scope(ROOT, self.state.process, 0, vars=dict(self.writes.ended.variables))
            applying.tell_caller(self)
        if not row.title:
            row.title = self._title()
        stranded.note(self)
        self._record()
        statement.write(
            self.tx, row, apart.encode(self.tx, row.id, self.state, self.named_apart), self.writes, is_new=self.is_new
        )
        if self.loaded.has_choices:
            choosing.note(self)
        self.is_new = False
        announcing.announce(self)
        if self.writes.messages:
            self.tx.wake(Drain.STEPS)
        if self.writes.timers or self.writes.reminders:
            self.tx.wake(Drain.TIMERS)
        self.writes, self.is_moved = Writes(), False

    def _title(self) -> str:
        from engine.workflow.runner.feel import evaluate

        text = self.loaded.process.title
        if not text:
            return self.loaded.name
        value = evaluate(self, text[1:], self.context()) if text.startswith("=") else text
        return str(value) if value is not None else self.loaded.name

    def _record(self) -> None:
        trail = self.writes.trail
        if not trail:
            return
        data: dict[str, Any] = {**self.told, "trail": trail, "version": self.loaded.number}
        action, subject = self.cause or ("instance:stepped", ("instance", self.row.id))
        event = Event(action, subject, self.row.branch_id, data, instance_id=self.row.id)
        self.writes.event = history.entry(self.tx.actor, event, self.tx.now)
        self.cause, self.told = None, {}
