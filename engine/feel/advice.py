"""What to write instead: slips of people who know Excel, SQL or a programming language, or type Chinese punctuation."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.feel.keywords import KEYWORDS
from engine.kernel.text import Text

if TYPE_CHECKING:
    from engine.feel.lexer import Token

_WIDE = {
    "、": ",",
    "。": ".",
    "【": "[",
    "】": "]",
    "「": '"',
    "」": '"',
    "×": "*",
    "÷": "/",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
}
_QUOTES = frozenset("“”‘’「」＂＇'`")
_INSTEAD: dict[str, Text] = {
    "&": Text("“并且”写 and", "Write 'and' for both"),
    "|": Text("“或者”写 or", "Write 'or' for either"),
    "!": Text("“不是”写 not(…)，“不等于”写 !=", "Write not(…) for the opposite and != for unequal"),
    "%": Text("百分数写成小数（50% 写 0.5），余数用 modulo(a, b)", "Write 50% as 0.5, and a remainder as modulo(a, b)"),
    "^": Text("乘方写 **", "Write ** for a power"),
    "@": Text('日期写成 @"2026-03-01"', 'Write a date as @"2026-03-01"'),
    "?": Text("条件写成 if … then … else …", "Write a choice as if … then … else …"),
    ";": Text("这里只能写一个表达式，请去掉分号", "Only one expression stands here; remove the semicolon"),
    **dict.fromkeys(
        "$¥￥€", Text("金额只写数字，不写货币符号", "Write an amount as a plain number, without a currency")
    ),
    **dict.fromkeys(_QUOTES, Text('文字放在英文双引号里："…"', 'Put text between straight double quotes: "…"')),
}
_PAIRS: dict[tuple[str, str], Text] = {
    ("=", "="): Text("判断相等只写一个 =", "Write a single = to compare"),
    ("<", ">"): Text("“不等于”写 !=", "Write != for unequal"),
    ("=", ">"): Text("“大于等于”写 >=", "Write >= for at least"),
    ("=", "<"): Text("“小于等于”写 <=", "Write <= for at most"),
    ("is", "null"): Text("判断为空写 = null", "Write = null to ask whether it is empty"),
    ("not", "null"): Text("判断不为空写 != null", "Write != null to ask whether it is not empty"),
}
_WANTED: dict[str, Text] = {
    "else": Text(
        "if、then、else 三部分都要写，不需要时写 else null", "if needs both then and else; write else null for nothing"
    ),
    "return": Text("写成 for x in 列表 return …", "Write for x in list return …"),
    "satisfies": Text("写成 some x in 列表 satisfies …", "Write some x in list satisfies …"),
    "in": Text("先写 in 和要逐个取的列表", "Say after 'in' which list to go through"),
}
_WORDS = {
    **dict.fromkeys(("和", "且", "并且", "而且", "与"), "and"),
    **dict.fromkeys(("或", "或者"), "or"),
    **{"大于": ">", "小于": "<", "等于": "=", "不等于": "!=", "加": "+", "减": "-", "乘": "*", "除以": "/"},
    **{"THEN": "then", "ELSE": "else", "AND": "and", "OR": "or", "IN": "in", "BETWEEN": "between", "RETURN": "return"},
}
_GROUPED = re.compile(r"\d{3}(?:\.\d+)?")


def for_character(character: str) -> Text | None:
    """What to write instead of a character that FEEL does not know."""
    return _INSTEAD.get(character) or _half_width(character)


def for_token(tokens: "Sequence[Token]", index: int, wanted: str = "") -> Text | None:
    """What to do about the token at ``index``, which cannot stand there; ``wanted`` is the only word that could."""
    token, before = tokens[index], tokens[index - 1] if index else None
    if token.kind == "end":
        return _WANTED.get(wanted) or (_UNFINISHED if index else _EMPTY)
    if index == 0 and token.text == "=":
        return Text("表达式前面不写 =", "Leave out the = in front of an expression")
    pair = _PAIRS.get((before.text, token.text)) if before is not None else None
    if pair is not None:
        return pair
    if token.text in (",", "，") and _is_grouping(tokens, index):
        return Text("数字里不写千分位逗号", "Write a number without commas")
    if token.text == "," and not wanted:
        return _SEVERAL
    if token.kind == "symbol":
        return for_character(token.text) or _WANTED.get(wanted)
    if token.text in _WORDS:
        return _write(_WORDS[token.text])
    return _WANTED.get(wanted) or (_missing_operator(tokens, index) if not wanted else None)


_UNFINISHED = Text("表达式还没有写完", "The expression is not finished")
_EMPTY = Text("请写一个表达式", "Write an expression")


def _half_width(character: str) -> Text | None:
    plain = _WIDE.get(character)
    if plain is None and len(character) == 1 and "\uff01" <= character <= "\uff5e":
        plain = chr(ord(character) - 0xFEE0)
    if plain is None:
        return None
    return Text(f"请用半角的 {plain}", f"Write the half-width {plain}")


def _write(word: str) -> Text:
    return Text(f"写 {word}", f"Write {word}")


def _is_grouping(tokens: "Sequence[Token]", index: int) -> bool:
    """``10,000``"""
    following = tokens[index + 1]
    touching = tokens[index - 1].end == tokens[index].at and tokens[index].end == following.at
    return index > 0 and touching and tokens[index - 1].kind == "number" and bool(_GROUPED.fullmatch(following.text))


_SEVERAL = Text(
    "几个值写成列表 […]，“其中之一”写 in (…)", "Write several values as a list […], and one of them as in (…)"
)


def _missing_operator(tokens: "Sequence[Token]", index: int) -> Text | None:
    """Two values side by side."""
    before, token = tokens[index - 1], tokens[index]
    shouted = next((one.text for one in tokens[:index] if one.kind == "name" and is_shouted(one.text)), None)
    if shouted is not None:
        return small(shouted)
    if before.text.lower() == "like":
        return Text("“包含”写 contains(文字, 片段)", "Write contains(text, part) to look for a part")
    if index == 0 or token.text in KEYWORDS or before.text in KEYWORDS or before.text == "of":
        return None
    if before.kind == "symbol" and before.text not in (")", "]", "}"):
        return None
    return Text("前面可能少了运算符，例如 + 或 and", "An operator such as + or and may be missing before it")


def is_shouted(word: str) -> bool:
    """Is this a keyword but for its capitals?"""
    return word != word.lower() and word.lower() in (*KEYWORDS, "not")


def small(word: str) -> Text:
    """Keywords are written in small letters."""
    return Text(f"关键字用小写：{word.lower()}", f"Write the keyword in small letters: {word.lower()}")
