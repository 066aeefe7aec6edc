"""String functions. Source: DMN 1.5, table 73; regular expressions run in linear time."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.patterns import compile_pattern, compile_replacement, find, find_all
from engine.feel.runtime import Run
from engine.feel.values import Value, cut


@builtin("substring", "string: string", "start position: number", "length: number?")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """``length`` characters from position ``start`` (1 is the first, -1 the last)."""
    position = cut(start)
    if position == 0 or abs(position) > len(string):
        return None
    first = position - 1 if position > 0 else len(string) + position
    if length is None:
        return string[first:]
    return string[first : first + cut(length)] if length >= 1 else None


@builtin("string length", "string: string")
def string_length(string: str) -> Decimal:
    """The number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    """In capitals."""
    return string.upper()


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    """In small letters."""
    return string.lower()


@builtin("substring before", "string: string", "match: string")
def substring_before(string: str, match: str) -> str:
    """What stands before ``match``, "" when it does not occur."""
    return string.split(match, 1)[0] if match and match in string else ""


@builtin("substring after", "string: string", "match: string")
def substring_after(string: str, match: str) -> str:
    """What stands after ``match``, "" when it does not occur."""
    if not match:
        return string
    return string.split(match, 1)[1] if match in string else ""


@builtin("contains", "string: string", "match: string")
def contains(string: str, match: str) -> bool:
    """Does ``match`` occur?"""
    return match in string


@builtin("starts with", "string: string", "match: string")
def starts_with(string: str, match: str) -> bool:
    """Does the string start so?"""
    return string.startswith(match)


@builtin("ends with", "string: string", "match: string")
def ends_with(string: str, match: str) -> bool:
    """Does the string end so?"""
    return string.endswith(match)


@builtin("matches", "input: string", "pattern: string", "flags: string?", needs_run=True)
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Does the regular expression match anywhere in the text?"""
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else find(compiled, text, run) is not None


@builtin("replace", "input: string", "pattern: string", "replacement: string", "flags: string?", needs_run=True)
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Every match replaced; ``$1`` stands for the first group. Null for a pattern that matches nothing at all."""
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None or find(compiled, "", run) is not None:
        return None
    write = compile_replacement(replacement, compiled.groups, literal="q" in (flags or ""))
    if write is None:
        return None
    run.spend((len(text) * (1 + len(replacement))) >> 6)
    between = _between(compiled, text, run)
    return "".join(part if isinstance(part, str) else write(part) for part in between)


@builtin("split", "string: string", "delimiter: string", needs_run=True)
def split(run: Run, string: str, delimiter: str) -> list[str] | None:
    """The parts between the matches of the regular expression ``delimiter``."""
    compiled = compile_pattern(delimiter, "")
    if compiled is None or find(compiled, "", run) is not None:
        return None
    return [part for part in _between(compiled, string, run) if isinstance(part, str)]


def _between(compiled: Any, text: str, run: Run) -> Iterator[Any]:
    """The texts before, between and behind the matches, and the matches in their places."""
    start = 0
    for match in find_all(compiled, text, run):
        yield text[start : match.start()]
        yield match
        start = match.end()
    yield text[start:]


@builtin("string join", "list: list", "delimiter: string?", needs_run=True)
def string_join(run: Run, items: list[Value], delimiter: str | None = None) -> str | None:
    """The texts of the list with ``delimiter`` between them; nulls are left out."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    run.spend((sum(map(len, texts)) + len(delimiter or "") * len(texts)) >> 6)
    return (delimiter or "").join(texts)


@builtin("string join", "list: list", "delimiter: string", "prefix: string", "suffix: string", needs_run=True)
def string_join_within(run: Run, items: list[Value], delimiter: str, prefix: str, suffix: str) -> str | None:
    """The same between two texts (an extension that modelling tools of others offer)."""
    joined = string_join(run, items, delimiter)
    return None if joined is None else f"{prefix}{joined}{suffix}"


@builtin("trim", "string: string")
def trim(string: str) -> str:
    """Without spaces at both ends (an extension that modelling tools of others offer)."""
    return string.strip()


@builtin("is blank", "string: string")
def is_blank(string: str) -> bool:
    """Nothing but spaces (an extension that modelling tools of others offer)."""
    return not string.strip()
