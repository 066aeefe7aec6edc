"""What an embedder may do wrong, in words that help."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel.errors import Conflict, SchoolflowError
from engine.kernel.text import Text


class NotOpen(Conflict, KeyError):
    """Nothing of that element or id is open in the instance: it never was, or it is done already."""

    default_code = "work.not_open"
    default_message = Text("没有待办的这一项", "Nothing of that name is open")

    __str__ = SchoolflowError.__str__


def not_open(given: object, found: Iterable[str], status: str) -> NotOpen:
    """Nothing is open at `given`, but at `found` in an instance of this status."""
    names = sorted(set(found))
    zh, en = f"“{given}”处没有待办", f"Expected something open at {given!r}"
    if status != "running":
        return NotOpen(message=Text(f"{zh}：实例已结束", f"{en}, but the instance is {status}"))
    if not names:
        return NotOpen(message=Text(f"{zh}：这一类的一项也没有", f"{en}, but nothing of that kind is open"))
    return NotOpen(message=Text(f"{zh}，有的是：{'、'.join(names)}", f"{en}, but found {names}"))
