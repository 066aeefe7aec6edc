"""Migrations made so far, and what of each can still be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.instances.access import operated_branches


@dataclass(frozen=True, slots=True)
class Batch:
    """One migration. `migrated`: instances it moved; `undone`: brought back since; `undoable`: have not moved since.

    `old`, `new`: version numbers; `by`: the user's id.
    """

    id: UUID
    old: int
    new: int
    by: str
    at: datetime
    migrated: int
    undone: int
    undoable: tuple[UUID, ...]


_SELECT = """select b.id, o.number, n.number, b.created_by, b.created_at, count(u.instance_id),
 count(u.undone_at), array_remove(array_agg(case when u.undone_at is null and i.ended_at is null
 and i.lock_version = u.lock_version then i.id end order by i.id), null)
 from migration_batch b join process_version o on o.id = b.from_version_id
 join process_version n on n.id = b.to_version_id
 join migration_undo u on u.batch_id = b.id join instance i on i.id = u.instance_id
 where o.process_key = %(key)s and (%(everywhere)s or i.branch_id = any(%(branches)s))
 and (%(id)s::uuid is null or b.id = %(id)s)
 group by b.id, o.number, n.number order by b.id desc limit 100"""


def batches(tx: Tx, process_key: str, batch_id: UUID | None = None) -> tuple[Batch, ...]:
    """Migrations of a process, or the one of that id, newest first, as far as tx.actor operates their instances.

    Raises: Forbidden to who operates none.
    """
    branches = operated_branches(tx)
    parameters = {
        "key": process_key, "id": batch_id, "everywhere": branches is None, "branches": list(branches or ()),
    }  # fmt: skip
    rows = tx.connection.exec_driver_sql(_SELECT, parameters)
    return tuple(Batch(row[0], row[1], row[2], row[3], row[4], row[5], row[6], tuple(row[7])) for row in rows)
