"""What to say of a name that nothing declares: the name that was probably meant, or the slip behind it."""

from collections.abc import Iterable
from difflib import get_close_matches

from engine.feel.advice import is_shouted, small
from engine.feel.builtins import BUILTINS
from engine.feel.errors import with_advice
from engine.kernel.text import Text

_MANY, _LONG = 2_000, 80
_ELSEWHERE = {
    **dict.fromkeys(("len", "length", "strlen"), "string length"),
    **dict.fromkeys(("concat", "concatenate text", "textjoin"), "string join"),
    **dict.fromkeys(("left", "right", "mid", "substr"), "substring"),
    **dict.fromkeys(("avg", "average"), "mean"),
    **dict.fromkeys(("coalesce", "ifnull", "isnull", "nvl"), "get or else"),
    **dict.fromkeys(("int", "trunc", "fix"), "round down"),
    **{"round": "round half up", "size": "count", "find": "contains", "mod": "modulo", "pow": "**", "power": "**"},
    **{
        "toupper": "upper case",
        "tolower": "lower case",
        "tostring": "string",
        "tonumber": "number",
        "weekday": "day of week",
    },
}
_PARTS = frozenset(["year", "month", "day", "hour", "minute", "second"])


def unknown_name(name: str, known: Iterable[str]) -> Text:
    """There is no such name among ``known``; with the one that was probably meant, where there is one."""
    message = Text(f"没有名为“{name}”的变量", f"There is no variable {name!r}")
    return with_advice(message, name_advice(name, known))


def name_advice(name: str, known: Iterable[str]) -> Text | None:
    """What to write instead of a name that is not among ``known``."""
    names = sorted(set(known))[:_MANY]
    words = name.split()
    shouted = next(filter(is_shouted, words), None)
    if shouted is not None:
        return small(shouted)
    if words[:1] == ["not"]:
        return Text("写成 not(…)", "Write not(…)")
    if name.lower() in _PARTS:
        return Text(f"取日期的一部分写 日期.{name.lower()}", f"Write date.{name.lower()} for a part of a date")
    if len(words) > 1 and all(word in names or word in BUILTINS for word in words):
        return Text(
            f"“{words[0]}”和“{words[1]}”之间少了运算符", f"An operator is missing between {words[0]!r} and {words[1]!r}"
        )
    meant = _similar(name, names)
    return None if meant is None else Text(f"是不是“{meant}”？", f"Did you mean {meant!r}?")


def _similar(name: str, names: list[str]) -> str | None:
    """The name, function or word of a function that looks most like it."""
    if name.lower() in _ELSEWHERE:
        return _ELSEWHERE[name.lower()]
    if len(name) > _LONG:
        return None
    close = get_close_matches(name, [*names, *BUILTINS], n=1, cutoff=0.7)
    if close or " " in name:
        return close[0] if close else None
    words = {word: builtin for builtin in BUILTINS for word in builtin.split() if len(word) > 3}
    near = get_close_matches(name, words, n=1, cutoff=0.8)
    return words[near[0]] if near else None
