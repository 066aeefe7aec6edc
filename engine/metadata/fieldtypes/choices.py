"""Any number of the field's options."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import SETS, CellContext, FieldError, FieldType, Json
from engine.metadata.fieldtypes.choice import TYPE as CHOICE
from engine.metadata.fieldtypes.choice import option_by_text

SEPARATORS = re.compile(r"[,,、;;\n|]")


class ChoicesType(FieldType):
    key = "choices"
    label = Text("多选", "Multiple choice")
    sql = "text[]"
    feel = "list"
    operators = SETS

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.ARRAY(sa.Text())

    def from_json(self, field: FieldDefinition, raw: Json) -> list[str] | None:
        if not isinstance(raw, list) or len(raw) > 200:
            raise FieldError(Text("应为选项列表", "Expected a list of options"))
        return list(dict.fromkeys(CHOICE.from_json(field, item) for item in raw)) or None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> list[str] | None:
        parts = (part.strip() for part in SEPARATORS.split(str(cell)))
        return list(dict.fromkeys(option_by_text(field, part) for part in parts if part)) or None

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "array", "items": CHOICE.schema(field), "uniqueItems": True, "maxItems": 200}

    def display(self, field: FieldDefinition, value: list[str], locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(CHOICE.display(field, item, locale) for item in value)

    def check_settings(self, field: FieldDefinition) -> Text | None:
        return CHOICE.check_settings(field)


TYPE = ChoicesType()
