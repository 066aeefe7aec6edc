"""Duplicates by the object's match rules: looked for everywhere, told as little as possible.

Of a record out of the actor's reach only this is told: it exists, in which branch, protected until when.
"""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata.access import ObjectRights
from engine.metadata.definition import FieldDefinition, MatchRule
from engine.metadata.fieldtypes import type_of
from engine.metadata.reading import raw_values
from engine.metadata.statement import Statement, from_clause, own_rows, stored_value
from engine.metadata.validation import check_levels, parse
from engine.metadata.writing import locked_row

_PER_ROW = 5


@dataclass(frozen=True, slots=True)
class Duplicate:
    """`id` and `title` only when the actor may read the record; `rule` is the match rule's key."""

    rule: str
    branch_id: UUID
    branch_name: str
    protected_until: datetime | None
    id: UUID | None
    title: str | None


def find(tx: Tx, object_key: str, values: Mapping[str, Any], except_id: UUID | None = None) -> list[Duplicate]:
    """Records that match `values` (JSON or Python). Needs `create` or `import`; raises UserError for bad values."""
    rights = access.rights_on(tx, object_key)
    if not access.can(tx, "create", object_key):
        access.require(tx, "import", object_key)
    matched = {key for rule in rights.definition.match_rules for key in rule.fields}
    given = {key: value for key, value in values.items() if key in matched}
    check_levels(rights.definition, rights.levels, set(given))
    return find_many(tx, rights, [parse(rights.definition, given)], except_id).get(0, [])


def find_for_record(tx: Tx, object_key: str, record_id: UUID) -> list[Duplicate]:
    """Other records that match this one, by its full values. Needs `read` on the record."""
    access.require(tx, "read", object_key, record_id)
    rights = access.rights_on(tx, object_key)
    row = locked_row(tx, rights.definition, record_id)
    return find_many(tx, rights, [raw_values(rights.definition, row)], record_id).get(0, [])


def find_many(
    tx: Tx, rights: ObjectRights, rows: Sequence[Mapping[str, Any]], except_id: UUID | None = None
) -> dict[int, list[Duplicate]]:
    """Index of the row in `rows` -> what matches it; one statement per match rule. Values are Python values."""
    found: dict[int, dict[UUID, tuple[MatchRule, Any]]] = {}
    for rule in rights.definition.match_rules:
        for row in _matches(tx, rights, rule, rows):
            mine = found.setdefault(row.place - 1, {})
            if row.id != except_id and len(mine) < _PER_ROW:
                mine.setdefault(row.id, (rule, row))
    return _told(tx, rights, found)


def _matches(tx: Tx, rights: ObjectRights, rule: MatchRule, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    definition = rights.definition
    fields = [field for key in rule.fields if (field := catalog.field_of(definition, key)) is not None]
    if not any(all(row.get(field.key) is not None for field in fields) for row in rows):
        return []
    statement = Statement()
    alias = statement.alias()
    names = [f"v{place}" for place in range(len(fields))]
    arrays = [_array(statement, field, rows) for field in fields]
    equal = [f"{stored_value(field, alias)} = v.{name}" for field, name in zip(fields, names, strict=True)]
    until = catalog.field_of(definition, definition.protected_until) if definition.protected_until else None
    protected = f"({stored_value(until, alias)})::timestamptz" if until else "NULL"
    sql = (
        f"SELECT v.place, {alias}.id, {alias}.branch_id, {protected} AS protected_until"
        f" FROM unnest({', '.join(arrays)}) WITH ORDINALITY AS v({', '.join(names)}, place)"
        f" JOIN {from_clause(definition, alias)} ON {' AND '.join(equal)}"
        f" WHERE {alias}.deleted_at IS NULL AND {own_rows(statement, definition, alias)}"
        f" ORDER BY v.place, {alias}.id LIMIT {len(rows) * _PER_ROW}"
    )
    return list(tx.execute(sa.text(sql), statement.parameters))


def _array(statement: Statement, field: FieldDefinition, rows: Sequence[Mapping[str, Any]]) -> str:
    return statement.bind([row.get(field.key) for row in rows], f"{type_of(field).result_sql(field)}[]")


def _told(
    tx: Tx, rights: ObjectRights, found: Mapping[int, Mapping[UUID, tuple[MatchRule, Any]]]
) -> dict[int, list[Duplicate]]:
    from engine.metadata.titles import record_names

    branches = snapshot.load(tx).branches
    ids = {one for matches in found.values() for one in matches}
    readable = access.reachable(tx, rights, "read", ids)
    titles = record_names(tx, rights.definition.key, readable) if readable else {}
    return {
        place: [
            Duplicate(
                rule=rule.key,
                branch_id=row.branch_id,
                branch_name=branches[row.branch_id].name,
                protected_until=row.protected_until,
                id=one if one in readable else None,
                title=titles.get(one),
            )
            for one, (rule, row) in matches.items()
        ]
        for place, matches in found.items()
        if matches
    }
