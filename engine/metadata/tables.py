"""The table of a shipped object, built from its YAML; and the one table of all administrator-made objects."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata
from engine.kernel.ids import new_id
from engine.metadata import organisation_tables
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Unique
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.formula import FormulaType
from engine.metadata.loader import load_object

__all__ = ["custom_record", "definition_of", "object_table", "organisation_tables"]


def object_table(path: Path | str, room: str | None = None) -> Table:
    """The table of the object whose YAML is at `path`; `room` is the owning folder's name (default: from the path).

    Columns: id, branch_id, owner_id, stage, version, created_at/by, updated_at/by, deleted_at, custom, search,
    sort_name, then one per stored standard field. The definition is in `table.info["definition"]`.
    Call it once per object, in the folder's `tables.py`; append constraints afterwards.
    """
    path = Path(path)
    module = room or path.resolve().parent.parent.name
    definition = load_object(path, module=module)
    return Table(
        definition.table,
        metadata,
        *_common_columns(),
        *(column for field in definition.fields if (column := _column(field)) is not None),
        *_common_indexes(definition.table),
        *(index for field in definition.fields for index in _field_indexes(definition, field)),
        info={"room": module, "definition": definition},
    )


def definition_of(table: Table) -> ObjectDefinition:
    """The shipped definition the table was built from."""
    definition = table.info["definition"]
    assert isinstance(definition, ObjectDefinition)
    return definition


def _common_columns() -> list[Column[object]]:
    moment = sa.DateTime(timezone=True)
    return [
        Column("id", sa.Uuid(), primary_key=True, default=new_id),
        Column("branch_id", sa.Uuid(), ForeignKey("branch.id"), nullable=False),
        Column("owner_id", sa.Uuid(), ForeignKey("app_user.id")),
        Column("stage", sa.Text()),
        Column("version", sa.Integer(), nullable=False, server_default="1"),
        Column("created_at", moment, nullable=False, server_default=sa.func.now()),
        Column("created_by", sa.Text(), nullable=False, server_default="system"),
        Column("updated_at", moment, nullable=False, server_default=sa.func.now()),
        Column("updated_by", sa.Text(), nullable=False, server_default="system"),
        Column("deleted_at", moment),
        Column("custom", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        Column("search", sa.Text(), nullable=False, server_default=""),
        Column("sort_name", sa.Text(), nullable=False, server_default=""),
    ]


def _common_indexes(name: str) -> list[Index]:
    alive = sa.text("deleted_at IS NULL")
    return [
        Index(f"ix_{name}_branch", "branch_id", "id", postgresql_where=alive),
        Index(f"ix_{name}_owner", "owner_id", "id", postgresql_where=alive),
        Index(f"ix_{name}_sort_name", "sort_name", "id", postgresql_where=alive),
        Index(f"ix_{name}_search", sa.text("search_grams(search)"), postgresql_using="gin"),
    ]


def _column(field: FieldDefinition) -> Column[object] | None:
    field_type = type_of(field)
    if not field_type.stored or (isinstance(field_type, FormulaType) and not field_type.is_stored(field)):
        return None
    keys = [ForeignKey(f"{field.target}.id")] if field.settings.get("foreign_key") and field.target else []
    return Column(field.key, field_type.column(field), *keys)


def _field_indexes(definition: ObjectDefinition, field: FieldDefinition) -> list[Index]:
    table, key = definition.table, field.key
    alive = sa.text("deleted_at IS NULL")
    if field.unique is Unique.ORGANISATION:
        return [Index(f"ux_{table}_{key}", key, unique=True, postgresql_where=alive)]
    if field.unique is Unique.BRANCH:
        return [Index(f"ux_{table}_{key}", "branch_id", key, unique=True, postgresql_where=alive)]
    matched = any(rule.fields[0] == key for rule in definition.match_rules)
    if field.indexed or field.type == "link" or matched:
        return [Index(f"ix_{table}_{key}", key, "id")]
    if field.type == "links":
        return [Index(f"ix_{table}_{key}", key, postgresql_using="gin")]
    return []


custom_record = Table(
    "custom_record",
    metadata,
    *_common_columns(),
    Column("object", sa.Text(), nullable=False),
    Index("ix_custom_record_object", "object", "branch_id", "id", postgresql_where=sa.text("deleted_at IS NULL")),
    Index("ix_custom_record_search", sa.text("search_grams(search)"), postgresql_using="gin"),
    info={"room": "metadata"},
)
