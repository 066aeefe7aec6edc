"""The history, as far as its reader may see the records and the fields that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel import history as kernel
from engine.kernel.history_search import Entry
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.access import ObjectRights
from engine.metadata.fieldtypes import FieldError, type_of
from engine.metadata.rights import has_right

_SHOWN_DATA = frozenset({"reason", "kept", "merged", "field", "batch", "instance_id"})


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`changes`: (field key, old, new) as JSON values; masked where the reader's level is masked."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    on_behalf_of: str | None
    action: str
    changes: tuple[tuple[str, Any, Any], ...]
    data: Mapping[str, Any]
    instance_id: UUID | None


def history(
    tx: Tx, object_key: str, record_id: UUID, limit: int = 50, before: UUID | None = None
) -> list[HistoryEntry]:
    """Newest first; `before` is the id of the last entry seen. Raises NotFound when the record is out of reach."""
    access.require(tx, "read", object_key, record_id)
    rights = _rights_in(tx, access.rights_on(tx, object_key), {record_id})[record_id]
    c = kernel.history.c
    statement = (
        sa.select(kernel.history)
        .where(c.subject_kind == object_key, c.subject_id == str(record_id))
        .order_by(c.id.desc())
        .limit(min(limit, 200))
    )
    if before is not None:
        statement = statement.where(c.id < before)
    rows = tx.execute(statement).all()
    personal = _personal(tx, [row.id for row in rows])
    return [_entry(rights, row, personal.get(row.id, {})) for row in rows]


def visible(tx: Tx, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Rows of the whole trail without those about records out of reach, changes as the reader's field rights allow.

    Rows about anything but records stay as they are. Who may verify the trail sees every row, but no hidden value.
    """
    rows, sees_all = tuple(entries), has_right(tx, "verify_history")
    known = catalog.load(tx).definitions
    subjects: dict[str, set[UUID]] = {}
    for one in rows:
        if one.subject_kind in known and (record_id := _uuid(one.subject_id)):
            subjects.setdefault(one.subject_kind, set()).add(record_id)
    rights_of: dict[tuple[str, UUID | None], ObjectRights] = {}
    for key, ids in subjects.items():
        held = access.rights_on(tx, key)
        reach = ids if sees_all else access.reachable(tx, held, "read", ids)
        rights_of |= {(key, one): found for one, found in _rights_in(tx, held, reach).items()}
    found = []
    for one in rows:
        rights = rights_of.get((one.subject_kind, _uuid(one.subject_id)))
        if one.subject_kind not in subjects:
            found.append(one)
        elif rights is not None:
            found.append(_cut(rights, one, whole=sees_all))
    return tuple(found)


def _rights_in(tx: Tx, rights: ObjectRights, ids: set[UUID]) -> dict[UUID, ObjectRights]:
    """The rights on each of the records: in those that only a sharing rule opens some fields are masked."""
    if not rights.limited:
        return dict.fromkeys(ids, rights)
    whole = access.reachable(tx, rights, "read", ids, whole=True)
    cut = replace(rights, levels=access.levels_in(rights, is_whole=False))
    return {one: rights if one in whole else cut for one in ids}


def _cut(rights: ObjectRights, entry: Entry, *, whole: bool) -> Entry:
    """The row with what may be read: hidden fields gone, masked ones masked; ``whole``: with all it tells besides."""
    changes: list[Mapping[str, Any]] = []
    for change in entry.changes:
        key = str(change["field"])
        level = rights.levels.get(key, "none")
        if level == "masked":
            sides = {side: _masked(rights, key, change.get(side)) for side in ("old", "new")}
            changes.append({"field": key, **sides})
        elif level != "none":
            changes.append(change)
    data = {key: value for key, value in entry.data.items() if whole or key in _SHOWN_DATA}
    if data.get("field") and rights.levels.get(str(data["field"]), "none") == "none":
        data = {}
    return replace(entry, changes=tuple(changes), data=data)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _entry(rights: ObjectRights, row: Any, personal: Mapping[str, Any]) -> HistoryEntry:
    changes = []
    for change in row.data.get("changes", ()):
        key = change["field"]
        level = rights.levels.get(key, "none")
        if level == "none":
            continue
        both = (personal.get(key) or {}) if "digest" in change else change
        old, new = both.get("old"), both.get("new")
        if level == "masked":
            old, new = _masked(rights, key, old), _masked(rights, key, new)
        changes.append((key, old, new))
    data = {key: value for key, value in row.data.items() if key in _SHOWN_DATA}
    if data.get("field") and rights.levels.get(data["field"], "none") == "none":
        data = {}
    return HistoryEntry(
        row.id,
        row.at,
        row.actor_kind,
        row.actor_id,
        row.actor_name,
        row.on_behalf_of,
        row.action,
        tuple(changes),
        data,
        row.instance_id,
    )


def _masked(rights: ObjectRights, key: str, value: Any) -> str | None:
    field = catalog.field_of(rights.definition, key)
    if value is None or field is None:
        return None
    try:
        return type_of(field).mask(field, type_of(field).from_json(field, value))
    except FieldError:
        return "****"


def _personal(tx: Tx, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    if ids:
        c = kernel.history_value.c
        for row in tx.execute(sa.select(c.history_id, c.field, c.value).where(c.history_id.in_(ids))):
            found.setdefault(row.history_id, {})[row.field] = row.value
    return found
