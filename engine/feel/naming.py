"""What to say of a name that nothing declares: the name that was probably meant, or the slip behind it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from engine.feel.advice import is_cell, is_shouted, no_cells, small
from engine.feel.builtins import BUILTINS
from engine.feel.elsewhere import OPERATORS, SAME, WRITTEN, chinese, narrow, of_sheets, write
from engine.feel.errors import with_advice
from engine.kernel.text import Text

_MANY, _LONG = 2_000, 80
_PARTS = frozenset(["year", "month", "day", "hour", "minute", "second"])
_JOINED = frozenset(["and", "or"])
_OPERATOR = re.compile("|".join(sorted(OPERATORS, key=len, reverse=True)))


def unknown_name(name: str, known: Iterable[str]) -> Text:
    """There is no such name among ``known``; with the one that was probably meant, where there is one."""
    message = Text(f"没有名为“{name}”的变量", f"There is no variable {name!r}")
    return with_advice(message, name_advice(name, known))


def name_advice(name: str, known: Iterable[str]) -> Text | None:
    """What to write instead of a name that is not among ``known``."""
    names = sorted(set(known))[:_MANY]
    words = name.split()
    if name.lower() in _JOINED:
        return Text(f"写成 条件 {name.lower()} 条件", f"Write condition {name.lower()} condition")
    shouted = next(filter(is_shouted, words), None)
    if shouted is not None and shouted.lower() not in WRITTEN:
        return small(shouted)
    if words[:1] == ["not"]:
        return Text("写成 not(…)", "Write not(…)")
    if name.lower() in _PARTS:
        return Text(f"取日期的一部分写 日期.{name.lower()}", f"Write date.{name.lower()} for a part of a date")
    if len(words) > 1 and all(word in names or word in BUILTINS for word in words):
        return Text(
            f"“{words[0]}”和“{words[1]}”之间少了运算符", f"An operator is missing between {words[0]!r} and {words[1]!r}"
        )
    written = _operator(name, names)
    if written is None and not get_close_matches(name, names, n=1, cutoff=0.7):
        written = _written(name)
    if written is not None:
        return written
    meant = _similar(name, names)
    return None if meant is None else Text(f"是不是“{meant}”？", f"Did you mean {meant!r}?")


def _written(name: str) -> Text | None:
    """What a function, a word, a sign or a cell of elsewhere is here."""
    plain = name.lower()
    found = WRITTEN.get(plain) or of_sheets(name) or chinese(name) or narrow(name)
    if found is None and name != plain and plain in BUILTINS:
        return Text(f"函数名用小写：{plain}", f"Write the function in small letters: {plain}")
    return no_cells() if found is None and is_cell(name) else found


def _operator(name: str, names: list[str]) -> Text | None:
    """``学费大于5000``: the sign for a Chinese word behind a known name."""
    for match in _OPERATOR.finditer(name[:_LONG]):
        if name[: match.start()].strip() in names:
            return write(OPERATORS[match.group()])
    return None


def _similar(name: str, names: list[str]) -> str | None:
    """The name, function or word of a function that looks most like it."""
    if name.lower() in SAME:
        return SAME[name.lower()]
    if len(name) > _LONG:
        return None
    close = get_close_matches(name, [*names, *BUILTINS, "true", "false", "null"], n=1, cutoff=0.7)
    if close or " " in name:
        return close[0] if close else None
    words = {word: builtin for builtin in BUILTINS for word in builtin.split() if len(word) > 3}
    near = get_close_matches(name, words, n=1, cutoff=0.8)
    return words[near[0]] if near else None
