"""Resident identity number of mainland China: 18 characters with date and check digit. Source: GB 11643-1999."""

from __future__ import annotations

from datetime import date

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldError, Json, expect_text
from engine.metadata.fieldtypes.text import TextType

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class IdNumberType(TextType):
    key = "id_number"
    label = Text("身份证号", "Identity number")
    operators = ("=", "!=", "in", "empty")
    setting_keys = {}

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = expect_text(raw).upper().replace(" ", "")
        if not text:
            return None
        if not is_id_number(text):
            raise FieldError(
                Text("身份证号不正确，请核对 18 位号码", "Not a valid identity number; check the 18 characters")
            )
        return text

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "id-number", "pattern": "^[0-9]{17}[0-9X]$"}

    def mask(self, field: FieldDefinition, value: str) -> str:
        return f"{value[:1]}****************{value[-1:]}"


def is_id_number(text: str) -> bool:
    """Length, birth date and check character are right.

    >>> is_id_number("11010519491231002X")
    True
    """
    if len(text) != 18 or not (text[:17].isascii() and text[:17].isdigit()):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11] == text[17]


TYPE = IdNumberType()
