"""Cases that begin in the background: an import leaves one row a case, a worker begins them in batches.

The row is the truth: it is locked, the case begun and the row settled in one transaction, so that a case begins exactly
once whatever dies in between. A batch in which one start fails is undone and taken again one case at a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.ids import new_id
from engine.kernel.uow import Drain, Tx
from engine.workflow.interpreter import codec
from engine.workflow.messages.rows import COLUMNS, MessageRow
from engine.workflow.runner.calls import values_of

START = "start"
BATCH = 25

_FRESH = "status = 'new' and kind = 'internal' and name = 'start'"
_POST = """insert into message (id, kind, name, keys, payload, status, record_object, record_id, actor_kind, actor_id,
 actor_name, created_at, next_at) select id, 'internal', 'start', %(keys)s::jsonb, decode(payload, 'hex'), 'new',
 %(object)s, record_id, %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(now)s, %(now)s
 from jsonb_to_recordset(%(starts)s::jsonb) as r(id uuid, record_id uuid, payload text)"""
_CLAIM = f"""select {COLUMNS} from message where {_FRESH} and attempts = 0 and next_at <= %(now)s
 order by next_at, id limit %(limit)s for update skip locked"""  # noqa: S608 - constant parts only
_CLAIM_ONE = f"""select {COLUMNS} from message where id = %(id)s and {_FRESH}
 for update skip locked"""  # noqa: S608 - constant parts only
_SETTLE = """update message m set status = 'done', delivered_to = r.instance_id
 from jsonb_to_recordset(%(begun)s::jsonb) as r(id uuid, instance_id uuid) where m.id = r.id"""
_LATER = "update message set next_at = %(now)s + interval '1 minute' where id = any(%(ids)s::uuid[])"
_WAITING = f"select count(*) from message where {_FRESH} and keys->>'batch' = %(batch)s"  # noqa: S608 - constant


def post_starts(
    tx: Tx,
    process_key: str,
    object_key: str,
    cases: Sequence[tuple[UUID, Mapping[str, Any]]],
    *,
    batch: str = "",
) -> None:
    """Begin one case a record, soon, as the acting one. cases: (record, variables); `batch` names them."""
    actor = tx.actor
    who = [str(actor.kind), actor.id, actor.name, actor.on_behalf_of]
    starts = [
        {
            "id": str(new_id()),
            "record_id": str(record_id),
            "payload": codec.pack({"process": process_key, "variables": values_of(variables), "actor": who}).hex(),
        }
        for record_id, variables in cases
    ]
    parameters = {
        "keys": json.dumps({"batch": batch} if batch else {}), "object": object_key, "actor_kind": str(actor.kind),
        "actor_id": actor.id, "actor_name": actor.name, "now": tx.now, "starts": json.dumps(starts),
    }  # fmt: skip
    tx.post(_POST, parameters)
    tx.wake(Drain.STEPS)


def waiting(tx: Tx, batch: str) -> int:
    """Cases of the batch that have not begun."""
    return int(tx.query(_WAITING, {"batch": batch})[0][0])


def claim(tx: Tx, limit: int = BATCH) -> list[MessageRow]:
    """The oldest starts nobody tried yet, locked for this transaction."""
    return [MessageRow(*row) for row in tx.query(_CLAIM, {"now": tx.now, "limit": limit})]


def claim_one(tx: Tx, message_id: UUID) -> MessageRow | None:
    """This start, locked; None when another worker has it."""
    rows = tx.query(_CLAIM_ONE, {"id": message_id})
    return MessageRow(*rows[0]) if rows else None


def begin_all(tx: Tx, messages: Sequence[MessageRow]) -> None:
    """Begin these cases in this transaction. Raises: whatever one of the starts raises."""
    begun, later = [], []
    for message in messages:
        try:
            begun.append({"id": str(message.id), "instance_id": _begin(tx, message)})
        except Conflict as error:
            if error.code != "process_paused":
                raise
            later.append(message.id)
    if begun:
        tx.post(_SETTLE, {"begun": json.dumps(begun)})
    if later:
        tx.post(_LATER, {"ids": later, "now": tx.now})


def _begin(tx: Tx, message: MessageRow) -> str | None:
    """The new case; None when its record is gone, or a case of it runs already. Raises: Conflict while paused."""
    from engine.workflow.instances.starting import start

    content = message.content
    kind, actor_id, name, behalf = content["actor"]
    record = (message.record_object, message.record_id) if message.record_object and message.record_id else None
    with tx.acting_as(Actor(ActorKind(kind), actor_id, name, behalf)):
        try:
            return str(start(tx, content["process"], content["variables"], record=record))
        except (NotFound, Conflict) as error:
            if error.code in ("record_not_found", "lifecycle_running"):
                return None
            raise
