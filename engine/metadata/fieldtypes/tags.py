"""Free labels."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import SETS, CellContext, FieldError, FieldType, Json, expect_text, too_long
from engine.metadata.fieldtypes.choices import SEPARATORS

_TAG_LENGTH = 30


class TagsType(FieldType):
    key = "tags"
    label = Text("标签", "Tags")
    sql = "text[]"
    feel = "list"
    operators = SETS

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.ARRAY(sa.Text())

    def from_json(self, field: FieldDefinition, raw: Json) -> list[str] | None:
        if not isinstance(raw, list) or len(raw) > 50:
            raise FieldError(Text("应为最多 50 个标签的列表", "Expected a list of at most 50 tags"))
        tags = list(dict.fromkeys(filter(None, (expect_text(item) for item in raw))))
        longest = max(map(len, tags), default=0)
        if longest > _TAG_LENGTH:
            raise too_long(_TAG_LENGTH, longest)
        return tags or None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> list[str] | None:
        return self.from_json(field, SEPARATORS.split(str(cell)))

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "string", "maxLength": _TAG_LENGTH}, "maxItems": 50}

    def display(self, field: FieldDefinition, value: list[str], locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(value)


TYPE = TagsType()
