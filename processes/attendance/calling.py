"""The roll called by hand, and the end of a lesson: judged by the table in force, guardians told while it is news."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from engine.kernel.uow import Tx
from processes.attendance.notices import tell
from processes.attendance.terms import terms_of
from processes.record_values import read
from processes.timetable import api as timetable
from processes.timetable.api import Marked, Status

_NEWS = timedelta(hours=12)


def call_roll(tx: Tx, lesson_id: UUID, marks: Mapping[UUID, Status]) -> tuple[Marked, ...]:
    """Mark students as the teacher saw them; repeating it changes and tells only what differs."""
    return _told(tx, lesson_id, timetable.roll_call(tx, lesson_id, marks, decide=terms_of(tx, lesson_id)))


def finish_lesson(tx: Tx, lesson_id: UUID) -> tuple[Marked, ...]:
    """Close the lesson: who has no mark is on leave or absent, and the guardians hear of it."""
    return _told(tx, lesson_id, timetable.close_lesson(tx, lesson_id, decide=terms_of(tx, lesson_id)))


def _told(tx: Tx, lesson_id: UUID, marked: Iterable[Marked]) -> tuple[Marked, ...]:
    """The marks, their guardians told unless the lesson is long over."""
    row, found = read(tx, "lesson", lesson_id), tuple(marked)
    if tx.now <= row["ends_at"] + _NEWS:
        for one in found:
            tell(tx, one, lesson_id, at=row["starts_at"], branch_id=row["branch_id"])
    return found
