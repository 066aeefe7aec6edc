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
        "put": "context put",
        "put all": "context merge",
    },
}
_ANEW = Text(
    "同样的输入要得到同样的结果：这个值由服务任务或表单给出",
    "Equal inputs have equal results: let a service task or a form supply this value",
)
_OUTSIDE = Text("改变写法的事交给服务任务", "Leave the encoding of values to a service task")
_WRITTEN: dict[str, Text] = {
    **dict.fromkeys(("uuid", "random number", "rand", "random"), _ANEW),
    **dict.fromkeys(("to base64", "to json"), _OUTSIDE),
    **dict.fromkeys(
        ("current date", "current time", "now date"), Text("写 today() 或 now()", "Write today() or now()")
    ),
    "from json": Text("变量里已经是数据，直接写它的名字", "Variables hold data already; write the name alone"),
    "fromai": Text("这里没有智能体，写常量或变量", "No agent answers here; write a constant or a variable"),
    "assert": Text(
        "写 if 条件 then 值 else null；要让流程停下，用网关或错误事件",
        "Write if condition then value else null; to stop the process use a gateway or an error event",
    ),
    "extract": Text(
        '取第一处写 replace(文字, "^.*?(模式).*$", "$1", "s")',
        'Write replace(text, "^.*?(pattern).*$", "$1", "s") for the first match',
    ),
    "duplicate values": Text(
        "写 distinct values(列表[count(index of(列表, item)) > 1])",
        "Write distinct values(list[count(index of(list, item)) > 1])",
    ),
    "is empty": Text("写 count(列表) = 0", "Write count(list) = 0"),
    "map": Text("写 for x in 列表 return …", "Write for x in list return …"),
    "filter": Text("写 列表[条件]，每一项是 item", "Write list[condition], where item is each of them"),
    "first": Text("第一个写 列表[1]", "Write list[1] for the first"),
    "last": Text("最后一个写 列表[-1]", "Write list[-1] for the last"),
    **dict.fromkeys(("sumif", "sumifs"), Text("写 sum(列表[条件].字段)", "Write sum(list[condition].field)")),
    **dict.fromkeys(("countif", "countifs"), Text("写 count(列表[条件])", "Write count(list[condition])")),
    **dict.fromkeys(("datediff", "datedif", "days"), Text("写 (日期 - 日期).days", "Write (date - date).days")),
    **dict.fromkeys(("dateadd", "adddays"), Text('写 日期 + @"P30D"', 'Write date + @"P30D"')),
}
"""What functions of other engines and of tables become where no one function stands for them."""
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
    written = _WRITTEN.get(name.lower())
    if written is not None and not get_close_matches(name, names, n=1, cutoff=0.7):
        return written
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
