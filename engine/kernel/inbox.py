"""Events from outside: stored once each, then acknowledged, then handled in a transaction of their own.

`receive` is called in the commit that precedes the acknowledgement. `drain_inbox` hands each waiting event to a handler
inside one transaction with the mark `done`, so an event takes effect exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from engine.kernel.actor import Actor
from engine.kernel.connector import Committed, Inbound
from engine.kernel.connector_tables import connector, connector_health, inbox, outbox
from engine.kernel.delivery_health import ensure
from engine.kernel.delivery_policy import add_skew, clock_fault, is_skewed
from engine.kernel.delivery_receipts import apply_receipt
from engine.kernel.errors import NotFound, SchoolflowError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.outbox import suppress
from engine.kernel.secrets import redact
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Drain, Tx, Unavailable

log = logging.getLogger(__name__)

QUARANTINE_CAP = 1000
CONVERSATION = timedelta(days=7)
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An event waiting to be handled. `id` is its message id; `branch_id` the connector's branch."""

    id: UUID
    connector_id: UUID
    kind: str
    branch_id: UUID | None
    name: str
    correlation: Mapping[str, str]
    payload: Mapping[str, Any]
    occurred_at: datetime
    received_at: datetime
    realtime: bool
    attempts: int


def receive(tx: Tx, connector_id: UUID, item: Inbound) -> bool:
    """Store one event in the caller's transaction; False when it was there already.

    A receipt is booked on its message at once. A reply gets the keys of the conversation it answers. Implausible device
    times and the connector's own doubts put it in quarantine; a full quarantine drops the row and counts it.
    """
    outcome = _store(tx, connector_id, item)
    _note_events(tx, connector_id, [(item, outcome)])
    return outcome in ("new", "quarantined")


def receive_all(tx: Tx, connector_id: UUID, items: Iterable[Inbound]) -> Committed:
    """Store a batch; repeated events count as accepted, so that a device stops sending them."""
    stored = [(item, _store(tx, connector_id, item)) for item in items]
    _note_events(tx, connector_id, stored)
    quarantined = sum(outcome in ("quarantined", "dropped") for _item, outcome in stored)
    return Committed(len(stored) - quarantined, quarantined)


def drain_inbox(boundary: Boundary, actor: Actor, handle: Callable[[Tx, InboxRow], None], *, limit: int = 500) -> int:
    """Hand up to `limit` waiting events to `handle`, each in one transaction; returns how many were taken.

    A failing event is tried again with growing delays and becomes `dead` after eight attempts.

    Raises:
        Unavailable: the database went away.
    """
    for taken in range(limit):
        current: list[UUID] = []

        def step(tx: Tx, current: list[UUID] = current) -> bool:
            row = claim_next(tx)
            if row is None:
                return False
            current[:] = [row.id]
            handle(tx, row)
            finish(tx, row.id)
            return True

        try:
            if not boundary.run(actor, step):
                return taken
        except Unavailable:
            raise
        except Exception as fault:
            if not current:
                raise
            _log_failure(current[0], fault)
            boundary.run(actor, lambda tx, row_id=current[0], why=fault: fail(tx, row_id, str(why)))  # type: ignore[misc]
    return limit


def claim_next(tx: Tx) -> InboxRow | None:
    """The oldest due event, locked for this transaction; None when nothing is due."""
    query = (
        select(inbox, connector.c.kind, connector.c.branch_id)
        .join(connector, connector.c.id == inbox.c.connector_id)
        .where(inbox.c.state == "new", inbox.c.next_at <= tx.now)
        .order_by(inbox.c.next_at, inbox.c.id)
        .limit(1)
        .with_for_update(of=inbox, skip_locked=True)
    )
    row = tx.execute(query).first()
    if row is None:
        return None
    return InboxRow(
        row.id, row.connector_id, row.kind, row.branch_id, row.name, row.correlation, row.payload, row.occurred_at,
        row.received_at, row.realtime, row.attempts,
    )  # fmt: skip


def finish(tx: Tx, inbox_id: UUID) -> None:
    """The event has had its effect, in this transaction; one that was postponed or buried in it stays so."""
    due = (inbox.c.id == inbox_id) & (inbox.c.state == "new") & (inbox.c.next_at <= tx.now)
    tx.execute(update(inbox).where(due).values(state="done"))


def postpone(tx: Tx, inbox_id: UUID, until: datetime, reason: str) -> None:
    """Nobody waits for the event yet: look again later."""
    tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(state="new", next_at=until, reason=reason[:500]))


