"""Students: made from leads, their stage, and whom to tell about them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, insert, select, update

from engine.kernel.errors import NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.integrity import next_number
from engine.metadata.tables import definition_of
from processes.people.tables import guardian, lead, student
from processes.permits import permit
from processes.stamping import created, indexed, touched

STAGES = ("prospective", "active", "suspended", "finished", "withdrawn")


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian who can be told."""

    id: UUID
    name: str
    phone: str
    email: str | None
    relation: str | None
    is_primary: bool
    receives_sms: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A student and the guardians, the primary one first."""

    student_id: UUID
    name: str
    branch_id: UUID
    owner_id: UUID | None
    stage: str
    guardians: tuple[Guardian, ...]


def convert_lead(tx: Tx, lead_id: UUID) -> UUID:
    """Make a student (and guardian) of a lead; a repeat returns the same student."""
    permit(tx, "update", "lead", lead_id)
    permit(tx, "create", "student")
    row = tx.execute(select(lead).where(lead.c.id == lead_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound
    if row["student_id"] is not None:
        return UUID(str(row["student_id"]))
    branch_id = row["branch_id"]
    common = created(tx, branch_id, owner_id=row["owner_id"])
    kept = {name: row[name] for name in ("name", "gender", "phone", "grade", "region")}
    number = _number(tx, branch_id)
    values = common | kept | {"number": number, "lead_id": lead_id, "stage": "prospective"}
    student_id = UUID(
        str(tx.execute(insert(student).values(indexed(student, values)).returning(student.c.id)).scalar_one())
    )
    guardian_name = row["guardian_name"] or row["name"]
    values = created(tx, branch_id, owner_id=row["owner_id"]) | {
        "student_id": student_id,
        "name": guardian_name,
        "phone": row["phone"],
        "is_primary": True,
        "receives_sms": True,
    }
    tx.execute(insert(guardian).values(indexed(guardian, values)))
    tx.execute(
        update(lead)
        .where(lead.c.id == lead_id)
        .values(student_id=student_id, version=row["version"] + 1, **touched(tx))
    )
    tx.record(Event("lead:converted", ("lead", lead_id), branch_id, {"student_id": student_id}))
    tx.record(Event("student:created", ("student", student_id), branch_id, {"lead_id": lead_id, "number": number}))
    return student_id


def _number(tx: Tx, branch_id: UUID) -> str:
    """From the same series as students who are typed in."""
    definition = definition_of(student)
    field = definition.field("number")
    assert field is not None
    return next_number(tx, definition, field, branch_id)[0]


def set_student_stage(tx: Tx, student_id: UUID, stage: str) -> None:
    """Write the stage; nothing when it is there already. For processes that change a student's state."""
    if stage not in STAGES:
        raise UserError("student.unknown_stage", Text(f"没有阶段 {stage}", f"There is no stage {stage}"))
    row = tx.execute(select(student).where(student.c.id == student_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound
    if row["stage"] == stage:
        return
    tx.execute(
        update(student).where(student.c.id == student_id).values(stage=stage, version=row["version"] + 1, **touched(tx))
    )
    change = Change("stage", row["stage"], stage)
    tx.record(Event("student:stage_changed", ("student", student_id), row["branch_id"], {}, [change]))


def active_students() -> Select[tuple[UUID]]:
    """SQL: ids of the students who are in the school now."""
    return select(student.c.id).where(student.c.stage == "active", student.c.deleted_at.is_(None))


def student_contact(tx: Tx, student_id: UUID) -> Contact:
    """Whom to tell about a student. Raises NotFound."""
    row = tx.execute(select(student).where(student.c.id == student_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    rows = tx.execute(
        select(guardian)
        .where(guardian.c.student_id == student_id, guardian.c.deleted_at.is_(None))
        .order_by(guardian.c.is_primary.desc().nulls_last(), guardian.c.id)
    ).mappings()
    guardians = tuple(
        Guardian(
            one["id"], one["name"], one["phone"], one["email"], one["relation"],
            bool(one["is_primary"]), one["receives_sms"] is not False,
        )
        for one in rows
    )  # fmt: skip
    return Contact(student_id, row["name"], row["branch_id"], row["owner_id"], row["stage"], guardians)
