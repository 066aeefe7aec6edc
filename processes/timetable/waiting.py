"""The waiting list of a class: who asked for a seat first gets the next one that is free."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.people import api as people
from processes.permits import permit
from processes.record_values import read
from processes.stamping import created, indexed
from processes.timetable.tables import roster


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a seat."""

    roster_id: UUID
    student_id: UUID
    since: datetime


def queue(tx: Tx, class_group_id: UUID) -> tuple[Waiting, ...]:
    """Who waits, the first one first."""
    here = (roster.c.class_group_id == class_group_id, roster.c.stage == "waiting")
    statement = select(roster.c.id, roster.c.student_id, roster.c.joined_at).where(*here)
    rows = tx.execute(statement.order_by(roster.c.joined_at, roster.c.id))
    return tuple(Waiting(row.id, row.student_id, row.joined_at) for row in rows)


def wait_for_seat(tx: Tx, class_group_id: UUID, student_id: UUID) -> UUID:
    """Put a student on the waiting list; a student who waits already keeps his place.

    Raises: Conflict "class.member" when the student is in the class.
    """
    permit(tx, "create", "roster")
    lock(tx, f"class:{class_group_id}")
    same = (roster.c.class_group_id == class_group_id, roster.c.student_id == student_id, roster.c.stage != "left")
    known = tx.execute(select(roster.c.id, roster.c.stage).where(*same)).one_or_none()
    if known is not None and known.stage != "waiting":
        raise Conflict("class.member", Text("学员已在班", "The student is in the class already"))
    if known is not None:
        return UUID(str(known.id))
    branch_id = read(tx, "class_group", class_group_id)["branch_id"]
    values = created(tx, branch_id) | {
        "class_group_id": class_group_id,
        "title": people.student_contact(tx, student_id).name,
        "student_id": student_id,
        "joined_at": tx.now,
        "stage": "waiting",
    }
    entry_id = UUID(str(tx.execute(insert(roster).values(indexed(roster, values)).returning(roster.c.id)).scalar_one()))
    permit(tx, "create", "roster", entry_id)
    tx.record(Event("student:waits", ("student", student_id), branch_id, {"class_group_id": class_group_id}))
    return entry_id
