"""Correlation keys as text, and the locks by which a message and a subscription cannot miss each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations

from engine.kernel.canonical import plain
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter.values import Value, Values

MAX_KEYS = 5


def plain_keys(keys: Values) -> dict[str, str]:
    """Keys with their values as text: 12, 12.0 and "12" are the same key value; null keys are left out.

    >>> plain_keys({"n": Decimal("12.0"), "card": "0012", "none": None})
    {'card': '0012', 'n': '12'}
    """
    return {name: _word(keys[name]) for name in sorted(keys) if keys[name] is not None}


def key_text(keys: Values) -> str:
    """The canonical text of keys: `{}` for none."""
    return json.dumps(plain_keys(keys), ensure_ascii=False, separators=(",", ":"))


def key_subsets(keys: Values) -> list[str]:
    """Texts of all subsets of the keys: a subscription matches when all of *its* keys match.

    Raises: UserError for more than five keys.
    """
    items = list(plain_keys(keys).items())
    if len(items) > MAX_KEYS:
        raise UserError(
            "too_many_keys",
            Text(f"消息最多 {MAX_KEYS} 个关联键", f"A message has at most {MAX_KEYS} correlation keys"),
        )
    return [key_text(dict(part)) for size in range(len(items) + 1) for part in combinations(items, size)]


def lock_keys(tx: Tx, name: str, texts: Iterable[str]) -> None:
    """Take the locks of (name, key), in one order for everybody, until the commit."""
    numbers = sorted({_number(f"{name}\x1f{text}") for text in texts})
    for number in numbers:
        tx.connection.exec_driver_sql("select pg_advisory_xact_lock(%(key)s)", {"key": number})


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize() + 0, "f")
    if isinstance(value, str):
        return value.replace("\x00", "")
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
