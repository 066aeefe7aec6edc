"""A write asked for twice under one ``Idempotency-Key`` happens once.

The key belongs to (actor, method, route). The row is inserted in the write's own transaction, so a second request with
the same key waits for the first one's commit and then gets its answer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, text
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx

KEPT_FOR = timedelta(hours=24)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("actor_id", TextColumn, primary_key=True),
    Column("method", TextColumn, primary_key=True),
    Column("route", TextColumn, primary_key=True),
    Column("key", TextColumn, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("response", JSONB(none_as_null=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_idempotency_key_age", "created_at"),
    info={"room": "kernel"},
)


@dataclass(frozen=True)
class Request:
    """What makes two requests the same. ``route`` includes the path's values; ``body`` is raw."""

    method: str
    route: str
    key: str
    body: bytes

    @property
    def body_hash(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: Any


class KeyReused(UserError):
    """The same key came with another body."""

    default_code = "idempotency_key_reused"
    default_message = Text("同一个 Idempotency-Key 不能用于不同的内容", "One Idempotency-Key can't carry two bodies")


def begin(tx: Tx, request: Request) -> Answer | None:
    """None for a first request (the key is now ours until the commit), else the stored answer.

    Raises: KeyReused when the body differs.
    """
    names = _names(tx, request)
    inserted = tx.execute(
        text(
            "INSERT INTO idempotency_key (actor_id, method, route, key, body_hash, created_at)"
            " VALUES (:actor_id, :method, :route, :key, :hash, :now)"
            " ON CONFLICT (actor_id, method, route, key) DO UPDATE"
            " SET body_hash = excluded.body_hash, created_at = excluded.created_at, status = NULL, response = NULL"
            " WHERE idempotency_key.created_at < :expired RETURNING 1"
        ),
        {**names, "hash": request.body_hash, "now": tx.now, "expired": tx.now - KEPT_FOR},
    ).one_or_none()
    if inserted:
        return None
    row = tx.execute(
        text(
            "SELECT body_hash, status, response FROM idempotency_key"
            " WHERE actor_id = :actor_id AND method = :method AND route = :route AND key = :key"
        ),
        names,
    ).one()
    if bytes(row.body_hash) != request.body_hash:
        raise KeyReused
    return Answer(row.status, row.response)


def finish(tx: Tx, request: Request, answer: Answer) -> None:
    """Stores the answer, in the same commit as the write."""
    tx.execute(
        idempotency_key.update()
        .where(
            *(idempotency_key.c[name] == value for name, value in _names(tx, request).items()),
        )
        .values(status=answer.status, response=answer.body)
    )


def forget_old(tx: Tx) -> int:
    """Removes keys past their time; the number removed."""
    result = tx.execute(text("DELETE FROM idempotency_key WHERE created_at < :at"), {"at": tx.now - KEPT_FOR})
    return result.rowcount


def _names(tx: Tx, request: Request) -> Mapping[str, str]:
    return {"actor_id": tx.actor.id, "method": request.method, "route": request.route, "key": request.key}
