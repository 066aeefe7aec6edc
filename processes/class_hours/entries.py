"""Writing to the ledger: lots locked, postings applied, entries appended, in one place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import insert, select, update

from engine.kernel.uow import Tx
from processes.class_hours import ledger
from processes.class_hours.ledger import Lot, LotKind, Posting, Unit
from processes.class_hours.tables import accounting_period, hour_entry, hour_lot
from processes.stamping import created, touched


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot as stored: its balance and whose it is."""

    lot: Lot
    student_id: UUID
    branch_id: UUID
    contract_id: UUID | None
    contract_line_id: UUID | None
    bought_quantity: Decimal
    bought_amount: Decimal


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why entries are written: the day they belong to and what they belong to. `key` makes the operation unique."""

    key: str
    business_date: date
    charge_id: UUID | None = None
    lesson_id: UUID | None = None
    instance_id: UUID | None = None


def lock_lots(tx: Tx, *conditions: sa.ColumnElement[bool]) -> tuple[LotRow, ...]:
    """The lots that meet the conditions, locked in the order of their ids."""
    rows = tx.execute(select(hour_lot).where(*conditions).order_by(hour_lot.c.id).with_for_update()).mappings()
    return tuple(row_of(row) for row in rows)


def row_of(row: sa.RowMapping) -> LotRow:
    """A lot from its database row."""
    lot = Lot(
        id=row["id"],
        kind=LotKind(row["kind"]),
        unit=Unit(row["unit"]),
        quantity=row["quantity"],
        amount=row["amount"],
        frozen=row["frozen"],
        expires_on=row["expires_on"],
        courses=frozenset(row["courses"] or ()),
        priority=row["priority"],
        opened_on=row["opened_on"],
    )
    return LotRow(
        lot,
        row["student_id"],
        row["branch_id"],
        row["contract_id"],
        row["contract_line_id"],
        row["bought_quantity"],
        row["bought_amount"],
    )


def post(tx: Tx, rows: Iterable[LotRow], postings: Sequence[Posting], occasion: Occasion) -> None:
    """Apply postings to locked lots and append their entries, numbered `key:0`, `key:1` …

    Raises: Conflict when a balance would break; the database refuses a key that was used before.
    """
    if not postings:
        return
    by_id = {row.lot.id: row for row in rows}
    period = _open_period(tx, occasion.business_date)
    by_lot: dict[UUID, list[Posting]] = defaultdict(list)
    for posting in postings:
        by_lot[posting.lot_id].append(posting)
    for lot_id, group in sorted(by_lot.items()):
        after = ledger.apply(by_id[lot_id].lot, *group)
        tx.execute(
            update(hour_lot)
            .where(hour_lot.c.id == lot_id)
            .values(quantity=after.quantity, amount=after.amount, frozen=after.frozen,
                    version=hour_lot.c.version + 1, **touched(tx))
        )  # fmt: skip
    entries = [
        _entry(tx, by_id[posting.lot_id], posting, occasion)
        | {"period": period, "business_key": f"{occasion.key}:{number}"}
        for number, posting in enumerate(postings)
    ]
    tx.execute(insert(hour_entry), entries)


def is_posted(tx: Tx, key: str) -> bool:
    """Whether an operation with this key has already written entries."""
    found = tx.execute(select(hour_entry.c.id).where(hour_entry.c.business_key == f"{key}:0"))
    return found.first() is not None


def _entry(tx: Tx, row: LotRow, posting: Posting, occasion: Occasion) -> dict[str, object]:
    return created(tx, row.branch_id) | {
        "lot_id": row.lot.id,
        "student_id": row.student_id,
        "contract_id": row.contract_id,
        "kind": posting.kind.value,
        "quantity": posting.quantity,
        "amount": posting.amount,
        "frozen": posting.frozen,
        "business_date": occasion.business_date,
        "charge_id": occasion.charge_id,
        "lesson_id": occasion.lesson_id,
        "instance_id": occasion.instance_id,
        "reversal_of": posting.reversal_of,
        "reason": posting.reason,
    }


def _open_period(tx: Tx, day: date) -> str:
    """The month the day belongs to, or, when that is closed, the first open month after it."""
    period = f"{day:%Y-%m}"
    closed = set(tx.execute(select(accounting_period.c.period).where(accounting_period.c.period >= period)).scalars())
    while period in closed:
        year, month = int(period[:4]), int(period[5:])
        period = f"{year + month // 12}-{month % 12 + 1:02d}"
    return period
