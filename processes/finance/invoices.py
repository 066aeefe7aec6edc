"""Invoices: one for several payments 合并开票, corrected only by a reversing (red) invoice."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select, update

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.finance.tables import invoice, payment
from processes.numbering import next_number
from processes.permits import permit
from processes.places import branch_of, today
from processes.stamping import created, indexed, touched


def issue_invoice(tx: Tx, payment_ids: Collection[UUID], *, title: str, key: str) -> UUID:
    """Invoice payments of one branch, once per key.

    Raises: Conflict when one of them is invoiced already.
    """
    permit(tx, "create", "invoice")
    lock(tx, f"invoice:{key}", *(f"invoiced:{one}" for one in payment_ids))
    known = _by_key(tx, key)
    if known is not None:
        return known
    rows = tx.execute(select(payment).where(payment.c.id.in_(payment_ids)).order_by(payment.c.id)).mappings().all()
    branches = {row["branch_id"] for row in rows}
    if len(rows) != len(set(payment_ids)) or len(branches) != 1:
        raise UserError("invoice.payments", Text("收款须存在且属于同一校区", "The payments must exist, in one branch"))
    taken = select(invoice.c.number).where(invoice.c.payments.overlap(list(payment_ids)), invoice.c.stage == "issued")
    if tx.execute(taken.where(invoice.c.reversal_of.is_(None))).first() is not None:
        raise Conflict("invoice.already", Text("其中有收款已开票", "One of the payments is invoiced already"))
    amount = sum((row["amount"] - row["refunded"] for row in rows), Decimal("0.00"))
    extra = {"title": title, "amount": amount, "payments": sorted(payment_ids), "business_key": key}
    return _insert(tx, branches.pop(), extra, "invoice:issued")


def reverse_invoice(tx: Tx, invoice_id: UUID, *, reason: str, key: str, amount: Decimal | None = None) -> UUID:
    """Issue the reversing invoice (for a part, when `amount` says so), once; its id."""
    permit(tx, "create", "invoice")
    lock(tx, f"invoice:{key}")
    known = _by_key(tx, key)
    if known is not None:
        return known
    row = tx.execute(select(invoice).where(invoice.c.id == invoice_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound
    if row["stage"] != "issued" or row["reversal_of"] is not None:
        raise Conflict("invoice.reversed", Text("该发票已红冲", "The invoice is reversed already"))
    back = row["amount"] if amount is None else min(amount, row["amount"])
    tx.execute(
        update(invoice)
        .where(invoice.c.id == invoice_id)
        .values(stage="reversed", version=row["version"] + 1, **touched(tx))
    )
    extra = {
        "title": row["title"], "amount": -back, "payments": row["payments"], "reversal_of": invoice_id,
        "reason": reason, "business_key": key,
    }  # fmt: skip
    return _insert(tx, row["branch_id"], extra, "invoice:reversed")


def live_invoices(tx: Tx, payment_ids: Collection[UUID]) -> tuple[tuple[UUID, frozenset[UUID]], ...]:
    """Invoices not reversed that cover one of the payments: (id, payments)."""
    statement = select(invoice.c.id, invoice.c.payments).where(
        invoice.c.payments.overlap(list(payment_ids)), invoice.c.stage == "issued", invoice.c.reversal_of.is_(None)
    )
    return tuple((row.id, frozenset(row.payments)) for row in tx.execute(statement.order_by(invoice.c.id)))


def undo_reversal(tx: Tx, red_id: UUID, *, key: str) -> UUID:
    """Invoice again what a red invoice took back (a refund that failed); once per key."""
    row = tx.execute(select(invoice).where(invoice.c.id == red_id)).mappings().one()
    known = _by_key(tx, key)
    if known is not None:
        return known
    extra = {"title": row["title"], "amount": -row["amount"], "payments": row["payments"], "business_key": key}
    return _insert(tx, row["branch_id"], extra, "invoice:issued")


def _by_key(tx: Tx, key: str) -> UUID | None:
    return tx.execute(select(invoice.c.id).where(invoice.c.business_key == key)).scalar_one_or_none()


def _insert(tx: Tx, branch_id: UUID, extra: dict[str, object], action: str) -> UUID:
    prefix = f"INV{branch_of(tx, branch_id).key.upper()}{today(tx, branch_id):%Y}"
    number = f"{prefix}-{next_number(tx, 'invoice', prefix):06d}"
    values = created(tx, branch_id) | {"number": number, "stage": "issued"} | extra
    invoice_id = UUID(
        str(tx.execute(insert(invoice).values(indexed(invoice, values)).returning(invoice.c.id)).scalar_one())
    )
    permit(tx, "create", "invoice", invoice_id)
    tx.record(Event(action, ("invoice", invoice_id), branch_id, {"number": number, "amount": extra["amount"]}))
    return invoice_id
