"""Attendance: from a swipe, a roll-call or a leave request to one row per student and lesson, and its charge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from engine.kernel.errors import Conflict
from engine.kernel.history import Change, Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.api import ChargeResult, EntryKind, Terms
from processes.people import api as people
from processes.permits import permit
from processes.stamping import created, indexed, touched
from processes.timetable.attendance_rules import (
    Decide,
    EntryType,
    Facts,
    Notice,
    Outcome,
    Status,
    decide_default,
    earliest,
    facts_of_arrival,
    facts_of_leave,
    is_stale,
)
from processes.timetable.conflicts import Slot
from processes.timetable.lesson_match import EARLY, Candidate, match
from processes.timetable.lessons import lesson_ref, lesson_row
from processes.timetable.rosters import covers, members
from processes.timetable.tables import attendance, leave, lesson, roster

Source = Literal["swipe", "fingerprint", "face", "qr", "roll_call", "batch", "leave"]
_DEVICES = frozenset({"swipe", "fingerprint", "face", "qr"})
_GUESTS = frozenset({Status.TRIAL, Status.MAKE_UP})


@dataclass(frozen=True, slots=True)
class Marked:
    """The attendance afterwards. is_new: the status changed; notices are empty when nothing is new or it is stale."""

    attendance_id: UUID
    student_id: UUID
    status: Status
    is_new: bool
    is_stale: bool
    notices: tuple[Notice, ...]
    charge: ChargeResult


@dataclass(frozen=True, slots=True)
class _Report:
    """What a device or a person reports."""

    source: str
    occurred_at: datetime
    status: Status | None
    has_proof: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was reported, merged with what was known."""

    facts: Facts
    arrived_at: datetime | None
    left_at: datetime | None
    source: str


def lesson_for(tx: Tx, student_id: UUID, at: datetime, *, branch_id: UUID | None = None) -> UUID | None:
    """The lesson a swipe at that moment belongs to: running, or starting within the hour; None when there is none."""
    conditions = [
        roster.c.student_id == student_id,
        covers(lesson.c.starts_at),
        lesson.c.stage != "cancelled",
        lesson.c.starts_at <= at + EARLY,
        lesson.c.ends_at > at,
    ]
    if branch_id is not None:
        conditions.append(lesson.c.branch_id == branch_id)
    rows = tx.execute(
        select(lesson.c.id, lesson.c.starts_at, lesson.c.ends_at)
        .join(roster, roster.c.class_group_id == lesson.c.class_group_id)
        .where(*conditions)
    ).all()
    return match(at, [Candidate(row.id, Slot(row.starts_at, row.ends_at)) for row in rows])


def mark_attendance(
    tx: Tx,
    student_id: UUID,
    lesson_id: UUID,
    *,
    source: Source,
    occurred_at: datetime,
    status: Status | None = None,
    has_proof: bool = False,
    decide: Decide = decide_default,
    allow_debt: bool = True,
) -> Marked:
    """Mark a student, by device (no status: worked out from the time) or by a person, and charge the lesson.

    Events may come late, twice and in any order: the earliest one is the arrival, and the charge follows. What a
    teacher said in a roll-call is not overruled by a device. The charge's state `held` or `short` needs a person.
    Raises: Conflict "attendance.not_on_roster", "attendance.cancelled".
    """
    permit(tx, "create", "attendance")
    lock(tx, f"student:{student_id}")
    row = lesson_row(tx, lesson_id, shared=True)
    _check(tx, row, student_id, status)
    known = _known(tx, lesson_id, student_id)
    seen = _merge(row, known, _Report(source, occurred_at, status, has_proof))
    outcome = decide(seen.facts)
    charge = class_hours.charge_lesson(
        tx, student_id, lesson_ref(tx, row), _terms(row, outcome), allow_debt=allow_debt, reason=seen.source
    )
    attendance_id = _write(tx, row, student_id, known, _values(row, seen, outcome))
    is_new = known is None or known["stage"] != seen.facts.status.value
    stale = is_stale(occurred_at, tx.now)
    notices = outcome.notices if is_new and not stale else ()
    return Marked(attendance_id, student_id, seen.facts.status, is_new, stale, notices, charge)


