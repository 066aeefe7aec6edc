"""One swipe: whose card, which lesson, what it costs, whom to tell."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from engine.kernel.card_number import printed
from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import query
from engine.metadata.query import Query
from processes.attendance.notices import tell
from processes.attendance.terms import terms_of
from processes.class_hours.api import ChargeState
from processes.people import api as people
from processes.places import branch_of
from processes.timetable import api as timetable
from processes.timetable.api import Marked, Notice


class Kind(StrEnum):
    """What became of a swipe; all but recorded and ignored need a person."""

    RECORDED = "recorded"
    IGNORED = "ignored"
    UNKNOWN_CARD = "unknown_card"
    NO_LESSON = "no_lesson"
    DEBT = "debt"
    HELD = "held"


SUMMARIES = {
    Kind.UNKNOWN_CARD: "未识别的卡",
    Kind.NO_LESSON: "没有对应的课次",
    Kind.DEBT: "课时不足",
    Kind.HELD: "合同结算中",
}


@dataclass(frozen=True, slots=True)
class Swipe:
    """What a device saw. ``card_no`` is the canonical key; ``key`` names the swipe for ever."""

    key: str
    at: datetime
    device: str
    branch_id: UUID
    card_no: str | None = None
    person_no: str | None = None
    is_fresh: bool = True

    @property
    def printed_card(self) -> str | None:
        """The card's number as people read it on the card."""
        return printed(self.card_no) if self.card_no else None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it."""

    kind: Kind
    student_id: UUID | None = None
    student_name: str = ""
    lesson_id: UUID | None = None
    attendance_id: UUID | None = None

    def summary(self, swipe: Swipe) -> str:
        """One line for the inbox."""
        who = self.student_name or swipe.printed_card or swipe.person_no or ""
        return f"{SUMMARIES.get(self.kind, '已记考勤')} {who}".strip()


def take(tx: Tx, swipe: Swipe, *, student_id: UUID | None = None, lesson_id: UUID | None = None) -> Result:
    """Record the attendance, charge the hours and tell the guardians; exactly once however often it is called.

    ``student_id`` and ``lesson_id`` are given when a person has decided them.
    """
    student_id = student_id or _student(tx, swipe)
    if student_id is None:
        return Result(Kind.IGNORED if _is_staff(tx, swipe) else Kind.UNKNOWN_CARD)
    contact = people.student_contact(tx, student_id)
    found = Result(Kind.NO_LESSON, student_id, contact.name)
    lesson_id = lesson_id or timetable.lesson_for(tx, student_id, swipe.at, branch_id=swipe.branch_id)
    if lesson_id is None:
        return found
    marked = timetable.mark_attendance(
        tx, student_id, lesson_id, source="swipe", occurred_at=swipe.at, decide=terms_of(tx, lesson_id)
    )
    kind = _kind(marked)
    if swipe.is_fresh and Notice.ARRIVED in marked.notices and not marked.is_stale:
        tell(tx, marked, lesson_id, at=swipe.at, branch_id=swipe.branch_id)
    return replace(found, kind=kind, lesson_id=lesson_id, attendance_id=marked.attendance_id)


def _student(tx: Tx, swipe: Swipe) -> UUID | None:
    if swipe.card_no:
        try:
            return people.student_by_card(tx, swipe.card_no)
        except Conflict:
            return None
    if swipe.person_no and swipe.person_no.isalnum():
        branch = branch_of(tx, swipe.branch_id).key
        numbers = (swipe.person_no, f"{branch}{swipe.person_no}", f"{branch.upper()}{swipe.person_no}")
        listed = ", ".join(f'"{number}"' for number in numbers)
        page = query.fetch(tx, Query(object="student", fields=("number",), filter=f"number in ({listed})", limit=2))
        return page.items[0].id if len(page.items) == 1 else None
    return None


def _is_staff(tx: Tx, swipe: Swipe) -> bool:
    teacher = people.teacher_by_card(tx, swipe.card_no) if swipe.card_no else None
    if teacher is not None:
        tx.record(Event("staff:swiped", ("user", teacher), swipe.branch_id, {"device": swipe.device, "at": swipe.at}))
    return teacher is not None


def _kind(marked: Marked) -> Kind:
    charge = marked.charge
    if charge.state is ChargeState.HELD:
        return Kind.HELD
    if charge.state is ChargeState.SHORT or charge.debt > 0:
        return Kind.DEBT
    return Kind.RECORDED
