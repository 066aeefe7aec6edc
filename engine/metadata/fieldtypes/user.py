"""A user of the system; cells may hold the username or the display name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json


class UserType(FieldType):
    key = "user"
    label = Text("用户", "User")
    sql = "uuid"
    kind = "user"

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Uuid()

    def target(self, field: FieldDefinition) -> str:
        """What the id points to: `user`, `branch`, or an object's key."""
        return self.kind

    def from_json(self, field: FieldDefinition, raw: Json) -> UUID:
        return parse_id(raw)

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> UUID:
        text = str(cell).strip()
        found = context.find(self.target(field), text)
        if found is None:
            shown = text[:40]
            raise FieldError(
                Text(f"找不到“{shown}”，或有多个同名，请核对", f'"{shown}" was not found, or is not unique; check it')
            )
        return UUID(found)

    def to_json(self, field: FieldDefinition, value: UUID) -> str:
        return str(value)

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "uuid"}


def parse_id(raw: Json) -> UUID:
    """Raises FieldError when `raw` is not a UUID."""
    try:
        return raw if isinstance(raw, UUID) else UUID(raw if isinstance(raw, str) else "")
    except ValueError:
        raise FieldError(Text("应为记录编号", "Expected the id of a record")) from None


TYPE = UserType()
