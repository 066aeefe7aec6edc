"""Text of several lines."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.fieldtypes.text import TextType


class LongTextType(TextType):
    key = "long_text"
    label = Text("多行文本", "Long text")
    operators = ("contains", "empty")
    limit = 20_000
    multiline = True
    setting_keys = {"max_length": {"type": "integer", "minimum": 1, "maximum": 200_000}}


TYPE = LongTextType()
