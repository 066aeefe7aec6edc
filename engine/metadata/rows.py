"""For folders whose objects say `writer: domain`: rows with the common columns, search text and history.

No access check: the handler or action that calls has made it. Values are Python values by column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Table

from engine.kernel.errors import NotFound
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.definition import ObjectDefinition
from engine.metadata.reading import raw_values
from engine.metadata.search import search_text, sort_name
from engine.metadata.tables import definition_of
from engine.metadata.writing import history_event, stamped, with_formulas


def insert(tx: Tx, table: Table, values: Mapping[str, Any]) -> UUID:
    """A new row; `values` needs `branch_id`, and may bring its own `id`. The id."""
    definition = _definition(tx, table, values["branch_id"])
    row = {"id": new_id(), **values}
    if row.get("stage") is None and definition.stages:
        row["stage"] = definition.stages[0].key
    row |= _derived(tx, definition, row)
    tx.execute(sa.insert(table).values(**{**row, **stamped(tx, is_new=True)}))
    tx.record(history_event("record:created", definition, row["id"], row["branch_id"], before={}, after=row))
    record_id = row["id"]
    assert isinstance(record_id, UUID)
    return record_id


def update(tx: Tx, table: Table, record_id: UUID, changes: Mapping[str, Any]) -> None:
    """Changes columns of the row, with version and history. Raises NotFound."""
    found = tx.execute(sa.select(table).where(table.c.id == record_id).with_for_update()).mappings().first()
    if found is None:
        raise NotFound
    row = dict(found)
    definition = _definition(tx, table, row["branch_id"])
    old = raw_values(definition, row)
    derived = _derived(tx, definition, {**old, **changes})
    values = {**changes, **derived, **stamped(tx, is_new=False), "version": row["version"] + 1}
    tx.execute(sa.update(table).where(table.c.id == record_id).values(**values))
    tx.record(history_event("record:updated", definition, record_id, row["branch_id"], before=old, after=dict(changes)))


def _definition(tx: Tx, table: Table, branch_id: UUID) -> ObjectDefinition:
    return catalog.load_branch(tx, branch_id).object(definition_of(table).key)


def _derived(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    formulas = {
        key: value
        for key, value in with_formulas(tx, definition, values).items()
        if (field := definition.field(key)) is not None and not field.custom
    }
    whole = {**values, **formulas}
    return {**formulas, "search": search_text(definition, whole), "sort_name": sort_name(definition, whole)}
