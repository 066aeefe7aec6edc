"""Yes or no."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json

_YES = frozenset({"是", "yes", "y", "true", "1", "√", "有", "对"})
_NO = frozenset({"否", "no", "n", "false", "0", "×", "无", "错"})


class BoolType(FieldType):
    key = "bool"
    label = Text("是/否", "Yes or no")
    sql = "boolean"
    feel = "boolean"
    operators = ("=", "!=", "empty")

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Boolean()

    def from_json(self, field: FieldDefinition, raw: Json) -> bool:
        if isinstance(raw, bool):
            return raw
        raise FieldError(Text("应为是或否", "Expected true or false"))

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> bool:
        if isinstance(cell, bool):
            return cell
        text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip().casefold()
        if text in _YES or text in _NO:
            return text in _YES
        raise FieldError(Text("请填“是”或“否”", 'Fill in "yes" or "no"'))

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "boolean"}

    def display(self, field: FieldDefinition, value: bool, locale: str) -> str:
        return Text("是" if value else "否", "Yes" if value else "No").in_locale(locale)


TYPE = BoolType()
