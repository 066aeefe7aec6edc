"""Attachments: ids of stored files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json
from engine.metadata.fieldtypes.user import parse_id


class FilesType(FieldType):
    key = "files"
    label = Text("文件", "Files")
    sql = "uuid[]"
    feel = "list"
    operators = ("empty",)
    setting_keys = {
        "max": {"type": "integer", "minimum": 1, "maximum": 100},
        "max_mb": {"type": "integer", "minimum": 1, "maximum": 200},
    }

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.ARRAY(sa.Uuid())

    def from_json(self, field: FieldDefinition, raw: Json) -> list[UUID] | None:
        limit = int(field.settings.get("max", 20))
        if not isinstance(raw, list) or len(raw) > limit:
            raise FieldError(Text(f"最多 {limit} 个文件", f"At most {limit} files"))
        return list(dict.fromkeys(parse_id(item) for item in raw)) or None

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> list[UUID]:
        raise FieldError(Text("文件不能从表格导入", "Files cannot be imported from a sheet"))

    def to_json(self, field: FieldDefinition, value: list[UUID]) -> list[str]:
        return [str(item) for item in value]

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {
            "type": "array",
            "items": {"type": "string", "format": "uuid"},
            "maxItems": field.settings.get("max", 20),
        }


TYPE = FilesType()
