"""Lessons: created from a weekly pattern, moved, cancelled, given to a substitute; each books what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, insert, or_, select, update

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.permits import permit, permitted
from processes.places import branch_of, zone_of
from processes.stamping import created, indexed, touched
from processes.timetable.bookings import Clash, book, clashes_of, release
from processes.timetable.conflicts import Booking, Resource, ResourceKind, Slot
from processes.timetable.recurrence import Recurrence, candidates, expand, free_slots
from processes.timetable.tables import (
    attendance,
    class_group,
    classroom,
    course,
    holiday,
    lesson,
    lesson_booking,
    roster,
)


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson on the timetable."""

    id: UUID
    title: str
    class_group_id: UUID
    course_id: UUID
    teacher_id: UUID | None
    classroom_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    stage: str
    override_reason: str | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A class with the teacher and room its lessons take."""

    group: RowMapping
    teacher_id: UUID | None
    classroom_id: UUID | None
    buffer: timedelta
    is_shared: bool


def create_lessons(
    tx: Tx,
    class_group_id: UUID,
    recurrence: Recurrence,
    *,
    teacher_id: UUID | None = None,
    classroom_id: UUID | None = None,
    override_reason: str | None = None,
    key: str,
) -> tuple[UUID, ...]:
    """Create the lessons of a pattern, holidays skipped, all or none; the same key again returns the same lessons.

    Raises: TimetableClash, unless a reason to override is given.
    """
    permit(tx, "create", "lesson")
    lock(tx, f"class:{class_group_id}")
    known = tx.execute(
        select(lesson.c.id).where(lesson.c.series_key == key).order_by(lesson.c.starts_at)
    ).scalars().all()  # fmt: skip
    if known:
        return tuple(known)
    plan = _plan(tx, class_group_id, teacher_id, classroom_id)
    slots = _slots(tx, plan, recurrence)
    hours = tx.execute(select(course.c.lesson_hours).where(course.c.id == plan.group["course_id"])).scalar_one()
    extra = {"hours": hours or Decimal(1), "override_reason": override_reason, "series_key": key}
    rows: list[dict[str, object]] = [indexed(lesson, _row(tx, plan, slot) | extra) for slot in slots]
    if not rows:
        return ()
    tx.execute(insert(lesson), rows)
    permit(tx, "create", "lesson", UUID(str(rows[0]["id"])))
    book(tx, _bookings(tx, plan, [(row["id"], slot) for row, slot in zip(rows, slots, strict=True)]),
         override_reason=override_reason)  # fmt: skip
    data = {"lessons": len(rows), "first": slots[0].start, "override_reason": override_reason}
    tx.record(Event("lessons:created", ("class_group", class_group_id), plan.group["branch_id"], data))
    return tuple(UUID(str(row["id"])) for row in rows)


def preview_lessons(
    tx: Tx,
    class_group_id: UUID,
    recurrence: Recurrence,
    *,
    teacher_id: UUID | None = None,
    classroom_id: UUID | None = None,
) -> tuple[Clash, ...]:
    """What the lessons of a pattern would clash with; nothing is written."""
    permit(tx, "read", "lesson")
    plan = _plan(tx, class_group_id, teacher_id, classroom_id)
    return clashes_of(tx, _bookings(tx, plan, [(new_id(), slot) for slot in _slots(tx, plan, recurrence)]))


def propose_slots(
    tx: Tx, class_group_id: UUID, *, first_day: date, days: int, length: timedelta, wanted: int = 3
) -> tuple[Slot, ...]:  # fmt: skip
    """The first free slots between 8:00 and 21:00 for the class's teacher, room and students."""
    permit(tx, "read", "lesson")
    plan = _plan(tx, class_group_id, None, None)
    zone = zone_of(tx, plan.group["branch_id"])
    off = _holidays(tx, plan.group["branch_id"])
    open_days = [day for n in range(min(days, 60)) if (day := first_day + timedelta(days=n)) not in off]
    possible = list(candidates(open_days, time(8), time(21), length=length, zone=zone))
    resources = {one.resource.id for slot in possible[:1] for one in _bookings(tx, plan, [(new_id(), slot)])}
    rows = tx.execute(
        select(lesson_booking.c.during).where(lesson_booking.c.resource_id.in_(resources), lesson_booking.c.exclusive)
    ).scalars()
    return free_slots(possible, (Slot(during.lower, during.upper) for during in rows), wanted)


