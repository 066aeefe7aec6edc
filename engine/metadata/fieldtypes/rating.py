"""A number of stars, 1 to `max` (default 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import Json
from engine.metadata.fieldtypes.integer import IntegerType


class RatingType(IntegerType):
    key = "rating"
    label = Text("评分", "Rating")
    sql = "smallint"
    setting_keys = {"max": {"type": "integer", "minimum": 2, "maximum": 10}}

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.SmallInteger()

    def from_json(self, field: FieldDefinition, raw: Json) -> int:
        return super().from_json(_bounded(field), raw)

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return super().schema(_bounded(field))

    def display(self, field: FieldDefinition, value: int, locale: str) -> str:
        return "★" * value


def _bounded(field: FieldDefinition) -> FieldDefinition:
    return replace(field, settings={"min": 1, "max": field.settings.get("max", 5)})


TYPE = RatingType()
