"""Messages that came before anybody waited for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from engine.workflow.interpreter import codec
from engine.workflow.interpreter.commands import Command, Correlate
from engine.workflow.runner.keys import key_text, lock_keys, plain_keys

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

_OLDEST = """select id, payload from message where name = %(name)s and status = 'buffered'
 and keys @> %(keys)s::jsonb and (expires_at is null or expires_at > %(now)s) order by id limit 1
 for update skip locked"""
_DELIVERED = """update message set status = 'done', delivered_to = %(instance)s, next_at = %(now)s
 where id = %(id)s and status = 'buffered'"""


def take_buffered(session: Session) -> list[Command]:
    """Commands for the step's new subscriptions that a buffered message already answers; at most one each.

    The locks of the subscriptions are taken first and kept until the commit: a message sent meanwhile waits, then finds
    the subscription.
    """
    new = [
        subscription
        for activation, subscription in sorted(session.writes.subscriptions.items())
        if subscription.kind == "message" and activation not in session.looked_up
    ]
    if not new:
        return []
    session.looked_up.update(subscription.activation for subscription in new)
    for name in sorted({subscription.name for subscription in new}):
        lock_keys(session.tx, name, [key_text(s.keys) for s in new if s.name == name])
    for subscription in new:
        found = _take(session, subscription.name, plain_keys(subscription.keys))
        if found is not None:
            session.looked_up.difference_update(s.activation for s in new if s.activation > subscription.activation)
            return [Correlate(subscription.activation, codec.unpack(found))]
    return []


def _take(session: Session, name: str, keys: dict[str, str]) -> bytes | None:
    tx = session.tx
    parameters = {"name": name, "keys": json.dumps(keys, ensure_ascii=False), "now": tx.now}
    row = tx.connection.exec_driver_sql(_OLDEST, parameters).one_or_none()
    if row is None:
        return None
    message_id: UUID = row[0]
    tx.connection.exec_driver_sql(_DELIVERED, {"id": message_id, "instance": session.row.id, "now": tx.now})
    return bytes(row[1])
