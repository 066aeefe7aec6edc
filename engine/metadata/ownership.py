"""Whose records are whose, and giving a person's records to somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, query, records
from engine.metadata.query import Query


def assignable_objects(tx: Tx) -> tuple[str, ...]:
    """Objects whose records tx.actor may give to another owner, by key."""
    found = catalog.load(tx).objects()
    return tuple(one.key for one in found if access.can(tx, "assign", one.key))


def owned(tx: Tx, object_key: str, user_id: UUID, limit: int) -> Iterator[UUID]:
    """Records of that owner that tx.actor may give away, at most `limit`."""
    mine = {"field": "owner_id", "op": "=", "value": str(user_id)}
    asked = Query(object_key, fields=("owner_id",), filter=mine, limit=min(limit, query.MAX_PAGE), action="assign")
    while limit > 0:
        page = query.fetch(tx, asked)
        yield from (record.id for record in page.items[:limit])
        limit -= len(page.items)
        if page.next is None:
            return
        asked = replace(asked, after=page.next)


def give(tx: Tx, object_key: str, record_id: UUID, from_user: UUID, to: UUID) -> None:
    """One record to another owner. Raises: NotFound; Forbidden; UserError when it is no longer `from_user`'s."""
    record = records.get(tx, object_key, record_id)
    if str(record.values.get("owner_id")) != str(from_user):
        raise UserError("not_his", Text("已不在此人名下", "It is not this person's any more"))
    records.set_owner(tx, object_key, record_id, record.version, to)
