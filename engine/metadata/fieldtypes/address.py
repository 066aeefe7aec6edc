"""Address: province, city, district and the rest of the line."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType, Json, expect_text, too_long

_PARTS = ("province", "city", "district", "detail")
_LIMIT = 200
_SPLIT = re.compile(
    r"(?P<province>[^省市区县]{2,8}?(?:省|自治区|特别行政区)|(?:北京|天津|上海|重庆)市?)?"
    r"(?P<city>[^省市区县]{2,10}?(?:市|自治州|地区|盟))?(?P<district>[^省市区县]{1,10}?(?:区|县|旗|市))?(?P<detail>.*)",
    re.DOTALL,
)


class AddressType(FieldType):
    key = "address"
    label = Text("地址", "Address")
    sql = "jsonb"
    feel = "context"
    operators = ("contains", "empty")

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return postgresql.JSONB()

    def from_json(self, field: FieldDefinition, raw: Json) -> dict[str, str] | None:
        if isinstance(raw, str):
            return _bounded(split_address(raw))
        if not isinstance(raw, dict) or not set(raw) <= set(_PARTS):
            raise FieldError(Text("应有省、市、区和详细地址", "Expected province, city, district and detail"))
        return _bounded({part: expect_text(raw[part]) for part in _PARTS if raw.get(part)})

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> dict[str, str] | None:
        return _bounded(split_address(expect_text(cell)))

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        text = {"type": "string", "maxLength": _LIMIT}
        return {"type": "object", "properties": dict.fromkeys(_PARTS, text), "additionalProperties": False}

    def display(self, field: FieldDefinition, value: dict[str, str], locale: str) -> str:
        return "".join(value.get(part, "") for part in _PARTS)

    def mask(self, field: FieldDefinition, value: dict[str, str]) -> str:
        return f"{value.get('province', '')}{value.get('city', '')}****"

    def normalise(self, field: FieldDefinition, value: dict[str, str]) -> str | None:
        return self.display(field, value, "zh").replace(" ", "") or None


def split_address(text: str) -> dict[str, str] | None:
    """Province, city, district and detail of a one-line Chinese address; what does not match is detail.

    >>> split_address("江苏省南京市鼓楼区中山路1号")
    {'province': '江苏省', 'city': '南京市', 'district': '鼓楼区', 'detail': '中山路1号'}
    """
    text = text.strip()
    if len(text) > _LIMIT * 2:
        raise too_long(_LIMIT, len(text))
    match = _SPLIT.fullmatch(text)
    parts = match.groupdict() if match else {"detail": text}
    return {part: found.strip() for part in _PARTS if (found := parts.get(part) or "").strip()} or None


TYPE = AddressType()


def _bounded(parts: dict[str, str] | None) -> dict[str, str] | None:
    """The parts that say something. Raises: FieldError when one is too long."""
    found = parts or {}
    if (longest := max(map(len, found.values()), default=0)) > _LIMIT:
        raise too_long(_LIMIT, longest)
    return {part: text for part, text in found.items() if text} or None
