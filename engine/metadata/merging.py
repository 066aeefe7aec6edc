"""Merging duplicates: one record stays, gets what it lacks, and everything that pointed to the others points to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import ObjectDefinition
from engine.metadata.getting import get
from engine.metadata.reading import raw_values
from engine.metadata.record import Record
from engine.metadata.shipped_objects import known_objects
from engine.metadata.validation import check_levels
from engine.metadata.writing import history_event, locked_row, update_row


def merge(
    tx: Tx, object_key: str, keep: UUID, drop: Sequence[UUID], choices: Mapping[str, UUID] | None = None
) -> Record:
    """Merges the records `drop` into `keep` and moves them to the bin.

    `choices`: field -> the record whose value wins (the field must be writable). A field empty in `keep` takes the
    first value found, hidden fields too: nothing is lost because its merger could not see it. Needs `merge` on each.
    """
    rights = access.rights_on(tx, object_key)
    ids = [keep, *drop]
    if not drop or len(set(ids)) != len(ids):
        raise UserError("bad_merge", Text("请选择不同的记录", "Choose different records"))
    rows = {one: locked_row(tx, rights.definition, one) for one in sorted(ids)}
    for one in ids:
        access.require(tx, "merge", object_key, one)
    if any(row["deleted_at"] is not None for row in rows.values()):
        raise UserError("bad_merge", Text("回收站中的记录不能合并", "A record in the bin cannot be merged"))
    check_levels(rights.definition, rights.levels, set(choices or {}))
    definition = catalog.load_branch(tx, rows[keep]["branch_id"]).object(object_key)
    changes = _merged_values(definition, rows, ids, choices or {})
    _drop(tx, definition, rows, drop, keep)
    old = raw_values(definition, rows[keep])
    if changes:
        update_row(tx, definition, rows[keep], changes)
    _repoint(tx, definition, keep, drop)
    data = {"merged": [str(one) for one in drop]}
    tx.record(
        history_event("record:merged", definition, keep, rows[keep]["branch_id"], before=old, after=changes, data=data)
    )
    return get(tx, object_key, keep)


def _merged_values(
    definition: ObjectDefinition,
    rows: Mapping[UUID, Mapping[str, Any]],
    ids: Sequence[UUID],
    choices: Mapping[str, UUID],
) -> dict[str, Any]:
    values = {one: raw_values(definition, rows[one]) for one in ids}
    changes: dict[str, Any] = {}
    for field in definition.fields:
        if field.type in ("formula", "rollup", "lines", "auto_number"):
            continue
        order = [choices[field.key]] if field.key in choices else ids
        found = next((values[one][field.key] for one in order if values[one].get(field.key) is not None), None)
        if found is not None and found != values[ids[0]].get(field.key):
            changes[field.key] = found
    return changes


def _drop(
    tx: Tx, definition: ObjectDefinition, rows: Mapping[UUID, Mapping[str, Any]], drop: Sequence[UUID], keep: UUID
) -> None:
    table = catalog.table_of(definition)
    tx.execute(sa.update(table).where(table.c.id.in_(drop)).values(deleted_at=tx.now, version=table.c.version + 1))
    for one in drop:
        data = {"kept": str(keep)}
        tx.record(
            history_event("record:merged_away", definition, one, rows[one]["branch_id"], before={}, after={}, data=data)
        )


def _repoint(tx: Tx, definition: ObjectDefinition, keep: UUID, drop: Sequence[UUID]) -> None:
    """Links of every object that pointed to a dropped record now point to the kept one."""
    for other in known_objects(tx):
        table = catalog.table_of(other)
        for field in catalog.load(tx).definitions.get(other.key, other).fields:
            if field.target != definition.key or field.type not in ("link", "links"):
                continue
            if not field.custom:
                _repoint_column(tx, table.c[field.key], field.type, keep, drop)
            elif field.type == "link":
                key, old = sa.literal(field.key), [str(one) for one in drop]
                value = sa.func.jsonb_set(
                    table.c.custom, postgresql.array([key]), sa.func.to_jsonb(sa.cast(str(keep), sa.Text))
                )
                tx.execute(sa.update(table).where(table.c.custom[field.key].astext.in_(old)).values(custom=value))


def _repoint_column(tx: Tx, column: sa.Column[Any], kind: str, keep: UUID, drop: Sequence[UUID]) -> None:
    if kind == "link":
        tx.execute(sa.update(column.table).where(column.in_(drop)).values({column: keep}))
        return
    for one in drop:
        replaced = sa.func.array_replace(column, one, keep)
        tx.execute(sa.update(column.table).where(column.contains([one])).values({column: replaced}))
