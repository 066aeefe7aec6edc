"""What the office does to classes: students join, wait for a seat, leave."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.permits import permit
from processes.places import today, zone_of
from processes.record_values import read
from processes.timetable import rosters, waiting

Values = Mapping[str, Any]
_OFFICE = ("academic", "principal", "hq_manager", "admin")


def today_of_class(tx: Tx, record_id: UUID) -> Values:
    """Today, which is when most people join or leave."""
    return {"from_on": today(tx, read(tx, "class_group", record_id)["branch_id"])}


def preview_enrol(tx: Tx, class_group_id: UUID, values: Values) -> Preview:
    """Seats, clashes and lessons that the student would meet."""
    student_id = _student(tx, values)
    found = rosters.enrol_preview(tx, class_group_id, student_id, from_at=_at(tx, class_group_id, values["from_on"]))
    lines = (
        PreviewLine(Text("入班后剩余名额", "Seats left afterwards"), found.seats_left),
        PreviewLine(Text("将上课次", "Lessons ahead"), found.future_lessons),
    )
    full = Text(
        "班级名额已满：可加入候补，或填写放行原因", "The class is full: wait for a seat, or give a reason to exceed"
    )
    clash = Text(
        f"与学员已有课次冲突 {len(found.clashes)} 处：请填写放行原因",
        f"Clashes with {len(found.clashes)} of the student's lessons: give a reason to accept",
    )
    stops = tuple(text for is_so, text in ((found.seats_left < 0, full), (bool(found.clashes), clash)) if is_so)
    return Preview(lines, stops, ()) if values.get("override_reason") else Preview(lines, (), stops)


def enrol(tx: Tx, class_group_id: UUID, values: Values) -> Done:
    """Put the student into the class; who waited for a seat gets it."""
    rosters.enrol(
        tx,
        class_group_id,
        _student(tx, values),
        from_at=_at(tx, class_group_id, values["from_on"]),
        override_reason=values.get("override_reason") or None,
    )
    return Done(Text("学员已入班", "The student is in the class"))


def preview_wait(tx: Tx, class_group_id: UUID, values: Values) -> Preview:
    """The place in the queue."""
    number = len(waiting.queue(tx, class_group_id)) + 1
    return Preview((PreviewLine(Text("候补名次", "Place in the queue"), number),))


def wait(tx: Tx, class_group_id: UUID, values: Values) -> Done:
    """Put the student on the waiting list."""
    waiting.wait_for_seat(tx, class_group_id, _student(tx, values))
    return Done(Text("已加入候补", "On the waiting list"))


def today_of_entry(tx: Tx, roster_id: UUID) -> Values:
    """Leaving today."""
    return {"from_on": today(tx, read(tx, "roster", roster_id)["branch_id"])}


def preview_leave_class(tx: Tx, roster_id: UUID, values: Values) -> Preview:
    """What leaving means for the hours."""
    kept = Text(
        "以后的课次不再点名；剩余课时保留在合同中", "No roll call from then on; the hours left stay in the contract"
    )
    return Preview((), (kept,))


def leave_class(tx: Tx, roster_id: UUID, values: Values) -> Done:
    """Take the student out of the class, or off its waiting list."""
    entry = read(tx, "roster", roster_id)
    group_id = entry["class_group_id"]
    start = _at(tx, group_id, values["from_on"])
    rosters.leave_class(tx, group_id, entry["student_id"], from_at=start, reason=values["reason"])
    return Done(Text("学员已离班", "The student has left the class"))


def _student(tx: Tx, values: Values) -> UUID:
    """The student that was chosen. Raises: NotFound when the actor may not see him."""
    student_id = UUID(values["student_id"])
    permit(tx, "read", "student", student_id)
    return student_id


def _at(tx: Tx, class_group_id: UUID, day: date) -> datetime:
    """The beginning of the day in the class's branch; now, when it is today."""
    branch_id = read(tx, "class_group", class_group_id)["branch_id"]
    if day < today(tx, branch_id):
        fields = {"from_on": Text("日期不能早于今天", "The day can't be before today")}
        raise UserError("timetable.past", Text("日期不能早于今天", "The day can't be before today"), fields=fields)
    return max(datetime.combine(day, time.min, zone_of(tx, branch_id)), tx.now)


ACTIONS = (
    DomainAction(
        name="enrol_student",
        object="class_group",
        label=Text("学员入班", "Add a student"),
        icon="user-plus",
        form="timetable.enrol_student",
        roles=_OFFICE,
        preview=preview_enrol,
        start=enrol,
        stages=("planned", "open"),
        defaults=today_of_class,
    ),
    DomainAction(
        name="wait_for_seat",
        object="class_group",
        label=Text("加入候补", "Waiting list"),
        icon="clock",
        form="timetable.wait_for_seat",
        roles=_OFFICE,
        preview=preview_wait,
        start=wait,
        stages=("planned", "open"),
    ),
    DomainAction(
        name="leave_class",
        object="roster",
        label=Text("离班", "Leave the class"),
        icon="user-minus",
        form="timetable.leave_class",
        roles=_OFFICE,
        preview=preview_leave_class,
        start=leave_class,
        stages=("active", "waiting"),
        defaults=today_of_entry,
    ),
)
