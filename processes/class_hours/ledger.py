"""The class-hour ledger as pure functions: which operation posts what to which lot.

A lot is a balance of bought hours; a posting is one signed change of it. Functions take lots and return postings;
`apply` is the only place where a posting changes a lot, and it refuses what the row constraints refuse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.money import fen
from engine.kernel.text import Text

ZERO = Decimal(0)


class LotKind(StrEnum):
    """Where a lot's hours come from."""

    PAID = "PAID"
    GIFT = "GIFT"
    TRANSFER_IN = "TRANSFER_IN"
    MAKE_UP = "MAKE_UP"
    COMPENSATION = "COMPENSATION"
    DEBT = "DEBT"


class Unit(StrEnum):
    """What one unit of a lot's quantity is."""

    HOUR = "hour"
    LESSON = "lesson"
    DAY = "day"
    MONTH = "month"


PERIOD_UNITS = frozenset({Unit.DAY, Unit.MONTH})


class EntryKind(StrEnum):
    """Why a lot changed."""

    PURCHASE = "PURCHASE"
    GIFT = "GIFT"
    CONSUME = "CONSUME"
    ABSENT_CONSUME = "ABSENT_CONSUME"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    REFUND = "REFUND"
    FORFEIT = "FORFEIT"
    MATERIAL = "MATERIAL"
    SETTLE_ADJUST = "SETTLE_ADJUST"
    EXPIRE = "EXPIRE"
    ADJUST = "ADJUST"
    OPENING = "OPENING"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True, slots=True)
class Lot:
    """The balance of one lot; quantity and amount are what remains, frozen is the part of quantity that is held."""

    id: UUID
    kind: LotKind
    unit: Unit
    quantity: Decimal
    amount: Decimal
    frozen: Decimal = ZERO
    expires_on: date | None = None
    courses: frozenset[UUID] = frozenset()
    priority: int = 10
    opened_on: date = date.min

    @property
    def available(self) -> Decimal:
        """Quantity that may be consumed now."""
        return self.quantity - self.frozen