def roll_call(
    tx: Tx, lesson_id: UUID, marks: Mapping[UUID, Status], *, decide: Decide = decide_default
) -> tuple[Marked, ...]:
    """Mark students as the teacher saw them; repeating it changes only what differs."""
    permit(tx, "read", "lesson", lesson_id)
    lock(tx, *(f"student:{one}" for one in marks))
    return tuple(
        mark_attendance(tx, student_id, lesson_id, source="roll_call", occurred_at=tx.now, status=status, decide=decide)
        for student_id, status in sorted(marks.items())
    )


def close_lesson(tx: Tx, lesson_id: UUID, *, decide: Decide = decide_default) -> tuple[Marked, ...]:
    """Finish a lesson: those without a mark are on leave, when they asked, or absent. A repeat does nothing."""
    permit(tx, "read", "lesson", lesson_id)
    plan = select(lesson.c.class_group_id, lesson.c.starts_at).where(lesson.c.id == lesson_id)
    lock(
        tx,
        *(f"student:{one}" for found in tx.execute(plan) for one in members(tx, found.class_group_id, found.starts_at)),
    )
    row = lesson_row(tx, lesson_id)
    if row["stage"] != "scheduled":
        return ()
    marked = set(tx.execute(select(attendance.c.student_id).where(attendance.c.lesson_id == lesson_id)).scalars())
    missing = [one for one in members(tx, row["class_group_id"], row["starts_at"]) if one not in marked]
    results = tuple(_mark_missing(tx, row, student_id, decide) for student_id in missing)
    changes = {"stage": "finished", "version": row["version"] + 1} | touched(tx)
    tx.execute(update(lesson).where(lesson.c.id == lesson_id).values(changes))
    tx.record(Event("lesson:finished", ("lesson", lesson_id), row["branch_id"], {"unmarked": len(missing)}))
    return results


def _mark_missing(tx: Tx, row: RowMapping, student_id: UUID, decide: Decide) -> Marked:
    asked = _leave(tx, row["id"], student_id)
    if asked is None:
        return mark_attendance(
            tx, student_id, row["id"], source="batch", occurred_at=tx.now, status=Status.ABSENT, decide=decide
        )
    status = Status.SICK if asked["is_sick"] else Status.LEAVE
    return mark_attendance(
        tx, student_id, row["id"], source="leave", occurred_at=asked["asked_at"], status=status,
        has_proof=bool(asked["proof"]), decide=decide,
    )  # fmt: skip


def ask_leave(
    tx: Tx,
    student_id: UUID,
    lesson_id: UUID,
    *,
    reason: str,
    sick: bool = False,
    proof: tuple[UUID, ...] = (),
    asked_at: datetime | None = None,
    decide: Decide = decide_default,
) -> UUID:
    """Note a leave request; it counts from the moment it was asked. One open request per student and lesson.

    A lesson that is finished is judged again by `decide`.
    """
    permit(tx, "create", "leave")
    lock(tx, f"student:{student_id}")
    row = lesson_row(tx, lesson_id)
    _check(tx, row, student_id, None)
    known = _leave(tx, lesson_id, student_id)
    if known is not None:
        return UUID(str(known["id"]))
    values = created(tx, row["branch_id"]) | {
        "title": _name(tx, student_id),
        "student_id": student_id,
        "lesson_id": lesson_id,
        "asked_at": asked_at or tx.now,
        "is_sick": sick,
        "reason": reason,
        "proof": list(proof) or None,
        "stage": "accepted",
    }
    leave_id = UUID(str(tx.execute(insert(leave).values(indexed(leave, values)).returning(leave.c.id)).scalar_one()))
    permit(tx, "create", "leave", leave_id)
    data = {"lesson_id": lesson_id, "sick": sick}
    tx.record(Event("leave:asked", ("student", student_id), row["branch_id"], data))
    if row["stage"] == "finished":
        _mark_missing(tx, row, student_id, decide)
    return leave_id


