"""Moment in time: aware, UTC in the database, the branch's zone at the edge."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_LOOSE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[ T]*"
    r"(?:(\d{1,2})\s*[::时]\s*(\d{1,2})(?:\s*[::分]\s*(\d{1,2}))?\s*[分秒]?)?"
)


class DateTimeType(FieldType):
    key = "datetime"
    label = Text("日期时间", "Date and time")
    sql = "timestamptz"
    feel = "date and time"
    operators = ORDERED

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.DateTime(timezone=True)

    def from_json(self, field: FieldDefinition, raw: Json) -> datetime:
        try:
            value = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw if isinstance(raw, str) else "")
        except ValueError:
            raise _bad_moment() from None
        if value.tzinfo is None:
            raise FieldError(Text("时间缺少时区，例如 +08:00", "The time lacks its zone, such as +08:00"))
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise _bad_moment() from None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> datetime:
        if isinstance(cell, datetime):
            return (cell if cell.tzinfo else cell.replace(tzinfo=context.zone)).astimezone(UTC)
        if isinstance(cell, date):
            return datetime(cell.year, cell.month, cell.day, tzinfo=context.zone).astimezone(UTC)
        match = _LOOSE.fullmatch(str(cell).strip())
        if match is None:
            return self.from_json(field, str(cell).strip())
        try:
            parts = [int(part or 0) for part in match.groups()]
            return datetime(*parts, tzinfo=context.zone).astimezone(UTC)  # type: ignore[misc, arg-type]
        except ValueError:
            raise _bad_moment() from None

    def to_json(self, field: FieldDefinition, value: datetime) -> str:
        return value.astimezone(UTC).isoformat()

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "date-time"}


def _bad_moment() -> FieldError:
    return FieldError(Text("应为日期时间，例如 2026-09-01 18:30", "Expected a date and time such as 2026-09-01 18:30"))


TYPE = DateTimeType()
