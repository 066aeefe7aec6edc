"""Reading the trail: newest first, a page at a time, by who, what, where and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

MAX_LIMIT = 500


@dataclass(frozen=True)
class Entry:
    """One row of the trail. ``changes``: per field ``{"field", "old", "new"}``; erased values are absent."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    on_behalf_of: str | None
    action: str
    subject_kind: str
    subject_id: str
    branch_id: UUID | None
    instance_id: UUID | None
    data: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...]
    sealed: bool


@dataclass(frozen=True)
class HistoryQuery:
    """What to look for; None means any. ``branches``: only rows of these branches (None: all, also rows of none)."""

    actor_id: str | None = None
    action: str | None = None
    subject: tuple[str, str] | None = None
    subject_kind: str | None = None
    instance_id: UUID | None = None
    branches: frozenset[UUID] | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: UUID | None = None


@dataclass(frozen=True)
class HistoryPage:
    """``next`` continues the list; None at its end."""

    items: tuple[Entry, ...]
    next: str | None


_CONDITIONS = {
    "actor_id": "h.actor_id = :actor_id",
    "action": "(h.action = :action OR h.action LIKE :action || ':%')",
    "subject_kind": "h.subject_kind = :subject_kind",
    "subject_id": "h.subject_id = :subject_id",
    "instance_id": "h.instance_id = :instance_id",
    "branches": "h.branch_id = ANY(:branches)",
    "since": "h.at >= :since",
    "until": "h.at < :until",
    "after": "h.id < :after",
}


def search(connection: Connection, query: HistoryQuery) -> HistoryPage:
    """The rows that match, newest first. The caller has checked that the actor may read them."""
    limit = max(1, min(query.limit, MAX_LIMIT))
    values: dict[str, object] = {
        "actor_id": query.actor_id,
        "action": query.action,
        "subject_kind": query.subject[0] if query.subject else query.subject_kind,
        "subject_id": query.subject[1] if query.subject else None,
        "instance_id": query.instance_id,
        "branches": list(query.branches) if query.branches is not None else None,
        "since": query.since,
        "until": query.until,
        "after": query.after,
    }
    given = {name: value for name, value in values.items() if value is not None}
    where = " AND ".join(_CONDITIONS[name] for name in given) or "true"
    statement = text(
        "SELECT h.*, EXISTS (SELECT 1 FROM history_seal s WHERE s.history_id = h.id) AS sealed,"  # noqa: S608 - fixed parts
        " (SELECT jsonb_object_agg(v.field, v.value) FROM history_value v"
        "   WHERE v.history_id = h.id AND v.value IS NOT NULL) AS personal"
        f" FROM history h WHERE {where} ORDER BY h.id DESC LIMIT :limit"
    )
    rows = connection.execute(statement, {**given, "limit": limit + 1}).all()
    items = tuple(_entry(row) for row in rows[:limit])
    return HistoryPage(items, str(items[-1].id) if len(rows) > limit else None)


def _entry(row: Any) -> Entry:
    personal = row.personal or {}
    data = dict(row.data)
    changes = tuple(
        {"field": change["field"], **personal.get(change["field"], {})} if "digest" in change else change
        for change in data.pop("changes", ())
    )
    return Entry(
        row.id, row.at, row.actor_kind, row.actor_id, row.actor_name, row.on_behalf_of, row.action, row.subject_kind,
        row.subject_id, row.branch_id, row.instance_id, data, changes, row.sealed,
    )  # fmt: skip
