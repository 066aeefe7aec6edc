"""What an operator types as the new value of a variable, as the type the variable has."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.feel.values import kind as kind_of
from engine.kernel.errors import UserError
from engine.kernel.text import Text

_TRUE, _FALSE = ("true", "是", "yes"), ("false", "否", "no")
_KINDS = {
    "money": "number", "hours": "number", "number": "number", "boolean": "boolean", "date": "date",
    "dateTime": "date and time", "list": "list", "context": "context",
}  # fmt: skip
_EXPECTED = {
    "number": Text("应为数字，如 1200.50", "Expected a number such as 1200.50"),
    "boolean": Text("应为“是”或“否”", "Expected yes or no"),
    "date": Text("应为日期，如 2026-09-01", "Expected a date such as 2026-09-01"),
    "date and time": Text(
        "应为日期和时间，如 2026-09-01T08:00:00+08:00", "Expected a moment such as 2026-09-01T08:00:00+08:00"
    ),
    "list": Text("应为 JSON 列表，如 [1, 2]", "Expected a JSON list such as [1, 2]"),
    "context": Text("应为 JSON 对象", "Expected a JSON object"),
}


def typed(text: str, declared: str, before: Any) -> Any:
    """The value of the declared type (of ``school:variable``), else of the type it had. Empty is nothing at all.

    Raises: UserError that says what was expected.

    >>> typed("1200.50", "money", None)
    Decimal('1200.50')
    """
    if not text:
        return None
    kind = _KINDS.get(declared) or kind_of(before)
    read = _READERS.get(kind)
    if read is None:
        return text
    try:
        return read(text)
    except (ValueError, InvalidOperation) as error:
        raise UserError("bad_value", fields={"value": _EXPECTED[kind]}) from error


def _boolean(text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise ValueError(text)
    return text.lower() in _TRUE


def _number(text: str) -> Decimal:
    found = Decimal(text.replace(",", ""))
    if not found.is_finite():
        raise ValueError(text)
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _json(kind: type) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        found = json.loads(text, parse_float=Decimal)
        if not isinstance(found, kind):
            raise ValueError(text)
        return found

    return read


_READERS: Mapping[str, Callable[[str], Any]] = {
    "number": _number,
    "boolean": _boolean,
    "date": date.fromisoformat,
    "date and time": _moment,
    "list": _json(list),
    "context": _json(dict),
}
