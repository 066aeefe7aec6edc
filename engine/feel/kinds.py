"""What people call the types of FEEL."""

from engine.kernel.text import Text

_KINDS = {
    "number": Text("数字", "a number"),
    "string": Text("文字", "a text"),
    "boolean": Text("真假", "true or false"),
    "date": Text("日期", "a date"),
    "time": Text("时间", "a time"),
    "date and time": Text("日期时间", "a date and time"),
    "days and time duration": Text("时长", "a duration"),
    "years and months duration": Text("年月时长", "a duration in months"),
    "list": Text("列表", "a list"),
    "context": Text("上下文", "a context"),
    "range": Text("区间", "a range"),
    "function": Text("函数", "a function"),
}


def kind_text(name: str) -> Text:
    """The name of a type for people."""
    return _KINDS.get(name, Text(name, name))
