"""One picture, the id of a stored file; forms may offer the camera."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json
from engine.metadata.fieldtypes.user import parse_id


class ImageType(FieldType):
    key = "image"
    label = Text("图片", "Image")
    sql = "uuid"
    operators = ("empty",)
    setting_keys = {"camera": {"type": "boolean"}, "max_mb": {"type": "integer", "minimum": 1, "maximum": 50}}

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Uuid()

    def from_json(self, field: FieldDefinition, raw: Json) -> UUID:
        return parse_id(raw)

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> UUID:
        raise FieldError(Text("图片不能从表格导入", "Images cannot be imported from a sheet"))

    def to_json(self, field: FieldDefinition, value: UUID) -> str:
        return str(value)

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "uuid", "contentMediaType": "image/*"}


TYPE = ImageType()
