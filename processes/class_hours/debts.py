"""Hours taken beyond what was bought 超上: a debt lot per student and unit, taken over by lots bought later."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select

from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.uow import Tx
from processes.class_hours import ledger
from processes.class_hours.entries import LotRow, Occasion, lock_lots, post, row_of
from processes.class_hours.ledger import ZERO, EntryKind, LotKind, Posting, Unit
from processes.class_hours.tables import hour_entry, hour_lot
from processes.stamping import created, indexed


def debt_lot(tx: Tx, student_id: UUID, branch_id: UUID, unit: Unit, on: date) -> LotRow:
    """The student's lot for hours taken beyond what was bought, made when it is first needed, locked."""
    found = lock_lots(
        tx, hour_lot.c.student_id == student_id, hour_lot.c.kind == LotKind.DEBT.value, hour_lot.c.unit == unit.value
    )
    if found:
        return found[0]
    values = created(tx, branch_id) | {
        "title": "欠课", "student_id": student_id, "kind": LotKind.DEBT.value, "unit": unit.value,
        "bought_quantity": ZERO, "bought_amount": ZERO, "quantity": ZERO, "amount": ZERO, "frozen": ZERO,
        "priority": 99, "opened_on": on, "business_key": f"debt:{student_id}:{unit}",
    }  # fmt: skip
    return row_of(tx.execute(insert(hour_lot).values(indexed(hour_lot, values)).returning(hour_lot)).mappings().one())


def settle_debts(tx: Tx, student_id: UUID, course_id: UUID, *, on: date, key: str) -> Decimal:
    """Let the lots that cover the course take over what the student owes; the quantity settled."""
    lock(tx, f"student:{student_id}")
    rows = lock_lots(tx, hour_lot.c.student_id == student_id, hour_lot.c.quantity != 0)
    settled = ZERO
    for debt in (row for row in rows if row.lot.kind is LotKind.DEBT):
        postings = ledger.settle_debt(debt.lot, [row.lot for row in rows], course_id=course_id, on=on)
        post(tx, rows, postings, Occasion(f"{key}:{debt.lot.unit}", on))
        settled += sum((p.quantity for p in postings if p.lot_id == debt.lot.id), ZERO)
    if settled:
        tx.record(Event("hours:debt_settled", ("student", student_id), rows[0].branch_id, {"quantity": settled}))
    return settled


def unsettle(tx: Tx, debt: LotRow, quantity: Decimal, occasion: Occasion) -> frozenset[UUID]:
    """Give back at least `quantity` of settled debt to the lots that took it over, latest first; the lots touched.

    For the reversal of a charge whose debt was settled since: the hours return to the lots that paid for them.
    """
    pairs = _settled_pairs(tx, debt.lot.id)
    postings: list[Posting] = []
    freed = ZERO
    for taken, given in pairs:
        if freed >= quantity:
            break
        postings += [ledger.reverse(row["id"], _posting(row), "debt_unsettled") for row in (taken, given)]
        freed += given["quantity"]
    lots = frozenset(posting.lot_id for posting in postings)
    post(tx, lock_lots(tx, hour_lot.c.id.in_(lots)), postings, occasion)
    return lots


def _settled_pairs(tx: Tx, debt_lot_id: UUID) -> list[tuple[RowMapping, RowMapping]]:
    """(entry on the paying lot, entry on the debt lot) of settlements that stand, latest first."""
    undone = hour_entry.alias("undone")
    given = (
        tx.execute(
            select(hour_entry)
            .outerjoin(undone, undone.c.reversal_of == hour_entry.c.id)
            .where(hour_entry.c.lot_id == debt_lot_id, hour_entry.c.kind == EntryKind.SETTLE_ADJUST.value)
            .where(undone.c.id.is_(None))
            .order_by(hour_entry.c.id.desc())
        )
        .mappings()
        .all()
    )
    keys = {_partner(row["business_key"]): row for row in given}
    taken = tx.execute(select(hour_entry).where(hour_entry.c.business_key.in_(list(keys)))).mappings()
    by_key = {row["business_key"]: row for row in taken}
    return [(by_key[key], row) for key, row in keys.items()]


def _partner(key: str) -> str:
    """Key of the entry written just before: settlements are written in pairs."""
    head, _, number = key.rpartition(":")
    return f"{head}:{int(number) - 1}"


def _posting(row: RowMapping) -> Posting:
    return Posting(row["lot_id"], EntryKind(row["kind"]), row["quantity"], row["amount"], row["frozen"])
