"""Closing lots: transfers, refunds, expiry, period cards. Every settlement ends at 0 h / 0.00."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select

from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import ledger
from processes.class_hours.entries import LotRow, Occasion, is_posted, lock_lots, post
from processes.class_hours.ledger import ZERO, EntryKind, Posting
from processes.class_hours.tables import accounting_period, hour_entry, hour_lot
from processes.places import today


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closed contract line still held."""

    quantity: Decimal
    amount: Decimal


def close_for_transfer(tx: Tx, contract_line_id: UUID, *, key: str) -> Closed:
    """Take everything out of a line's lots with TRANSFER_OUT entries; the same key again returns the same figures."""
    rows = lock_lots(tx, hour_lot.c.contract_line_id == contract_line_id)
    if rows and not is_posted(tx, key):
        postings = [
            posting for row in rows for posting in ledger.close(row.lot, EntryKind.TRANSFER_OUT, reason="transfer")
        ]
        post(tx, rows, postings, Occasion(key, today(tx, rows[0].branch_id)))
        if rows:
            tx.record(Event("hours:transferred_out", ("student", rows[0].student_id), rows[0].branch_id, {"key": key}))
    out = tx.execute(
        select(hour_entry.c.quantity, hour_entry.c.amount).where(
            hour_entry.c.lot_id.in_([row.lot.id for row in rows]),
            hour_entry.c.kind == EntryKind.TRANSFER_OUT.value,
            hour_entry.c.business_key.startswith(f"{key}:", autoescape=True),
        )
    ).all()
    return Closed(-sum((row.quantity for row in out), ZERO), -sum((row.amount for row in out), ZERO))


def settle(
    tx: Tx, contract_id: UUID, entries: Sequence[Posting], *, key: str, instance_id: UUID | None = None
) -> None:  # fmt: skip
    """Post a settlement's closing entries, after releasing what is held; once per key.

    Raises: Conflict when a lot of the contract would not end at 0 h / 0.00.
    """
    rows = lock_lots(tx, hour_lot.c.contract_id == contract_id)
    if not rows or is_posted(tx, key):
        return
    released = [posting for row in rows if (posting := ledger.unfreeze(row.lot))]
    postings = [*released, *entries]
    for row in rows:
        mine = [posting for posting in postings if posting.lot_id == row.lot.id]
        after = ledger.apply(row.lot, *mine)
        if after.quantity or after.amount or after.frozen:
            raise Conflict(
                "settlement.not_closed",
                Text(
                    f"结算后批次仍剩 {after.quantity} 课时/{after.amount} 元",
                    f"After the settlement a lot would still hold {after.quantity} hours / {after.amount} yuan",
                ),
                hint=Text("重新测算", "Compute the settlement again"),
            )
    post(tx, rows, postings, Occasion(key, today(tx, rows[0].branch_id), instance_id=instance_id))
    tx.record(Event("hours:settled", ("contract", contract_id), rows[0].branch_id, {"key": key}, (), instance_id))


def reverse_settlement(tx: Tx, contract_id: UUID, *, key: str) -> None:
    """Undo a settlement by reversing each of its entries; once."""
    rows = lock_lots(tx, hour_lot.c.contract_id == contract_id)
    undo = f"undo:{key}"
    if not rows or is_posted(tx, undo):
        return
    entries = tx.execute(
        select(hour_entry)
        .where(
            hour_entry.c.lot_id.in_([row.lot.id for row in rows]),
            hour_entry.c.business_key.startswith(f"{key}:", autoescape=True),
            hour_entry.c.kind != EntryKind.UNFREEZE.value,
        )
        .order_by(hour_entry.c.id)
    ).mappings()
    postings = [
        ledger.reverse(
            row["id"],
            Posting(row["lot_id"], EntryKind(row["kind"]), row["quantity"], row["amount"], row["frozen"]),
            "settlement_undone",
        )
        for row in entries
    ]
    post(tx, rows, postings, Occasion(undo, today(tx, rows[0].branch_id)))
    tx.record(Event("hours:settlement_undone", ("contract", contract_id), rows[0].branch_id, {"key": key}))


def expire_lots(tx: Tx, on: date, *, limit: int = 500) -> int:
    """Let lapse what is past its expiry; how many lots. Call again until it returns 0."""
    rows = lock_lots(
        tx,
        hour_lot.c.id.in_(
            select(hour_lot.c.id)
            .where(hour_lot.c.expires_on < on, hour_lot.c.quantity > hour_lot.c.frozen)
            .order_by(hour_lot.c.id)
            .limit(limit)
        ),
    )
    return sum(_post_one(tx, row, ledger.expire(row.lot, on), on, "expire") for row in rows)


def accrue_periods(tx: Tx, on: date) -> int:
    """Book the days and months of period cards that have passed before `on`; how many lots."""
    rows = lock_lots(tx, hour_lot.c.unit.in_(["day", "month"]), hour_lot.c.quantity > hour_lot.c.frozen)
    return sum(
        _post_one(tx, row, ledger.accrue(row.lot, bought=row.bought_quantity, until=on), on, "accrue") for row in rows
    )


def _post_one(tx: Tx, row: LotRow, posting: Posting | None, on: date, what: str) -> int:
    key = f"{what}:{row.lot.id}:{on}"
    if posting is None or is_posted(tx, key):
        return 0
    post(tx, [row], [posting], Occasion(key, on))
    tx.record(Event(f"hours:{what}d", ("student", row.student_id), row.branch_id, {"quantity": -posting.quantity}))
    return 1


def close_period(tx: Tx, period: str) -> None:
    """Close a month: from now on its entries are corrected in the next open month only."""
    lock(tx, f"period:{period}")
    known = select(accounting_period.c.period).where(accounting_period.c.period == period)
    if tx.execute(known).first() is None:
        tx.execute(insert(accounting_period).values(period=period, closed_at=tx.now, closed_by=tx.actor.id))
        tx.record(Event("period:closed", ("accounting_period", period)))
