"""Any number of records of another object (`target`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import SETS, CellContext, FieldError, FieldType, Json
from engine.metadata.fieldtypes.choices import SEPARATORS
from engine.metadata.fieldtypes.link import TYPE as LINK
from engine.metadata.fieldtypes.user import parse_id

_LIMIT = 500


class LinksType(FieldType):
    key = "links"
    label = Text("多个关联", "Links")
    sql = "uuid[]"
    feel = "list"
    operators = SETS

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.ARRAY(sa.Uuid())

    def from_json(self, field: FieldDefinition, raw: Json) -> list[UUID] | None:
        if not isinstance(raw, list) or len(raw) > _LIMIT:
            raise FieldError(Text(f"应为最多 {_LIMIT} 个编号的列表", f"Expected a list of at most {_LIMIT} ids"))
        return list(dict.fromkeys(parse_id(item) for item in raw)) or None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> list[UUID] | None:
        parts = (part.strip() for part in SEPARATORS.split(str(cell)))
        return list(dict.fromkeys(LINK.from_cell(field, part, context) for part in parts if part)) or None

    def to_json(self, field: FieldDefinition, value: list[UUID]) -> list[str]:
        return [str(item) for item in value]

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": _LIMIT}

    def display(self, field: FieldDefinition, value: list[UUID], locale: str) -> str:
        return ", ".join(str(item) for item in value)

    def check_settings(self, field: FieldDefinition) -> Text | None:
        return LINK.check_settings(field)


TYPE = LinksType()
