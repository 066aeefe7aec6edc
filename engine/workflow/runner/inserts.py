"""Rows to insert inside a step's statement: a few as parameters of their own, many as one JSON document.

A parameter costs the server less than a third of the same value in JSON; texts would grow with the number of rows, so
beyond `FEW` rows they come as one parameter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from engine.kernel.canonical import plain
from engine.workflow.runner.writes import Json

FEW = 3
BYTES = "hex"
"""The type of a `bytea` column: bytes travel in JSON as hexadecimal digits."""


@dataclass(frozen=True, eq=False)
class Insert:
    """Rows of one table. `columns`: what differs from row to row, with types; `shared` and `tail`: SQL of the rest."""

    table: str
    columns: Mapping[str, str]
    shared: Mapping[str, str] = field(default_factory=dict)
    tail: str = ""

    def with_columns(self, columns: Mapping[str, str]) -> Insert:
        """The same for rows that have more columns."""
        return replace(self, columns={**self.columns, **columns})

    def text(self, name: str, number: int) -> str:
        """The INSERT of so many rows."""
        head = f"insert into {self.table} ({', '.join((*self.columns, *self.shared))})"
        if number > FEW:
            return f"{head} {self._from_json(name)}{self.tail}"
        rows = (
            ", ".join((*(f"%({name}{index}_{column})s" for column in self.columns), *self.shared.values()))
            for index in range(number)
        )
        return f"{head} values ({'), ('.join(rows)}){self.tail}"

    def _from_json(self, name: str) -> str:
        taken = (f"decode({column}, 'hex')" if kind == BYTES else column for column, kind in self.columns.items())
        record = ", ".join(f"{column} {'text' if kind == BYTES else kind}" for column, kind in self.columns.items())
        return (
            f"select {', '.join((*taken, *self.shared.values()))}"  # noqa: S608 - constant parts only
            f" from jsonb_to_recordset(%({name})s::jsonb) as r({record})"
        )

    def parameters(self, name: str, rows: Sequence[Json]) -> dict[str, Any]:
        """What `text` of the same name and number of rows asks for; a column that a row lacks is null."""
        if len(rows) > FEW:
            return {name: to_json(rows)}
        found: dict[str, Any] = {}
        for index, row in enumerate(rows):
            for parameter, column, kind in _places(self, name, index):
                value = row.get(column)
                if kind == "jsonb" and value is not None:
                    value = to_json(value)
                elif isinstance(value, str):
                    value = value.replace("\x00", "")
                found[parameter] = value
        return found


@lru_cache(maxsize=256)
def _places(insert: Insert, name: str, index: int) -> list[tuple[str, str, str]]:
    """Name of the parameter, column and type of each value of a row."""
    return [(f"{name}{index}_{column}", column, kind) for column, kind in insert.columns.items()]


def to_json(value: object) -> str:
    """JSON; the database refuses NUL characters, so texts that hold one are written without it."""
    if value == {}:
        return "{}"
    text = _ENCODER.encode(value)
    return text if "\\u0000" not in text else json.dumps(plain(json.loads(text)), ensure_ascii=False)


def _word(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"expected a value of a row, found {type(value).__name__}")


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_word)
