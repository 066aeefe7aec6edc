"""Names a model knows, looked up by expression: one that names five does not cost all five thousand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.feel import FeelError, compile_expression

_WORD = re.compile(r"\w+")


class Known:
    """The names; those that are no plain words by their first word."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._others: dict[str, list[str]] = {}
        for name in sorted(self.names):
            if not name.isidentifier():
                first = _WORD.match(name)
                self._others.setdefault(first[0] if first is not None else "", []).append(name)

    def within(self, text: str) -> tuple[str, ...]:
        """Those that the text may name."""
        words = set(_WORD.findall(text))
        others = [name for word in ("", *sorted(words)) for name in self._others.get(word, ())]
        return (*sorted(words & self.names), *others)

    def unknown(self, text: str) -> list[str]:
        """Free names of a FEEL text that are none of them; nothing of what is no FEEL."""
        try:
            compiled = compile_expression(text.strip().removeprefix("="), names=self.within(text))
        except FeelError:
            return []
        return sorted({one.name for one in compiled.unknown})
