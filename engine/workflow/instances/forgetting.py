"""Variables that finished cases keep, counted and erased by the record they were about (a person asks to be forgotten).

A running case still needs its variables; once it has ended they go with the next request.
"""

from __future__ import annotations

from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.runner import apart

_FINISHED = """select id, state from instance where record_object = %(object)s and record_id = %(record)s
 and ended_at is not null order by id for update"""
_EMPTY = "update instance set state = %(state)s where id = %(id)s"


def kept_variables(tx: Tx, object_key: str, record_id: UUID) -> int:
    """How many variables the finished cases of a record still hold."""
    return sum(len(apart.decode(tx, *row).variables) for row in _finished(tx, object_key, record_id))


def forget_variables(tx: Tx, object_key: str, record_id: UUID) -> int:
    """The finished cases of a record hold no variables any more; how many went."""
    count = 0
    for instance_id, blob in _finished(tx, object_key, record_id):
        state = apart.decode(tx, instance_id, blob)
        count += len(state.variables)
        named = apart.digests(state)
        state.scopes.clear()
        tx.post(_EMPTY, {"id": instance_id, "state": apart.encode(tx, instance_id, state, named)})
    return count


def _finished(tx: Tx, object_key: str, record_id: UUID) -> list[tuple[UUID, bytes]]:
    return [(row[0], row[1]) for row in tx.query(_FINISHED, {"object": object_key, "record": record_id})]
