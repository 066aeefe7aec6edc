"""What attendance does by the clock: lessons that have ended are closed, who has no mark is absent."""

from datetime import timedelta

from sqlalchemy import select

from engine.kernel.duties import Duty, Every, Occasion, Result
from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.attendance.calling import finish_lesson
from processes.timetable.tables import lesson

GRACE = timedelta(minutes=30)
"""Teachers have this long after the lesson to mark the roll."""
_AT_ONCE = 50


def close_ended(tx: Tx, _occasion: Occasion) -> Result:
    """Closes lessons that ended half an hour ago, oldest first; those that can't be closed are named."""
    ended = (
        select(lesson.c.id)
        .where(lesson.c.stage == "scheduled", lesson.c.ends_at < tx.now - GRACE, lesson.c.deleted_at.is_(None))
        .order_by(lesson.c.ends_at, lesson.c.id)
        .limit(_AT_ONCE)
    )
    closed, absent = 0, 0
    refused: dict[str, str] = {}
    for lesson_id in tx.execute(ended).scalars().all():
        try:
            with tx.savepoint():
                absent += len(finish_lesson(tx, lesson_id))
            closed += 1
        except SchoolflowError as error:
            refused[str(lesson_id)] = error.code
    return {"lessons": closed, "unmarked": absent, "refused": refused}


DUTIES = (
    Duty(
        "attendance.close_lessons",
        Text("结束已下课的课次", "Close lessons that have ended"),
        Every(timedelta(minutes=1)),
        close_ended,
    ),
)
