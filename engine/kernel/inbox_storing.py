"""Putting events into the inbox: once each, doubtful ones aside, receipts booked, replies joined to their case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from engine.kernel.connector import Inbound
from engine.kernel.connector_tables import connector_health, inbox, outbox
from engine.kernel.delivery_health import ensure
from engine.kernel.delivery_policy import add_skew, clock_fault, is_skewed
from engine.kernel.delivery_receipts import apply_receipt
from engine.kernel.ids import new_id
from engine.kernel.outbox import suppress
from engine.kernel.uow import Drain, Tx

QUARANTINE_CAP = 1000
CONVERSATION = timedelta(days=7)
_KEYS = (outbox.c.id, outbox.c.instance_id, outbox.c.activity_id)


class Stored(StrEnum):
    """What became of an event that arrived."""

    NEW = "new"
    QUARANTINED = "quarantined"
    REPEATED = "repeated"
    DROPPED = "dropped"


def store_items(tx: Tx, connector_id: UUID, items: Sequence[Inbound]) -> list[Stored]:
    """Store a batch in the caller's transaction; the outcome of each, in order."""
    outcomes = [_store(tx, connector_id, item) for item in items]
    _note_events(tx, connector_id, list(zip(items, outcomes, strict=True)))
    return outcomes


def _store(tx: Tx, connector_id: UUID, item: Inbound) -> Stored:
    reason = item.quarantine or clock_fault(item.occurred_at, tx.now)
    if reason and _quarantine_is_full(tx, connector_id):
        return Stored.DROPPED
    row = {
        "id": new_id(),
        "connector_id": connector_id,
        "dedupe_key": _storable(item.dedupe_key)[:500],
        "name": item.name,
        "state": "quarantined" if reason else "new",
        "received_at": tx.now,
        "occurred_at": item.occurred_at,
        "device_time_raw": _storable(item.device_time_raw)[:100],
        "realtime": item.realtime,
        "correlation": _storable_json(item.correlation),
        "payload": _storable_json(item.payload),
        "raw": item.raw,
        "next_at": tx.now,
        "reason": reason or "",
    }
    statement = insert(inbox).values(row).on_conflict_do_nothing(index_elements=["connector_id", "dedupe_key"])
    inserted = tx.execute(statement.returning(inbox.c.id)).scalar()
    if inserted is None:
        return Stored.REPEATED
    if reason:
        return Stored.QUARANTINED
    _connect(tx, connector_id, UUID(str(inserted)), item)
    tx.wake(Drain.INBOX)
    return Stored.NEW


def _connect(tx: Tx, connector_id: UUID, inbox_id: UUID, item: Inbound) -> None:
    """Book the receipt; find the message an event answers, and add that message's keys to the event's.

    A receipt for a message no case has sent is done with that.
    """
    outbox_id = apply_receipt(tx, connector_id, item.receipt) if item.receipt is not None else None
    if item.payload.get("opt_out") and item.correlation.get("phone"):
        suppress(tx, "sms", item.correlation["phone"], "marketing", "replied")
    answered = _answered(tx, item, outbox_id)
    this = update(inbox).where(inbox.c.id == inbox_id)
    if item.receipt is not None and (answered is None or answered.instance_id is None):
        tx.execute(this.values(state="done"))
    if answered is not None:
        keys = {"outbox_id": answered.id, "instance_id": answered.instance_id, "activity_id": answered.activity_id}
        found = {name: str(value) for name, value in keys.items() if value is not None}
        tx.execute(this.values(correlation=_storable_json({**item.correlation, **found})))


def _answered(tx: Tx, item: Inbound, outbox_id: UUID | None) -> Row[Any] | None:
    """The one message an event answers; None when there is none, or several could be meant."""
    query: Select[Any]
    if item.receipt is not None:
        query = select(*_KEYS).where(outbox.c.id == outbox_id)
    elif item.correlation.get("token"):
        query = select(*_KEYS).where(outbox.c.reply_token == item.correlation["token"].lower())
    elif item.name == "sms.reply":
        sent = outbox.c.sent_at > tx.now - CONVERSATION
        mine = (outbox.c.recipient == item.correlation.get("phone", "")) & outbox.c.instance_id.is_not(None) & sent
        query = select(*_KEYS).where(mine).ext(distinct_on(outbox.c.instance_id)).order_by(outbox.c.instance_id)
    else:
        return None
    found = tx.execute(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _storable(told: str) -> str:
    """Text as the database takes it: no NUL, no lone surrogate."""
    return told.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _storable_json(value: Any) -> Any:
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_json(item) for item in value]
    return value


def _quarantine_is_full(tx: Tx, connector_id: UUID) -> bool:
    held = select(inbox.c.id).where(inbox.c.connector_id == connector_id, inbox.c.state == "quarantined")
    count = select(func.count()).select_from(held.limit(QUARANTINE_CAP).subquery())
    return bool(tx.execute(count).scalar_one() >= QUARANTINE_CAP)


def _note_events(tx: Tx, connector_id: UUID, stored: Sequence[tuple[Inbound, Stored]]) -> None:
    """Keep the time of the last event and the clock skew of real-time ones in the health row.

    Comes last in a transaction, after the messages of receipts: the order in which senders lock the two.
    """
    fresh = [item for item, outcome in stored if outcome in (Stored.NEW, Stored.QUARANTINED)]
    dropped = sum(outcome is Stored.DROPPED for _item, outcome in stored)
    if not fresh and not dropped:
        return
    ensure(tx, connector_id)
    this = connector_health.c.connector_id == connector_id
    query = select(connector_health.c.skews, connector_health.c.state, connector_health.c.code).where(this)
    before = tx.execute(query.with_for_update()).one()
    values: dict[str, Any] = {"last_event_at": tx.now, "dropped": connector_health.c.dropped + dropped}
    skews = list(before.skews)
    for item in fresh:
        if item.realtime and item.device_time_raw:
            skews = add_skew(skews, tx.now, item.occurred_at)
    if skews != before.skews:
        values["skews"] = skews
        if is_skewed(skews) and before.state == "ok":
            values |= {"state": "degraded", "code": "clock_skew", "since": tx.now}
        elif not is_skewed(skews) and before.code == "clock_skew":
            values |= {"state": "ok", "code": "", "since": tx.now}
    tx.execute(update(connector_health).where(this).values(values))
