"""How much a data store may hold: its capacity in entries, and a size that keeps steps quick (BPMN 2.0.2 10.4.1)."""

from __future__ import annotations

from typing import Any

from engine.kernel.text import Text
from engine.workflow.interpreter import codec

MOST_BYTES = 4 * 1024 * 1024
"""Of one store, as it is saved; every step that reads one reads all of it."""
_SMALL = 64
"""Entries or letters that need not be measured."""
_SIZED = (str, list, tuple, dict)


def overfull(name: str, value: Any, capacity: int | None) -> Text | None:
    """Why the store cannot hold the value; None when it can."""
    if capacity is not None and isinstance(value, list) and len(value) > capacity:
        return Text(
            f"数据存储“{name}”最多存 {capacity} 条，实际 {len(value)} 条",
            f"The data store {name} holds {capacity} at most, but was given {len(value)}",
        )
    if _is_small(value) or (size := len(codec.pack(value))) <= MOST_BYTES:
        return None
    most, given = MOST_BYTES >> 20, size / (1 << 20)
    return Text(
        f"数据存储“{name}”最多存 {most} MB，实际 {given:.1f} MB；请把数据放到记录里",
        f"The data store {name} holds {most} MB at most, but was given {given:.1f} MB; keep such data in records",
    )


def _is_small(value: Any) -> bool:
    if isinstance(value, dict):
        return len(value) <= _SMALL and not any(isinstance(one, _SIZED) for one in value.values())
    return not isinstance(value, _SIZED) or (isinstance(value, str) and len(value) <= _SMALL)
