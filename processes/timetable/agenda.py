"""A student's own lessons, past and to come; where a lesson belongs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from processes.permits import permit
from processes.timetable.rosters import covers
from processes.timetable.tables import class_group, course, lesson, roster


@dataclass(frozen=True, slots=True)
class OwnLesson:
    """A lesson that the student's class has while he is in it."""

    id: UUID
    title: str
    branch_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lesson belongs: branch, and the names of its course and class."""

    branch_id: UUID
    course: str
    class_group: str


def place_of(tx: Tx, lesson_id: UUID) -> Place:
    """The branch, course and class of a lesson, which rules name. Raises: NotFound."""
    statement = (
        select(lesson.c.branch_id, course.c.name.label("course"), class_group.c.name.label("class_group"))
        .join(course, course.c.id == lesson.c.course_id)
        .join(class_group, class_group.c.id == lesson.c.class_group_id)
        .where(lesson.c.id == lesson_id)
    )
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return Place(row.branch_id, row.course, row.class_group)


def lessons_of(tx: Tx, student_id: UUID, since: datetime, until: datetime, *, limit: int = 40) -> tuple[OwnLesson, ...]:
    """Lessons between two moments that are not cancelled: those to come first, soonest first."""
    permit(tx, "read", "student", student_id)
    statement = (
        select(lesson.c.id, lesson.c.title, lesson.c.branch_id, lesson.c.starts_at)
        .join(roster, roster.c.class_group_id == lesson.c.class_group_id)
        .where(roster.c.student_id == student_id, covers(lesson.c.starts_at), lesson.c.stage != "cancelled")
        .where(lesson.c.starts_at.between(since, until))
        .order_by(lesson.c.starts_at < tx.now, lesson.c.starts_at)
        .limit(limit)
    )
    return tuple(OwnLesson(row.id, row.title, row.branch_id, row.starts_at) for row in tx.execute(statement))
