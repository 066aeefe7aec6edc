"""Taking money: one payment over several contracts and siblings, its receipt, and the cashier's daily closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.finance import plans
from processes.finance.allocation import Allocation, allocate, allocate_as_told
from processes.finance.instalments import Instalment
from processes.finance.receipts import amount_in_words, receipt_number
from processes.finance.tables import cashier_closing, payment, payment_allocation, receipt
from processes.finance.wallets import wallet_credit, wallet_debit
from processes.numbering import next_number
from processes.permits import is_machinery, permit
from processes.places import branch_of, today
from processes.stamping import created, indexed, touched

ZERO = Decimal("0.00")
Method = Literal["cash", "card", "transfer", "wechat", "alipay", "wallet"]


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """Money to take. Shares (instalment id -> yuan) say what it covers; without, the oldest instalments first."""

    student_id: UUID
    branch_id: UUID
    amount: Decimal
    method: Method
    contract_ids: tuple[UUID, ...] = ()
    shares: Mapping[UUID, Decimal] | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Receipted:
    """A booked payment and its receipt; what covers no instalment went to the wallet."""

    payment_id: UUID
    receipt_id: UUID
    receipt_number: str
    allocated: Decimal
    to_wallet: Decimal


@dataclass(frozen=True, slots=True)
class DailyClosing:
    """A cashier's day; difference = counted - expected."""

    closing_id: UUID
    by_method: Mapping[str, Decimal]
    total: Decimal
    expected_cash: Decimal
    difference: Decimal


def record_payment(tx: Tx, order: PaymentOrder, *, key: str) -> Receipted:
    """Book a payment once per key: instalments covered, the rest to the wallet, a receipt numbered without gaps.

    Raises: Conflict "finance.day_closed" when the cashier has closed the day, "finance.key_used" when the key has
    booked another payment.
    """
    permit(tx, "create", "payment")
    if order.amount <= 0:
        raise UserError("finance.amount", Text("金额必须大于零", "The amount must be above zero"))
    lock(tx, f"payment:{key}", *(f"contract:{one}" for one in order.contract_ids))
    columns = (payment.c.id, payment.c.student_id, payment.c.amount, payment.c.method)
    known = tx.execute(select(*columns).where(payment.c.business_key == key)).one_or_none()
    if known is not None:
        _require_same(known, order)
        return _receipted(tx, known.id)
    day = today(tx, order.branch_id)
    _refuse_closed(tx, order.branch_id, day)
    instalments = plans.of_contract(tx, *order.contract_ids)
    plan = (
        allocate(order.amount, instalments)
        if order.shares is None
        else allocate_as_told(order.amount, order.shares, instalments)
    )
    payment_id = _insert_payment(tx, order, plan, day, key)
    permit(tx, "create", "payment", payment_id)
    _apply(tx, payment_id, order, plan, {one.id: one for one in instalments})
    _move_wallet(tx, order, plan, key)
    _issue_receipt(tx, payment_id, order)
    data = {"amount": order.amount, "method": order.method, "to_wallet": plan.unused}
    tx.record(Event("payment:recorded", ("payment", payment_id), order.branch_id, data))
    for contract_id in order.contract_ids:
        tx.record(Event("contract:paid", ("contract", contract_id), order.branch_id, {"payment_id": payment_id}))
    return _receipted(tx, payment_id)


def _require_same(known: Row[Any], order: PaymentOrder) -> None:
    """A form sent again with another amount is another payment, not the first one's repetition."""
    if (known.student_id, known.amount, known.method) != (order.student_id, order.amount, order.method):
        raise Conflict(
            "finance.key_used",
            Text(
                f"这张单据已收款 {known.amount} 元；再收一笔请重新打开收款",
                f"{known.amount} yuan were taken with this form; open it anew to take more",
            ),
        )


