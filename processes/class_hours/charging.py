"""Charging lessons: exactly one unreversed charge per student and lesson, whoever reports it and how often."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, insert, select, update

from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.uow import Tx
from processes.class_hours import ledger
from processes.class_hours.charges import Charge, Revision, Terms, plan_revision
from processes.class_hours.debts import debt_lot, settle_debts, unsettle
from processes.class_hours.entries import LotRow, Occasion, lock_lots, post
from processes.class_hours.ledger import ZERO, EntryKind, LotKind, Posting
from processes.class_hours.lots import remaining_hours
from processes.class_hours.tables import attendance_charge, hour_entry, hour_lot
from processes.stamping import created, indexed, touched

_CLOSING = ("REFUND", "TRANSFER_OUT", "FORFEIT", "EXPIRE")


@dataclass(frozen=True, slots=True)
class LessonRef:
    """The lesson to charge: its course, branch and local day."""

    id: UUID
    course_id: UUID
    branch_id: UUID
    on: date


class ChargeState(StrEnum):
    """What a call did; held and short wrote nothing and need a person."""

    CHARGED = "charged"
    UNCHANGED = "unchanged"
    REVERSED = "reversed"
    HELD = "held"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """The charge in force afterwards; quantity and amount are positive, remaining is what the student has left."""

    state: ChargeState
    charge_id: UUID | None
    revision: int
    quantity: Decimal
    amount: Decimal
    debt: Decimal
    remaining: Decimal


@dataclass(frozen=True, slots=True)
class _Case:
    student_id: UUID
    lesson: LessonRef
    allow_debt: bool
    reason: str


class _Blocked(Exception):
    """Undoes the attempt; carries why."""

    def __init__(self, state: ChargeState) -> None:
        super().__init__(state)
        self.state = state


def charge_lesson(
    tx: Tx, student_id: UUID, lesson: LessonRef, terms: Terms | None, *, allow_debt: bool = True, reason: str = ""
) -> ChargeResult:
    """Bring the charge of a student for a lesson to the terms (None: no charge).

    A repeat changes nothing; other terms reverse the old entries and charge anew. When hours are held by a settling
    process (or were settled since), or debt is not allowed and hours are short, nothing is written and the state
    says so.
    """
    lock(tx, f"student:{student_id}")
    case = _Case(student_id, lesson, allow_debt, reason)
    current, last = _current(tx, student_id, lesson.id)
    plan = plan_revision(current, last, terms)
    if plan.reverse is None and plan.open is None:
        return _result(tx, case, ChargeState.UNCHANGED)
    try:
        with tx.savepoint():
            _revise(tx, case, plan)
    except _Blocked as blocked:
        return _result(tx, case, blocked.state)
    return _result(tx, case, ChargeState.CHARGED if plan.open else ChargeState.REVERSED)


def reverse_charge(tx: Tx, student_id: UUID, lesson: LessonRef, *, reason: str) -> bool:
    """Take back the charge of a lesson; False when there is none."""
    return charge_lesson(tx, student_id, lesson, None, reason=reason).state is ChargeState.REVERSED


def _revise(tx: Tx, case: _Case, plan: Revision) -> None:
    if plan.reverse is not None:
        _reverse(tx, plan.reverse, case)
    if plan.open is not None:
        _open(tx, case, plan.open, plan.number)
    data: dict[str, object] = {"lesson_id": case.lesson.id, "revision": plan.number}
    if plan.open is not None:
        data |= {"hours": plan.open.hours, "kind": plan.open.kind, "source": case.reason}
    else:
        data["reason"] = case.reason
    action = "hours:charged" if plan.open else "hours:charge_reversed"
    tx.record(Event(action, ("student", case.student_id), case.lesson.branch_id, data))


def _current(tx: Tx, student_id: UUID, lesson_id: UUID) -> tuple[Charge | None, int]:
    table = attendance_charge
    same = (table.c.student_id == student_id, table.c.lesson_id == lesson_id)
    last = tx.execute(select(func.coalesce(func.max(table.c.revision), 0)).where(*same)).scalar_one()
    row = tx.execute(select(table).where(*same, table.c.stage == "charged")).mappings().one_or_none()
    if row is None:
        return None, last
    return Charge(row["id"], row["revision"], Terms(row["hours"], row["lessons"], EntryKind(row["kind"]))), last


def _open(tx: Tx, case: _Case, terms: Terms, number: int) -> None:
    student, lesson = case.student_id, case.lesson
    rows = lock_lots(tx, hour_lot.c.student_id == student, hour_lot.c.kind != "DEBT", hour_lot.c.quantity > 0)
    taken = ledger.consume(
        [row.lot for row in rows],
        hours=terms.hours,
        lessons=terms.lessons,
        course_id=lesson.course_id,
        on=lesson.on,
        kind=terms.kind,
    )
    if taken.held > 0:
        raise _Blocked(ChargeState.HELD)
    if taken.short > 0 and not case.allow_debt:
        raise _Blocked(ChargeState.SHORT)
    postings, used = list(taken.postings), list(rows)
    if taken.short > 0:
        debt = debt_lot(tx, student, lesson.branch_id, taken.unit, lesson.on)
        postings.append(ledger.overdraw(debt.lot, taken.short, terms.kind))
        used.append(debt)
    values = created(tx, lesson.branch_id) | {
        "student_id": student,
        "lesson_id": lesson.id,
        "revision": number,
        "kind": terms.kind.value,
        "hours": terms.hours,
        "lessons": terms.lessons,
        "quantity": -sum((p.quantity for p in postings), ZERO),
        "amount": -sum((p.amount for p in postings), ZERO),
        "debt": taken.short,
        "business_date": lesson.on,
        "stage": "charged",
    }
    charge_id = tx.execute(
        insert(attendance_charge).values(indexed(attendance_charge, values)).returning(attendance_charge.c.id)
    ).scalar_one()
    key = f"charge:{student}:{lesson.id}:{number}"
    post(tx, used, postings, Occasion(key, lesson.on, charge_id=charge_id, lesson_id=lesson.id))


def _reverse(tx: Tx, charge_id: UUID, case: _Case) -> None:
    table = hour_entry
    entries = tx.execute(
        select(table).where(table.c.charge_id == charge_id, table.c.reversal_of.is_(None)).order_by(table.c.id)
    ).mappings()
    originals = {
        row["id"]: Posting(row["lot_id"], EntryKind(row["kind"]), row["quantity"], row["amount"], row["frozen"])
        for row in entries
    }
    lots = {posting.lot_id for posting in originals.values()}
    rows = lock_lots(tx, hour_lot.c.id.in_(lots))
    if _is_settled(tx, lots):
        raise _Blocked(ChargeState.HELD)
    reason = case.reason or "recharged"
    postings = [ledger.reverse(entry_id, posting, reason) for entry_id, posting in originals.items()]
    occasion = Occasion(f"reverse:{charge_id}", case.lesson.on, charge_id=charge_id, lesson_id=case.lesson.id)
    has_unsettled = _free_debt(tx, rows, postings, case, charge_id)
    post(tx, lock_lots(tx, hour_lot.c.id.in_(lots)), postings, occasion)
    if has_unsettled:
        settle_debts(tx, case.student_id, case.lesson.course_id, on=case.lesson.on, key=f"resettle:{charge_id}")
    charge = attendance_charge
    changes = {"stage": "reversed", "reversed_at": tx.now, "reason": reason, "version": charge.c.version + 1}
    tx.execute(update(charge).where(charge.c.id == charge_id).values(changes | touched(tx)))


def _free_debt(tx: Tx, rows: tuple[LotRow, ...], postings: list[Posting], case: _Case, charge_id: UUID) -> bool:
    """Undo settlements of a debt that this reversal takes away; whether any had to be."""
    found = False
    for row in rows:
        back = sum((posting.quantity for posting in postings if posting.lot_id == row.lot.id), ZERO)
        excess = row.lot.quantity + back
        if row.lot.kind is LotKind.DEBT and excess > 0:
            occasion = Occasion(f"unsettle:{charge_id}:{row.lot.id}", case.lesson.on, lesson_id=case.lesson.id)
            if _is_settled(tx, set(unsettle(tx, row, excess, occasion))):
                raise _Blocked(ChargeState.HELD)
            found = True
    return found


def _is_settled(tx: Tx, lots: set[UUID]) -> bool:
    """Whether a refund, a transfer or an expiry has closed one of the lots: then a person must sort it out."""
    closing, reversal = hour_entry.alias("closing"), hour_entry.alias("reversal")
    found = tx.execute(
        select(closing.c.id)
        .outerjoin(reversal, reversal.c.reversal_of == closing.c.id)
        .where(closing.c.lot_id.in_(lots), closing.c.kind.in_(_CLOSING), reversal.c.id.is_(None))
        .limit(1)
    )
    return found.first() is not None


def _result(tx: Tx, case: _Case, state: ChargeState) -> ChargeResult:
    table = attendance_charge
    row = tx.execute(
        select(table).where(
            table.c.student_id == case.student_id, table.c.lesson_id == case.lesson.id, table.c.stage == "charged"
        )
    ).mappings().one_or_none()  # fmt: skip
    remaining = remaining_hours(tx, case.student_id, case.lesson.course_id)
    if row is None:
        return ChargeResult(state, None, 0, ZERO, ZERO, ZERO, remaining)
    return ChargeResult(state, row["id"], row["revision"], row["quantity"], row["amount"], row["debt"], remaining)
