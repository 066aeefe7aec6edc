"""Failures that a person must see, over all instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.instances.access import operated_branches


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One open incident. `message_id`: of a message that nobody could be given to (`messages.undelivered`)."""

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
