"""SQL text under construction: bound values and fresh aliases. Identifiers come from checked definitions only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.kernel.uow import Tx
from engine.metadata.catalog import table_of
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import type_of

_PLACE = re.compile(r"(?<![:\w]):(\w+)(?!:)|%")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LISTS = {"text[]": "text", "uuid[]": "uuid"}


class Statement:
    """Collects the parameters of one statement."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._aliases = 0

    def bind(self, value: object, sql_type: str = "") -> str:
        """A placeholder for the value, cast when `sql_type` is given."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS {sql_type})" if sql_type else f":{name}"

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


def rows_of(tx: Tx, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement with `:name` places that is asked all day: without SQLAlchemy's work for each."""
    return tx.mappings(_prepared(sql), parameters)


@lru_cache(maxsize=2048)
def _prepared(sql: str) -> str:
    """The places as the line of the kernel writes them."""
    return _PLACE.sub(lambda found: f"%({found.group(1)})s" if found.group(1) else "%%", sql)


def quoted(identifier: str) -> str:
    """The identifier in double quotes. Raises ValueError for anything but lower-case words."""
    if not _IDENTIFIER.fullmatch(identifier):
        raise ValueError(f"not an identifier: {identifier[:60]!r}")
    return f'"{identifier}"'


def from_clause(definition: ObjectDefinition, alias: str) -> str:
    return f"{quoted(table_of(definition).name)} AS {alias}"


def own_rows(statement: Statement, definition: ObjectDefinition, alias: str) -> str:
    """Administrator-made objects share a table: only the rows of this object."""
    return "TRUE" if definition.table else f"{alias}.object = {statement.bind(definition.key)}"


def stored_value(field: FieldDefinition, alias: str) -> str:
    """SQL of a stored field's value: its column, or its key of `custom` in the field's type."""
    if not field.custom:
        return f"{alias}.{quoted(field.key)}"
    sql, raw = type_of(field).result_sql(field), f"{alias}.custom->'{quoted(field.key)[1:-1]}'"
    as_text = f"({alias}.custom->>'{quoted(field.key)[1:-1]}')"
    if sql in _LISTS:
        return (
            f"(CASE WHEN jsonb_typeof({raw}) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text({raw}))::{sql} END)"
        )
    if sql == "jsonb":
        return f"({raw})"
    if sql == "tstzrange":
        return f"tstzrange(({raw}->>'start')::timestamptz, ({raw}->>'end')::timestamptz)"
    return as_text if sql == "text" else f"{as_text}::{sql}"
