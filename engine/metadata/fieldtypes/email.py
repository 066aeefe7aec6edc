"""E-mail address, stored with a lower-case domain."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldError, Json, expect_text
from engine.metadata.fieldtypes.text import TextType

_ADDRESS = re.compile(r"[^\s@,;<>\"()]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")


class EmailType(TextType):
    key = "email"
    label = Text("邮箱", "E-mail")
    setting_keys = {}

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = expect_text(raw)
        if not text:
            return None
        if len(text) > 254 or not _ADDRESS.fullmatch(text):
            raise FieldError(Text("邮箱格式不对，例如 li@example.com", "Not an e-mail address; e.g. li@example.com"))
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "email", "maxLength": 254}

    def mask(self, field: FieldDefinition, value: str) -> str:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}****@{domain}"


TYPE = EmailType()
