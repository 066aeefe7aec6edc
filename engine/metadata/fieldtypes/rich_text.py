"""Formatted text: HTML reduced to a short list of harmless tags and attributes."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import Json, expect_text, too_long
from engine.metadata.fieldtypes.text import TextType

_TAGS = frozenset(
    {"p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "h3", "h4", "code", "pre", "a"}
)
_VOID = frozenset({"br"})
_DROPPED = frozenset({"script", "style", "iframe", "object", "svg", "math", "template"})
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


class RichTextType(TextType):
    key = "rich_text"
    label = Text("富文本", "Rich text")
    operators = ("contains", "empty")
    limit = 100_000
    multiline = True
    setting_keys = {"max_length": {"type": "integer", "minimum": 1, "maximum": 1_000_000}}

    def from_json(self, field: FieldDefinition, raw: Json) -> str | None:
        text = clean_html(expect_text(raw))
        if len(text) > self.max_length(field):
            raise too_long(self.max_length(field), len(text))
        return text or None


def clean_html(source: str) -> str:
    """`source` with only allowed tags, no attributes but safe links, every tag closed.

    >>> clean_html('<p onclick="x()">hi<script>alert(1)</script></p>')
    '<p>hi</p>'
    """
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping += 1
        if self._dropping or tag not in _TAGS:
            return
        href = dict(attrs).get("href") if tag == "a" else None
        link = f' href="{escape(href)}" rel="noopener"' if href and href.lower().startswith(_SCHEMES) else ""
        self._out.append(f"<{tag}{link}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropping = max(0, self._dropping - 1)
        elif not self._dropping and tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._out.append(escape(data, quote=False))

    def result(self) -> str:
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))


TYPE = RichTextType()
