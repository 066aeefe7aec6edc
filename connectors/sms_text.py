"""Rules of Chinese short messages that every SMS connector shares: signature, opt-out words, what a text costs."""

from __future__ import annotations

import unicodedata

_OPT_OUT = frozenset({"T", "TD", "R", "N", "退订"})
SINGLE_CHARS, PART_CHARS = 70, 67


def with_signature(text: str, signature: str) -> str:
    """The text behind its 【signature】, unless it has one already.

    >>> with_signature("已到校", "启明教育")
    '【启明教育】已到校'
    """
    return f"【{signature}】{text}" if signature and not text.startswith("【") else text


def is_opt_out(text: str) -> bool:
    """Whether a reply is nothing but a word that ends marketing messages.

    >>> is_opt_out(" ｔｄ "), is_opt_out("T恤多少钱")
    (True, False)
    """
    return unicodedata.normalize("NFKC", text).strip().upper() in _OPT_OUT


def billed_parts(text: str) -> int:
    """How many messages a provider bills: 70 characters in one, else 67 a part; an emoji counts two.

    >>> [billed_parts("字" * n) for n in (70, 71, 134, 135, 150)]
    [1, 2, 2, 3, 3]
    """
    length = len(text.encode("utf-16-be", "replace")) // 2
    return 1 if length <= SINGLE_CHARS else -(-length // PART_CHARS)
