"""The lessons of the past weeks: who came, who was late or on leave, and what it consumed."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from engine.kernel.uow import Tx
from processes.attendance.api import terms_of
from processes.contracts import api as contracts
from processes.people import api as people
from processes.timetable import api as timetable
from processes.timetable.api import Status
from processes.timetable.tables import lesson
from webapp.demo.world import World

CARDS = 6


def hold_lessons(world: World) -> None:
    """Every lesson that lies in the past is held: roll-call by the teacher, then closed."""
    statement = (
        select(lesson.c.id, lesson.c.class_group_id, lesson.c.starts_at, lesson.c.teacher_id)
        .where(lesson.c.ends_at < world.now - timedelta(days=1), lesson.c.stage == "scheduled")
        .order_by(lesson.c.starts_at, lesson.c.id)
    )
    for row in world.run(lambda tx: tx.execute(statement).all()):
        world.clock.set(row.starts_at + timedelta(minutes=5))
        teacher = world.owner_name(row.teacher_id)
        world.run(partial(_hold, world=world, lesson_id=row.id, group_id=row.class_group_id), teacher)
    bind_cards(world)


def _hold(tx: Tx, world: World, lesson_id: UUID, group_id: UUID) -> None:
    here = timetable.members(tx, group_id, tx.now)
    if not here:
        return
    marks = {student: world.random.choices(_STATUSES, _WEIGHTS)[0] for student in here}
    timetable.roll_call(tx, lesson_id, marks, decide=terms_of(tx, lesson_id))


_STATUSES = (Status.PRESENT, Status.LATE, Status.ABSENT)
_WEIGHTS = (90, 7, 3)


def bind_cards(world: World) -> None:
    """The first students get a card; its number is printed as ten digits."""
    for number in range(CARDS):
        contract_id = world.ids[f"contract:{number}"]
        student_id = world.run(partial(_student, contract_id=contract_id))
        printed = f"{8075634 + number:010d}"
        world.run(partial(people.bind_card, number=printed, student_id=student_id))


def _student(tx: Tx, contract_id: UUID) -> UUID:
    return contracts.facts(tx, contract_id).student_id
