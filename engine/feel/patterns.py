"""Regular expressions of XPath on RE2, which runs in linear time and bounded memory.

Those with back references run by backtracking in bounded steps. What neither can do (subtraction of anything but plain
ranges, look-around, which XPath has not either) gives null. Word characters are the letters, digits and symbols of all
scripts; the underscore, which XPath counts as punctuation, is one too.
Source: DMN 1.5, table 73; XPath functions 3.1, 5.6; XML Schema 1.1 part 2, G.4.2.5.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import re2

from engine.feel.backtracking import Backtracking, Character
from engine.feel.character_classes import Unknown, say
from engine.feel.fuel import Fuel

_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_QUANTITY = re.compile(r"\{\d+(?:,\d*)?\}")
_FLAGS = frozenset("smixq")
_MAX_PATTERN = 2_000
_WORD, _NAME_START, _NAME = r"\p{L}\p{M}\p{N}\p{S}_", r"_:\p{L}\p{Nl}", r"-._:\p{L}\p{M}\p{N}"
_PLAIN = {
    ".": r"[^\n\r]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\i": f"[{_NAME_START}]",
    r"\I": f"[^{_NAME_START}]",
    r"\c": f"[{_NAME}]",
    r"\C": f"[^{_NAME}]",
}
_IN_CLASS = {r"\d": r"\p{Nd}", r"\D": r"\P{Nd}", r"\w": _WORD, r"\i": _NAME_START, r"\c": _NAME}
_NOT_IN_CLASS = frozenset([r"\W", r"\I", r"\C"])


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Any | None:
    """The compiled pattern, or None when pattern or flags are not understood."""
    if not set(flags) <= _FLAGS or len(pattern) > _MAX_PATTERN:
        return None
    if "q" in flags:
        pattern = re2.escape(pattern)
    else:
        try:
            pattern = say(_without_spaces(pattern) if "x" in flags else pattern)
            if _REFERENCE.search(pattern):
                return Backtracking(pattern, lambda part: _character(part, flags), flags)
            pattern = _translate(pattern, "s" in flags)
        except Unknown:
            return None
    return _compiled(pattern, flags)


def _compiled(pattern: str, flags: str) -> Any | None:
    inline = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{inline}:{pattern})" if inline else pattern, options)
    except (re2.error, UnicodeError):
        return None


def find(compiled: Any, text: str, fuel: Fuel) -> Any | None:
    """The first match in the text. Raises: FeelError when the steps are used up."""
    fuel.spend(len(text) >> 6)
    return compiled.search(text, fuel) if isinstance(compiled, Backtracking) else compiled.search(text)


def find_all(compiled: Any, text: str, fuel: Fuel) -> Iterator[Any]:
    """All matches that do not overlap. Raises: FeelError when the steps are used up."""
    fuel.spend(len(text) >> 3)
    found = compiled.finditer(text, fuel) if isinstance(compiled, Backtracking) else compiled.finditer(text)
    return iter(found)


def _character(part: str, flags: str) -> Character:
    """The test of one character, a class or an escape. Raises: Unknown."""
    compiled = _compiled(_translate(part, "s" in flags), flags)
    if compiled is None:
        raise Unknown(part)
    return lambda character: compiled.fullmatch(character) is not None


def _without_spaces(pattern: str) -> str:
    """The pattern under ``x``: without white space outside of classes, even inside an escape such as ``\\ s``."""
    out: list[str] = []
    in_class = escaped = False
    for char in pattern:
        if not in_class and char in " \t\n\r":
            continue
        out.append(char)
        if not escaped:
            in_class = (in_class or char == "[") and char != "]"
        escaped = char == "\\" and not escaped
    return "".join(out)


def _translate(pattern: str, dot_is_all: bool) -> str:
    """Spelling that differs between XPath and RE2. Raises: Unknown."""
    out: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        size = 2 if pattern[position] == "\\" and position + 1 < len(pattern) else 1
        part = pattern[position : position + size]
        if part == "{" and not in_class and not _may_open(pattern, position, out):
            raise Unknown("a brace that is no quantity")
        out.append(_said(part, in_class) if part != "." or not dot_is_all else part)
        in_class = (in_class or part == "[") and part != "]"
        position += size
    return "".join(out)


def _said(part: str, in_class: bool) -> str:
    """One character or escape in RE2's words."""
    if part == "\\0" or (in_class and part in _NOT_IN_CLASS):
        raise Unknown(part)
    return (_IN_CLASS if in_class else _PLAIN).get(part, part)


def _may_open(pattern: str, position: int, out: list[str]) -> bool:
    """Is the brace a quantity, or does it belong to a class such as ``\\p{L}``? RE2 takes any other for itself."""
    return out[-1:] in (["\\p"], ["\\P"], ["\\x"]) or _QUANTITY.match(pattern, position) is not None


def compile_replacement(replacement: str, groups: int, *, literal: bool) -> Callable[[Any], str] | None:
    """A function from a match to its replacement; None when the replacement text is malformed."""
    if literal:
        return lambda match: replacement
    parts = _replacement_parts(replacement, groups)
    if parts is None:
        return None
    fixed = parts
    return lambda match: "".join(part if isinstance(part, str) else match.group(part) or "" for part in fixed)


def _replacement_parts(replacement: str, groups: int) -> list[str | int] | None:
    parts: list[str | int] = []
    position = 0
    while position < len(replacement):
        char = replacement[position]
        following = replacement[position + 1 : position + 2]
        if char == "\\":
            if following not in ("\\", "$"):
                return None
            parts.append(following)
            position += 2
        elif char == "$":
            digits = _group_digits(replacement, position + 1, groups)
            if not digits:
                return None
            parts.append(int(digits) if int(digits) <= groups else "")
            position += 1 + len(digits)
        else:
            parts.append(char)
            position += 1
    return parts


def _group_digits(replacement: str, start: int, groups: int) -> str:
    """The longest number that names a group; always its first digit."""
    end = start
    while end < len(replacement) and replacement[end] in "0123456789" and end - start < 3:
        end += 1
    while end - start > 1 and int(replacement[start:end]) > groups:
        end -= 1
    return replacement[start:end]
