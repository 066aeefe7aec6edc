"""Whole number."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, FieldError, FieldType, Json
from engine.metadata.fieldtypes.decimal import check_range

_LIMIT = 2**53 - 1


class IntegerType(FieldType):
    key = "integer"
    label = Text("整数", "Integer")
    sql = "bigint"
    feel = "number"
    operators = ORDERED
    setting_keys = {"min": {"type": "integer"}, "max": {"type": "integer"}}

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.BigInteger()

    def from_json(self, field: FieldDefinition, raw: Json) -> int:
        value = _to_int(raw)
        if abs(value) > _LIMIT:
            raise FieldError(Text("数字超出范围", "The number is out of range"))
        check_range(field, value)
        return value

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        bounds = {"minimum": field.settings.get("min"), "maximum": field.settings.get("max")}
        return {"type": "integer", **{key: value for key, value in bounds.items() if value is not None}}


def _to_int(raw: Json) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, (float, Decimal)) and isfinite(raw) and raw == raw.__trunc__():
        return int(raw)
    text = raw.strip().replace(",", "") if isinstance(raw, str) else ""
    if text.removeprefix("-").isdecimal() and len(text) <= 17:
        return int(text)
    raise FieldError(Text("应为整数，例如 12", "Expected a whole number such as 12"))


TYPE = IntegerType()
