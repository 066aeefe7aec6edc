"""Create people."""

import sqlalchemy as sa
from alembic import op

from engine.metadata.record_table import create_read_indexes, create_record_table, create_unique_index

revision = "people_0001"
down_revision = None
branch_labels = ("people",)
depends_on: tuple[str, ...] | None = ("metadata_0001",)


def upgrade() -> None:
    """Applies it."""
    _create_lead()
    _create_student()
    _create_card()
    _create_follow_up()
    _create_guardian()


def _create_lead() -> None:
    create_record_table(
        "lead",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone2", sa.Text(), nullable=True),
        sa.Column("guardian_name", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("age", sa.BigInteger(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("intended_course", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("sales_mode", sa.Text(), nullable=True),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("probability", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("next_follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("protected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pooled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
    )
    create_read_indexes("lead", "name", "next_follow_up_at", "phone", "region", "student_id")
    op.create_index(
        "ix_lead_stage",
        "lead",
        ["stage", "branch_id", "owner_id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    create_unique_index("lead", "source_key")


def _create_student() -> None:
    create_record_table(
        "student",
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("photo", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
    )
    create_read_indexes("student", "id_number", "lead_id", "phone")


def _create_card() -> None:
    create_record_table(
        "card",
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("printed", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nonnulls(student_id, user_id) = 1", name=op.f("ck_card_one_holder")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_card_student_id")),
    )
    create_read_indexes("card", "student_id")
    op.create_index("ux_card_active", "card", ["number"], unique=True, postgresql_where=sa.text("stage = 'active'"))


def _create_follow_up() -> None:
    create_record_table(
        "follow_up",
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_follow_up_lead_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_follow_up_student_id")),
    )
    create_read_indexes("follow_up", "lead_id", "student_id")


def _create_guardian() -> None:
    create_record_table(
        "guardian",
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=True),
        sa.Column("receives_sms", sa.Boolean(), nullable=True),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_guardian_student_id")),
    )
    create_read_indexes("guardian", "phone", "student_id")
