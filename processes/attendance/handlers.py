"""What the attendance-exception process does at its service tasks."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.handlers import BpmnError, Handler
from processes.attendance.swipes import Kind, Swipe, take
from processes.class_hours import api as class_hours
from processes.class_hours.api import LessonRef
from processes.parameters import optional, results
from processes.people import api as people
from processes.places import zone_of
from processes.record_values import read

Values = Mapping[str, Any]


def bind_card(tx: Tx, inputs: Values) -> Values:
    """Bind the card to the student that was chosen. Raises: BpmnError ``card_taken``."""
    if not inputs.get("student_id"):
        missing = {"student_id": Text("请选择学员", "Choose the student")}
        raise UserError("form_invalid", Text("请选择学员", "Choose the student"), fields=missing)
    if inputs.get("card_no"):
        try:
            people.bind_card(tx, inputs["card_no"], UUID(inputs["student_id"]))
        except Conflict as error:
            raise BpmnError("card_taken", error.message.zh) from error
    return {}


def replay(tx: Tx, inputs: Values) -> Values:
    """Take the swipe again with what a person decided; an old swipe sends no message."""
    seen = Swipe(
        key=inputs.get("swipe_key") or "",
        at=inputs["swiped_at"],
        device=inputs.get("device") or "",
        branch_id=UUID(inputs["branch_id"]),
        card_no=people.canonical_key(inputs["card_no"]) if inputs.get("card_no") else None,
        person_no=inputs.get("person_no"),
    )
    student, lesson = inputs.get("student_id"), inputs.get("lesson_id")
    result = take(tx, seen, student_id=UUID(student) if student else None, lesson_id=UUID(lesson) if lesson else None)
    kind = Kind.RECORDED if result.kind is Kind.IGNORED else result.kind
    return {
        "kind": kind.value,
        "summary": result.summary(seen),
        "student_id": str(result.student_id) if result.student_id else None,
        "student_name": result.student_name,
        "lesson_id": str(result.lesson_id) if result.lesson_id else None,
        "attendance_id": str(result.attendance_id) if result.attendance_id else None,
    }


def book_debt(tx: Tx, inputs: Values) -> Values:
    """The hours stay booked as a debt; renewal settles it."""
    student_id = UUID(inputs["student_id"])
    lesson = read(tx, "lesson", UUID(inputs["lesson_id"]))
    data = {"lesson_id": inputs["lesson_id"], "swiped_at": inputs.get("swiped_at")}
    tx.record(Event("attendance:debt_accepted", ("student", student_id), lesson["branch_id"], data))
    return {}


def dismiss(tx: Tx, inputs: Values) -> Values:
    """Do not count the swipe: hours booked as a debt are taken back."""
    reason = next((text for text in inputs.get("reason") or [] if text), "未填写原因")
    student, lesson_id = inputs.get("student_id"), inputs.get("lesson_id")
    if inputs.get("kind") == Kind.DEBT and student and lesson_id:
        lesson = read(tx, "lesson", UUID(lesson_id))
        on = lesson["starts_at"].astimezone(zone_of(tx, lesson["branch_id"])).date()
        ref = LessonRef(UUID(lesson_id), lesson["course_id"], lesson["branch_id"], on)
        class_hours.reverse_charge(tx, UUID(student), ref, reason=reason)
    subject = ("student", student) if student else ("swipe", inputs.get("swipe_key") or "")
    tx.record(Event("attendance:dismissed", subject, None, {"reason": reason, "kind": inputs.get("kind")}))
    return {}


HANDLERS = (
    Handler(
        "attendance.bind_card",
        Text("保存卡片绑定", "Bind the card"),
        bind_card,
        optional("card_no", "person_no", "student_id", "branch_id"),
    ),
    Handler(
        "attendance.replay",
        Text("补记刷卡", "Take the swipe again"),
        replay,
        {
            "swiped_at": "dateTime",
            "branch_id": "text",
            **optional("card_no", "person_no", "device", "swipe_key", "student_id", "lesson_id"),
        },
        results("kind", "summary", "student_id", "student_name", "lesson_id", "attendance_id"),
    ),
    Handler(
        "attendance.book_debt",
        Text("记为欠课时", "Keep as a debt"),
        book_debt,
        {"student_id": "text", "lesson_id": "text", **optional("swiped_at")},
    ),
    Handler(
        "attendance.dismiss",
        Text("不计此次刷卡", "Do not count the swipe"),
        dismiss,
        optional("swipe_key", "student_id", "lesson_id", "kind", "reason"),
    ),
)
