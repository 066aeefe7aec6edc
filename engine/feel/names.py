"""Names of more than one token, such as ``date of birth``, ``a-b`` or ``金额（元）``: longest match first.

Source: DMN 1.5, 10.3.1.4 (the names in scope decide how a text is cut).
"""

from collections.abc import Iterable
from functools import lru_cache

from engine.feel.errors import FeelError
from engine.feel.keywords import KEYWORDS
from engine.feel.lexer import Token, tokenize

_KEYWORD_BUILTINS = ("date and time", "years and months duration", "days and time duration", "get or else")


class NameTable:
    """The known names that one token does not cover."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, tuple[tuple[str, ...], ...]] = dict(_BUILTINS)
        self._canonical: dict[tuple[str, ...], str] = dict(_CANONICAL)
        self.add(names)

    def add(self, names: Iterable[str]) -> None:
        """Make more names known."""
        for name in names:
            if not name.isidentifier() or name in KEYWORDS:
                parts = _parts(name)
                if len(parts) > 1 and parts not in self._canonical:
                    self._canonical[parts] = name
                    rest = (*self._by_first.get(parts[0], ()), parts)
                    self._by_first[parts[0]] = tuple(sorted(rest, key=len, reverse=True))

    def match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that starts at ``index`` and the number of its tokens."""
        for parts in self._by_first.get(tokens[index].text, ()):
            found = tokens[index : index + len(parts)]
            if len(found) == len(parts) and all(t.text == p for t, p in zip(found, parts, strict=True)):
                return self._canonical[parts], len(parts)
        return None


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    try:
        return tuple(token.text for token in tokenize(name)[:-1])
    except FeelError:
        return ()


_CANONICAL: dict[tuple[str, ...], str] = {_parts(name): name for name in _KEYWORD_BUILTINS}
_BUILTINS: dict[str, tuple[tuple[str, ...], ...]] = {parts[0]: (parts,) for parts in _CANONICAL}
