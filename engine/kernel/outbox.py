"""Messages to the outside: written in the caller's transaction, sent by a worker afterwards.

Outside effects happen at most once: an attempt whose outcome is not known becomes `unknown` and waits for a
receipt or a person, unless the peer recognises repeats.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.connector import Outbound
from engine.kernel.connector_tables import connector, outbox, outbox_hold, suppression
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.phone import e164
from engine.kernel.secrets import mask_address
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx

OPTIONAL_CATEGORIES = frozenset({"marketing"})
_TRAIL = (outbox.c.id, outbox.c.branch_id, outbox.c.instance_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """One message to send.

    `channel` is `sms`, `email` or a connector's id as text. `idempotency_key` makes enqueueing twice harmless
    (`instance:activity:token:loop`). Messages of one `ordering_key` leave one after another. After `expires_in` a
    message is not sent any more. `payload`: sms `{"to", "text", "template"?, "params"?}`,
    email `{"to", "subject", "text", "html"?}`, others as their connector says. `awaited`: the activity stands until
    `outbox_outcomes.take_outcome` reports its messages.
    """

    channel: str
    recipient: str
    payload: Mapping[str, Any]
    idempotency_key: str
    category: str = "notice"
    ordering_key: str | None = None
    expires_in: timedelta | None = None
    not_before: datetime | None = None
    branch_id: UUID | None = None
    subject: tuple[str, str] | None = None
    instance_id: UUID | None = None
    activity_id: str | None = None
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message leased to this worker."""

    outbound: Outbound
    recipient: str
    branch_id: UUID | None = None
    instance_id: UUID | None = None
    attempts: int = 1
    subject: tuple[str, str] = field(default=("", ""))


def enqueue(tx: Tx, message: OutboxMessage) -> UUID:
    """Write one message in the caller's transaction; returns its id (the first one's when the key was used before).

    With no enabled connector for the channel the message waits until there is one. A recipient who opted out of the
    category gets a `suppressed` row.
    """
    new = new_id()
    subject_kind, subject_id = message.subject or (None, None)
    row = {
        "id": new,
        "idempotency_key": message.idempotency_key,
        "channel": message.channel,
        "connector_id": connector_for(tx, message.channel, message.branch_id),
        "ordering_key": message.ordering_key,
        "category": message.category,
        "recipient": _address(message),
        "payload": dict(message.payload),
        "state": "suppressed" if _opted_out(tx, message) else "queued",
        "next_at": message.not_before or tx.now,
        "expires_at": tx.now + message.expires_in if message.expires_in is not None else None,
        "created_at": tx.now,
        "reply_token": new_token(),
        "branch_id": message.branch_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "instance_id": message.instance_id,
        "activity_id": message.activity_id,
        "awaited": message.awaited,
    }
    statement = insert(outbox).values(row).on_conflict_do_nothing(index_elements=["idempotency_key"])
    inserted = tx.execute(statement.returning(outbox.c.id)).scalar()
    if inserted is None:
        existing = select(outbox.c.id).where(outbox.c.idempotency_key == message.idempotency_key)
        return UUID(str(tx.execute(existing).scalar_one()))
    tx.wake(Drain.OUTBOX)
    return new


def new_token() -> str:
    """An unguessable, case-insensitive reply token: 16 base32 characters, 80 bits."""
    return base64.b32encode(os.urandom(10)).decode("ascii").lower()


def connector_for(tx: Tx, channel: str, branch_id: UUID | None) -> UUID | None:
    """The connector a message leaves by: the named one, else the branch's own, else headquarters' (oldest first)."""
    own_first = (connector.c.branch_id == branch_id).desc().nulls_last()
    try:
        wanted = connector.c.id == UUID(channel)
    except ValueError:
        wanted = (connector.c.channel == channel) | (connector.c.kind == channel)
    reachable = connector.c.branch_id.is_(None) | (connector.c.branch_id == branch_id)
    query = (
        select(connector.c.id)
        .where(wanted, connector.c.enabled, reachable)
        .order_by(own_first, connector.c.created_at, connector.c.id)
        .limit(1)
    )
    found = tx.execute(query).scalar()
    return None if found is None else UUID(str(found))


_CLAIM = text(
    """
    WITH due AS (
        SELECT o.id FROM outbox o
        WHERE o.state = 'queued' AND o.next_at <= :now AND o.connector_id = :connector_id
          AND (CAST(:recipient AS text) IS NULL OR o.recipient = :recipient)
          AND NOT EXISTS (
              SELECT 1 FROM outbox e
              WHERE e.ordering_key = o.ordering_key AND e.id < o.id AND e.state IN ('queued', 'sending'))
        ORDER BY o.next_at, o.id
        LIMIT :limit
        FOR UPDATE OF o SKIP LOCKED)
    UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = :lease_until
    FROM due WHERE outbox.id = due.id
    RETURNING outbox.id, outbox.payload, outbox.attempts, outbox.created_at, outbox.reply_token, outbox.recipient,
              outbox.branch_id, outbox.instance_id, outbox.subject_kind, outbox.subject_id
    """
)


def claim(tx: Tx, connector_id: UUID, *, limit: int, lease_s: float, recipient: str | None = None) -> list[Claimed]:
    """Lease up to `limit` due messages of a connector, oldest first; at most one per ordering key."""
    parameters = {
        "now": tx.now,
        "connector_id": connector_id,
        "limit": limit,
        "recipient": recipient,
        "lease_until": tx.now + timedelta(seconds=lease_s),
    }
    rows = tx.execute(_CLAIM, parameters).mappings().all()
    claimed = [
        Claimed(
            Outbound(row["id"], row["payload"], row["attempts"], row["created_at"], row["reply_token"]),
            row["recipient"],
            row["branch_id"],
            row["instance_id"],
            row["attempts"],
            (row["subject_kind"] or "", row["subject_id"] or ""),
        )
        for row in rows
    ]
    return sorted(claimed, key=lambda one: one.outbound.id)


