"""What became of sent messages: results of attempts and receipts of providers, in whatever order they arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.connector import Receipt, ReceiptStatus
from engine.kernel.connector_tables import orphan_receipt, outbox, outbox_part
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx

MATCH_WINDOW = timedelta(days=3)
_OPEN = ("sending", "sent", "unknown")


def apply_receipt(tx: Tx, connector_id: UUID, receipt: Receipt) -> UUID | None:
    """Book one receipt; returns its message, or None when the message is not known yet (the receipt waits for it).

    States move one way only: a contradicting later receipt is recorded in the history and changes nothing.
    """
    part = _find_part(tx, connector_id, receipt)
    if part is None:
        outbox_id = _find_message(tx, connector_id, receipt.outbox_id)
        if outbox_id is None:
            _keep_orphan(tx, connector_id, receipt)
            return None
        add_parts(tx, outbox_id, ((receipt.segment, receipt.provider_id),))
        key = (outbox_id, receipt.segment)
    else:
        key = (part.outbox_id, part.segment)
    _advance_part(tx, key, receipt)
    return key[0]


def add_parts(tx: Tx, outbox_id: UUID, parts: tuple[tuple[int, str], ...]) -> None:
    """Note the provider's numbers of a message's segments."""
    rows = [
        {"outbox_id": outbox_id, "segment": segment, "provider_id": provider_id, "status": "pending", "sent_at": tx.now}
        for segment, provider_id in parts
    ]
    if rows:
        tx.execute(insert(outbox_part).values(rows).on_conflict_do_nothing())


def join_orphans(tx: Tx, connector_id: UUID, provider_ids: tuple[str, ...]) -> None:
    """Book the receipts that came before we knew the provider's numbers."""
    if not provider_ids:
        return
    mine = delete(orphan_receipt).where(
        orphan_receipt.c.connector_id == connector_id,
        orphan_receipt.c.provider_id.in_(provider_ids),
        orphan_receipt.c.at > tx.now - MATCH_WINDOW,
    )
    for row in tx.execute(mine.returning(*orphan_receipt.c)).all():
        status = ReceiptStatus(row.status)
        receipt = Receipt(status, row.provider_id, "", row.recipient, row.segment, row.detail)
        apply_receipt(tx, connector_id, receipt)


def _find_message(tx: Tx, connector_id: UUID, outbox_id: str) -> UUID | None:
    try:
        wanted = UUID(outbox_id)
    except ValueError:
        return None
    query = select(outbox.c.id).where(outbox.c.id == wanted, outbox.c.connector_id == connector_id)
    found = tx.execute(query.with_for_update()).scalar()
    return None if found is None else UUID(str(found))


def _find_part(tx: Tx, connector_id: UUID, receipt: Receipt) -> Row[Any] | None:
    """The latest matching segment: providers reuse short numbers, so only recent open ones count first."""
    if not receipt.provider_id:
        return None
    query = (
        select(outbox_part.c.outbox_id, outbox_part.c.segment)
        .join(outbox, outbox.c.id == outbox_part.c.outbox_id)
        .where(
            outbox.c.connector_id == connector_id,
            outbox_part.c.provider_id == receipt.provider_id,
            outbox_part.c.sent_at > tx.now - MATCH_WINDOW,
        )
        .order_by((outbox_part.c.status == "pending").desc(), outbox_part.c.sent_at.desc())
        .limit(1)
    )
    if receipt.recipient:
        query = query.where(outbox.c.recipient == receipt.recipient)
    return tx.execute(query.with_for_update(of=outbox)).first()


def _advance_part(tx: Tx, key: tuple[UUID, int], receipt: Receipt) -> None:
    if receipt.status is ReceiptStatus.PENDING:
        return
    this = (outbox_part.c.outbox_id == key[0]) & (outbox_part.c.segment == key[1])
    before = tx.execute(select(outbox_part.c.status).where(this)).scalar_one()
    if before != "pending":
        if before != receipt.status:
            data = {"kept": before, "told": str(receipt.status), "segment": key[1]}
            tx.record(Event("message:contradicted", ("outbox", key[0]), data=data))
        return
    values = {"status": str(receipt.status), "detail": receipt.detail[:200], "at": tx.now}
    tx.execute(update(outbox_part).where(this).values(values))
    _advance_message(tx, key[0], receipt.detail)


def _advance_message(tx: Tx, outbox_id: UUID, detail: str) -> None:
    """Delivered when every segment is, failed as soon as one is lost."""
    query = select(outbox_part.c.status).where(outbox_part.c.outbox_id == outbox_id)
    statuses = set(tx.execute(query).scalars())
    if "pending" in statuses and not statuses & {"failed", "expired"}:
        return
    state = "delivered" if statuses == {"delivered"} else "failed"
    row = tx.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.state.in_(_OPEN))
        .values(state=state, settled_at=tx.now, error="" if state == "delivered" else detail[:500])
        .returning(outbox.c.branch_id, outbox.c.instance_id)
    ).first()
    if row is not None:
        data = {"detail": detail[:200]}
        tx.record(Event(f"message:{state}", ("outbox", outbox_id), row.branch_id, data, instance_id=row.instance_id))


def _keep_orphan(tx: Tx, connector_id: UUID, receipt: Receipt) -> None:
    row = {
        "id": new_id(),
        "connector_id": connector_id,
        "provider_id": receipt.provider_id,
        "status": str(receipt.status),
        "segment": receipt.segment,
        "recipient": receipt.recipient,
        "detail": receipt.detail[:200],
        "at": tx.now,
    }
    tx.execute(insert(orphan_receipt).values(row))
