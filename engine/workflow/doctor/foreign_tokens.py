"""Words of the expression languages other tools use: JUEL, and the operators Python, Groovy and JavaScript share."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?)[LlFfDd]?(?![\w.])
    |(?P<template>[fF](?:'[^'\\]*'|"[^"\\]*"))
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}=])
    )""",
    re.VERBOSE,
)
_WORDS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&&", "or": "||", "div": "/",
    "mod": "%", "===": "==", "!==": "!=",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Token(NamedTuple):
    """`kind`: `number`, `string` and `template` (their content), `name`, `sign` or `end`."""

    kind: str
    text: str


def tokens_of(text: str) -> list[Token] | None:
    """The words, closed by an `end`; None when something is no word of these languages."""
    found: list[Token] = []
    place = 0
    body = text.rstrip()
    while place < len(body):
        match = _TOKEN.match(body, place)
        if match is None:
            return None
        found.append(_token(str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return [*found, Token("end", "")]


def _token(kind: str, text: str) -> Token:
    if kind == "string":
        return Token("string", _ESCAPE.sub(r"\1", text[1:-1]))
    if kind == "template":
        return Token(kind, text[2:-1])
    word = _WORDS.get(text)
    return Token("sign", word) if word is not None else Token(kind, text)
