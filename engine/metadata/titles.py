"""Names of linked records, users and branches, a few statements for a whole page; unreachable ones stay None."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata.definition import FieldDefinition
from engine.metadata.directory import user_names
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.user import UserType
from engine.metadata.statement import Statement, from_clause, own_rows, stored_value


def titles_of(tx: Tx, values: Iterable[tuple[FieldDefinition, Any]]) -> dict[tuple[str, Any], str | None]:
    """(field key, id) -> title, for every id in the fields' values (single or lists)."""
    wanted: dict[str, set[UUID]] = {}
    places: list[tuple[str, Any, str, UUID]] = []
    for field, value in values:
        kind = target_of(field)
        for item in value if isinstance(value, list) else [value]:
            found = _as_id(item)
            if kind and found is not None:
                wanted.setdefault(kind, set()).add(found)
                places.append((field.key, item, kind, found))
    names = {kind: _names(tx, kind, ids) for kind, ids in wanted.items()}
    return {(key, item): names[kind].get(found) for key, item, kind, found in places}


def target_of(field: FieldDefinition) -> str:
    """What the field's ids point to: `user`, `branch`, an object's key; empty for other fields."""
    field_type = type_of(field)
    if field.type == "links":
        return field.target or ""
    if field.type == "actor":
        return "user"
    return field_type.target(field) if isinstance(field_type, UserType) else ""


def _names(tx: Tx, kind: str, ids: set[UUID]) -> dict[UUID, str]:
    if kind == "user":
        return user_names(tx, frozenset(ids))
    if kind == "branch":
        branches = snapshot.load(tx).branches
        return {one: branches[one].name for one in ids if one in branches}
    return record_names(tx, kind, ids)


def record_names(tx: Tx, object_key: str, ids: set[UUID]) -> dict[UUID, str]:
    """Names of the records among `ids` that the actor may read, masked when the name is masked for it."""
    if object_key not in catalog.load(tx).definitions:
        return {}
    rights = access.rights_on(tx, object_key)
    definition = rights.definition
    field = catalog.field_of(definition, definition.name_field)
    level = rights.levels.get(definition.name_field, "none")
    if field is None or level == "none" or not access.can(tx, "read", object_key):
        return {}
    statement = Statement()
    alias = statement.alias()
    is_limited = field.key in rights.limited
    whole = access.predicate_of(tx, statement, rights, "read", alias, whole=True) if is_limited else "TRUE"
    sql = (
        f"SELECT {alias}.id, {stored_value(field, alias)} AS name, ({whole}) IS TRUE AS is_whole"
        f" FROM {from_clause(definition, alias)}"
        f" WHERE {alias}.id = ANY({statement.bind(list(ids), 'uuid[]')}) AND {own_rows(statement, definition, alias)}"
        f" AND {access.predicate_of(tx, statement, rights, 'read', alias)}"
    )
    field_type = type_of(field)

    def shown(value: Any, *, is_whole: bool) -> str:
        is_masked = level == "masked" or not is_whole
        return field_type.mask(field, value) if is_masked else field_type.display(field, value, "zh")

    rows = tx.execute(sa.text(sql), statement.parameters)
    return {row.id: shown(row.name, is_whole=row.is_whole) for row in rows if row.name is not None}


def _as_id(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None
