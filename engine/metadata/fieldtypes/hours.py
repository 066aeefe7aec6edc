"""Class hours with two places."""

from __future__ import annotations

from decimal import Decimal

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.decimal import DecimalType


class HoursType(DecimalType):
    key = "hours"
    label = Text("课时", "Class hours")
    precision = 10
    default_places = 2
    setting_keys = {"min": {"type": "number"}, "max": {"type": "number"}}

    def display(self, field: FieldDefinition, value: Decimal, locale: str) -> str:
        number = f"{value.normalize():f}"
        return f"{number} 课时" if locale == "zh" else f"{number} h"


TYPE = HoursType()
