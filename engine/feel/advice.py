"""What to write instead: slips of people who know Excel, SQL or a programming language, or type Chinese punctuation."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.feel.elsewhere import CURRENCY, OPERATORS, UNITS, write
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
    "&": Text("文字相连写 +，“并且”写 and", "Write + to join texts, 'and' for both"),
    "&&": Text("“并且”写 and", "Write 'and' for both"),
    "${": (_BARE := Text("直接写表达式，不加 ${ }", "Write the expression alone, without ${ }")),
    "#{": _BARE,
    "..": Text("区间写成 [1..5]", "Write a range as [1..5]"),
    "|": Text("“或者”写 or", "Write 'or' for either"),
    "!": Text("“不是”写 not(…)，“不等于”写 !=", "Write not(…) for the opposite and != for unequal"),
    "%": Text("百分数写成小数（50% 写 0.5），余数用 modulo(a, b)", "Write 50% as 0.5, and a remainder as modulo(a, b)"),
    "^": Text("乘方写 **", "Write ** for a power"),
    "@": Text('日期写成 @"2026-03-01"', 'Write a date as @"2026-03-01"'),
    "?": Text("条件写成 if … then … else …", "Write a choice as if … then … else …"),
    **dict.fromkeys(
        ";；", Text("这里只能写一个表达式，请去掉分号", "Only one expression stands here; remove the semicolon")
    ),
    **dict.fromkeys("$¥￥€", CURRENCY),
    **dict.fromkeys(_QUOTES, Text('文字放在英文双引号里："…"', 'Put text between straight double quotes: "…"')),
}
_PAIRS: dict[tuple[str, str], Text] = {
    ("=", "="): Text("判断相等只写一个 =", "Write a single = to compare"),
    ("<", ">"): Text("“不等于”写 !=", "Write != for unequal"),
    ("=", ">"): Text("“大于等于”写 >=", "Write >= for at least"),
    ("=", "<"): Text("“小于等于”写 <=", "Write <= for at most"),
    ("is", "null"): Text("判断为空写 = null", "Write = null to ask whether it is empty"),
    ("not", "null"): Text("判断不为空写 != null", "Write != null to ask whether it is not empty"),
    (":", "="): (_ASSIGNED := Text("判断相等写 =；这里不能赋值", "Write = to compare; nothing is assigned here")),
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
    **OPERATORS,
    **{"THEN": "then", "ELSE": "else", "AND": "and", "OR": "or", "IN": "in", "BETWEEN": "between", "RETURN": "return"},
}
_BEHIND: dict[str, Text] = {
    **dict.fromkeys(
        ("like", "contains", "包含"),
        Text("“包含”写 contains(文字, 片段)", "Write contains(text, part) to look for a part"),
    ),
    "with": Text(
        "写 starts with(文字, 开头) 或 ends with(文字, 结尾)", "Write starts with(text, start) or ends with(text, end)"
    ),
    **dict.fromkeys(("mod", "MOD"), Text("余数写 modulo(a, b)", "Write a remainder as modulo(a, b)")),
}
"""What to write for a word between two values that is no operator here."""
_IF = Text("写 if 条件 then 值 else 值", "Write if condition then value else value")
_CLOSING = frozenset((")", "]", "}"))
_CELL = re.compile(r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}")
_GROUPED = re.compile(r"\d{3}(?:\.\d+)?")


def for_character(character: str, following: str = "") -> Text | None:
    """What to write instead of a character that FEEL does not know, or of it and the one behind it."""
    return _INSTEAD.get(character + following) or _INSTEAD.get(character) or _half_width(character)


def for_token(tokens: "Sequence[Token]", index: int, wanted: str = "") -> Text | None:
    """What to do about the token at ``index``, which cannot stand there; ``wanted`` is the only word that could."""
    token = tokens[index]
    if token.kind == "end":
        return _WANTED.get(wanted) or (_UNFINISHED if index else _EMPTY)
    if index == 0 and token.text == "=":
        return Text("表达式前面不写 =", "Leave out the = in front of an expression")
    if token.text in ("and", "or") and not wanted:
        return Text(f"写成 条件 {token.text} 条件", f"Write condition {token.text} condition")
    if token.kind == "symbol":
        return _for_symbol(tokens, index, wanted)
    pair = _PAIRS.get((tokens[index - 1].text, token.text)) if index else None
    if pair is not None:
        return pair
    if any(one.text in ("如果", "假如") for one in tokens[:index]):
        return _IF
    if token.text in _WORDS:
        return write(_WORDS[token.text])
    return _WANTED.get(wanted) or _missing_operator(tokens, index, wanted)


def _for_symbol(tokens: "Sequence[Token]", index: int, wanted: str) -> Text | None:
    token, before = tokens[index], tokens[index - 1] if index else None
    pair = _PAIRS.get((before.text, token.text)) if before is not None else None
    if pair is not None:
        return pair
    if token.text in (",", "，") and _is_grouping(tokens, index):
        return Text("数字里不写千分位逗号", "Write a number without commas")
    if token.text in (";", "；") and wanted in _CLOSING:
        return Text("各项之间写逗号 ,", "Write commas between them")
    if token.text == "," and not wanted:
        return _DECIMAL if _is_between_numbers(tokens, index) else _SEVERAL
    if token.text == "。" and tokens[index + 1].kind == "end":
        return Text("末尾不写句号", "Leave out the full stop at the end")
    if token.text == ",":
        return _for_comma(tokens, index)
    if token.text == ":" and tokens[index + 1].text == "=":
        return _ASSIGNED
    if token.text == ":" and before is not None and is_cell(before.text):
        return no_cells()
    if token.text in _CLOSING and not wanted and before is not None:
        return Text("前面没有与它配对的括号", "No bracket before it matches")
    return for_character(token.text) or _WANTED.get(wanted)


def _for_comma(tokens: "Sequence[Token]", index: int) -> Text | None:
    """A comma where a bracket should close: a choice or a range written like a function."""
    words = [one.text for one in tokens[:index] if one.kind == "name"]
    last = next((word for word in reversed(words) if word in ("if", "between")), None)
    if last is None:
        return None
    return _IF if last == "if" else Text("写成 x between 1 and 100", "Write x between 1 and 100")


def is_cell(word: str) -> bool:
    """``B12``, a cell of a spreadsheet?"""
    return _CELL.fullmatch(word) is not None


def no_cells() -> Text:
    """What to write instead of a cell."""
    return Text(
        "这里没有单元格，写字段或变量的名称", "There are no cells here; write the name of a field or a variable"
    )


_UNFINISHED = Text("表达式还没有写完", "The expression is not finished")
_EMPTY = Text("请写一个表达式", "Write an expression")


def _half_width(character: str) -> Text | None:
    plain = _WIDE.get(character)
    if plain is None and len(character) == 1 and "\uff01" <= character <= "\uff5e":
        plain = chr(ord(character) - 0xFEE0)
    if plain is None:
        return None
    return Text(f"请用半角的 {plain}", f"Write the half-width {plain}")


def _is_grouping(tokens: "Sequence[Token]", index: int) -> bool:
    """``10,000``"""
    return _is_between_numbers(tokens, index) and bool(_GROUPED.fullmatch(tokens[index + 1].text))


def _is_between_numbers(tokens: "Sequence[Token]", index: int) -> bool:
    """``1,5``"""
    before, following = tokens[index - 1], tokens[index + 1]
    touching = before.end == tokens[index].at and tokens[index].end == following.at
    return index > 0 and touching and before.kind == following.kind == "number"


_DECIMAL = Text(
    "小数点写 .；几个值写成列表 […]，“其中之一”写 in (…)",
    "Write a decimal point as . and several values as a list […], one of them as in (…)",
)
_SEVERAL = Text(
    "几个值写成列表 […]，“其中之一”写 in (…)", "Write several values as a list […], and one of them as in (…)"
)


def _missing_operator(tokens: "Sequence[Token]", index: int, wanted: str) -> Text | None:
    """Two values side by side."""
    before, token = tokens[index - 1], tokens[index]
    if wanted and wanted not in _CLOSING:
        return None
    shouted = next((one.text for one in tokens[:index] if one.kind == "name" and is_shouted(one.text)), None)
    if shouted is not None:
        return small(shouted)
    if index == 0 or token.text in KEYWORDS or before.text in KEYWORDS or before.text == "of":
        return None
    if before.kind == "symbol" and before.text not in _CLOSING:
        return None
    if before.kind == "name" and (before.text in _BEHIND or before.text in _WORDS):
        return _BEHIND.get(before.text) or write(_WORDS[before.text])
    if before.kind == "number" and token.text in UNITS:
        return Text('数字后面不写单位；时长写 @"P7D"', 'Write a number without a unit, a duration as @"P7D"')
    if wanted:
        return Text("前面可能少了逗号或运算符", "A comma or an operator may be missing before it")
    return Text("前面可能少了运算符，例如 + 或 and", "An operator such as + or and may be missing before it")


def is_shouted(word: str) -> bool:
    """Is this a keyword but for its capitals?"""
    return word != word.lower() and word.lower() in (*KEYWORDS, "not")


def small(word: str) -> Text:
    """Keywords are written in small letters."""
    return Text(f"关键字用小写：{word.lower()}", f"Write the keyword in small letters: {word.lower()}")