def _insert_payment(tx: Tx, order: PaymentOrder, plan: Allocation, day: date, key: str) -> UUID:
    prefix = f"P{branch_of(tx, order.branch_id).key.upper()}{day:%Y%m%d}"
    number = f"{prefix}-{next_number(tx, 'payment', prefix):04d}"
    values = created(tx, order.branch_id) | {
        "number": number,
        "student_id": order.student_id,
        "method": order.method,
        "amount": order.amount,
        "refunded": ZERO,
        "to_wallet": ZERO if order.method == "wallet" else plan.unused,
        "paid_at": tx.now,
        "business_date": day,
        "cashier": _cashier(tx),
        "reference": order.reference,
        "business_key": key,
        "stage": "posted",
    }
    return UUID(str(tx.execute(insert(payment).values(indexed(payment, values)).returning(payment.c.id)).scalar_one()))


def _apply(
    tx: Tx, payment_id: UUID, order: PaymentOrder, plan: Allocation, by_id: Mapping[UUID, Instalment]
) -> None:  # fmt: skip
    for share in plan.shares:
        one = by_id[share.instalment_id]
        plans.change(tx, one, received=share.amount)
        row = {"payment_id": payment_id, "instalment_id": one.id, "contract_id": one.contract_id}
        tx.execute(insert(payment_allocation).values(created(tx, order.branch_id) | row | {"amount": share.amount}))


def _move_wallet(tx: Tx, order: PaymentOrder, plan: Allocation, key: str) -> None:
    if order.method == "wallet":
        if plan.unused:
            raise UserError(
                "finance.wallet_unused",
                Text(f"钱包付款多出 {plan.unused} 元", f"{plan.unused} more from the wallet than is open"),
            )
        wallet_debit(tx, order.student_id, branch_id=order.branch_id, real=order.amount, reason="payment",
                     key=f"payment:{key}")  # fmt: skip
    elif plan.unused:
        wallet_credit(tx, order.student_id, branch_id=order.branch_id, real=plan.unused, reason="overpaid",
                      key=f"payment:{key}")  # fmt: skip


def _issue_receipt(tx: Tx, payment_id: UUID, order: PaymentOrder) -> None:
    code, year = branch_of(tx, order.branch_id).key.upper(), today(tx, order.branch_id).year
    sequence = next_number(tx, "receipt", f"{code}-{year}")
    number = receipt_number(code, year, sequence)
    values = created(tx, order.branch_id) | {
        "number": number,
        "year": year,
        "sequence": sequence,
        "payment_id": payment_id,
        "student_id": order.student_id,
        "amount": order.amount,
        "amount_words": amount_in_words(order.amount),
        "printed_count": 0,
        "stage": "issued",
    }
    tx.execute(insert(receipt).values(indexed(receipt, values)))


def _receipted(tx: Tx, payment_id: UUID) -> Receipted:
    row = tx.execute(
        select(payment.c.amount, payment.c.to_wallet, receipt.c.id, receipt.c.number)
        .join(receipt, receipt.c.payment_id == payment.c.id)
        .where(payment.c.id == payment_id)
    ).one()
    return Receipted(payment_id, row.id, row.number, row.amount - row.to_wallet, row.to_wallet)


def print_receipt(tx: Tx, receipt_id: UUID) -> int:
    """Count a print of a receipt; 1 = the original, more = reprints."""
    permit(tx, "read", "receipt", receipt_id)
    statement = update(receipt).where(receipt.c.id == receipt_id).values(printed_count=receipt.c.printed_count + 1)
    row = tx.execute(statement.returning(receipt.c.printed_count, receipt.c.branch_id)).one_or_none()
    if row is None:
        raise NotFound
    tx.record(Event("receipt:printed", ("receipt", receipt_id), row.branch_id, {"copy": row.printed_count}))
    return int(row.printed_count)


