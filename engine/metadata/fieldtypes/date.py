"""Calendar date."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_LOOSE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHEET_EPOCH = date(1899, 12, 30)


class DateType(FieldType):
    key = "date"
    label = Text("日期", "Date")
    sql = "date"
    feel = "date"
    operators = ORDERED

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Date()

    def from_json(self, field: FieldDefinition, raw: Json) -> date:
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        try:
            return date.fromisoformat(raw if isinstance(raw, str) else "")
        except ValueError:
            raise _bad_date() from None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> date:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 1 <= cell < 80_000:
            return _SHEET_EPOCH + timedelta(days=int(cell))
        text = str(cell).strip()
        match = _LOOSE.fullmatch(text) or _COMPACT.fullmatch(text)
        try:
            return date(*(int(part) for part in match.groups())) if match else self.from_json(field, text)
        except ValueError:
            raise _bad_date() from None

    def to_json(self, field: FieldDefinition, value: date) -> str:
        return value.isoformat()

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "date"}


def _bad_date() -> FieldError:
    return FieldError(Text("应为日期，例如 2026-09-01", "Expected a date such as 2026-09-01"))


TYPE = DateType()
