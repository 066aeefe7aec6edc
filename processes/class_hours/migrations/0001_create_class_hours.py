"""Create class hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.kernel.append_only import forbid_changes
from engine.metadata.record_table import create_read_indexes, create_record_table, create_unique_index

revision = "class_hours_0001"
down_revision = None
branch_labels = ("class_hours",)
depends_on: tuple[str, ...] | None = ("metadata_0001",)


def upgrade() -> None:
    """Applies it."""
    _create_accounting_period()
    _create_attendance_charge()
    _create_contract_hold()
    _create_hour_lot()
    _create_hour_entry()
    forbid_changes("hour_entry")


def _create_accounting_period() -> None:
    op.create_table(
        "accounting_period",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("period ~ '^\\d{4}-\\d{2}$'", name=op.f("ck_accounting_period_period")),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_accounting_period")),
    )


def _create_attendance_charge() -> None:
    create_record_table(
        "attendance_charge",
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("lessons", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("debt", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        is_staged=True,
    )
    create_read_indexes("attendance_charge", "lesson_id", "student_id")
    op.create_index(
        "ux_attendance_charge_live",
        "attendance_charge",
        ["student_id", "lesson_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'charged'"),
    )
    op.create_index(
        "ux_attendance_charge_revision", "attendance_charge", ["student_id", "lesson_id", "revision"], unique=True
    )


def _create_contract_hold() -> None:
    create_record_table(
        "contract_hold",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
    )
    create_read_indexes("contract_hold", "contract_id")
    op.create_index(
        "ux_contract_hold_live",
        "contract_hold",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _create_hour_lot() -> None:
    create_record_table(
        "hour_lot",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("contract_line_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("bought_quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("bought_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("frozen", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("courses", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN kind = 'DEBT' THEN quantity <= 0 AND amount <= 0 AND frozen = 0 ELSE quantity >= 0 AND amount >= 0 AND frozen BETWEEN 0 AND quantity END",  # noqa: E501
            name=op.f("ck_hour_lot_balance"),
        ),
        sa.CheckConstraint("bought_quantity >= 0 AND bought_amount >= 0", name=op.f("ck_hour_lot_bought")),
        sa.CheckConstraint("quantity <> 0 OR amount = 0", name=op.f("ck_hour_lot_no_value_without_hours")),
    )
    create_read_indexes("hour_lot", "contract_id", "contract_line_id", "student_id")
    op.create_index("ix_hour_lot_courses", "hour_lot", ["courses"], unique=False, postgresql_using="gin")
    create_unique_index("hour_lot", "business_key")
    op.create_index(
        "ux_hour_lot_debt", "hour_lot", ["student_id", "unit"], unique=True, postgresql_where=sa.text("kind = 'DEBT'")
    )


def _create_hour_entry() -> None:
    create_record_table(
        "hour_entry",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("frozen", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=True),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("(kind = 'REVERSAL') = (reversal_of IS NOT NULL)", name=op.f("ck_hour_entry_reversal")),
        sa.CheckConstraint("period ~ '^\\d{4}-\\d{2}$'", name=op.f("ck_hour_entry_period")),
        sa.ForeignKeyConstraint(["lot_id"], ["hour_lot.id"], name=op.f("fk_hour_entry_lot_id")),
        sa.ForeignKeyConstraint(["reversal_of"], ["hour_entry.id"], name=op.f("fk_hour_entry_reversal_of")),
    )
    create_read_indexes(
        "hour_entry",
        "business_date",
        "charge_id",
        "contract_id",
        "lesson_id",
        "lot_id",
        "period",
        "reversal_of",
        "student_id",
    )
    op.create_index(
        "ux_hour_entry_charge_lot",
        "hour_entry",
        ["charge_id", "lot_id"],
        unique=True,
        postgresql_where=sa.text("charge_id IS NOT NULL AND reversal_of IS NULL"),
    )
    op.create_index("ux_hour_entry_key", "hour_entry", ["business_key"], unique=True)
    op.create_index(
        "ux_hour_entry_reversed_once",
        "hour_entry",
        ["reversal_of"],
        unique=True,
        postgresql_where=sa.text("reversal_of IS NOT NULL"),
    )
