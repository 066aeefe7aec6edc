"""Nested values as lines of text for people: what a JSON field shows."""

from collections.abc import Mapping
from typing import Any


def outline(value: Any, locale: str, depth: int = 0) -> str:
    """One line an entry, deeper ones indented; pairs of ``zh`` and ``en`` become the reader's text.

    >>> books = {"label": {"zh": "教材", "en": "Books"}, "amount": "-120.00"}
    >>> print(outline({"received": "3600.00", "steps": [books]}, "zh"))
    received: 3600.00
    steps:
      label: 教材, amount: -120.00
    """
    indent = "  " * depth
    if isinstance(value, Mapping) and not _is_text(value):
        if depth and not any(isinstance(item, list | tuple) or _is_branch(item) for item in value.values()):
            return indent + ", ".join(f"{key}: {_plain(item, locale)}" for key, item in value.items())
        return "\n".join(_line(key, item, locale, depth) for key, item in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(outline(item, locale, depth) for item in value)
    return indent + _plain(value, locale)


def worded(value: Any, words: Mapping[str, str]) -> Any:
    """The value with words for keys and texts that are known.

    >>> worded({"strategy": "B", "rate": 0}, {"strategy": "办法", "B": "只算付费课时"})
    {'办法': '只算付费课时', 'rate': 0}
    """
    if isinstance(value, Mapping) and not _is_text(value):
        return {words.get(key, key): worded(item, words) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [worded(item, words) for item in value]
    return words.get(value, value) if isinstance(value, str) else value


def _line(key: str, value: Any, locale: str, depth: int) -> str:
    indent = "  " * depth
    if isinstance(value, list | tuple) or _is_branch(value):
        return f"{indent}{key}:\n{outline(value, locale, depth + 1)}" if value else f"{indent}{key}: —"
    return f"{indent}{key}: {_plain(value, locale)}"


def _plain(value: Any, locale: str) -> str:
    if _is_text(value):
        return str(value[locale])
    return "—" if value is None else str(value)


def _is_branch(value: Any) -> bool:
    return isinstance(value, Mapping) and not _is_text(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"zh", "en"}
