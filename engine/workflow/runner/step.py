"""The two ways into the runner: begin an instance, step an instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.actor import Actor
from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter.commands import Command, Start
from engine.workflow.overlays.storing import pin
from engine.workflow.programs import Loaded, load
from engine.workflow.runner.calls import values_of
from engine.workflow.runner.row import InstanceRow, lock
from engine.workflow.runner.session import Session


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a new instance comes from. `parent`: (instance, activation, root) of the call activity that waits.

    `pinned`: what it keeps for its life; None: what is in force in its branch now.
    """

    version_id: UUID
    starter: Actor
    branch_id: UUID | None = None
    record: tuple[str, UUID] | None = None
    parent: tuple[UUID, int, UUID] | None = None
    chosen: Mapping[str, list[str]] | None = None
    title: str = ""
    pinned: Mapping[str, Any] | None = None


def begin(
    tx: Tx,
    origin: Beginning,
    variables: Mapping[str, Value],
    *,
    node: str | None = None,
    event: int = 0,
    payload: Value = None,
    undo: tuple[Any, ...] = (),
) -> Session:
    """Create the instance and run it to its first rest; saved. Raises: Conflict for a second lifecycle instance.

    undo: the instance only compensates these records of an earlier one.
    """
    loaded = load(tx, origin.version_id)
    instance_id = new_id()
    record_object, record_id = origin.record or (None, None)
    row = InstanceRow(
        id=instance_id,
        version_id=origin.version_id,
        process_key=loaded.process_key,
        status="active",
        suspended=False,
        lock_version=0,
        title=origin.title,
        branch_id=origin.branch_id,
        record_object=record_object,
        record_id=record_id,
        lifecycle=loaded.lifecycle and record_id is not None,
        root_id=origin.parent[2] if origin.parent else instance_id,
        parent_id=origin.parent[0] if origin.parent else None,
        parent_activation=origin.parent[1] if origin.parent else None,
        starter=origin.starter.id,
        starter_kind=str(origin.starter.kind),
        starter_name=origin.starter.name,
        chosen=dict(origin.chosen or {}),
        pinned=_pinned(tx, origin, loaded),
    )
    if row.lifecycle:
        _only_one(tx, row)
    session = Session(tx, row, is_new=True)
    data = {"process": loaded.process_key, "version": loaded.number}
    tx.record(Event("instance:started", ("instance", row.id), row.branch_id, data, instance_id=row.id))
    session.run(Start(values_of(variables), node, event, payload, called=origin.parent is not None, undo=undo))
    session.save()
    return session


def _pinned(tx: Tx, origin: Beginning, loaded: Loaded) -> dict[str, Any]:
    if origin.pinned is not None:
        return dict(origin.pinned)
    return pin(tx, loaded.process_key, origin.branch_id) if loaded.may_differ else {}


def open_session(tx: Tx, instance_id: UUID) -> Session:
    """Lock the instance for a step. Raises: NotFound; Conflict when it has ended or is suspended."""
    row = lock(tx, instance_id)
    ensure_running(row)
    return Session(tx, row)


def step(tx: Tx, instance_id: UUID, *wanted: Command) -> Session:
    """Lock, advance, save. Raises: NotFound; Conflict when the instance has ended or is suspended."""
    session = open_session(tx, instance_id)
    session.run(*wanted)
    session.save()
    return session


def ensure_running(row: InstanceRow) -> None:
    """Raises: Conflict when the instance has ended or is suspended."""
    if row.status != "active":
        raise Conflict("instance_ended", Text("该流程已结束", "The process instance has ended"))
    if row.suspended:
        raise Conflict(
            "instance_suspended",
            Text("该流程已挂起", "The process instance is suspended"),
            hint=Text("请联系流程管理员恢复", "Ask an operator to resume it"),
        )


def _only_one(tx: Tx, row: InstanceRow) -> None:
    """At most one lifecycle instance per record: said clearly before the index says it."""
    sql = """select process_key from instance where record_object = %(object)s and record_id = %(id)s
 and lifecycle and ended_at is null limit 1"""
    parameters = {"object": row.record_object, "id": row.record_id}
    other = tx.connection.exec_driver_sql(sql, parameters).scalar()
    if other is not None:
        raise Conflict(
            "lifecycle_running",
            Text(f"该记录已有进行中的流程（{other}）", f"The record already has a running process ({other})"),
        )
