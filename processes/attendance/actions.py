"""Leave, as the office notes it when a family calls."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from forms.definition import Option
from processes.attendance.terms import terms_of
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.places import zone_of
from processes.record_values import read
from processes.timetable import api as timetable

Values = Mapping[str, Any]
_BACK, _AHEAD = timedelta(days=14), timedelta(days=60)
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def choices(tx: Tx, student_id: UUID) -> Mapping[str, tuple[Option, ...]]:
    """The student's lessons from two weeks ago on, those to come first."""
    lessons = timetable.lessons_of(tx, student_id, tx.now - _BACK, tx.now + _AHEAD)
    return {
        "lesson_id": tuple(Option(str(one.id), _words(tx, one.starts_at, one.branch_id, one.title)) for one in lessons)
    }


def preview(tx: Tx, student_id: UUID, values: Values) -> Preview:
    """How long before the lesson the family asks, which decides what it costs."""
    row = read(tx, "lesson", UUID(values["lesson_id"]))
    hours = max(0, int((row["starts_at"] - tx.now) / timedelta(hours=1)))
    lines = (
        PreviewLine(Text("课次", "Lesson"), row["title"]),
        PreviewLine(Text("提前小时", "Hours before"), hours),
    )
    late = Text(
        "课次已开始或已结束，按考勤规则可能仍扣课时", "The lesson has begun: by the rules it may still be charged"
    )
    return Preview(lines, (late,) if row["starts_at"] <= tx.now else ())


def start(tx: Tx, student_id: UUID, values: Values) -> Done:
    """Note the leave; the attendance table decides what it costs when the lesson ends, or at once when it has ended."""
    lesson_id = UUID(values["lesson_id"])
    timetable.ask_leave(
        tx,
        student_id,
        lesson_id,
        reason=values["reason"],
        sick=bool(values.get("sick")),
        proof=(UUID(values["proof"]),) if values.get("proof") else (),
        decide=terms_of(tx, lesson_id),
    )
    return Done(Text("请假已登记", "The leave is noted"))


def _words(tx: Tx, starts_at: datetime, branch_id: UUID, title: str) -> Text:
    at = starts_at.astimezone(zone_of(tx, branch_id))
    return Text(f"{at:%m-%d} {_WEEKDAYS[at.weekday()]} {at:%H:%M} {title}", f"{at:%m-%d} {at:%a %H:%M} {title}")


ACTIONS = (
    DomainAction(
        name="ask_leave",
        object="student",
        label=Text("登记请假", "Note a leave"),
        icon="beach",
        form="attendance.ask_leave",
        roles=("academic", "principal", "hq_manager", "admin", "sales", "sales_head"),
        preview=preview,
        start=start,
        choices=choices,
    ),
)