def bury(tx: Tx, inbox_id: UUID, reason: str) -> None:
    """The event cannot be handled; it stays for a person to look at."""
    tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(state="dead", reason=redact(reason)[:500]))
    tx.record(Event("inbox:buried", ("inbox", inbox_id), data={"reason": redact(reason)[:200]}))


def fail(tx: Tx, inbox_id: UUID, reason: str) -> None:
    """One attempt failed: try again after 2^n seconds, give up after eight attempts."""
    query = select(inbox.c.attempts).where(inbox.c.id == inbox_id, inbox.c.state == "new")
    attempts = tx.execute(query.with_for_update()).scalar()
    if attempts is None:
        return
    attempts += 1
    tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(attempts=attempts))
    if attempts >= MAX_ATTEMPTS:
        bury(tx, inbox_id, reason)
    else:
        postpone(tx, inbox_id, tx.now + timedelta(seconds=2**attempts), redact(reason))


def release(tx: Tx, inbox_id: UUID) -> None:
    """A person lets a quarantined or dead event be handled after all.

    Raises:
        NotFound: no such event in quarantine.
    """
    _leave_quarantine(tx, inbox_id, "new", "inbox:released")
    tx.wake(Drain.INBOX)


def discard(tx: Tx, inbox_id: UUID) -> None:
    """A person decides that a quarantined or dead event means nothing.

    Raises:
        NotFound: no such event in quarantine.
    """
    _leave_quarantine(tx, inbox_id, "discarded", "inbox:discarded")


def _leave_quarantine(tx: Tx, inbox_id: UUID, state: str, action: str) -> None:
    held = update(inbox).where(inbox.c.id == inbox_id, inbox.c.state.in_(("quarantined", "dead")))
    if tx.execute(held.values(state=state, attempts=0, next_at=tx.now)).rowcount != 1:
        raise NotFound("event_not_held", Text("隔离区没有此事件", "The event is not in quarantine"))
    tx.record(Event(action, ("inbox", inbox_id)))


def _store(tx: Tx, connector_id: UUID, item: Inbound) -> str:
    """`new`, `quarantined`, `repeated` or `dropped`."""
    reason = item.quarantine or clock_fault(item.occurred_at, tx.now)
    if reason and _quarantine_is_full(tx, connector_id):
        return "dropped"
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
        return "repeated"
    if reason:
        return "quarantined"
    _connect(tx, connector_id, UUID(str(inserted)), item)
    tx.wake(Drain.INBOX)
    return "new"


def _connect(tx: Tx, connector_id: UUID, inbox_id: UUID, item: Inbound) -> None:
    """Book the receipt; find the message an event answers, and add that message's keys to the event's."""
    outbox_id = apply_receipt(tx, connector_id, item.receipt) if item.receipt is not None else None
    if item.payload.get("opt_out") and item.correlation.get("phone"):
        suppress(tx, "sms", item.correlation["phone"], "marketing", "replied")
    columns = (outbox.c.id, outbox.c.instance_id, outbox.c.activity_id, outbox.c.subject_kind, outbox.c.subject_id)
    if outbox_id is not None:
        query = select(*columns).where(outbox.c.id == outbox_id)
    elif item.correlation.get("token"):
        query = select(*columns).where(outbox.c.reply_token == item.correlation["token"].lower())
    elif item.name == "sms.reply":
        sent = outbox.c.sent_at > tx.now - CONVERSATION
        mine = (outbox.c.recipient == item.correlation.get("phone", "")) & outbox.c.instance_id.is_not(None) & sent
        query = (
            select(*columns).where(mine).ext(distinct_on(outbox.c.instance_id)).order_by(outbox.c.instance_id).limit(2)
        )
    else:
        return
    answered = tx.execute(query).all()
    if len(answered) != 1:
        return
    keys = {"outbox_id": answered[0].id, "instance_id": answered[0].instance_id, "activity_id": answered[0].activity_id}
    found = {name: str(value) for name, value in keys.items() if value is not None}
    correlation = {**item.correlation, **found}
    tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(correlation=correlation))


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


def _note_events(tx: Tx, connector_id: UUID, stored: Sequence[tuple[Inbound, str]]) -> None:
    """Keep the time of the last event and the clock skew of real-time ones in the health row.

    Comes last in a transaction, after the messages of receipts: the order in which senders lock the two.
    """
    fresh = [item for item, outcome in stored if outcome in ("new", "quarantined")]
    dropped = sum(outcome == "dropped" for _item, outcome in stored)
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


def _log_failure(inbox_id: UUID, fault: Exception) -> None:
    if isinstance(fault, SchoolflowError):
        log.warning("event %s: %s", inbox_id, redact(str(fault)))
    else:
        log.exception("event %s failed", inbox_id)