def expire(tx: Tx) -> int:
    """Give up messages that are too late to be of use. Returns how many."""
    late = update(outbox).where(outbox.c.state == "queued", outbox.c.expires_at <= tx.now)
    rows = tx.execute(late.values(state="expired", settled_at=tx.now, code="expired").returning(*_TRAIL)).all()
    for row in rows:
        tx.record(Event("message:expired", ("outbox", row.id), row.branch_id, instance_id=row.instance_id))
    return len(rows)


def recover(tx: Tx, known: frozenset[UUID], idempotent: frozenset[UUID]) -> int:
    """Settle what a dead worker left in `sending` on the known connectors: queued again where the peer knows repeats,
    else unknown. A connector nobody knows any more is settled after an hour.
    """
    mine = outbox.c.connector_id.in_(known) | (outbox.c.lease_until < tx.now - timedelta(hours=1))
    stale = update(outbox).where(outbox.c.state == "sending", outbox.c.lease_until < tx.now, mine)
    again = stale.where(outbox.c.connector_id.in_(idempotent)).values(state="queued", next_at=tx.now)
    requeued = len(tx.execute(again.returning(outbox.c.id)).all()) if idempotent else 0
    unknown = stale.values(state="unknown", code="interrupted", settled_at=tx.now)
    lost = tx.execute(unknown.returning(*_TRAIL)).all()
    for row in lost:
        data = {"code": "interrupted"}
        tx.record(Event("message:unknown", ("outbox", row.id), row.branch_id, data, instance_id=row.instance_id))
    return requeued + len(lost)


def adopt(tx: Tx) -> int:
    """Give messages that found no connector the one that exists by now. Returns how many."""
    homeless = select(outbox.c.channel, outbox.c.branch_id).where(
        outbox.c.state == "queued", outbox.c.connector_id.is_(None)
    )
    moved = 0
    for row in tx.execute(homeless.distinct().limit(100)).all():
        target = connector_for(tx, row.channel, row.branch_id)
        if target is not None:
            mine = update(outbox).where(
                outbox.c.state == "queued",
                outbox.c.connector_id.is_(None),
                outbox.c.channel == row.channel,
                outbox.c.branch_id.is_not_distinct_from(row.branch_id),
            )
            moved += tx.execute(mine.values(connector_id=target)).rowcount
    return moved


def resolve_unknown(tx: Tx, outbox_id: UUID, decision: str, note: str) -> None:
    """A person settles an unknown or given-up message: `sent`, `failed` or `again` (send it once more).

    Raises:
        NotFound: no such message.
        Conflict: its state is not unknown, failed or dead.
    """
    state = tx.execute(select(outbox.c.state).where(outbox.c.id == outbox_id).with_for_update()).scalar()
    if state is None:
        raise NotFound("message_not_found", Text("没有这条消息", "There is no such message"))
    if state not in ("unknown", "failed", "dead"):
        raise Conflict("message_settled", Text(f"消息状态已是 {state}", f"The message is already {state}"))
    changes: dict[str, Any] = {"settled_at": tx.now, "error": note[:500]}
    if decision == "again":
        changes |= {"state": "queued", "next_at": tx.now, "expires_at": None, "settled_at": None, "reported_at": None}
        tx.wake(Drain.OUTBOX)
    else:
        changes["state"] = {"sent": "sent", "failed": "failed"}[decision]
        tx.wake(Drain.STEPS)
    tx.execute(update(outbox).where(outbox.c.id == outbox_id).values(changes))
    tx.record(Event("message:resolved", ("outbox", str(outbox_id)), data={"decision": decision, "note": note[:500]}))


def hold(tx: Tx, reason: str) -> None:
    """Stop all sending (after a restore, say) until `release`."""
    tx.execute(insert(outbox_hold).values(id=1, since=tx.now, reason=reason).on_conflict_do_nothing())
    tx.record(Event("outbox:held", ("outbox", "*"), data={"reason": reason}))


def release(tx: Tx) -> None:
    """Let messages leave again."""
    tx.execute(delete(outbox_hold))
    tx.record(Event("outbox:released", ("outbox", "*")))
    tx.wake(Drain.OUTBOX)


def is_held(tx: Tx) -> bool:
    """Whether sending is stopped."""
    return bool(tx.execute(select(func.count()).select_from(outbox_hold)).scalar_one())


def suppress(tx: Tx, channel: str, address: str, category: str, reason: str) -> None:
    """Remember that an address wants no more messages of a category."""
    row = {"channel": channel, "address": address, "category": category, "at": tx.now, "reason": reason}
    tx.execute(insert(suppression).values(row).on_conflict_do_nothing())
    data = {"address": mask_address(address), "category": category}
    tx.record(Event("message:opted_out", ("suppression", channel), data=data))


def _address(message: OutboxMessage) -> str:
    return e164(message.recipient) if message.channel == "sms" else message.recipient


def _opted_out(tx: Tx, message: OutboxMessage) -> bool:
    if message.category not in OPTIONAL_CATEGORIES:
        return False
    query = select(suppression.c.at).where(
        suppression.c.channel == message.channel,
        suppression.c.address == _address(message),
        suppression.c.category == message.category,
    )
    return tx.execute(query).first() is not None
