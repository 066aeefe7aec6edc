"""Decimal number with a fixed number of places."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_SIGNS = re.compile(r"[¥¥元%%\s]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_RANGE = {"min": {"type": "number"}, "max": {"type": "number"}}
_WIDTH = str.maketrans("0123456789.-,", "0123456789.-,")


class DecimalType(FieldType):
    """JSON: a string such as "12.50", so that no reader rounds it."""

    key = "decimal"
    label = Text("小数", "Decimal")
    sql = "numeric"
    feel = "number"
    operators = ORDERED
    precision = 18
    default_places = 4
    setting_keys = {**_RANGE, "places": {"type": "integer", "minimum": 0, "maximum": 8}}

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Numeric(self.precision, self.places(field))

    def places(self, field: FieldDefinition) -> int:
        return int(field.settings.get("places", self.default_places))

    def from_json(self, field: FieldDefinition, raw: Json) -> Decimal:
        value = _to_decimal(raw)
        step = Decimal(1).scaleb(-self.places(field))
        if value.adjusted() >= self.precision - self.places(field):
            raise FieldError(Text("数字太大", "The number is too large"))
        if value != (rounded := value.quantize(step, ROUND_HALF_UP)):
            places = self.places(field)
            raise FieldError(Text(f"最多 {places} 位小数", f"At most {places} decimal places"))
        check_range(field, rounded)
        return rounded

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Decimal:
        if isinstance(cell, float) and abs(cell) < 10.0 ** (self.precision - self.places(field)):
            step = Decimal(1).scaleb(-self.places(field))
            cell = Decimal(repr(cell)).quantize(step, ROUND_HALF_UP)
        return self.from_json(field, _strip_signs(cell))

    def to_json(self, field: FieldDefinition, value: Decimal) -> str:
        return f"{Decimal(value).quantize(Decimal(1).scaleb(-self.places(field)), ROUND_HALF_UP):f}"

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": self.key, "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"}

    def normalise(self, field: FieldDefinition, value: Decimal) -> str | None:
        return self.to_json(field, value)


def check_range(field: FieldDefinition, value: Decimal | int) -> None:
    """Raises FieldError when the value is outside the field's `min` and `max`."""
    low, high = field.settings.get("min"), field.settings.get("max")
    if low is not None and value < Decimal(str(low)):
        raise FieldError(Text(f"不能小于 {low}", f"Must not be less than {low}"))
    if high is not None and value > Decimal(str(high)):
        raise FieldError(Text(f"不能大于 {high}", f"Must not be more than {high}"))


def _to_decimal(raw: Json) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        raise FieldError(Text("应为数字", "Expected a number"))
    text = str(raw).translate(_WIDTH).replace(",", "").strip()
    if isinstance(raw, str) and (len(text) > 40 or not _NUMBER.fullmatch(text)):
        raise FieldError(Text("应为数字，例如 1280.50", "Expected a number such as 1280.50"))
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise FieldError(Text("应为数字", "Expected a number")) from None
    if not value.is_finite() or (value and not -30 < value.adjusted() < 30):
        raise FieldError(Text("数字超出范围", "The number is out of range"))
    return value


def _strip_signs(cell: object) -> object:
    return _SIGNS.sub("", cell) if isinstance(cell, str) else cell


TYPE = DecimalType()
