"""What the cashier and finance do to records: take money, invoice it, take an invoice or a refund back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.kernel.ids import new_id
from engine.kernel.money import fen
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.finance import invoices, payments, plans, refunds
from processes.finance.allocation import allocate
from processes.finance.instalments import Instalment
from processes.finance.tables import instalment
from processes.finance.wallets import wallet_balance
from processes.people import api as people
from processes.permits import permit
from processes.record_values import read

Values = Mapping[str, Any]
_MONEY = ("finance", "hq_finance", "admin")
ZERO = Decimal("0.00")


def owed(tx: Tx, student_id: UUID) -> Values:
    """Everything the student still has to pay."""
    plan = plans.of_contract(tx, *_contracts(tx, student_id))
    return {"payment_amount": sum((one.open_amount for one in plan), ZERO) or None}


def owed_part(tx: Tx, instalment_id: UUID) -> Values:
    """What is open of the instalment."""
    row = read(tx, "instalment", instalment_id)
    return {"payment_amount": row["amount"] - row["received"] - row["cancelled"]}


def preview_payment(tx: Tx, student_id: UUID, values: Values) -> Preview:
    """Which instalments the money covers, oldest first, and what goes to the wallet."""
    plan = plans.of_contract(tx, *_contracts(tx, student_id))
    return _preview(tx, student_id, values, plan)


def take_payment(tx: Tx, student_id: UUID, values: Values) -> Done:
    """Take one payment for all contracts of the student; what is over goes to the wallet."""
    return _take(tx, student_id, _contracts(tx, student_id), values)


def preview_instalment(tx: Tx, instalment_id: UUID, values: Values) -> Preview:
    """The same for the contract of one instalment."""
    row = read(tx, "instalment", instalment_id)
    return _preview(tx, row["student_id"], values, plans.of_contract(tx, row["contract_id"]))


def take_instalment(tx: Tx, instalment_id: UUID, values: Values) -> Done:
    """Take a payment for the contract of the instalment."""
    row = read(tx, "instalment", instalment_id)
    return _take(tx, row["student_id"], (row["contract_id"],), values)


def invoice_title(tx: Tx, payment_id: UUID) -> Values:
    """The primary guardian, as most families want it."""
    contact = people.student_contact(tx, read(tx, "payment", payment_id)["student_id"])
    return {"title": contact.guardians[0].name if contact.guardians else contact.name}


def preview_invoice(tx: Tx, payment_id: UUID, values: Values) -> Preview:
    """How many payments, and how much."""
    rows = [read(tx, "payment", one) for one in _invoiced(tx, payment_id, values)]
    total = sum((row["amount"] - row["refunded"] for row in rows), ZERO)
    lines = (
        PreviewLine(Text("收款笔数", "Payments"), len(rows)),
        PreviewLine(Text("发票金额", "Amount of the invoice"), total),
    )
    return Preview(lines)


def issue_invoice(tx: Tx, payment_id: UUID, values: Values) -> Done:
    """Invoice the payment, alone or with others. Raises: Conflict when one is invoiced already."""
    wanted = _invoiced(tx, payment_id, values)
    made = invoices.issue_invoice(tx, wanted, title=values["title"], key=_once(values))
    return Done(Text("发票已开", "The invoice is issued"), record=("invoice", made))


def preview_reversal(tx: Tx, invoice_id: UUID, values: Values) -> Preview:
    """The red invoice."""
    return Preview((PreviewLine(Text("红字金额", "Reversing amount"), -read(tx, "invoice", invoice_id)["amount"]),))


def reverse_invoice(tx: Tx, invoice_id: UUID, values: Values) -> Done:
    """Take the invoice back by a reversing one."""
    made = invoices.reverse_invoice(tx, invoice_id, reason=values["reason"], key=f"reverse:{invoice_id}")
    return Done(Text("发票已红冲", "The invoice is reversed"), record=("invoice", made))


def preview_undo(tx: Tx, order_id: UUID, values: Values) -> Preview:
    """What taking a refund back does."""
    back = PreviewLine(Text("退回金额", "Amount that came back"), read(tx, "refund_order", order_id)["refundable"])
    undone = Text(
        "课时、收款和发票全部恢复，合同重新执行", "Hours, payments and invoices are restored; the contract runs again"
    )
    return Preview((back,), (undone,))


def undo_refund(tx: Tx, order_id: UUID, values: Values) -> Done:
    """The bank sent the refund back: everything it booked is reversed."""
    refunds.refund_reverse(tx, order_id, reason=values["reason"])
    return Done(Text("退费已撤回", "The refund is taken back"))


def _contracts(tx: Tx, student_id: UUID) -> tuple[UUID, ...]:
    is_open = instalment.c.stage.in_(("open", "partly_paid"))
    statement = select(instalment.c.contract_id).where(instalment.c.student_id == student_id, is_open)
    return tuple(sorted(set(tx.execute(statement).scalars())))


def _preview(tx: Tx, student_id: UUID, values: Values, plan: tuple[Instalment, ...]) -> Preview:
    permit(tx, "create", "payment")
    amount = fen(values["payment_amount"])
    found = allocate(amount, plan)
    open_amount = sum((one.open_amount for one in plan), ZERO)
    lines = [
        PreviewLine(Text("应收未收", "Open before"), open_amount),
        PreviewLine(Text("本次冲抵", "Covers"), amount - found.unused),
        PreviewLine(Text("仍欠", "Open afterwards"), open_amount - amount + found.unused),
    ]
    if values["payment_method"] == "wallet":
        lines.append(PreviewLine(Text("钱包余额", "In the wallet"), wallet_balance(tx, student_id).real))
    elif found.unused:
        lines.append(PreviewLine(Text("多收转入钱包", "Over: to the wallet"), found.unused))
    return Preview(tuple(lines))


def _take(tx: Tx, student_id: UUID, contract_ids: tuple[UUID, ...], values: Values) -> Done:
    order = payments.PaymentOrder(
        student_id=student_id,
        branch_id=read(tx, "student", student_id)["branch_id"],
        amount=fen(values["payment_amount"]),
        method=values["payment_method"],
        contract_ids=contract_ids,
        reference=values.get("payment_reference") or "",
    )
    taken = payments.record_payment(tx, order, key=_once(values))
    message = Text(f"已收款，收据 {taken.receipt_number}", f"Taken; receipt {taken.receipt_number}")
    return Done(message, record=("receipt", taken.receipt_id))


def _invoiced(tx: Tx, payment_id: UUID, values: Values) -> tuple[UUID, ...]:
    """The payment and the others that were chosen. Raises: NotFound for one the actor may not see."""
    others = {UUID(one) for one in values.get("others") or ()}
    for one in others:
        permit(tx, "read", "payment", one)
    return tuple(sorted({payment_id} | others))


def _once(values: Values) -> str:
    """The key of this very form, so that a double click does it once."""
    return f"action:{values.get('once') or new_id()}"


ACTIONS = (
    DomainAction(
        name="take_payment",
        object="student",
        label=Text("收款", "Take a payment"),
        icon="cash",
        form="finance.take_payment",
        roles=_MONEY,
        preview=preview_payment,
        start=take_payment,
        defaults=owed,
    ),
    DomainAction(
        name="take_payment",
        object="instalment",
        label=Text("收款", "Take a payment"),
        icon="cash",
        form="finance.take_payment",
        roles=_MONEY,
        preview=preview_instalment,
        start=take_instalment,
        stages=("open", "partly_paid"),
        defaults=owed_part,
    ),
    DomainAction(
        name="issue_invoice",
        object="payment",
        label=Text("开票", "Issue an invoice"),
        icon="file-invoice",
        form="finance.issue_invoice",
        roles=_MONEY,
        preview=preview_invoice,
        start=issue_invoice,
        stages=("posted",),
        defaults=invoice_title,
    ),
    DomainAction(
        name="reverse_invoice",
        object="invoice",
        label=Text("红冲", "Reverse"),
        icon="arrow-back-up",
        form="finance.give_reason",
        roles=_MONEY,
        preview=preview_reversal,
        start=reverse_invoice,
        stages=("issued",),
    ),
    DomainAction(
        name="undo_refund",
        object="refund_order",
        label=Text("退款被退回", "The refund came back"),
        icon="arrow-back-up",
        form="finance.give_reason",
        roles=("hq_finance", "admin"),
        preview=preview_undo,
        start=undo_refund,
        stages=("posted",),
    ),
)
