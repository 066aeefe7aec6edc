"""What the interpreter may know of the world in one step: built per advance, records read only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from engine.feel.values import Value, from_python
from engine.kernel.actor import Actor, ActorKind, process_actor
from engine.kernel.uow import Tx
from engine.workflow.calendar import due_at
from engine.workflow.decisions import decider
from engine.workflow.interpreter.env import Env
from engine.workflow.programs import Loaded
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runtime import runtime_of


class BoundRecord(Mapping[str, Value]):
    """The record the instance is about, under its object's key and as `record`; read at first use."""

    def __init__(self, tx: Tx, row: InstanceRow, principal: Actor) -> None:
        self._tx, self._row, self._principal = tx, row, principal
        self._values: dict[str, Value] | None = None

    def __getitem__(self, name: str) -> Value:
        if name not in self._names():
            raise KeyError(name)
        if self._values is None:
            self._values = self._read()
        return self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def forget(self) -> None:
        """A handler may have changed the record: read it again."""
        self._values = None

    def _names(self) -> tuple[str, ...]:
        return (self._row.record_object, "record") if self._row.record_object and self._row.record_id else ()

    def _read(self) -> dict[str, Value]:
        row = self._row
        if row.record_object is None or row.record_id is None:
            return {}
        with self._tx.acting_as(self._principal):
            return _context(runtime_of(self._tx).records.read(self._tx, row.record_object, row.record_id))


def _context(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: from_python(value) for name, value in values.items()}


def principal_of(tx: Tx, row: InstanceRow, loaded: Loaded) -> Actor:
    """The process principal, on behalf of whoever acts."""
    behalf = tx.actor if tx.actor.kind is not ActorKind.PROCESS else None
    return process_actor(loaded.principal, loaded.name or row.process_key, behalf)


def build(tx: Tx, row: InstanceRow, loaded: Loaded, records: Mapping[str, Value], stores: Mapping[str, Value]) -> Env:
    """The environment of one advance."""
    calendar = runtime_of(tx).calendar(tx, row.branch_id)

    def working_time(start: datetime, text: str) -> datetime:
        return due_at(text, start, calendar)

    return Env(
        now=tx.now,
        zone=calendar.zone,
        decide=decider(tx, loaded.deployment_id, row.branch_id, files=loaded.files),
        records=records if loaded.reads_record else {},
        working_time=working_time,
        stores=stores,
    )
