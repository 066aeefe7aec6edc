"""Regular expressions of XPath on RE2, which runs in linear time and bounded memory.

What RE2 cannot do (back references, look-around, subtraction of anything but plain ranges) gives null.
Source: DMN 1.5, table 73; XPath functions 3.1, 5.6.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from engine.feel.character_classes import Unknown, say

_QUANTITY = re.compile(r"\{\d+(?:,\d*)?\}")
_FLAGS = frozenset("smixq")
_MAX_PATTERN = 2_000
_CLASSES = {"\\i": "[_:A-Za-z\\p{L}]", "\\c": "[-._:A-Za-z0-9\\p{L}\\p{N}]", "\\d": "\\p{Nd}"}


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Any | None:
    """The compiled pattern, or None when pattern or flags are not understood."""
    if not set(flags) <= _FLAGS or len(pattern) > _MAX_PATTERN:
        return None
    if "q" in flags:
        pattern = re2.escape(pattern)
    else:
        try:
            pattern = _translate(say(pattern), "x" in flags)
        except Unknown:
            return None
    inline = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{inline}:{pattern})" if inline else pattern, options)
    except (re2.error, UnicodeError):
        return None


def _translate(pattern: str, without_spaces: bool) -> str:
    """Spelling that differs between XPath and RE2: classes ``\\i`` and ``\\c``, digits, spaces under ``x``."""
    out: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            pair = pattern[position : position + 2]
            known = _CLASSES.get(pair, pair)
            out.append(known[1:-1] if in_class and known[0] == "[" else known)
            position += 2
            continue
        if char == "{" and not in_class and not _may_open(pattern, position, out):
            raise Unknown("a brace that is no quantity")
        in_class = (in_class or char == "[") and char != "]"
        if not (without_spaces and char.isspace() and not in_class):
            out.append(char)
        position += 1
    return "".join(out)


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
