"""What runs, in the same transaction, when a record was created or changed: composition registers it at start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata.record import Record

Created: TypeAlias = Callable[[Tx, Record], None]
Imported: TypeAlias = Callable[[Tx, str, Sequence[UUID], str], None]
Updated: TypeAlias = Callable[[Tx, Record, frozenset[str]], None]

_created: dict[str, list[Created]] = {}
_imported: dict[str, list[Imported]] = {}
_updated: dict[str, list[Updated]] = {}


def on_created(object_key: str, callback: Created) -> Callable[[], None]:
    """Calls `callback(tx, record)` after each creation one by one; gives back what removes it again."""
    return _add(_created, object_key, callback)


def on_imported(object_key: str, callback: Imported) -> Callable[[], None]:
    """Calls `callback(tx, object key, ids, batch)` after the creation of many; gives back what removes it again."""
    return _add(_imported, object_key, callback)


def on_updated(object_key: str, callback: Updated) -> Callable[[], None]:
    """Calls `callback(tx, record, changed field keys)` after each change; gives back what removes it again."""
    return _add(_updated, object_key, callback)


def run_created(tx: Tx, record: Record) -> None:
    for callback in _created.get(record.object, ()):
        callback(tx, record)


def run_imported(tx: Tx, object_key: str, ids: Sequence[UUID], batch: str) -> None:
    for callback in _imported.get(object_key, ()):
        callback(tx, object_key, ids, batch)


def run_updated(tx: Tx, record: Record, changed: frozenset[str]) -> None:
    for callback in _updated.get(record.object, ()):
        callback(tx, record, changed)


def _add(
    registry: dict[str, list[Callable[..., None]]], object_key: str, callback: Callable[..., None]
) -> Callable[[], None]:
    registry.setdefault(object_key, []).append(callback)
    return lambda: registry[object_key].remove(callback)
