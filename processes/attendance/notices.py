"""What guardians are told about attendance: arrived, or not there, and the hours left."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.uow import Tx
from processes.people import api as people
from processes.places import zone_of
from processes.record_values import read
from processes.templates import load_templates_beside
from processes.timetable.api import Marked, Notice

_LIFE = timedelta(hours=2)
_KEYS = {Notice.ARRIVED: "attendance.arrived", Notice.ABSENT: "attendance.absent"}


def tell(tx: Tx, marked: Marked, lesson_id: UUID, *, at: datetime, branch_id: UUID) -> None:
    """Send each guardian who wants it a message for every notice of the mark; a repeat sends nothing."""
    for notice in marked.notices:
        if notice in _KEYS:
            _send(tx, marked, notice, lesson_id, at, branch_id)


def _send(tx: Tx, marked: Marked, notice: Notice, lesson_id: UUID, at: datetime, branch_id: UUID) -> None:
    contact = people.student_contact(tx, marked.student_id)
    inputs = {
        "student_name": contact.name,
        "time": f"{at.astimezone(zone_of(tx, branch_id)):%H:%M}",
        "course": read(tx, "lesson", lesson_id)["title"],
    }
    key = _KEYS[notice]
    if marked.charge.quantity:
        inputs |= {"hours": _plain(marked.charge.quantity), "remaining": _plain(marked.charge.remaining)}
    else:
        key += "_uncharged"
    template = load_templates_beside(__file__)[key]
    for guardian in contact.guardians:
        if not guardian.receives_sms or not guardian.phone:
            continue
        message = OutboxMessage(
            channel="sms",
            recipient=guardian.phone,
            payload=template.payload("sms", guardian.phone, inputs),
            idempotency_key=f"attendance:{marked.attendance_id}:{notice}:{guardian.id}",
            expires_in=_LIFE,
            branch_id=branch_id,
            subject=("student", str(marked.student_id)),
        )
        enqueue(tx, message)


def _plain(hours: Decimal) -> str:
    text = f"{hours:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
