"""Web address (http or https)."""

from __future__ import annotations

from urllib.parse import urlsplit

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import FieldError, Json, expect_text
from engine.metadata.fieldtypes.text import TextType


class UrlType(TextType):
    key = "url"
    label = Text("网址", "Web address")
    limit = 2_000

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = expect_text(raw)
        if not text:
            return None
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.netloc or any(ord(char) <= 32 for char in text):
            raise FieldError(
                Text("网址应以 http:// 或 https:// 开头", "The address must start with http:// or https://")
            )
        return text

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "format": "uri", "maxLength": self.max_length(field)}


TYPE = UrlType()
