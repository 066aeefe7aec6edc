"""Single-line text."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import TEXTUAL, FieldError, FieldType, Json, expect_text, too_long

_LIMIT = 255


class TextType(FieldType):
    key = "text"
    label = Text("单行文本", "Text")
    sql = "text"
    operators: tuple[str, ...] = TEXTUAL
    setting_keys = {"max_length": {"type": "integer", "minimum": 1, "maximum": 10_000}}
    limit = _LIMIT
    multiline = False

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Text()

    def max_length(self, field: FieldDefinition) -> int:
        return int(field.settings.get("max_length", self.limit))

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = expect_text(raw)
        if not self.multiline and ("\n" in text or "\r" in text):
            raise FieldError(Text("只能填写一行，请去掉换行", "Only one line; remove the line breaks"))
        if len(text) > self.max_length(field):
            raise too_long(self.max_length(field), len(text))
        return text or None

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "maxLength": self.max_length(field)}

    def mask(self, field: FieldDefinition, value: str) -> str:
        return f"{value[0]}**" if field.mask == "first" and value else "****"


TYPE = TextType()