def move_lesson(
    tx: Tx, lesson_id: UUID, slot: Slot, *, classroom_id: UUID | None = None, override_reason: str | None = None
) -> None:
    """Move a scheduled lesson to another time (and room). Raises: TimetableClash."""
    row = _scheduled(tx, lesson_id)
    changes = {"starts_at": slot.start, "ends_at": slot.end, "classroom_id": classroom_id or row["classroom_id"]}
    _rebook(tx, row, changes, override_reason, "lesson:moved")


def substitute_teacher(
    tx: Tx, lesson_id: UUID, teacher_id: UUID, *, reason: str, override_reason: str | None = None
) -> None:
    """Let another teacher give the lesson; the planned one stays visible. Raises: TimetableClash."""
    row = _scheduled(tx, lesson_id)
    planned = row["planned_teacher_id"] or row["teacher_id"]
    changes = {"teacher_id": teacher_id, "planned_teacher_id": planned}
    _rebook(tx, row, changes, override_reason, f"lesson:substituted {reason}".strip())


def cancel_lesson(tx: Tx, lesson_id: UUID, *, reason: str) -> None:
    """Cancel a scheduled lesson: bookings go, charges of those already marked are taken back."""
    marked = select(attendance.c.student_id).where(attendance.c.lesson_id == lesson_id)
    lock(tx, *(f"student:{one}" for one in tx.execute(marked).scalars()))
    row = _scheduled(tx, lesson_id, "cancelled")
    if row["stage"] == "cancelled":
        return
    ref = lesson_ref(tx, row)
    for student_id in sorted(tx.execute(marked).scalars()):
        class_hours.reverse_charge(tx, student_id, ref, reason="lesson_cancelled")
    release(tx, [lesson_id])
    _update(tx, row, {"stage": "cancelled", "cancel_reason": reason})
    tx.record(Event("lesson:cancelled", ("lesson", lesson_id), row["branch_id"], {"reason": reason}))


def week(tx: Tx, *, branch_id: UUID, monday: date, limit: int = 2_000) -> tuple[LessonView, ...]:
    """The lessons of a branch in the week from that Monday, cancelled ones too, by start."""
    permit(tx, "read", "lesson")
    zone = zone_of(tx, branch_id)
    start = datetime.combine(monday, time(0), zone)
    end = datetime.combine(monday + timedelta(days=7), time(0), zone)
    rows = tx.execute(
        select(lesson)
        .where(lesson.c.branch_id == branch_id, lesson.c.starts_at >= start, lesson.c.starts_at < end)
        .order_by(lesson.c.starts_at, lesson.c.id)
        .limit(limit)
    ).mappings()
    found = [LessonView(**{name: row[name] for name in LessonView.__slots__}) for row in rows]
    seen = permitted(tx, "read", "lesson", (one.id for one in found))
    return tuple(one for one in found if one.id in seen)


def lesson_ref(tx: Tx, row: RowMapping) -> class_hours.LessonRef:
    """The lesson as the ledger knows it; its day is the branch's local day."""
    on = row["starts_at"].astimezone(zone_of(tx, row["branch_id"])).date()
    return class_hours.LessonRef(row["id"], row["course_id"], row["branch_id"], on)


def lesson_row(tx: Tx, lesson_id: UUID, *, shared: bool = False) -> RowMapping:
    """The lesson's row, locked against changes; shared: others may hold it so too. Raises NotFound.

    Lock students before the lesson: swipes hold their student and wait for the lesson.
    """
    statement = select(lesson).where(lesson.c.id == lesson_id).with_for_update(read=shared)
    row = tx.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound
    return row


def bookings_of(tx: Tx, rows: Sequence[RowMapping]) -> tuple[Booking, ...]:
    """What scheduled lessons need: teacher, assistant, class, room and the students on the roster."""
    found: list[Booking] = []
    for row in rows:
        plan = _plan(tx, row["class_group_id"], row["teacher_id"], row["classroom_id"])
        found += _bookings(tx, plan, [(row["id"], Slot(row["starts_at"], row["ends_at"]))])
    return tuple(found)


def _scheduled(tx: Tx, lesson_id: UUID, *also: str) -> RowMapping:
    permit(tx, "update", "lesson", lesson_id)
    row = lesson_row(tx, lesson_id)
    if row["stage"] not in ("scheduled", *also):
        raise Conflict(
            "lesson.stage",
            Text("只有未上的课可以调整", "Only a scheduled lesson can be changed"),
            hint=Text("刷新课程表", "Reload the timetable"),
        )
    return row


