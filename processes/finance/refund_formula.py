"""What a withdrawal pays back, line by line, and the ledger entries that bring every lot to 0 h / 0.00.

refundable = received - value consumed (by strategy) - materials kept - gifts clawed back - penalty (capped),
never below zero and never above what was received. Unpaid instalments are cancelled, not deducted. Deductions
together never exceed what was received or, where more was consumed than paid, the value booked as consumed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.kernel.errors import UserError
from engine.kernel.money import fen
from engine.kernel.text import Text
from processes.finance.refund_entries import Closing, LotBalance, Totals, closing_entries

ZERO = Decimal("0.00")


class Strategy(StrEnum):
    """How the consumed part of a contract is valued."""

    NET_WITH_GIFTS = "A"
    PAID_ONLY = "B"
    LIST_PRICE = "C"
    COOLING_OFF = "D"
    ELAPSED_DAYS = "E"


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """The refund policy frozen into a contract; a rate of 0.2 is 20 %."""

    strategy: Strategy
    version: str = "1"
    cooling_off_days: int = 0
    penalty_rate: Decimal = Decimal(0)
    penalty_cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RefundCase:
    """The figures of one contract line on the day of the request; amounts in yuan."""

    net_amount: Decimal
    received: Decimal
    list_price: Decimal
    lots: tuple[LotBalance, ...]
    requested_on: date
    signed_on: date
    valid_from: date | None = None
    valid_to: date | None = None
    materials_kept: Decimal = ZERO
    gifts_clawed_back: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One line that a guardian and an auditor can follow; a deduction is negative."""

    code: str
    label: Text
    amount: Decimal
    working: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A computed refund: lines that add up to `refundable - still_owed`, and the entries that close the lots."""

    lines: tuple[ProofLine, ...]
    refundable: Decimal
    cancelled: Decimal
    still_owed: Decimal
    entries: tuple[Closing, ...]


@dataclass(frozen=True, slots=True)
class _Deduction:
    code: str
    label: Text
    amount: Decimal
    working: str


def compute(terms: RefundTerms, case: RefundCase) -> Proof:
    """The refund of one contract line.

    Raises: UserError when the strategy does not fit the case (cooling-off over, no period).
    """
    booked = sum((lot.bought_amount - lot.amount for lot in case.lots), ZERO)
    deductions = _capped(_deductions(terms, case), max(case.received, booked))
    total = sum((one.amount for one in deductions), ZERO)
    refundable = max(ZERO, case.received - total)
    by_code = {one.code: one.amount for one in deductions}
    forfeited = by_code["gifts"] + by_code["penalty"]
    adjusted = by_code["consumed"] - booked
    remaining = case.net_amount - booked
    cancelled = remaining - adjusted - by_code["materials"] - forfeited - refundable
    received = ProofLine("received", Text("实收金额", "Received"), case.received, f"{case.received}")
    return Proof(
        lines=(received, *(ProofLine(one.code, one.label, -one.amount, one.working) for one in deductions)),
        refundable=refundable,
        cancelled=cancelled,
        still_owed=max(ZERO, total - case.received),
        entries=closing_entries(case.lots, Totals(adjusted, by_code["materials"], forfeited, cancelled, refundable)),
    )


def _deductions(terms: RefundTerms, case: RefundCase) -> tuple[_Deduction, ...]:
    consumed, working = _consumed(terms, case)
    before_penalty = max(ZERO, case.received - consumed - case.materials_kept - case.gifts_clawed_back)
    penalty = ZERO if terms.strategy is Strategy.COOLING_OFF else fen(before_penalty * terms.penalty_rate)
    if terms.penalty_cap is not None:
        penalty = min(penalty, terms.penalty_cap)
    return (
        _Deduction("consumed", Text("已消耗课时价值", "Value consumed"), consumed, working),
        _Deduction("materials", Text("教材物料", "Materials kept"), case.materials_kept, f"{case.materials_kept}"),
        _Deduction("gifts", Text("赠品扣回", "Gifts clawed back"), case.gifts_clawed_back, f"{case.gifts_clawed_back}"),
        _Deduction("penalty", Text("违约金", "Penalty"), penalty, f"{before_penalty} × {terms.penalty_rate}"),
    )


def _capped(deductions: tuple[_Deduction, ...], limit: Decimal) -> tuple[_Deduction, ...]:
    left = limit
    capped = []
    for one in deductions:
        amount = min(one.amount, left)
        working = one.working if amount == one.amount else f"{one.working} → {amount}"
        capped.append(_Deduction(one.code, one.label, amount, working))
        left -= amount
    return tuple(capped)


def _consumed(terms: RefundTerms, case: RefundCase) -> tuple[Decimal, str]:
    """Value consumed by the strategy, in yuan, and how it was worked out."""
    bought = [lot for lot in case.lots if not lot.is_gift]
    gifts = [lot for lot in case.lots if lot.is_gift]
    match terms.strategy:
        case Strategy.NET_WITH_GIFTS:
            return _pro_rata(case.net_amount, _used(case.lots), _total(case.lots))
        case Strategy.PAID_ONLY:
            return _pro_rata(case.net_amount, _used(bought), _total(bought))
        case Strategy.LIST_PRICE:
            used = _used(bought) + _used(gifts)
            return fen(used * case.list_price), f"{used} × {case.list_price}"
        case Strategy.COOLING_OFF:
            return _cooling_off(terms, case)
        case Strategy.ELAPSED_DAYS:
            return _elapsed(case)


def _used(lots: tuple[LotBalance, ...] | list[LotBalance]) -> Decimal:
    return sum((lot.bought - lot.quantity for lot in lots), Decimal(0))


def _total(lots: tuple[LotBalance, ...] | list[LotBalance]) -> Decimal:
    return sum((lot.bought for lot in lots), Decimal(0))


def _pro_rata(net_amount: Decimal, used: Decimal, total: Decimal) -> tuple[Decimal, str]:
    if total == 0:
        return ZERO, "0"
    return fen(net_amount * used / total), f"{net_amount} × {used} / {total}"


def _cooling_off(terms: RefundTerms, case: RefundCase) -> tuple[Decimal, str]:
    days = (case.requested_on - case.signed_on).days
    if days > terms.cooling_off_days:
        raise UserError(
            "refund.cooling_off_over",
            Text(
                f"冷静期为 {terms.cooling_off_days} 天，签约已 {days} 天",
                f"The cooling-off time is {terms.cooling_off_days} days; the contract was signed {days} days ago",
            ),
            hint=Text("改用其他退费规则", "Use another refund strategy"),
        )
    return ZERO, f"{days} ≤ {terms.cooling_off_days}"


def _elapsed(case: RefundCase) -> tuple[Decimal, str]:
    if case.valid_from is None or case.valid_to is None or case.valid_to < case.valid_from:
        raise UserError(
            "refund.no_period",
            Text("按天退费需要合同起止日期", "A refund by elapsed days needs the contract's period"),
            hint=Text("补全有效期", "Fill in valid from and valid to"),
        )
    total = (case.valid_to - case.valid_from).days + 1
    elapsed = min(max((case.requested_on - case.valid_from).days, 0), total)
    return fen(case.net_amount * elapsed / total), f"{case.net_amount} × {elapsed} / {total}"
