"""A message as stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.runner.keys import plain_keys

COLUMNS = (
    "id, message_id, kind, name, keys, payload, status, source_instance_id, target_instance_id, activation, branch_id,"
    " record_object, record_id, actor_id, expires_at, attempts"
)


@dataclass(slots=True)
class MessageRow:
    """One row of `message`; `payload` is packed."""

    id: UUID
    message_id: str | None
    kind: str
    name: str
    keys: Mapping[str, str]
    payload: bytes
    status: str
    source_instance_id: UUID | None
    target_instance_id: UUID | None
    activation: int | None
    branch_id: UUID | None
    record_object: str | None
    record_id: UUID | None
    actor_id: str
    expires_at: datetime | None
    attempts: int

    @property
    def content(self) -> Value:
        """The payload's value."""
        return codec.unpack(self.payload)


_INSERT = """insert into message (id, message_id, kind, name, keys, payload, status, branch_id, record_object,
 record_id, actor_kind, actor_id, actor_name, created_at, expires_at, next_at)
 values (%(id)s, %(message_id)s, %(kind)s, %(name)s, %(keys)s::jsonb, %(payload)s, 'new', %(branch_id)s,
 %(record_object)s, %(record_id)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(now)s, %(expires_at)s, %(now)s)
 on conflict (message_id) do nothing returning id"""


def insert(
    tx: Tx,
    kind: str,
    name: str,
    keys: Mapping[str, Value],
    payload: Value,
    message_id: str | None,
    *,
    expires_at: datetime | None = None,
    branch_id: UUID | None = None,
    record: tuple[str, UUID] | None = None,
) -> MessageRow | None:
    """Store a message once per id; None when the id was there already."""
    record_object, record_id = record or (None, None)
    parameters: dict[str, Any] = {
        "id": new_id(), "message_id": message_id, "kind": kind, "name": name, "branch_id": branch_id,
        "keys": json.dumps(plain_keys(keys), ensure_ascii=False), "payload": codec.pack(payload),
        "record_object": record_object, "record_id": record_id, "actor_kind": str(tx.actor.kind),
        "actor_id": tx.actor.id, "actor_name": tx.actor.name, "now": tx.now, "expires_at": expires_at,
    }  # fmt: skip
    new = tx.connection.exec_driver_sql(_INSERT, parameters).scalar()
    if new is None:
        return None
    return MessageRow(
        new, message_id, kind, name, plain_keys(keys), parameters["payload"], "new", None, None, None, branch_id,
        record_object, record_id, tx.actor.id, expires_at, 0,
    )  # fmt: skip


def settle(tx: Tx, message: MessageRow, status: str, *, to: UUID | None = None, error: str | None = None) -> None:
    """Write what became of the message."""
    sql = """update message set status = %(status)s, delivered_to = coalesce(%(to)s, delivered_to), error = %(error)s,
 expires_at = %(expires)s where id = %(id)s"""
    parameters = {"id": message.id, "status": status, "to": to, "error": error, "expires": message.expires_at}
    tx.connection.exec_driver_sql(sql, parameters)
    message.status = status