def _rebook(
    tx: Tx, row: RowMapping, changes: dict[str, object], override_reason: str | None, action: str
) -> None:  # fmt: skip
    release(tx, [row["id"]])
    if override_reason:
        changes = changes | {"override_reason": override_reason}
    after = _update(tx, row, changes)
    book(tx, bookings_of(tx, [after]), override_reason=override_reason)
    edits = [Change(name, row[name], value) for name, value in changes.items() if row[name] != value]
    name, _, reason = action.partition(" ")
    tx.record(Event(name, ("lesson", row["id"]), row["branch_id"], {"reason": reason}, edits))


def _update(tx: Tx, row: RowMapping, changes: dict[str, object]) -> RowMapping:
    values = changes | {"version": row["version"] + 1} | touched(tx)
    statement = update(lesson).where(lesson.c.id == row["id"]).values(values).returning(lesson)
    return tx.execute(statement).mappings().one()


def _plan(tx: Tx, class_group_id: UUID, teacher_id: UUID | None, classroom_id: UUID | None) -> _Plan:
    group = tx.execute(select(class_group).where(class_group.c.id == class_group_id)).mappings().one_or_none()
    if group is None:
        raise NotFound
    room_id = classroom_id or group["classroom_id"]
    room = None
    if room_id is not None:
        room = tx.execute(select(classroom).where(classroom.c.id == room_id)).mappings().one_or_none()
        if room is None:
            raise NotFound
    buffer = timedelta(minutes=(room["buffer_minutes"] or 0) if room else 0)
    return _Plan(group, teacher_id or group["teacher_id"], room_id, buffer, bool(room and room["is_shared"]))


def _slots(tx: Tx, plan: _Plan, recurrence: Recurrence) -> tuple[Slot, ...]:
    branch_id = plan.group["branch_id"]
    slots = expand(recurrence, zone_of(tx, branch_id), _holidays(tx, branch_id))
    if plan.group["stage"] in ("finished", "cancelled"):
        raise UserError("class.closed", Text("班级已结束，不能排课", "The class is over; it takes no lessons"))
    return slots


def _holidays(tx: Tx, branch_id: UUID) -> frozenset[date]:
    """Days off of the branch and of those above it."""
    chain = [branch_id]
    while (parent := branch_of(tx, chain[-1]).parent_id) is not None:
        chain.append(parent)
    rows = select(holiday.c.day).where(
        holiday.c.branch_id.in_(chain), holiday.c.is_working.is_not(True), holiday.c.deleted_at.is_(None)
    )
    return frozenset(tx.execute(rows).scalars())


def _row(tx: Tx, plan: _Plan, slot: Slot) -> dict[str, object]:
    group = plan.group
    return created(tx, group["branch_id"]) | {
        "title": group["name"],
        "class_group_id": group["id"],
        "course_id": group["course_id"],
        "teacher_id": plan.teacher_id,
        "assistant_id": group["assistant_id"],
        "classroom_id": plan.classroom_id,
        "starts_at": slot.start,
        "ends_at": slot.end,
        "stage": "scheduled",
    }


def _bookings(tx: Tx, plan: _Plan, lessons: Sequence[tuple[object, Slot]]) -> list[Booking]:
    group = plan.group
    fixed = [Resource(ResourceKind.CLASS, group["id"])]
    fixed += [
        Resource(ResourceKind.TEACHER, one) for one in {plan.teacher_id, group["assistant_id"]} if one is not None
    ]
    members = tx.execute(
        select(roster.c.student_id, roster.c.joined_at, roster.c.left_at).where(
            roster.c.class_group_id == group["id"], or_(roster.c.stage == "active", roster.c.left_at.is_not(None))
        )
    ).all()
    found = []
    for lesson_id, slot in lessons:
        one_id = UUID(str(lesson_id))
        found += [Booking(one_id, resource, slot) for resource in fixed]
        if plan.classroom_id is not None:
            room = Resource(ResourceKind.ROOM, plan.classroom_id)
            found.append(Booking(one_id, room, slot.widened(plan.buffer, plan.buffer), not plan.is_shared))
        found += [
            Booking(one_id, Resource(ResourceKind.STUDENT, student), slot)
            for student in {
                row.student_id
                for row in members
                if row.joined_at <= slot.start and (row.left_at is None or slot.start < row.left_at)
            }
        ]
    return found
