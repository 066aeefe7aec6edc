"""A student's own lessons, past and to come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from engine.kernel.uow import Tx
from processes.permits import permit
from processes.timetable.rosters import covers
from processes.timetable.tables import lesson, roster


@dataclass(frozen=True, slots=True)
class OwnLesson:
    """A lesson that the student's class has while he is in it."""

    id: UUID
    title: str
    branch_id: UUID
    starts_at: datetime


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
