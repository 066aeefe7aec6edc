"""Which payment covers which instalment: many to many, over several contracts and siblings (合并收款)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from processes.finance.instalments import Instalment

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that covers one instalment."""

    instalment_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """How one payment is used; what covers nothing goes to the wallet."""

    shares: tuple[Share, ...]
    unused: Decimal


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that can be paid back; refundable is what has not been paid back yet."""

    id: UUID
    sequence: int
    method: str
    refundable: Decimal


@dataclass(frozen=True, slots=True)
class Payback:
    """The part of a refund that goes back over one payment's channel."""

    payment_id: UUID
    method: str
    amount: Decimal


def allocate(amount: Decimal, instalments: Iterable[Instalment]) -> Allocation:
    """Cover open instalments oldest due date first, whichever contract or sibling they belong to."""
    left = amount
    shares = []
    for one in sorted(instalments, key=lambda one: (one.due_on, one.contract_id, one.number)):
        part = min(left, one.open_amount)
        if part > 0:
            shares.append(Share(one.id, part))
            left -= part
    return Allocation(tuple(shares), left)


def allocate_as_told(amount: Decimal, wanted: Mapping[UUID, Decimal], instalments: Sequence[Instalment]) -> Allocation:
    """Cover exactly the instalments that the cashier named.

    Raises: UserError when an instalment would be overpaid or more is named than was paid.
    """
    by_id = {one.id: one for one in instalments}
    for key, part in wanted.items():
        one = by_id.get(key)
        if one is None or not ZERO < part <= one.open_amount:
            limit = one.open_amount if one else ZERO
            raise UserError(
                "finance.over_allocation",
                Text(
                    f"该分期待收 {limit} 元，不能分配 {part} 元", f"{limit} yuan are open here; cannot allocate {part}"
                ),
                hint=Text("按待收金额重新分配", "Allocate at most what is open"),
            )
    used = sum(wanted.values(), ZERO)
    if used > amount:
        raise UserError(
            "finance.allocation_exceeds_payment",
            Text(f"分配合计 {used} 元超过收款 {amount} 元", f"{used} allocated of a payment of {amount}"),
        )
    return Allocation(tuple(Share(key, part) for key, part in sorted(wanted.items())), amount - used)


def pay_back(amount: Decimal, payments: Iterable[Paid]) -> tuple[Payback, ...]:
    """Send a refund back over the original channels, latest payment first.

    Raises: UserError when more would be paid back than was paid.
    """
    left = amount
    parts = []
    for paid in sorted(payments, key=lambda paid: paid.sequence, reverse=True):
        part = min(left, paid.refundable)
        if part > 0:
            parts.append(Payback(paid.id, paid.method, part))
            left -= part
    if left > 0:
        raise UserError(
            "finance.refund_exceeds_received",
            Text(f"退款超过实收 {left} 元", f"The refund exceeds what was received by {left}"),
        )
    return tuple(parts)
