"""Flowable's functions of variables (`${vars:getOrDefault(days, 3) > 2}`) as plain expressions of its language."""

from __future__ import annotations

import re

_CALL = re.compile(
    r"\b(?:vars?|variables):(?P<name>\w+)\(\s*(?P<q>['\"]?)(?P<variable>[^\W\d]\w*)(?P=q)\s*"
    r"(?:,\s*(?P<value>'[^']*'|\"[^\"]*\"|[\w.]+)\s*)?\)"
)
_ALONE = {
    "get": "{0}",
    "exists": "({0} != null)",
    "isEmpty": "(empty {0})",
    "empty": "(empty {0})",
    "isNotEmpty": "(not empty {0})",
    "notEmpty": "(not empty {0})",
}
_SIGNS = {
    **dict.fromkeys(("eq", "equals"), "=="),
    **dict.fromkeys(("ne", "notEquals"), "!="),
    **dict.fromkeys(("lt", "lessThan"), "<"),
    **dict.fromkeys(("lte", "lessThanOrEquals"), "<="),
    **dict.fromkeys(("gt", "greaterThan"), ">"),
    **dict.fromkeys(("gte", "greaterThanOrEquals"), ">="),
}


def plain(text: str) -> str:
    """The text with every such call written out; calls of other functions stay.

    >>> plain("${vars:getOrDefault(days, 3) > 2 && var:eq('kind', 'sick')}")
    "${(days == null ? 3 : days) > 2 && (kind == 'sick')}"
    """
    return _CALL.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    name, variable, value = match["name"], match["variable"], match["value"]
    if value is None:
        return _ALONE[name].format(variable) if name in _ALONE else match[0]
    if name == "getOrDefault":
        return f"({variable} == null ? {value} : {variable})"
    return f"({variable} {_SIGNS[name]} {value})" if name in _SIGNS else match[0]
