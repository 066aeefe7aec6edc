"""Events from outside: stored once each, then acknowledged, then handled in a transaction of their own.

`receive` is called in the commit that precedes the acknowledgement. `drain_inbox` hands each waiting event to a handler
inside one transaction with the mark `done`, so an event takes effect exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from engine.kernel.actor import Actor
from engine.kernel.connector import Committed, Inbound
from engine.kernel.connector_tables import connector, inbox
from engine.kernel.errors import NotFound, SchoolflowError
from engine.kernel.history import Event
from engine.kernel.inbox_storing import Stored, store_items
from engine.kernel.secrets import redact
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Drain, Tx, Unavailable

log = logging.getLogger(__name__)

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
    return store_items(tx, connector_id, (item,))[0] in (Stored.NEW, Stored.QUARANTINED)


def receive_all(tx: Tx, connector_id: UUID, items: Iterable[Inbound]) -> Committed:
    """Store a batch; repeated events count as accepted, so that a device stops sending them."""
    stored = store_items(tx, connector_id, tuple(items))
    quarantined = sum(outcome in (Stored.QUARANTINED, Stored.DROPPED) for outcome in stored)
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


def _log_failure(inbox_id: UUID, fault: Exception) -> None:
    if isinstance(fault, SchoolflowError):
        log.warning("event %s: %s", inbox_id, redact(str(fault)))
    else:
        log.exception("event %s failed", inbox_id)
