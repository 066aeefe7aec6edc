"""Bookings in the database: taken under sorted locks, released, and taken back where an override is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select
from sqlalchemy.dialects.postgresql import Range

from engine.kernel.errors import Conflict
from engine.kernel.ids import new_id
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.timetable.conflicts import Booking, Resource, ResourceKind, Slot, find_conflicts, split_by_overlap
from processes.timetable.tables import lesson_booking

_NAMES = {
    ResourceKind.TEACHER: Text("教师", "teacher"),
    ResourceKind.ROOM: Text("教室", "room"),
    ResourceKind.CLASS: Text("班级", "class"),
    ResourceKind.STUDENT: Text("学员", "student"),
}


@dataclass(frozen=True, slots=True)
class Clash:
    """A resource that is booked twice: which, when, and by which existing lesson."""

    resource_kind: str
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime
    lesson_id: UUID


class TimetableClash(Conflict):
    """The lesson would book somebody or something twice; `clashes` says whom."""

    default_code = "timetable.clash"

    def __init__(self, clashes: Sequence[Clash]) -> None:
        names = {_NAMES[ResourceKind(clash.resource_kind)] for clash in clashes}
        zh, en = "、".join(sorted(name.zh for name in names)), ", ".join(sorted(name.en for name in names))
        super().__init__(
            message=Text(f"时间冲突({len(clashes)} 处):{zh}", f"{len(clashes)} clashes: {en}"),
            hint=Text("换一个时间或教室，或填写放行原因", "Choose another time or room, or give a reason to override"),
        )
        self.clashes = tuple(clashes)


def clashes_of(tx: Tx, wanted: Sequence[Booking], *, ignoring: Iterable[UUID] = ()) -> tuple[Clash, ...]:
    """What the wanted bookings clash with; lessons in `ignoring` are about to go."""
    skipped = set(ignoring)
    existing = [booking for booking in _existing(tx, wanted) if booking.lesson_id not in skipped]
    return tuple(
        Clash(pair.wanted.resource.kind.value, pair.wanted.resource.id, pair.wanted.slot.start, pair.wanted.slot.end,
              pair.existing.lesson_id)
        for pair in find_conflicts(wanted, existing)
    )  # fmt: skip


def book(tx: Tx, wanted: Sequence[Booking], *, override_reason: str | None = None) -> None:
    """Take the bookings, all or none.

    Raises: TimetableClash, unless a reason to override is given; then the overlapping part is exempt and visible.
    """
    if not wanted:
        return
    lock(tx, *(f"resource:{booking.resource.id}" for booking in wanted))
    clashes = clashes_of(tx, wanted)
    if clashes and not override_reason:
        raise TimetableClash(clashes)
    taken = _existing(tx, wanted) if clashes else []
    rows = []
    for booking in sorted(wanted, key=lambda one: (one.slot, one.resource)):
        pieces = _rows(booking, taken)
        rows += pieces
        taken.extend(_booking(row) for row in pieces if not row["exempt"])
    tx.execute(insert(lesson_booking), rows)


def release(tx: Tx, lesson_ids: Iterable[UUID], *, student_id: UUID | None = None) -> None:
    """Drop the bookings of lessons (of one student only, when given); exempt parts they covered are taken back."""
    conditions: list[ColumnElement[bool]] = [lesson_booking.c.lesson_id.in_(list(lesson_ids))]
    if student_id is not None:
        conditions.append(lesson_booking.c.resource_id == student_id)
    resources = set(tx.execute(select(lesson_booking.c.resource_id).where(*conditions)).scalars())
    if not resources:
        return
    lock(tx, *(f"resource:{one}" for one in resources))
    tx.execute(delete(lesson_booking).where(*conditions))
    _take_back(tx, resources)


def _take_back(tx: Tx, resources: set[UUID]) -> None:
    """Book exempt parts again where nobody else lies any more."""
    table = lesson_booking
    groups = tx.execute(
        select(table.c.lesson_id, table.c.resource_id)
        .where(table.c.resource_id.in_(resources), table.c.exempt)
        .distinct()
        .order_by(table.c.lesson_id, table.c.resource_id)
    ).all()
    for group in groups:
        mine = (table.c.lesson_id == group.lesson_id, table.c.resource_id == group.resource_id)
        rows = tx.execute(select(table).where(*mine).order_by(func.lower(table.c.during))).mappings().all()
        whole = Slot(rows[0]["during"].lower, rows[-1]["during"].upper)
        booking = Booking(group.lesson_id, Resource(ResourceKind(rows[0]["resource_kind"]), group.resource_id), whole)
        others = [one for one in _existing(tx, [booking]) if one.lesson_id != group.lesson_id]
        tx.execute(delete(table).where(*mine))
        tx.execute(insert(table), _rows(booking, others))


def _existing(tx: Tx, wanted: Sequence[Booking]) -> list[Booking]:
    if not wanted:
        return []
    table = lesson_booking
    span = Range(min(one.slot.start for one in wanted), max(one.slot.end for one in wanted))
    rows = tx.execute(
        select(table).where(
            table.c.resource_id.in_({one.resource.id for one in wanted}),
            table.c.during.overlaps(span),
            table.c.exclusive,
            table.c.exempt.is_(False),
        )
    ).mappings()
    return [_booking(row) for row in rows]


def _booking(row: RowMapping | dict[str, object]) -> Booking:
    during = row["during"]
    assert isinstance(during, Range)
    assert isinstance(during.lower, datetime)
    assert isinstance(during.upper, datetime)
    return Booking(
        UUID(str(row["lesson_id"])),
        Resource(ResourceKind(str(row["resource_kind"])), UUID(str(row["resource_id"]))),
        Slot(during.lower, during.upper),
        bool(row["exclusive"]),
    )


def _rows(booking: Booking, taken: Iterable[Booking]) -> list[dict[str, object]]:
    others = [one.slot for one in taken if one.resource == booking.resource and one.lesson_id != booking.lesson_id]
    pieces = split_by_overlap(booking.slot, others) if booking.exclusive else ((booking.slot, False),)
    return [
        {
            "id": new_id(),
            "lesson_id": booking.lesson_id,
            "resource_kind": booking.resource.kind.value,
            "resource_id": booking.resource.id,
            "during": Range(piece.start, piece.end),
            "exclusive": booking.exclusive,
            "exempt": is_taken,
        }
        for piece, is_taken in pieces
    ]
