"""Keyset paging: a page starts after the last row of the one before, at any depth for the same cost."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.metadata.columns import SqlValue
from engine.metadata.statement import Statement

_NEVER_NULL = frozenset({"id", "created_at", "updated_at", "version", "branch_id"})


@dataclass(frozen=True, slots=True)
class SortKey:
    value: SqlValue
    descending: bool

    @property
    def is_never_null(self) -> bool:
        return (self.value.field.system and self.value.field.key in _NEVER_NULL) or self.value.sql.endswith(
            '"sort_name"'
        )


def order_by(keys: list[SortKey]) -> str:
    """Empty values come last in both directions."""
    return ", ".join(_order(place, key) for place, key in enumerate(keys))


def _order(place: int, key: SortKey) -> str:
    direction = "DESC" if key.descending else "ASC"
    return f"{key.value.sql} {direction}" + ("" if key.is_never_null else " NULLS LAST")


def make_cursor(keys: list[SortKey], row: Mapping[str, Any]) -> str:
    """Opaque text for the row's place; it holds only values of fields the reader may sort by."""
    values = [_plain(row[f"k{place}"]) for place in range(len(keys))]
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def after_condition(statement: Statement, keys: list[SortKey], cursor: str) -> str:
    """SQL true for rows after the cursor. Raises UserError when the cursor is not one of ours."""
    values = _read(cursor, len(keys))
    if all(key.is_never_null and key.descending == keys[0].descending for key in keys) and None not in values:
        sign = "<" if keys[0].descending else ">"
        left = ", ".join(key.value.sql for key in keys)
        right = ", ".join(_bound(statement, key, value) for key, value in zip(keys, values, strict=True))
        return f"({left}) {sign} ({right})"
    parts, equal = [], ["TRUE"]
    for key, value in zip(keys, values, strict=True):
        if value is not None:
            sign = "<" if key.descending else ">"
            bound = _bound(statement, key, value)
            parts.append(f"({' AND '.join(equal)} AND ({key.value.sql} {sign} {bound} OR {key.value.sql} IS NULL))")
            equal.append(f"{key.value.sql} = {bound}")
        else:
            equal.append(f"{key.value.sql} IS NULL")
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def _bound(statement: Statement, key: SortKey, value: Any) -> str:
    return f"CAST({statement.bind(value, 'text')} AS {key.value.type})"


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    if isinstance(value, bool):
        return "true" if value else "false"
    assert isinstance(value, (UUID, Decimal, int)), type(value)
    return str(value)


def _read(cursor: str, expected: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != expected or not all(isinstance(v, str | None) for v in values):
        raise UserError("bad_cursor", Text("翻页参数无效，请从第一页开始", "The page mark is not valid; start again"))
    return values
