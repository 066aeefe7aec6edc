"""From a field path (`phone`, `student.name`) to SQL, with every step of the path checked for one actor.

`Columns(checked=True)` is what a reader's filter, sort, group and search use. Row rules and stored formulas run with
`checked=False`: they were written by an administrator and apply to everybody.
"""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.formula import FormulaType
from engine.metadata.fieldtypes.user import UserType
from engine.metadata.statement import Statement, from_clause, own_rows, quoted, stored_value

_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class SqlValue:
    """SQL of a value, its PostgreSQL type, and the field it comes from."""

    sql: str
    type: str
    field: FieldDefinition


class Columns:
    """Resolves paths on one object's alias in one statement."""

    def __init__(
        self, tx: Tx, statement: Statement, definition: ObjectDefinition, alias: str, *, checked: bool = True
    ) -> None:
        self.tx = tx
        self.statement = statement
        self.definition = definition
        self.alias = alias
        self.checked = checked

    def value(self, path: tuple[str, ...]) -> SqlValue:
        """Raises Forbidden `unknown_field` when a step does not exist or may not be read in full."""
        field = self._field(path[0], ".".join(path))
        if len(path) > 1:
            return self._through_link(field, path)
        if field.type == "rollup":
            from engine.metadata.rollups import rollup_sql

            return SqlValue(rollup_sql(self, field), type_of(field).result_sql(field), field)
        return SqlValue(self.seen(field.key, stored_value(field, self.alias)), type_of(field).result_sql(field), field)

    def seen(self, key: str, sql: str) -> str:
        """The value's SQL; null in rows where a sharing rule lets only its mask be seen."""
        if not self.checked:
            return sql
        rights = access.rights_on(self.tx, self.definition.key)
        if key not in rights.limited:
            return sql
        whole = access.predicate_of(self.tx, self.statement, rights, "read", self.alias, whole=True)
        return f"(CASE WHEN {whole} THEN {sql} END)"

    def _field(self, key: str, shown: str) -> FieldDefinition:
        field = catalog.field_of(self.definition, key)
        if field is None or not _has_value(field):
            raise access.unknown_field(shown)
        if self.checked and not access.rights_on(self.tx, self.definition.key).readable(key):
            raise access.unknown_field(shown)
        return field

    def _through_link(self, field: FieldDefinition, path: tuple[str, ...]) -> SqlValue:
        """A scalar sub-query over the linked row: null when it may not be seen."""
        if field.type != "link" or not field.target or len(path) > _DEEPEST:
            raise access.unknown_field(".".join(path))
        target = catalog.load(self.tx).object(field.target)
        alias = self.statement.alias()
        found = Columns(self.tx, self.statement, target, alias, checked=self.checked).value(path[1:])
        reach = "TRUE"
        if self.checked:
            rights = access.rights_on(self.tx, field.target)
            reach = access.predicate_of(self.tx, self.statement, rights, "read", alias)
        sql = (
            f"(SELECT {found.sql} FROM {from_clause(target, alias)}"
            f" WHERE {alias}.id = {stored_value(field, self.alias)}"
            f" AND {alias}.deleted_at IS NULL AND {own_rows(self.statement, target, alias)} AND {reach})"
        )
        return SqlValue(sql, found.type, found.field)


def is_link(field: FieldDefinition) -> bool:
    return isinstance(type_of(field), UserType)


def sort_value(columns: Columns, path: tuple[str, ...]) -> SqlValue:
    """What rows are ordered by: names by their pinyin, choices in the order of their options."""
    value = columns.value(path)
    if path == (columns.definition.name_field,):
        return SqlValue(columns.seen(path[0], f"{columns.alias}.{quoted('sort_name')}"), "text", value.field)
    if value.field.type in ("choice", "category") and value.field.options:
        keys = [option.key for option in value.field.options]
        place = f"array_position({columns.statement.bind(keys, 'text[]')}, {value.sql})"
        return SqlValue(place, "bigint", value.field)
    return value


def _has_value(field: FieldDefinition) -> bool:
    field_type = type_of(field)
    if field.type == "rollup":
        return True
    return field_type.stored and not (isinstance(field_type, FormulaType) and not field_type.is_stored(field))
