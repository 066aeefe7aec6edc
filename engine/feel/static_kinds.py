"""The kind of value an expression has if it has one, also where it calls built-in functions."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from engine.feel.builtins import BUILTINS
from engine.feel.durations import YearsAndMonthsDuration
from engine.feel.statictypes import Known, type_of
from engine.feel.syntax import Call, Filter, Name, Negate, Node

_KINDS: dict[object, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    date: "date",
    datetime: "date and time",
    time: "time",
    YearsAndMonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
}
_NAMED = {"date": "date", "time": "time", "date and time": "date and time"}


def kind_of(node: Node, known: Known) -> str | None:
    """``number``, ``string`` and so on; None when only running it would tell."""
    if isinstance(node, Call) and isinstance(node.callee, Name) and node.callee.name not in known:
        return result_kind(node.callee.name)
    if isinstance(node, Negate):
        found = kind_of(node.operand, known)
        return found if found in ("number", "days and time duration", "years and months duration") else None
    if isinstance(node, Filter):
        return None
    name = type_of(node, known).name
    return None if name in ("?", "Any") else name


@lru_cache(maxsize=512)
def result_kind(name: str) -> str | None:
    """What a built-in function gives beside null, when all its signatures give the same."""
    if name in _NAMED or name not in BUILTINS:
        return _NAMED.get(name)
    kinds = {_kind_of_hint(get_type_hints(one.function).get("return")) for one in BUILTINS[name].signatures}
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of_hint(hint: object) -> str | None:
    """``str | None`` is a text, ``list[str]`` a list."""
    parts = [part for part in get_args(hint) if part is not NoneType] if isinstance(hint, UnionType) else [hint]
    return _KINDS.get(get_origin(parts[0]) or parts[0]) if len(parts) == 1 else None
