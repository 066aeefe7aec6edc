"""The instance's row: locked for a step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx

_COLUMNS = (
    "id, version_id, process_key, status, suspended, lock_version, title, branch_id, record_object, record_id,"
    " lifecycle, root_id, parent_id, parent_activation, starter, starter_kind, starter_name, pinned, chosen,"
    " open_incidents, state"
)


@dataclass(slots=True)
class InstanceRow:
    """One row of `instance`. A step changes its copy; the statement at the end writes it."""

    id: UUID
    version_id: UUID
    process_key: str
    status: str
    suspended: bool
    lock_version: int
    title: str
    branch_id: UUID | None
    record_object: str | None
    record_id: UUID | None
    lifecycle: bool
    root_id: UUID
    parent_id: UUID | None
    parent_activation: int | None
    starter: str
    starter_kind: str
    starter_name: str
    pinned: dict[str, Any] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    open_incidents: int = 0
    state: bytes = b""

    @property
    def overlay_id(self) -> UUID | None:
        """The overlay of its branch that the case was started with."""
        found = self.pinned.get("overlay")
        return UUID(found) if found else None


def lock(tx: Tx, instance_id: UUID) -> InstanceRow:
    """The instance, locked until the commit. Raises: NotFound."""
    row = _select(tx, instance_id, " for update")
    if row is None:
        raise _missing()
    return row


def try_lock(tx: Tx, instance_id: UUID) -> InstanceRow | None:
    """The instance, locked; None when another transaction holds it."""
    return _select(tx, instance_id, " for update skip locked")


def try_lock_all(tx: Tx, instance_ids: Collection[UUID]) -> dict[UUID, InstanceRow]:
    """Those of the instances that no other transaction holds, locked in the order of their ids."""
    sql = f"""select {_COLUMNS} from instance where id = any(%(ids)s::uuid[]) order by id
 for update skip locked"""  # noqa: S608 - constant parts only
    rows = tx.query(sql, {"ids": list(instance_ids)})
    return {row[0]: InstanceRow(*row) for row in rows}


def read(tx: Tx, instance_id: UUID) -> InstanceRow:
    """The instance without a lock. Raises: NotFound."""
    row = _select(tx, instance_id, "")
    if row is None:
        raise _missing()
    return row


def _select(tx: Tx, instance_id: UUID, suffix: str) -> InstanceRow | None:
    sql = f"select {_COLUMNS} from instance where id = %(id)s{suffix}"  # noqa: S608 - constant parts only
    rows = tx.query(sql, {"id": instance_id})
    return InstanceRow(*rows[0]) if rows else None


def _missing() -> NotFound:
    return NotFound("instance_not_found", Text("未找到该流程实例", "There is no such process instance"))
