"""Telephone number: stored as digits for mainland mobiles (13800138000), else in international form (+8521…)."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldError, Json, expect_text
from engine.metadata.fieldtypes.text import TextType

_NOISE = re.compile(r"[\s\-()()·.]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}(?:转\d{1,6})?|400\d{7}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
_WIDTH = str.maketrans("0123456789+", "0123456789+")


class PhoneType(TextType):
    key = "phone"
    label = Text("电话", "Phone")
    setting_keys = {}

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = _NOISE.sub("", expect_text(raw).translate(_WIDTH))
        number = re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", text)
        if not number:
            return None
        if any(shape.fullmatch(number) for shape in (_MOBILE, _LANDLINE, _FOREIGN)):
            return number
        raise FieldError(
            Text(
                "电话号码格式不对，例如 13800138000 或 010-62345678",
                "Not a phone number; e.g. 13800138000 or +85221234567",
            )
        )

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "phone", "maxLength": 20}

    def mask(self, field: FieldDefinition, value: str) -> str:
        """First three and last four digits, as the statutes' examples show it: 138****8000."""
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 9 else "****"


TYPE = PhoneType()
