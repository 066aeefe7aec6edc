"""Half-open range of time: JSON `{"start": …, "end": …}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json
from engine.metadata.fieldtypes.datetime import TYPE as MOMENT


class TimeRangeType(FieldType):
    key = "time_range"
    label = Text("时间段", "Time range")
    sql = "tstzrange"
    feel = "range"
    operators = ("overlaps", "empty")

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.TSTZRANGE()

    def from_json(self, field: FieldDefinition, raw: Json) -> Range[datetime]:
        if isinstance(raw, Range):
            return raw
        if not isinstance(raw, dict) or set(raw) != {"start", "end"}:
            raise FieldError(Text("应有开始和结束时间", "Expected a start and an end"))
        return _ordered(MOMENT.from_json(field, raw["start"]), MOMENT.from_json(field, raw["end"]))

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Range[datetime]:
        for separator in ("~", "~", "至", " - "):
            start, found, end = str(cell).partition(separator)
            if found:
                return _ordered(MOMENT.from_cell(field, start, context), MOMENT.from_cell(field, end, context))
        raise FieldError(Text("应为“开始 ~ 结束”", 'Expected "start ~ end"'))

    def to_json(self, field: FieldDefinition, value: Range[datetime]) -> Json:
        start, end = value.lower, value.upper
        return {"start": start.isoformat() if start else None, "end": end.isoformat() if end else None}

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        moment = MOMENT.schema(field)
        return {"type": "object", "properties": {"start": moment, "end": moment}, "required": ["start", "end"]}

    def display(self, field: FieldDefinition, value: Range[datetime], locale: str) -> str:
        return f"{value.lower:%Y-%m-%d %H:%M} ~ {value.upper:%Y-%m-%d %H:%M}"


def _ordered(start: datetime, end: datetime) -> Range[datetime]:
    if start >= end:
        raise FieldError(Text("结束时间应晚于开始时间", "The end must be later than the start"))
    return Range(start, end, bounds="[)")


TYPE = TimeRangeType()
