"""Amount of money: yuan with two places."""

from __future__ import annotations

from decimal import Decimal

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import Json
from engine.metadata.fieldtypes.decimal import DecimalType


class MoneyType(DecimalType):
    key = "money"
    label = Text("金额", "Money")
    precision = 14
    default_places = 2
    setting_keys = {"min": {"type": "number"}, "max": {"type": "number"}}

    def display(self, field: FieldDefinition, value: Decimal, locale: str) -> str:
        return f"¥{value:,.2f}"

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "money", "pattern": r"^[+-]?[0-9]+(\.[0-9]{1,2})?$"}


TYPE = MoneyType()
