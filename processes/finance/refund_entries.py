"""The closing entries of a settlement: five totals spread over the lots until each holds 0 h / 0.00."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class LotBalance:
    """A lot of the contract line: what it was opened with and what remains."""

    lot_id: UUID
    is_gift: bool
    bought: Decimal
    bought_amount: Decimal
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Closing:
    """One ledger entry of the settlement; quantity and amount are signed as booked."""

    lot_id: UUID
    kind: str
    quantity: Decimal
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Yuan to book over all lots; adjusted may be negative (less consumed by the strategy than was booked)."""

    adjusted: Decimal
    materials: Decimal
    forfeited: Decimal
    cancelled: Decimal
    refunded: Decimal


def closing_entries(lots: Iterable[LotBalance], totals: Totals) -> tuple[Closing, ...]:
    """Entries lot by lot, bought lots first; per lot in the order of `Totals`, quantity on the last of them."""
    ordered = sorted(lots, key=lambda lot: (lot.is_gift, lot.lot_id))
    left = {lot.lot_id: lot.amount for lot in ordered}
    drafts: dict[UUID, list[Closing]] = {lot.lot_id: [] for lot in ordered}
    if totals.adjusted < 0:
        first = ordered[0].lot_id
        left[first] -= totals.adjusted
        drafts[first].append(Closing(first, "SETTLE_ADJUST", Decimal(0), -totals.adjusted, "strategy_difference"))
    for kind, total, reason in _items(totals):
        open_amount = total
        for lot in ordered:
            part = min(open_amount, left[lot.lot_id])
            if part > 0:
                drafts[lot.lot_id].append(Closing(lot.lot_id, kind, Decimal(0), -part, reason))
                left[lot.lot_id] -= part
                open_amount -= part
    return tuple(entry for lot in ordered for entry in _with_quantity(lot, drafts[lot.lot_id]))


def _items(totals: Totals) -> tuple[tuple[str, Decimal, str], ...]:
    return (
        ("SETTLE_ADJUST", max(totals.adjusted, ZERO), "strategy_difference"),
        ("MATERIAL", totals.materials, "materials_kept"),
        ("FORFEIT", totals.forfeited, "penalty_and_gifts"),
        ("SETTLE_ADJUST", totals.cancelled, "unpaid_cancelled"),
        ("REFUND", totals.refunded, "refund"),
    )


def _with_quantity(lot: LotBalance, drafts: list[Closing]) -> list[Closing]:
    """Book the lot's remaining hours with its last entry; a lot without value lapses."""
    if lot.quantity == 0:
        return drafts
    if not drafts or (len(drafts) == 1 and drafts[0].amount > 0):
        return [*drafts, Closing(lot.lot_id, "FORFEIT", -lot.quantity, ZERO, "hours_lapse")]
    return [*drafts[:-1], replace(drafts[-1], quantity=-lot.quantity)]