def close_day(tx: Tx, *, branch_id: UUID, day: date, counted_cash: Decimal) -> DailyClosing:
    """Close the acting cashier's day: totals by method, and the cash that should be there against what is counted.

    Raises: Conflict when the day is closed already; UserError when no person acts.
    """
    permit(tx, "create", "cashier_closing")
    if _cashier(tx) is None:
        raise UserError("finance.no_cashier", Text("日结由收银员本人办理", "A cashier closes the own day"))
    lock(tx, f"closing:{branch_id}:{tx.actor.id}:{day}")
    _refuse_closed(tx, branch_id, day)
    by_method = day_totals(tx, branch_id=branch_id, day=day)
    total, cash = sum(by_method.values(), ZERO), by_method.get("cash", ZERO)
    values = created(tx, branch_id) | {
        "cashier": _cashier(tx),
        "day": day,
        "by_method": {method: str(amount) for method, amount in by_method.items()},
        "total": total,
        "expected_cash": cash,
        "counted_cash": counted_cash,
        "difference": counted_cash - cash,
    }
    statement = insert(cashier_closing).values(indexed(cashier_closing, values)).returning(cashier_closing.c.id)
    closing_id = UUID(str(tx.execute(statement).scalar_one()))
    permit(tx, "create", "cashier_closing", closing_id)
    tx.record(Event("cashier:closed", ("cashier_closing", closing_id), branch_id, {"day": day, "total": total}))
    return DailyClosing(closing_id, by_method, total, cash, counted_cash - cash)


def day_totals(tx: Tx, *, branch_id: UUID, day: date) -> dict[str, Decimal]:
    """What the acting cashier took on a day, by method."""
    permit(tx, "create", "cashier_closing")
    rows = tx.execute(
        select(payment.c.method, func.sum(payment.c.amount).label("total"))
        .where(payment.c.branch_id == branch_id, payment.c.business_date == day, payment.c.cashier == _cashier(tx))
        .where(payment.c.stage != "reversed")
        .group_by(payment.c.method)
        .order_by(payment.c.method)
    )
    return {row.method: row.total for row in rows}


def is_day_closed(tx: Tx, *, branch_id: UUID, day: date) -> bool:
    """Whether the acting cashier has closed the day."""
    closed = select(cashier_closing.c.id).where(
        cashier_closing.c.branch_id == branch_id,
        cashier_closing.c.cashier == _cashier(tx),
        cashier_closing.c.day == day,
    )
    return tx.execute(closed).first() is not None


def _cashier(tx: Tx) -> UUID | None:
    """The person who takes the money, also where a process books it for him; nobody when no person does."""
    who = tx.actor.on_behalf_of if is_machinery(tx) else tx.actor.id
    try:
        return UUID(who or "")
    except ValueError:
        return None


def _refuse_closed(tx: Tx, branch_id: UUID, day: date) -> None:
    if is_day_closed(tx, branch_id=branch_id, day=day):
        raise Conflict(
            "finance.day_closed",
            Text(f"{day} 已日结", f"{day} is closed"),
            hint=Text("请在次日收款或由其他收银员收款", "Take the payment tomorrow or as another cashier"),
        )


def paid_for(tx: Tx, contract_id: UUID) -> dict[UUID, Decimal]:
    """Payment id -> yuan of it allocated to the contract, oldest payment first."""
    statement = (
        select(payment.c.id, func.sum(payment_allocation.c.amount).label("total"))
        .join(payment_allocation, payment_allocation.c.payment_id == payment.c.id)
        .where(payment_allocation.c.contract_id == contract_id)
        .group_by(payment.c.id, payment.c.paid_at)
        .order_by(payment.c.paid_at, payment.c.id)
    )
    return {row.id: row.total for row in tx.execute(statement)}


def change_refunded(tx: Tx, payment_id: UUID, amount: Decimal) -> None:
    """Add to what was paid back of a payment; negative takes back."""
    after = payment.c.refunded + amount
    tx.execute(
        update(payment)
        .where(payment.c.id == payment_id)
        .values(refunded=after, version=payment.c.version + 1, **touched(tx))
    )
