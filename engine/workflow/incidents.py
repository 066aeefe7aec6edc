"""Failures that a person must see, over all instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx
from engine.workflow.instances.access import operated_branches


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One open incident. `message_id`: of a message nobody could be given to."""

    id: UUID
    instance_id: UUID | None
    activation: int | None
    node_id: str
    process_key: str
    kind: str
    message: Text
    detail: str
    branch_id: UUID | None
    instance_title: str | None
    message_id: UUID | None
    created_at: datetime


_OPEN = """select n.id, n.instance_id, n.activation, n.node_id, n.process_key, n.kind, n.message_zh, n.message_en,
 n.detail, n.branch_id, i.title, n.message_id, n.created_at from incident n
 left join instance i on i.id = n.instance_id where n.resolved_at is null
 and (%(after)s::uuid is null or n.id < %(after)s) and (%(branch)s::uuid is null or n.branch_id = %(branch)s)
 and (%(operated)s::uuid[] is null or n.branch_id = any(%(operated)s))
 order by n.id desc limit %(limit)s"""


def open_incidents(
    tx: Tx, limit: int = 50, after: UUID | None = None, branch_id: UUID | None = None
) -> tuple[IncidentRow, ...]:
    """Open incidents of the branches that tx.actor operates, newest first. Raises: Forbidden when there are none."""
    operated = operated_branches(tx)
    parameters = {
        "limit": max(1, min(limit, 200)),
        "after": after,
        "branch": branch_id,
        "operated": None if operated is None else sorted(operated),
    }
    rows = tx.connection.exec_driver_sql(_OPEN, parameters)
    return tuple(IncidentRow(*(*r[:6], Text(r[6], r[7]), *r[8:])) for r in rows)


def settle_message(tx: Tx, incident_id: UUID, decision: str, reason: str) -> None:
    """A person settles a message that got stuck: `again` looks for its receiver once more, `drop` forgets it.

    Raises: Forbidden; NotFound; Conflict when it is settled or belongs to an instance.
    """
    operated = operated_branches(tx)
    sql = "select message_id, resolved_at, branch_id from incident where id = %(id)s for update"
    row = tx.connection.exec_driver_sql(sql, {"id": incident_id}).one_or_none()
    if row is None or (operated is not None and row[2] not in operated):
        raise NotFound("incident_not_found", Text("未找到该异常", "There is no such incident"))
    if row[0] is None or row[1] is not None:
        raise Conflict("incident_settled", Text("该异常已处理", "The incident is settled"))
    status = "new" if decision == "again" else "dead"
    change = """update message set status = %(status)s, attempts = 0, next_at = %(now)s where id = %(id)s"""
    tx.connection.exec_driver_sql(change, {"status": status, "now": tx.now, "id": row[0]})
    close = """update incident set resolved_at = %(now)s, resolved_by = %(by)s, resolution = %(how)s
 where id = %(id)s"""
    parameters = {"now": tx.now, "by": tx.actor.id, "how": decision[:100], "id": incident_id}
    tx.connection.exec_driver_sql(close, parameters)
    tx.record(Event("message:settled", ("message", row[0]), data={"decision": decision, "reason": reason[:500]}))
    tx.wake(Drain.STEPS)
