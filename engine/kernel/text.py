"""A text for people, in both languages of the product."""

from typing import Literal, NamedTuple

Locale = Literal["zh", "en"]


class Text(NamedTuple):
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    def in_locale(self, locale: str) -> str:
        """The English text for any ``en…`` locale, the Chinese one otherwise."""
        return self.en if locale.lower().startswith("en") else self.zh

    def format(self, **values: object) -> "Text":
        """Both texts with ``{name}`` placeholders filled in."""
        return Text(self.zh.format(**values), self.en.format(**values))
