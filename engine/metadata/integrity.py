"""Checks that need the database: uniqueness, linked records that must exist and be visible, running numbers."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata import organisation_tables as t
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Unique
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.auto_number import counter_prefix, counter_width
from engine.metadata.statement import Statement, from_clause, own_rows, stored_value
from engine.metadata.titles import target_of
from engine.metadata.validation import raise_errors


def check_links(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> None:
    """Raises UserError when a value points to what does not exist or the actor may not see."""
    errors: dict[str, Text] = {}
    for key, value in values.items():
        field = catalog.field_of(definition, key)
        if field is None or value is None or field.type == "actor":
            continue
        kind = target_of(field)
        ids = set(value) if isinstance(value, list) else {value}
        if kind and not ids <= _existing(tx, kind, ids):
            errors[key] = Text(
                "关联的记录不存在，或您无权查看", "The linked record does not exist, or you may not see it"
            )
    raise_errors(errors)


def check_unique(
    tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any], branch_id: UUID, except_id: UUID | None = None
) -> None:
    """Raises UserError for a value already taken. Also held by a unique index where the field is a column."""
    errors: dict[str, Text] = {}
    for field in definition.fields:
        value = values.get(field.key)
        if field.unique is Unique.NONE or value is None:
            continue
        if _is_taken(tx, definition, field, value, branch_id=branch_id, except_id=except_id):
            errors[field.key] = Text("该值已被使用", "This value is already taken")
    raise_errors(errors)


def lock_unique(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> None:
    """Two writers of the same unique custom value wait for each other (a column has an index, JSONB has not)."""
    keys = sorted(
        f"{definition.key}.{field.key}={values[field.key]}"
        for field in definition.fields
        if field.custom and field.unique is not Unique.NONE and values.get(field.key) is not None
    )
    for key in keys:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7))"), {"key": key})


def next_number(
    tx: Tx, definition: ObjectDefinition, field: FieldDefinition, branch_id: UUID, amount: int = 1
) -> list[str]:
    """The next numbers of an auto-number field; the counter's row is locked until the commit: no gaps."""
    branch = snapshot.load(tx).branches[branch_id]
    today = tx.now.astimezone(ZoneInfo(branch.zone))
    pattern = str(field.settings["format"])
    before, after = counter_prefix(
        pattern, branch=branch.key.upper(), year=today.year, month=today.month, day=today.day
    )
    values = {"object": definition.key, "field": field.key, "prefix": before, "last": amount}
    statement = insert(t.number_counter).values(values)
    last = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["object", "field", "prefix"], set_={"last": t.number_counter.c.last + amount}
        ).returning(t.number_counter.c.last)
    ).scalar_one()
    width = counter_width(pattern)
    return [f"{before}{number:0{width}}{after}" for number in range(last - amount + 1, last + 1)]


def _existing(tx: Tx, kind: str, ids: set[UUID]) -> set[UUID]:
    if kind == "branch":
        return ids & set(snapshot.load(tx).branches)
    if kind == "user":
        c = t.app_user.c
        return set(tx.execute(sa.select(c.id).where(c.id.in_(ids))).scalars())
    if kind not in catalog.load(tx).definitions:
        return set()
    rights = access.rights_on(tx, kind)
    return ids if not ids else access.reachable(tx, rights, "read", ids)


def _is_taken(
    tx: Tx, definition: ObjectDefinition, field: FieldDefinition, value: Any, *, branch_id: UUID, except_id: UUID | None
) -> bool:
    statement = Statement()
    alias = statement.alias()
    field_type = type_of(field)
    bound = statement.bind(value, field_type.result_sql(field))
    parts = [f"{stored_value(field, alias)} = {bound}", f"{alias}.deleted_at IS NULL"]
    parts.append(own_rows(statement, definition, alias))
    if field.unique is Unique.BRANCH:
        parts.append(f"{alias}.branch_id = {statement.bind(branch_id)}")
    if except_id is not None:
        parts.append(f"{alias}.id <> {statement.bind(except_id)}")
    sql = f"SELECT 1 FROM {from_clause(definition, alias)} WHERE {' AND '.join(parts)} LIMIT 1"
    return tx.execute(sa.text(sql), statement.parameters).first() is not None
