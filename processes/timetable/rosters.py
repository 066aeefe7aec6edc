"""Who is in which class: enrolment, leaving, transfer. Only future lessons move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, insert, select, update

from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.people import api as people
from processes.permits import permit
from processes.stamping import created, indexed, touched
from processes.timetable.bookings import Clash, book, clashes_of, release
from processes.timetable.conflicts import Booking, Resource, ResourceKind, Slot, seats_left
from processes.timetable.tables import class_group, lesson, roster


@dataclass(frozen=True, slots=True)
class EnrolPreview:
    """What an enrolment would meet; seats_left counts the student in and is below zero when the class is full."""

    seats_left: int
    clashes: tuple[Clash, ...]
    future_lessons: int


def enrol(
    tx: Tx,
    class_group_id: UUID,
    student_id: UUID,
    *,
    contract_line_id: UUID | None = None,
    from_at: datetime | None = None,
    override_reason: str | None = None,
) -> UUID:
    """Put a student into a class from a moment on; a student who is in it already keeps the same entry.

    Raises: Conflict "class.full"; TimetableClash. A reason to override lets both pass and stays visible.
    """
    permit(tx, "create", "roster")
    start = from_at or tx.now
    lock(tx, f"class:{class_group_id}")
    group = _group(tx, class_group_id)
    current = _entry(tx, class_group_id, student_id)
    if current is not None and current["stage"] != "waiting":
        return UUID(str(current["id"]))
    if seats_left(group["capacity"], _enrolled(tx, class_group_id), 1) < 0 and not override_reason:
        raise Conflict(
            "class.full",
            Text(f"班级已满({group['capacity']} 人)", f"The class is full ({group['capacity']} seats)"),
            hint=Text("选择其他班级，或填写超员原因", "Choose another class, or give a reason to exceed the seats"),
        )
    given = {
        "contract_line_id": contract_line_id,
        "joined_at": start,
        "override_reason": override_reason,
        "stage": "active",
    }
    entry_id = _seat(tx, current, given) if current else _insert(tx, group, student_id, given)
    permit(tx, "create", "roster", entry_id)
    book(tx, _bookings(student_id, _future(tx, class_group_id, start)), override_reason=override_reason)
    data = {"class_group_id": class_group_id, "from": start, "override_reason": override_reason}
    tx.record(Event("student:enrolled", ("student", student_id), group["branch_id"], data))
    return entry_id


def _seat(tx: Tx, waiting: RowMapping, given: Mapping[str, object]) -> UUID:
    """The one who waited gets the seat."""
    changes = {**given, "version": waiting["version"] + 1} | touched(tx)
    tx.execute(update(roster).where(roster.c.id == waiting["id"]).values(changes))
    return UUID(str(waiting["id"]))


def _insert(tx: Tx, group: RowMapping, student_id: UUID, given: Mapping[str, object]) -> UUID:
    values = created(tx, group["branch_id"]) | {
        "class_group_id": group["id"],
        "title": people.student_contact(tx, student_id).name,
        "student_id": student_id,
        **given,
    }
    statement = insert(roster).values(indexed(roster, values)).returning(roster.c.id)
    return UUID(str(tx.execute(statement).scalar_one()))


def leave_class(
    tx: Tx, class_group_id: UUID, student_id: UUID, *, from_at: datetime | None = None, reason: str = ""
) -> bool:  # fmt: skip
    """Take a student out of a class from a moment on; lessons before it stay. False when not in it."""
    permit(tx, "update", "roster")
    start = from_at or tx.now
    lock(tx, f"class:{class_group_id}")
    current = _entry(tx, class_group_id, student_id)
    if current is None:
        return False
    permit(tx, "update", "roster", current["id"])
    release(tx, [row["id"] for row in _future(tx, class_group_id, start)], student_id=student_id)
    changes = {"stage": "left", "left_at": start, "version": current["version"] + 1} | touched(tx)
    tx.execute(update(roster).where(roster.c.id == current["id"]).values(changes))
    data = {"class_group_id": class_group_id, "from": start, "reason": reason}
    tx.record(Event("student:left_class", ("student", student_id), current["branch_id"], data))
    return True


def move_roster(
    tx: Tx,
    student_id: UUID,
    *,
    from_class: UUID,
    to_class: UUID,
    contract_line_id: UUID | None = None,
    from_at: datetime | None = None,
    override_reason: str | None = None,
) -> UUID:
    """Transfer a student between classes: only lessons from that moment on move."""
    lock(tx, f"class:{from_class}", f"class:{to_class}")
    leave_class(tx, from_class, student_id, from_at=from_at, reason="transfer")
    return enrol(tx, to_class, student_id, contract_line_id=contract_line_id, from_at=from_at,
                 override_reason=override_reason)  # fmt: skip


def enrol_preview(
    tx: Tx, class_group_id: UUID, student_id: UUID, *, leaving: UUID | None = None, from_at: datetime | None = None
) -> EnrolPreview:
    """Seats, clashes and lessons that an enrolment would meet; `leaving` is the class the student would leave."""
    permit(tx, "read", "class_group", class_group_id)
    start = from_at or tx.now
    group = _group(tx, class_group_id)
    future = _future(tx, class_group_id, start)
    gone = [row["id"] for row in _future(tx, leaving, start)] if leaving else []
    clashes = clashes_of(tx, _bookings(student_id, future), ignoring=gone)
    return EnrolPreview(seats_left(group["capacity"], _enrolled(tx, class_group_id), 1), clashes, len(future))


def members(tx: Tx, class_group_id: UUID, at: datetime) -> tuple[UUID, ...]:
    """Students who are in the class at a moment."""
    statement = select(roster.c.student_id).where(roster.c.class_group_id == class_group_id, covers(at))
    return tuple(sorted(set(tx.execute(statement).scalars())))


def covers(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """SQL: the roster entry holds at a moment (a value or a column); who waits for a seat is not in the class."""
    is_in = roster.c.stage != "waiting"
    return is_in & (roster.c.joined_at <= at) & ((roster.c.left_at > at) | roster.c.left_at.is_(None))


def classes_of(tx: Tx, student_id: UUID) -> tuple[UUID, ...]:
    """Classes the student is in now."""
    statement = select(roster.c.class_group_id).where(roster.c.student_id == student_id, roster.c.stage == "active")
    return tuple(tx.execute(statement.order_by(roster.c.joined_at)).scalars())


def _group(tx: Tx, class_group_id: UUID) -> RowMapping:
    row = tx.execute(select(class_group).where(class_group.c.id == class_group_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return row


def _entry(tx: Tx, class_group_id: UUID, student_id: UUID) -> RowMapping | None:
    same = (roster.c.class_group_id == class_group_id, roster.c.student_id == student_id, roster.c.stage != "left")
    return tx.execute(select(roster).where(*same)).mappings().one_or_none()


def _enrolled(tx: Tx, class_group_id: UUID) -> int:
    same = (roster.c.class_group_id == class_group_id, roster.c.stage == "active")
    return int(tx.execute(select(func.count()).select_from(roster).where(*same)).scalar_one())


def _future(tx: Tx, class_group_id: UUID, start: datetime) -> Sequence[RowMapping]:
    statement = select(lesson).where(
        lesson.c.class_group_id == class_group_id, lesson.c.starts_at >= start, lesson.c.stage == "scheduled"
    )
    return tx.execute(statement.order_by(lesson.c.starts_at)).mappings().all()


def _bookings(student_id: UUID, lessons: Sequence[RowMapping]) -> list[Booking]:
    student = Resource(ResourceKind.STUDENT, student_id)
    return [Booking(row["id"], student, Slot(row["starts_at"], row["ends_at"])) for row in lessons]
