"""Methods of other languages (`name.startsWith("a")`, `date.plusDays(2)`) as calls of FEEL's functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

KIE = {
    "isTrue": "({0} = true)",
    "isFalse": "({0} = false)",
    "isNull": "({0} = null)",
    "isEmpty": '({0} in (null, ""))',
    "equalsTo": "({0} = {1})",
    "greaterThan": "({0} > {1})",
    "greaterOrEqualThan": "({0} >= {1})",
    "lessThan": "({0} < {1})",
    "lessOrEqualThan": "({0} <= {1})",
    "between": "({0} between {1} and {2})",
    "contains": "contains({0}, {1})",
    "startsWith": "starts with({0}, {1})",
    "endsWith": "ends with({0}, {1})",
}
_SPANS = {"Years": "P{}Y", "Months": "P{}M", "Weeks": "P{}W", "Days": "P{}D", "Hours": "PT{}H", "Minutes": "PT{}M"}


def _later(shape: str, own: str, given: list[str]) -> str:
    return f"({own} + {_span(shape, given[0])})"


def _earlier(shape: str, own: str, given: list[str]) -> str:
    return f"({own} - {_span(shape, given[0])})"


def _span(shape: str, number: str) -> str:
    """A duration of so many days or hours, also of a computed number."""
    if number.isdecimal():
        return f"duration({quoted(shape.format(number))})"
    before, after = shape.split("{}")
    return f"duration({quoted(before)} + string({number}) + {quoted(after)})"


METHODS: dict[str, Callable[[str, list[str]], str]] = {
    "equals": lambda own, given: f"({own} = {given[0]})",
    "equalsIgnoreCase": lambda own, given: f"(lower case({own}) = lower case({given[0]}))",
    "contains": lambda own, given: _contains(own, given[0]),
    "includes": lambda own, given: _contains(own, given[0]),
    "isEmpty": lambda own, given: is_empty(own),
    "size": lambda own, given: f"count({own})",
    "length": lambda own, given: f"string length({own})",
    "toLowerCase": lambda own, given: f"lower case({own})",
    "lower": lambda own, given: f"lower case({own})",
    "toUpperCase": lambda own, given: f"upper case({own})",
    "upper": lambda own, given: f"upper case({own})",
    "startsWith": lambda own, given: f"starts with({own}, {given[0]})",
    "endsWith": lambda own, given: f"ends with({own}, {given[0]})",
    "intValue": lambda own, given: own,
    "doubleValue": lambda own, given: own,
    "toString": lambda own, given: f"string({own})",
    "toDate": lambda own, given: own,
    **{f"plus{name}": partial(_later, shape) for name, shape in _SPANS.items()},
    **{f"minus{name}": partial(_earlier, shape) for name, shape in _SPANS.items()},
}
NEEDS_ONE = frozenset({"equals", "equalsIgnoreCase", "contains", "includes", "startsWith", "endsWith"}) | {
    f"{way}{name}" for way in ("plus", "minus") for name in _SPANS
}


def quoted(text: str) -> str:
    """A FEEL string literal."""
    return json.dumps(text, ensure_ascii=False)


def is_empty(text: str) -> str:
    return f'({text} = null or {text} = "" or {text} = [])'


def _contains(own: str, sought: str) -> str:
    return f"(if {own} instance of list<Any> then list contains({own}, {sought}) else contains({own}, {sought}))"
