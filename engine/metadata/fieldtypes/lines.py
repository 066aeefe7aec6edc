"""Child rows: records of `target` whose link field `via` points back here. No column of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldError, FieldType, Json


class LinesType(FieldType):
    key = "lines"
    label = Text("明细行", "Lines")
    sql = "uuid[]"
    feel = "list"
    operators = ()
    stored = False
    setting_keys = {"via": {"type": "string"}}

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.types.NullType()

    def from_json(self, field: FieldDefinition, raw: Json) -> list[dict[str, Json]]:
        if not isinstance(raw, list) or len(raw) > 500 or not all(isinstance(row, dict) for row in raw):
            raise FieldError(Text("应为最多 500 行的明细", "Expected at most 500 lines"))
        return raw

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "object"}, "maxItems": 500}

    def check_settings(self, field: FieldDefinition) -> Text | None:
        if field.target and field.settings.get("via"):
            return None
        return Text("明细字段需要 target 和 via(回指字段)", "Lines need target and via (the link back)")


TYPE = LinesType()
