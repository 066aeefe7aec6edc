"""A lossless JSON form of every value, for saved workflow state and the database.

Texts, booleans, null and lists are themselves; a number is ``{"n": "1.50"}``; dates, times, date-times and durations
are ``{"d": …}``, ``{"t": …}``, ``{"dt": …}``, ``{"dtd": …}``, ``{"ymd": …}``; a range is ``{"r": […]}``;
a context is itself unless its only key is one of these tags: then it is ``{"c": {…}}``.
Released forms are read for ever.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration, parse_duration
from engine.feel.errors import FeelError
from engine.feel.exact import Exact
from engine.feel.fuel import Fuel
from engine.feel.temporal import format_date_time, format_time
from engine.feel.temporal_literals import date_of_text, date_time_of_text, time_of_text
from engine.feel.values import FeelFunction, Range, Value, from_python, is_bounded
from engine.kernel.text import Text

MAX_DEPTH = 100
_EXACT_TAGS = {"date": "d", "time": "t", "date and time": "dt"}
_TAGS = frozenset({"n", "d", "t", "dt", "dtd", "ymd", "r", "c"})


def to_wire(value: Value, depth: int = 0, fuel: Fuel | None = None) -> Any:
    """The JSON form. Raises: FeelError for a function, nesting beyond 100 or more than a million parts."""
    if value is None or value.__class__ in (bool, str):
        return value
    if depth > MAX_DEPTH:
        raise _bad("嵌套过深", "nested too deeply")
    fuel = fuel or Fuel()
    fuel.spend(1)
    writer = _WRITERS.get(value.__class__)
    if writer is not None:
        return writer(value)
    if isinstance(value, Mapping):
        plain = {str(key): to_wire(item, depth + 1, fuel) for key, item in value.items()}
        return {"c": plain} if len(plain) == 1 and next(iter(plain)) in _TAGS else plain
    if isinstance(value, list | tuple):
        return [to_wire(item, depth + 1, fuel) for item in value]
    if isinstance(value, Range):
        marks = "[" if value.start_included else "(", "]" if value.end_included else ")"
        more = [value.operator] if value.operator else []
        return {"r": [to_wire(value.start, depth + 1), to_wire(value.end, depth + 1), *marks, *more]}
    if isinstance(value, FeelFunction):
        raise _bad("函数不能保存", "a function cannot be saved")
    try:
        return to_wire(from_python(value), depth + 1)
    except TypeError:
        raise _bad("无法保存的值", f"{type(value).__name__} is not a FEEL value") from None


def from_wire(data: Any, depth: int = 0) -> Value:
    """The value of its JSON form; plain JSON numbers become decimals. Raises: FeelError when it is no such form."""
    if data is None or data.__class__ in (bool, str):
        return data
    if depth > MAX_DEPTH:
        raise _bad("嵌套过深", "nested too deeply")
    if isinstance(data, list):
        return [from_wire(item, depth + 1) for item in data]
    if isinstance(data, dict):
        if len(data) == 1:
            tag, content = next(iter(data.items()))
            if tag in _TAGS:
                return _read_tagged(tag, content, depth)
        return {str(key): from_wire(item, depth + 1) for key, item in data.items()}
    if isinstance(data, int | float):
        return from_python(data)
    raise _bad("不是变量的保存格式", "not the saved form of a value")


def _read_tagged(tag: str, content: Any, depth: int) -> Value:
    if tag == "c" and isinstance(content, dict):
        return {str(key): from_wire(item, depth + 1) for key, item in content.items()}
    if tag == "r" and isinstance(content, list) and (len(content) == 4 or content[4:] in (["="], ["!="])):
        start, end = from_wire(content[0], depth + 1), from_wire(content[1], depth + 1)
        return Range(start, end, content[2] == "[", content[3] == "]", *content[4:])
    reader = _READERS.get(tag)
    value = reader(content) if reader is not None and isinstance(content, str) else None
    if value is None:
        raise _bad("不是变量的保存格式", "not the saved form of a value")
    return value


def _read_number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if is_bounded(value) else None


def _read_date_time(text: str) -> datetime | Exact | None:
    """``#1`` marks the second of two equal wall clock times, when a zone's clock is set back."""
    plain = text.removesuffix("#1")
    value = date_time_of_text(plain)
    return value.replace(fold=1) if isinstance(value, datetime) and plain != text else value


def _bad(zh: str, en: str) -> FeelError:
    return FeelError(Text(f"变量无法保存或读取：{zh}", f"A value cannot be saved or read: {en}"), code="feel_wire")


_WRITERS: dict[type, Callable[[Any], dict[str, str]]] = {
    Decimal: lambda value: {"n": str(value)},
    date: lambda value: {"d": value.isoformat()},
    datetime: lambda value: {"dt": format_date_time(value) + ("#1" if value.fold else "")},
    time: lambda value: {"t": format_time(value)},
    DaysAndTimeDuration: lambda value: {"dtd": str(value)},
    YearsAndMonthsDuration: lambda value: {"ymd": str(value)},
    Exact: lambda value: {_EXACT_TAGS[value.kind]: str(value)},
}
_READERS: dict[str, Callable[[str], Value]] = {
    "n": _read_number,
    "d": date_of_text,
    "t": time_of_text,
    "dt": _read_date_time,
    "dtd": parse_duration,
    "ymd": parse_duration,
}