@dataclass(frozen=True, slots=True)
class Posting:
    """One signed change of a lot: quantity and amount of the balance, frozen of its held part."""

    lot_id: UUID
    kind: EntryKind
    quantity: Decimal
    amount: Decimal
    frozen: Decimal = ZERO
    reversal_of: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a lesson posts; short is the quantity no lot could cover, held the quantity that is frozen instead."""

    postings: tuple[Posting, ...]
    short: Decimal
    held: Decimal
    unit: Unit


def apply(lot: Lot, *postings: Posting) -> Lot:
    """The lot after one operation's postings.

    Raises: Conflict when the balance would break a rule of the ledger.
    """
    quantity = sum((posting.quantity for posting in postings), ZERO)
    amount = sum((posting.amount for posting in postings), ZERO)
    frozen = sum((posting.frozen for posting in postings), ZERO)
    after = replace(lot, quantity=lot.quantity + quantity, amount=lot.amount + amount, frozen=lot.frozen + frozen)
    if not _is_sound(after):
        raise Conflict(
            "ledger.unbalanced",
            Text(
                f"课时账不平：课时包剩余 {lot.quantity} 课时/{lot.amount} 元，不能记 {quantity}/{amount}",
                f"The lot holds {lot.quantity} hours / {lot.amount} yuan; cannot post {quantity} / {amount}",
            ),
            hint=Text("刷新后重试，或联系财务核对课时账", "Reload and try again, or ask finance to check the ledger"),
        )
    return after


def _is_sound(lot: Lot) -> bool:
    if lot.kind is LotKind.DEBT:
        signs = lot.quantity <= 0 and lot.amount <= 0 and lot.frozen == 0
    else:
        signs = lot.quantity >= 0 and lot.amount >= 0 and 0 <= lot.frozen <= lot.quantity
    return signs and (lot.quantity != 0 or lot.amount == 0)


def value_of(lot: Lot, quantity: Decimal) -> Decimal:
    """Yuan that `quantity` of the lot is worth, from what remains; the last hour takes the remainder.

    >>> value_of(Lot(UUID(int=1), LotKind.PAID, Unit.HOUR, Decimal(30), Decimal(2000)), Decimal(1))
    Decimal('66.67')
    """
    if quantity == lot.quantity:
        return lot.amount
    return fen(lot.amount * quantity / lot.quantity)


def consumable(lots: Iterable[Lot], *, course_id: UUID, on: date) -> tuple[Lot, ...]:
    """Lots that may pay for a lesson of the course on that day, in the order in which they are used.

    Priority first, then the earliest expiry (none last), then the oldest lot.
    """
    usable = [lot for lot in lots if _covers(lot, course_id, on) and lot.quantity > 0]
    return tuple(sorted(usable, key=lambda lot: (lot.priority, lot.expires_on or date.max, lot.opened_on, lot.id)))


def _covers(lot: Lot, course_id: UUID, on: date) -> bool:
    in_time = lot.opened_on <= on and (lot.expires_on is None or on <= lot.expires_on)
    return lot.kind is not LotKind.DEBT and in_time and (not lot.courses or course_id in lot.courses)


def consume(
    lots: Iterable[Lot],
    *,
    hours: Decimal,
    lessons: Decimal,
    course_id: UUID,
    on: date,
    kind: EntryKind = EntryKind.CONSUME,
) -> Consumption:
    """Post one lesson to the lots: `hours` for lots counted in hours, `lessons` for lots counted in lessons.

    A period card that is valid on the day covers the lesson with an entry of quantity 0. Lots of one unit take part
    in one lesson: the unit of the first lot in the order of use.
    """
    ordered = consumable(lots, course_id=course_id, on=on)
    first = next((lot for lot in ordered if lot.available > 0), None)
    unit = first.unit if first else Unit.HOUR
    if first and unit in PERIOD_UNITS:
        return Consumption((Posting(first.id, kind, ZERO, ZERO),), ZERO, ZERO, unit)
    left = lessons if unit is Unit.LESSON else hours
    postings = []
    for lot in ordered:
        take = min(left, lot.available)
        if lot.unit is unit and take > 0:
            postings.append(Posting(lot.id, kind, -take, -value_of(lot, take)))
            left -= take
    held = min(left, sum((lot.frozen for lot in ordered if lot.unit is unit), ZERO))
    return Consumption(tuple(postings), left - held, held, unit)


def overdraw(debt: Lot, quantity: Decimal, kind: EntryKind = EntryKind.CONSUME) -> Posting:
    """Consume more than was bought: the debt lot goes below 0 h; its value is recognised when it is settled."""
    return Posting(debt.id, kind, -quantity, ZERO, reason="debt")


def settle_debt(debt: Lot, lots: Sequence[Lot], *, course_id: UUID, on: date) -> tuple[Posting, ...]:
    """Let newly bought lots take over a debt: they consume what the debt lot is given back."""
    postings: list[Posting] = []
    owed = -debt.quantity
    for lot in consumable(lots, course_id=course_id, on=on):
        take = min(owed, lot.available)
        if lot.unit is debt.unit and take > 0:
            postings.append(Posting(lot.id, EntryKind.CONSUME, -take, -value_of(lot, take), reason="debt_settled"))
            postings.append(Posting(debt.id, EntryKind.SETTLE_ADJUST, take, ZERO, reason="debt_settled"))
            owed -= take
    return tuple(postings)


def freeze(lot: Lot) -> Posting | None:
    """Hold everything that is available; None when nothing is."""
    if lot.available <= 0:
        return None
    return Posting(lot.id, EntryKind.FREEZE, ZERO, ZERO, frozen=lot.available)


def unfreeze(lot: Lot) -> Posting | None:
    """Give back everything that is held; None when nothing is."""
    if lot.frozen <= 0:
        return None
    return Posting(lot.id, EntryKind.UNFREEZE, ZERO, ZERO, frozen=-lot.frozen)


def close(lot: Lot, kind: EntryKind, reason: str = "") -> tuple[Posting, ...]:
    """Bring a lot to 0 h / 0.00 with one entry of the kind (after releasing what is held)."""
    released = unfreeze(lot)
    closing = Posting(lot.id, kind, -lot.quantity, -lot.amount, reason=reason)
    has_balance = lot.quantity != 0 or lot.amount != 0
    return tuple(p for p in (released, closing if has_balance else None) if p)


def expire(lot: Lot, on: date) -> Posting | None:
    """Let what is available lapse once the expiry day is over; held hours stay until they are settled."""
    if lot.expires_on is None or on <= lot.expires_on or lot.available <= 0:
        return None
    return Posting(lot.id, EntryKind.EXPIRE, -lot.available, -value_of(lot, lot.available))


def reverse(entry_id: UUID, posting: Posting, reason: str = "") -> Posting:
    """The entry that undoes another one exactly."""
    if posting.kind is EntryKind.REVERSAL:
        raise UserError(
            "ledger.reversal_of_reversal",
            Text("冲正分录不能再次冲正", "A reversing entry cannot be reversed"),
            hint=Text("请重新记一笔", "Post the operation again instead"),
        )
    return Posting(
        posting.lot_id,
        EntryKind.REVERSAL,
        -posting.quantity,
        -posting.amount,
        frozen=-posting.frozen,
        reversal_of=entry_id,
        reason=reason,
    )


def elapsed_units(unit: Unit, started_on: date, until: date) -> Decimal:
    """Days or whole months of a period card that have passed before `until` (half-open)."""
    if until <= started_on:
        return ZERO
    if unit is Unit.DAY:
        return Decimal((until - started_on).days)
    months = (until.year - started_on.year) * 12 + until.month - started_on.month
    return Decimal(months - (1 if until.day < started_on.day else 0))


def accrue(lot: Lot, *, bought: Decimal, until: date) -> Posting | None:
    """Consume the days or months of a period card that have passed and are not booked yet."""
    if lot.unit not in PERIOD_UNITS or lot.available <= 0:
        return None
    booked = bought - lot.quantity
    due = min(elapsed_units(lot.unit, lot.opened_on, until) - booked, lot.available)
    if due <= 0:
        return None
    return Posting(lot.id, EntryKind.CONSUME, -due, -value_of(lot, due), reason="period")