def _check(tx: Tx, row: RowMapping, student_id: UUID, status: Status | None) -> None:
    if row["stage"] == "cancelled":
        raise Conflict("attendance.cancelled", Text("该课次已取消", "The lesson is cancelled"))
    if status in _GUESTS or student_id in members(tx, row["class_group_id"], row["starts_at"]):
        return
    raise Conflict(
        "attendance.not_on_roster",
        Text("该学员不在本班花名册", "The student is not on the roster of this class"),
        hint=Text("补课或试听请选择相应状态", "For a make-up or trial lesson choose that status"),
    )


def _name(tx: Tx, student_id: UUID) -> str:
    return people.student_contact(tx, student_id).name


def _known(tx: Tx, lesson_id: UUID, student_id: UUID) -> RowMapping | None:
    same = (attendance.c.lesson_id == lesson_id, attendance.c.student_id == student_id)
    return tx.execute(select(attendance).where(*same).with_for_update()).mappings().one_or_none()


def _leave(tx: Tx, lesson_id: UUID, student_id: UUID) -> RowMapping | None:
    same = (leave.c.lesson_id == lesson_id, leave.c.student_id == student_id, leave.c.stage == "accepted")
    return tx.execute(select(leave).where(*same)).mappings().one_or_none()


def _merge(row: RowMapping, known: RowMapping | None, report: _Report) -> _Seen:
    slot = Slot(row["starts_at"], row["ends_at"])
    arrived = known["arrived_at"] if known else None
    left = known["left_at"] if known else None
    if report.source in _DEVICES:
        first = earliest(arrived, report.occurred_at)
        last = max(filter(None, (arrived, left, report.occurred_at)))
        left = last if last > first else None
        if known is not None and known["source"] == "roll_call":
            said = Facts(Status(known["stage"]), late_minutes=known["late_minutes"] or 0)
            return _Seen(said, first, left, "roll_call")
        return _Seen(facts_of_arrival(slot, first), first, left, report.source)
    wanted = report.status or Status.PRESENT
    if wanted in (Status.LEAVE, Status.SICK):
        facts = facts_of_leave(slot, report.occurred_at, sick=wanted is Status.SICK, has_proof=report.has_proof)
    elif wanted is Status.LATE:
        minutes = int(((arrived or report.occurred_at) - slot.start) / timedelta(minutes=1))
        facts = Facts(wanted, late_minutes=max(0, minutes))
    else:
        facts = Facts(wanted)
    return _Seen(facts, arrived, left, report.source)


def _terms(row: RowMapping, outcome: Outcome) -> Terms | None:
    if outcome.entry is EntryType.NONE:
        return None
    return Terms(row["hours"] * outcome.hours_factor, outcome.hours_factor, EntryKind(outcome.entry.value))


def _values(row: RowMapping, seen: _Seen, outcome: Outcome) -> dict[str, object]:
    until = row["starts_at"].date() + timedelta(days=outcome.make_up_days) if outcome.make_up else None
    return {
        "stage": seen.facts.status.value,
        "source": seen.source,
        "arrived_at": seen.arrived_at,
        "left_at": seen.left_at,
        "late_minutes": seen.facts.late_minutes,
        "hours": row["hours"] * outcome.hours_factor,
        "pay_factor": outcome.pay_factor,
        "make_up_until": until,
    }


def _write(tx: Tx, row: RowMapping, student_id: UUID, known: RowMapping | None, values: dict[str, object]) -> UUID:
    if known is None:
        whole = created(tx, row["branch_id"]) | values
        whole |= {"lesson_id": row["id"], "student_id": student_id, "title": _name(tx, student_id)}
        attendance_id = UUID(
            str(
                tx.execute(
                    insert(attendance).values(indexed(attendance, whole)).returning(attendance.c.id)
                ).scalar_one()
            )
        )
    else:
        attendance_id = UUID(str(known["id"]))
        if all(known[name] == value for name, value in values.items()):
            return attendance_id
        changed = values | {"version": known["version"] + 1} | touched(tx)
        tx.execute(update(attendance).where(attendance.c.id == attendance_id).values(changed))
    permit(tx, "create", "attendance", attendance_id)
    change = Change("stage", known["stage"] if known else None, values["stage"])
    data = {"student_id": student_id, "lesson_id": row["id"], "source": values["source"]}
    tx.record(Event("attendance:marked", ("attendance", attendance_id), row["branch_id"], data, [change]))
    return attendance_id
