"""From checked values to rows: columns, the `custom` key, search text; and from a row to its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB, Range

from engine.kernel import canonical
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Personal
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.formula import FormulaType
from engine.metadata.reading import formula_value, raw_values
from engine.metadata.search import search_text, sort_name
from engine.metadata.statement import quoted

_COPY_FROM = 20
"""Fewer rows are inserted one by one: the same checks, better messages."""
_QUIET = frozenset({"version", "created_at", "created_by", "updated_at", "updated_by", "id"})


def columns_of(definition: ObjectDefinition, values: Mapping[str, Any], custom: Mapping[str, Any]) -> dict[str, Any]:
    """Column values of a row: `values` by field key over the old `custom` object; keys not in `values` stay."""
    columns: dict[str, Any] = {}
    kept = dict(custom)
    for key, value in values.items():
        field = catalog.field_of(definition, key)
        assert field is not None, key
        if not field.custom:
            columns[key] = value
        elif value is None:
            kept.pop(key, None)
        else:
            kept[key] = type_of(field).to_json(field, value)
    return {**columns, "custom": kept}


def with_formulas(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the stored formulas over `values`, in definition order (later ones may use earlier ones)."""
    found: dict[str, Any] = {}
    for field in definition.fields:
        field_type = type_of(field)
        if isinstance(field_type, FormulaType) and field_type.is_stored(field):
            found[field.key] = formula_value(tx, definition, field, {**values, **found})
    return found


def stamped(tx: Tx, *, is_new: bool) -> dict[str, Any]:
    """Who and when."""
    stamp = {"updated_at": tx.now, "updated_by": tx.actor.id}
    return {**stamp, "created_at": tx.now, "created_by": tx.actor.id} if is_new else stamp


def insert_rows(tx: Tx, definition: ObjectDefinition, rows: Sequence[Mapping[str, Any]]) -> None:
    """One statement for all rows; each holds every stored value by field key, with `id` and `branch_id`."""
    table = catalog.table_of(definition)
    stamp = stamped(tx, is_new=True)
    prepared = []
    for values in rows:
        columns = columns_of(definition, values, {})
        extra = {} if definition.table else {"object": definition.key}
        derived = {"search": search_text(definition, values), "sort_name": sort_name(definition, values)}
        prepared.append({**columns, **stamp, **derived, **extra})
    if len(prepared) < _COPY_FROM:
        blank = {column.key: None for column in table.columns if column.nullable}
        tx.execute(sa.insert(table), [{**blank, **row} for row in prepared])
    else:
        _copy_rows(tx, table, prepared)


def update_row(tx: Tx, definition: ObjectDefinition, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Writes the changed values over the locked row, with version, search text and stamps."""
    table = catalog.table_of(definition)
    values = {**raw_values(definition, row), **changes}
    columns = columns_of(definition, changes, row["custom"])
    derived = {"search": search_text(definition, values), "sort_name": sort_name(definition, values)}
    stamp = {**stamped(tx, is_new=False), "version": row["version"] + 1}
    tx.execute(sa.update(table).where(table.c.id == row["id"]).values(**columns, **derived, **stamp))


def locked_row(tx: Tx, definition: ObjectDefinition, record_id: UUID) -> dict[str, Any]:
    """The whole row, locked. The caller checks access before it tells anything. Raises NotFound."""
    table = catalog.table_of(definition)
    statement = sa.select(table).where(table.c.id == record_id).with_for_update()
    if not definition.table:
        statement = statement.where(table.c.object == definition.key)
    row = tx.execute(statement).mappings().first()
    if row is None:
        raise NotFound
    return dict(row)


def history_event(
    action: str,
    definition: ObjectDefinition,
    record_id: UUID,
    branch_id: UUID,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    data: Mapping[str, object] | None = None,
) -> Event:
    """The event with a change per field that differs; personal values are kept erasable."""
    changes = []
    for key, new in after.items():
        field = catalog.field_of(definition, key)
        old = before.get(key)
        if field is None or key in _QUIET or not field.history or old == new:
            continue
        changes.append(Change(key, _plain(field, old), _plain(field, new), field.personal is not Personal.NONE))
    return Event(action, (definition.key, record_id), branch_id, data or {}, changes)


def _plain(field: FieldDefinition, value: Any) -> object:
    return None if value is None else type_of(field).to_json(field, value)


def _copy_rows(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """The database's bulk load: many rows in one round trip, on the transaction's own connection."""
    keys = sorted({key for row in rows for key in row})
    columns = ", ".join(quoted(key) for key in keys)
    driver = tx.connection.connection.cursor()
    shapes = [(key, isinstance(table.c[key].type, JSONB)) for key in keys]
    try:
        with driver.copy(f"COPY {quoted(table.name)} ({columns}) FROM STDIN") as load:
            for row in rows:
                load.write_row([_loaded(row.get(key), is_json) for key, is_json in shapes])
    except UniqueViolation as error:
        raise Conflict("duplicate_value", Text("该值已被使用", "A value is already taken")) from error


def _loaded(value: Any, is_json: bool) -> Any:
    """JSON as its text, a range in the database's notation; the driver knows the rest."""
    if is_json:
        return None if value is None else canonical.dumps(value)
    if isinstance(value, Range):
        return f"[{value.lower.isoformat()},{value.upper.isoformat()})" if value.lower and value.upper else None
    return value
