"""Opening lots, and what a student has left."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select, update

from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.uow import Tx
from processes.class_hours.entries import LotRow, Occasion, lock_lots, post, row_of
from processes.class_hours.ledger import ZERO, EntryKind, Lot, LotKind, Posting, Unit
from processes.class_hours.tables import hour_lot
from processes.stamping import created, indexed, touched


@dataclass(frozen=True, slots=True)
class Portion:
    """One lot to open: what kind, how much, worth what, in which order it is used."""

    kind: LotKind
    quantity: Decimal
    amount: Decimal
    priority: int = 10


@dataclass(frozen=True, slots=True)
class LotOrder:
    """What a contract line (or a grant of make-up hours) gives a student; no courses means every course."""

    student_id: UUID
    branch_id: UUID
    portions: tuple[Portion, ...]
    unit: Unit
    opened_on: date
    title: str = ""
    expires_on: date | None = None
    courses: frozenset[UUID] = frozenset()
    contract_id: UUID | None = None
    contract_line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What remains in one lot."""

    lot_id: UUID
    contract_id: UUID | None
    contract_line_id: UUID | None
    kind: LotKind
    unit: Unit
    quantity: Decimal
    amount: Decimal
    frozen: Decimal
    bought_quantity: Decimal
    bought_amount: Decimal
    expires_on: date | None
    courses: frozenset[UUID]


_OPENING = {
    LotKind.PAID: EntryKind.PURCHASE,
    LotKind.GIFT: EntryKind.GIFT,
    LotKind.TRANSFER_IN: EntryKind.TRANSFER_IN,
    LotKind.MAKE_UP: EntryKind.GIFT,
    LotKind.COMPENSATION: EntryKind.GIFT,
}


def open_lots(tx: Tx, order: LotOrder, *, key: str) -> tuple[UUID, ...]:
    """Open the lots of an order once; the same key again returns the same lots."""
    lock(tx, f"student:{order.student_id}")
    known = tx.execute(
        select(hour_lot.c.id).where(hour_lot.c.business_key.in_(_keys(order, key))).order_by(hour_lot.c.id)
    ).scalars()
    opened = tuple(known)
    if opened:
        return opened
    opened = tuple(
        _open(tx, order, portion, one_key)
        for portion, one_key in zip(order.portions, _keys(order, key), strict=True)
        if portion.quantity > 0
    )
    tx.record(
        Event("hours:opened", ("student", order.student_id), order.branch_id,
              {"contract_id": order.contract_id, "key": key,
               "lots": [{"kind": p.kind, "quantity": p.quantity, "amount": p.amount} for p in order.portions]})
    )  # fmt: skip
    return opened


def _keys(order: LotOrder, key: str) -> list[str]:
    return [f"{key}:{number}:{portion.kind}" for number, portion in enumerate(order.portions)]


def _open(tx: Tx, order: LotOrder, portion: Portion, key: str) -> UUID:
    values = created(tx, order.branch_id) | {
        "title": order.title,
        "student_id": order.student_id,
        "contract_id": order.contract_id,
        "contract_line_id": order.contract_line_id,
        "kind": portion.kind.value,
        "unit": order.unit.value,
        "bought_quantity": portion.quantity,
        "bought_amount": portion.amount,
        "quantity": ZERO,
        "amount": ZERO,
        "frozen": ZERO,
        "courses": sorted(order.courses) or None,
        "priority": portion.priority,
        "opened_on": order.opened_on,
        "expires_on": order.expires_on,
        "business_key": key,
    }
    row = row_of(tx.execute(insert(hour_lot).values(indexed(hour_lot, values)).returning(hour_lot)).mappings().one())
    opening = Posting(row.lot.id, _OPENING[portion.kind], portion.quantity, portion.amount)
    post(tx, [row], [opening], Occasion(key, order.opened_on))
    return row.lot.id


