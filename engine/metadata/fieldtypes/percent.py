"""Percentage: the value 12.5 means 12.5 %."""

from __future__ import annotations

from decimal import Decimal

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.decimal import DecimalType


class PercentType(DecimalType):
    key = "percent"
    label = Text("百分比", "Percent")
    precision = 9
    default_places = 2

    def display(self, field: FieldDefinition, value: Decimal, locale: str) -> str:
        return f"{value.normalize():f}%"


TYPE = PercentType()
