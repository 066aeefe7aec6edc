"""A record's id: the system field `id`, and ids that point outside the object world (instances, files)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldType, Json
from engine.metadata.fieldtypes.user import parse_id


class IdentifierType(FieldType):
    key = "uuid"
    label = Text("编号", "Id")
    sql = "uuid"

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Uuid()

    def from_json(self, field: FieldDefinition, raw: Json) -> UUID:
        return parse_id(raw)

    def to_json(self, field: FieldDefinition, value: UUID) -> str:
        return str(value)

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "uuid"}


TYPE = IdentifierType()
