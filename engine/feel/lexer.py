"""Text to tokens. Names are cut at spaces and symbols here; the parser puts longer names together again.

Source: DMN 1.5, 10.3.1.2, grammar rules 27 to 35 and 61 to 66; DMN 1.6 for ``...``.
"""

import re
from typing import NamedTuple

from engine.feel import advice
from engine.feel.errors import error_at, with_advice
from engine.kernel.text import Text

MAX_TEXT = 100_000

_SPACE = r"[\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+"
_WIDE = "\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’，。；：（）《》"
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff"
    "\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3004-\u3007\u3012-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\ufffd\U00010000-\U000effff"
)
_TOKEN = re.compile(
    rf"(?P<space>(?:{_SPACE}|//[^\n]*|/\*.*?\*/)+)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+(?!\w))?|\.[0-9]+(?:[eE][+-]?[0-9]+(?!\w))?)"
    r'|(?P<string>"(?:[^"\\\n\r]|\\.)*")'
    r'|(?P<at>@\s*"(?:[^"\\\n\r]|\\.)*")'
    rf"|(?P<name>[{_NAME_START}][{_NAME_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*)"
    rf"|(?P<symbol>\.\.\.(?![0-9])|\.\.|\*\*|<=|>=|!=|->|[-+*/<>=(){{}}\[\],:.?';]|[{_WIDE}])",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """``kind`` is number, string, at, name, symbol or end; ``at`` and ``end`` are offsets in the text."""

    kind: str
    text: str
    at: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens, the last one of kind ``end``. Raises: FeelError."""
    if len(text) > MAX_TEXT:
        raise error_at(text, 0, Text(f"表达式超过 {MAX_TEXT} 个字符", f"The text exceeds {MAX_TEXT} characters"))
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            raise _unreadable(text, position)
        found = match.group()
        if found == "/" and text.startswith("/*", position):
            raise _unreadable(text, position)
        if kind != "space":
            tokens.append(Token(kind, found, position, match.end()))
        position = match.end()
    tokens.append(Token("end", "", position, position))
    return tokens


def string_value(token_text: str) -> str:
    """The characters between the quotes, escapes resolved; surrogate pairs become one character."""
    body = token_text[1:-1]
    if "\\" not in body:
        return body
    plain = _ESCAPE.sub(_unescape, body)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in _ESCAPES:
        return _ESCAPES[code]
    if len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point <= 0x10FFFF else "\ufffd"
    return match.group()


def _unreadable(text: str, position: int) -> Exception:
    if text[position] == '"':
        return error_at(text, position, Text("字符串没有结束的引号", "The string has no closing quote"))
    if text.startswith("/*", position):
        return error_at(text, position, Text("注释没有结束", "The comment is not closed"))
    found = text[position]
    message = Text(f"此处不能使用字符“{found}”", f"Unexpected character {found!r}")
    return error_at(
        text, position, with_advice(message, advice.for_character(found, text[position + 1 : position + 2]))
    )
