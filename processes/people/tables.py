"""Tables of `people`: leads, follow-ups, students, guardians, cards."""

from pathlib import Path

from sqlalchemy import CheckConstraint, Index, text

from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"

lead = object_table(_OBJECTS / "lead.yaml")
student = object_table(_OBJECTS / "student.yaml")
follow_up = object_table(_OBJECTS / "follow_up.yaml")
guardian = object_table(_OBJECTS / "guardian.yaml")
card = object_table(_OBJECTS / "card.yaml")

card.append_constraint(CheckConstraint("num_nonnulls(student_id, user_id) = 1", name="one_holder"))
Index("ux_card_active", card.c.number, unique=True, postgresql_where=text("stage = 'active'"))
for _table in (lead, student, follow_up):
    Index(f"ix_{_table.name}_created", _table.c.created_at, _table.c.id, postgresql_where=text("deleted_at IS NULL"))
Index("ix_lead_stage", lead.c.stage, lead.c.branch_id, lead.c.owner_id, postgresql_where=text("deleted_at IS NULL"))
