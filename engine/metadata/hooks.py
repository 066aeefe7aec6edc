"""What runs, in the same transaction, when a record was created or changed: composition registers it at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.kernel.uow import Tx
from engine.metadata.record import Record

Created: TypeAlias = Callable[[Tx, Record], None]
Updated: TypeAlias = Callable[[Tx, Record, frozenset[str]], None]

_created: dict[str, list[Created]] = {}
_updated: dict[str, list[Updated]] = {}


def on_created(object_key: str, callback: Created) -> Callable[[], None]:
    """Calls `callback(tx, record)` after each creation (also by import); gives back what removes it again."""
    return _add(_created, object_key, callback)


def on_updated(object_key: str, callback: Updated) -> Callable[[], None]:
    """Calls `callback(tx, record, changed field keys)` after each change; gives back what removes it again."""
    return _add(_updated, object_key, callback)


def run_created(tx: Tx, record: Record) -> None:
    for callback in _created.get(record.object, ()):
        callback(tx, record)


def run_updated(tx: Tx, record: Record, changed: frozenset[str]) -> None:
    for callback in _updated.get(record.object, ()):
        callback(tx, record, changed)


def has_created_hooks(object_key: str) -> bool:
    return bool(_created.get(object_key))


def _add(
    registry: dict[str, list[Callable[..., None]]], object_key: str, callback: Callable[..., None]
) -> Callable[[], None]:
    registry.setdefault(object_key, []).append(callback)
    return lambda: registry[object_key].remove(callback)