def balances(tx: Tx, student_id: UUID) -> tuple[Balance, ...]:
    """Every lot of the student that still holds something (or is owed), in the order of use."""
    statement = (
        select(hour_lot)
        .where(hour_lot.c.student_id == student_id, hour_lot.c.quantity != 0)
        .order_by(hour_lot.c.priority, hour_lot.c.expires_on.nulls_last(), hour_lot.c.opened_on, hour_lot.c.id)
    )
    return tuple(_balance(row_of(row)) for row in tx.execute(statement).mappings())


def contract_balances(tx: Tx, contract_id: UUID) -> tuple[Balance, ...]:
    """Every lot of a contract, empty ones too."""
    rows = tx.execute(select(hour_lot).where(hour_lot.c.contract_id == contract_id).order_by(hour_lot.c.id)).mappings()
    return tuple(_balance(row_of(row)) for row in rows)


def _balance(row: LotRow) -> Balance:
    lot: Lot = row.lot
    return Balance(
        lot.id, row.contract_id, row.contract_line_id, lot.kind, lot.unit, lot.quantity, lot.amount, lot.frozen,
        row.bought_quantity, row.bought_amount, lot.expires_on, lot.courses,
    )  # fmt: skip


def remaining_hours(tx: Tx, student_id: UUID, course_id: UUID | None = None) -> Decimal:
    """Hours or lessons the student has left (debts subtracted), for one course or altogether."""
    conditions = [hour_lot.c.student_id == student_id, hour_lot.c.unit.in_(["hour", "lesson"])]
    if course_id is not None:
        conditions.append(or_(hour_lot.c.courses.is_(None), hour_lot.c.courses.contains([course_id])))
    total = tx.execute(select(func.coalesce(func.sum(hour_lot.c.quantity), 0)).where(*conditions)).scalar_one()
    return Decimal(total)


def remaining_of(tx: Tx, student_ids: Collection[UUID], course_id: UUID) -> dict[UUID, Decimal]:
    """Hours or lessons of several students for one course, debts subtracted; those who never had a lot are left out."""
    for_course = or_(hour_lot.c.courses.is_(None), hour_lot.c.courses.contains([course_id]))
    statement = (
        select(hour_lot.c.student_id, func.sum(hour_lot.c.quantity).label("left"))
        .where(hour_lot.c.student_id.in_(student_ids), hour_lot.c.unit.in_(["hour", "lesson"]), for_course)
        .group_by(hour_lot.c.student_id)
    )
    return {row.student_id: Decimal(row.left) for row in tx.execute(statement)}


def running_out(tx: Tx, students: Select[tuple[UUID]], at_most: Decimal, *, limit: int = 500) -> dict[UUID, Decimal]:
    """Those of the students with that many hours or lessons left or fewer, debts subtracted; the fewest first."""
    total = func.sum(hour_lot.c.quantity)
    statement = (
        select(hour_lot.c.student_id, total.label("left"))
        .where(hour_lot.c.unit.in_(["hour", "lesson"]), hour_lot.c.student_id.in_(students))
        .group_by(hour_lot.c.student_id)
        .having(total <= at_most)
        .order_by(total, hour_lot.c.student_id)
        .limit(limit)
    )
    return {row.student_id: Decimal(row.left) for row in tx.execute(statement)}


def extend_expiry(tx: Tx, contract_id: UUID, *, days: int) -> int:
    """Move the expiry of a contract's lots by the days they were frozen; how many lots."""
    rows = lock_lots(tx, hour_lot.c.contract_id == contract_id, hour_lot.c.expires_on.is_not(None))
    for row in rows:
        assert row.lot.expires_on is not None
        tx.execute(
            update(hour_lot)
            .where(hour_lot.c.id == row.lot.id)
            .values(expires_on=row.lot.expires_on + timedelta(days=days), version=hour_lot.c.version + 1, **touched(tx))
        )
    if rows:
        tx.record(Event("hours:expiry_extended", ("contract", contract_id), rows[0].branch_id, {"days": days}))
    return len(rows)
