"""The payment plan of a contract: how much is due when, and in which state each instalment is."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.money import fen, split_by_largest_remainder
from engine.kernel.text import Text

ZERO = Decimal("0.00")


class InstalmentState(StrEnum):
    """How far an instalment is paid."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment to be: number from 1, due date, yuan."""

    number: int
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment as booked; received is what payments cover, cancelled what is no longer asked for."""

    id: UUID
    contract_id: UUID
    student_id: UUID
    number: int
    due_on: date
    amount: Decimal
    received: Decimal = ZERO
    cancelled: Decimal = ZERO

    @property
    def open_amount(self) -> Decimal:
        """Yuan still to be paid."""
        return self.amount - self.received - self.cancelled

    @property
    def state(self) -> InstalmentState:
        """Paid, partly paid, open, or cancelled when nothing was received and nothing is asked for."""
        if self.open_amount > 0:
            return InstalmentState.PARTLY_PAID if self.received > 0 else InstalmentState.OPEN
        if self.received == 0 and self.cancelled > 0:
            return InstalmentState.CANCELLED
        return InstalmentState.PAID


def plan_equal(total: Decimal, count: int, *, first_due: date, interval_months: int = 1) -> tuple[Due, ...]:
    """Equal instalments that add up to the total; fen left over go to the later ones.

    >>> [str(due.amount) for due in plan_equal(Decimal(100), 3, first_due=date(2026, 1, 31))]
    ['33.33', '33.33', '33.34']
    """
    if count < 1 or total <= 0:
        raise UserError(
            "finance.plan_invalid",
            Text("分期数与金额必须大于零", "Number of instalments and amount must be above zero"),
        )
    shares = split_by_largest_remainder(total, [Decimal(1)] * count)
    return tuple(
        Due(number, add_months(first_due, interval_months * (number - 1)), share)
        for number, share in enumerate(shares, start=1)
        if share > 0
    )


def check_plan(total: Decimal, dues: Sequence[Due]) -> tuple[Due, ...]:
    """A plan written by hand, sorted by date and numbered.

    Raises: UserError unless every amount is positive and they add up to the total.
    """
    planned = sum((due.amount for due in dues), ZERO)
    if planned != fen(total) or any(due.amount <= 0 for due in dues):
        raise UserError(
            "finance.plan_sum",
            Text(f"分期合计 {planned} 元，应为 {total} 元", f"The instalments add up to {planned}; expected {total}"),
            hint=Text("调整各期金额", "Adjust the amounts"),
            fields={"amount": Text(f"合计应为 {total}", f"must add up to {total}")},
        )
    ordered = sorted(dues, key=lambda due: (due.due_on, due.number))
    return tuple(Due(number, due.due_on, due.amount) for number, due in enumerate(ordered, start=1))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def overdue(instalments: Iterable[Instalment], on: date) -> tuple[Instalment, ...]:
    """Instalments whose due date has passed with something still open, oldest first."""
    late = [one for one in instalments if one.open_amount > 0 and one.due_on < on]
    return tuple(sorted(late, key=lambda one: (one.due_on, one.number, one.id)))


def cancel_unpaid(instalments: Iterable[Instalment], amount: Decimal) -> tuple[tuple[UUID, Decimal], ...]:
    """Which instalments to cancel by how much, latest due date first, so that `amount` is no longer asked for."""
    left = amount
    cuts = []
    for one in sorted(instalments, key=lambda one: (one.due_on, one.number, one.id), reverse=True):
        cut = min(left, one.open_amount)
        if cut > 0:
            cuts.append((one.id, cut))
            left -= cut
    if left > 0:
        raise UserError(
            "finance.cancel_too_much",
            Text(f"未收分期不足，仍有 {left} 元无法取消", f"{left} yuan more than the open instalments hold"),
        )
    return tuple(cuts)
