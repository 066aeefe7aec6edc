"""Length of time, JSON: ISO 8601 (`PT1H30M`). Cells also take `1:30`, `90分钟`, `1.5小时`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_ISO = re.compile(r"(-?)P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")
_UNITS = {"分钟": 60, "分": 60, "min": 60, "小时": 3600, "h": 3600, "天": 86400, "d": 86400}
_AMOUNT = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(分钟|分|min|小时|h|天|d)")


class DurationType(FieldType):
    key = "duration"
    label = Text("时长", "Duration")
    sql = "interval"
    feel = "days duration"
    operators = ORDERED

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Interval()

    def from_json(self, field: FieldDefinition, raw: Json) -> timedelta:
        if isinstance(raw, timedelta):
            return raw
        match = _ISO.fullmatch(raw) if isinstance(raw, str) and len(raw) > 2 and not raw.endswith("T") else None
        if match is None:
            raise FieldError(Text("应为时长，例如 PT1H30M", "Expected a duration such as PT1H30M"))
        sign, *parts = match.groups()
        days, hours, minutes, seconds = (int(part or 0) for part in parts)
        value = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return -value if sign else value

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> timedelta:
        text = str(cell).strip()
        if match := _CLOCK.fullmatch(text):
            return timedelta(hours=int(match[1]), minutes=int(match[2]))
        if match := _AMOUNT.fullmatch(text):
            return timedelta(seconds=int(Decimal(match[1]) * _UNITS[match[2]]))
        return self.from_json(field, text)

    def to_json(self, field: FieldDefinition, value: timedelta) -> str:
        seconds = abs(int(value.total_seconds()))
        days, rest = divmod(seconds, 86400)
        sign = "-" if value < timedelta(0) else ""
        return f"{sign}P{days}DT{rest // 3600}H{rest % 3600 // 60}M{rest % 60}S"

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "duration"}

    def display(self, field: FieldDefinition, value: timedelta, locale: str) -> str:
        minutes = int(value.total_seconds()) // 60
        hours, rest = divmod(minutes, 60)
        return f"{hours} 小时 {rest} 分钟" if locale == "zh" else f"{hours} h {rest} min"


TYPE = DurationType()
