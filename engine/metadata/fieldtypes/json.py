"""Any JSON value, for programs; at most 64 KB."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json

_LIMIT = 64 * 1024


class JsonType(FieldType):
    key = "json"
    label = Text("JSON", "JSON")
    sql = "jsonb"
    feel = "context"
    operators = ("empty",)

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.JSONB()

    def from_json(self, field: FieldDefinition, raw: Json) -> Json:
        try:
            text = json.dumps(raw, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise FieldError(Text("不是有效的 JSON", "Not valid JSON")) from None
        if len(text) > _LIMIT or "\\u0000" in text:
            raise FieldError(
                Text("JSON 过大(最多 64 KB)或含空字符", "The JSON is too large (64 KB at most) or has a NUL")
            )
        return raw

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Json:
        try:
            return self.from_json(field, json.loads(str(cell)))
        except (ValueError, RecursionError):
            raise FieldError(Text("不是有效的 JSON", "Not valid JSON")) from None

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {}

    def display(self, field: FieldDefinition, value: Json, locale: str) -> str:
        return json.dumps(value, ensure_ascii=False)


TYPE = JsonType()
