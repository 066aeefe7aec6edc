"""What posting a refund does to ledger, instalments, payments, wallet and invoices, and how it is undone."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.api import EntryKind, Posting
from processes.finance import plans
from processes.finance.allocation import Paid, Payback, pay_back
from processes.finance.instalments import cancel_unpaid
from processes.finance.invoices import live_invoices, reverse_invoice, undo_reversal
from processes.finance.payments import change_refunded, paid_for
from processes.finance.refund_contract import ContractProof
from processes.finance.tables import payment
from processes.finance.wallets import wallet_credit, wallet_debit

ZERO = Decimal("0.00")


def post_effects(tx: Tx, order: RowMapping, proof: ContractProof, way: str) -> dict[str, Any]:
    """Book the refund; returns what was done, as JSON, so that `undo_effects` can take it back."""
    contract_id, key = order["contract_id"], _key(order)
    entries = [
        Posting(one.lot_id, EntryKind(one.kind), one.quantity, one.amount, reason=one.reason) for one in proof.entries
    ]
    class_hours.settle(tx, contract_id, entries, key=key, instance_id=order["instance_id"])
    plan = {one.id: one for one in plans.of_contract(tx, contract_id)}
    cuts = cancel_unpaid(plan.values(), proof.cancelled) if plan else ()
    for instalment_id, amount in cuts:
        plans.change(tx, plan[instalment_id], cancelled=amount)
    parts = pay_back(proof.refundable, _paid(tx, contract_id))
    for part in parts:
        change_refunded(tx, part.payment_id, part.amount)
    to_wallet = _wallet_part(parts, way)
    if to_wallet:
        wallet_credit(tx, order["student_id"], branch_id=order["branch_id"], real=to_wallet, reason="refund", key=key)
    reds = _reverse_invoices(tx, order, parts)
    return {
        "parts": [{"payment_id": str(p.payment_id), "method": p.method, "amount": str(p.amount)} for p in parts],
        "cuts": [{"instalment_id": str(one), "amount": str(amount)} for one, amount in cuts],
        "to_wallet": str(to_wallet),
        "invoices": [str(red) for red in reds],
    }


def undo_effects(tx: Tx, order: RowMapping) -> None:
    """Reverse everything `post_effects` booked."""
    done: Mapping[str, Any] = order["paybacks"]
    key = _key(order)
    class_hours.reverse_settlement(tx, order["contract_id"], key=key)
    plan = {one.id: one for one in plans.of_contract(tx, order["contract_id"])}
    for cut in done["cuts"]:
        plans.change(tx, plan[UUID(cut["instalment_id"])], cancelled=-Decimal(cut["amount"]))
    for part in done["parts"]:
        change_refunded(tx, UUID(part["payment_id"]), -Decimal(part["amount"]))
    to_wallet = Decimal(done["to_wallet"])
    if to_wallet:
        wallet_debit(
            tx, order["student_id"], branch_id=order["branch_id"], real=to_wallet, reason="refund_undone",
            key=f"undo:{key}",
        )  # fmt: skip
    for red in done["invoices"]:
        undo_reversal(tx, UUID(red), key=f"undo:{red}")


def _key(order: RowMapping) -> str:
    return f"refund:{order['id']}"


def _paid(tx: Tx, contract_id: UUID) -> list[Paid]:
    allocated = paid_for(tx, contract_id)
    rows = tx.execute(select(payment).where(payment.c.id.in_(allocated)).with_for_update()).mappings()
    by_id = {row["id"]: row for row in rows}
    return [
        Paid(one, number, by_id[one]["method"], min(total, by_id[one]["amount"] - by_id[one]["refunded"]))
        for number, (one, total) in enumerate(allocated.items())
    ]


def _wallet_part(parts: tuple[Payback, ...], way: str) -> Decimal:
    """What goes to the wallet: everything, or only what was paid from it."""
    return sum((part.amount for part in parts if way == "wallet" or part.method == "wallet"), ZERO)


def _reverse_invoices(tx: Tx, order: RowMapping, parts: tuple[Payback, ...]) -> list[UUID]:
    back = {part.payment_id: part.amount for part in parts}
    reds = []
    for invoice_id, payments in live_invoices(tx, list(back)):
        amount = sum((back.get(one, ZERO) for one in payments), ZERO)
        key = f"red:{order['id']}:{invoice_id}"
        reds.append(reverse_invoice(tx, invoice_id, reason="refund", key=key, amount=amount))
    return reds
