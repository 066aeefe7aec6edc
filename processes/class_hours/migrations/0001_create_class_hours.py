"""Create class hours."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.kernel.append_only import forbid_changes

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
    op.create_table(
        "attendance_charge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
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
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_attendance_charge_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_attendance_charge_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_charge")),
    )
    op.create_index(
        "ix_attendance_charge_branch",
        "attendance_charge",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_attendance_charge_lesson_id", "attendance_charge", ["lesson_id", "id"], unique=False)
    op.create_index(
        "ix_attendance_charge_owner",
        "attendance_charge",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_attendance_charge_search",
        "attendance_charge",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_attendance_charge_sort_name",
        "attendance_charge",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_attendance_charge_student_id", "attendance_charge", ["student_id", "id"], unique=False)
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
    op.create_table(
        "contract_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_contract_hold_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_contract_hold_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_hold")),
    )
    op.create_index(
        "ix_contract_hold_branch",
        "contract_hold",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_hold_contract_id", "contract_hold", ["contract_id", "id"], unique=False)
    op.create_index(
        "ix_contract_hold_owner",
        "contract_hold",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_contract_hold_search",
        "contract_hold",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_contract_hold_sort_name",
        "contract_hold",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_contract_hold_live",
        "contract_hold",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _create_hour_lot() -> None:
    op.create_table(
        "hour_lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
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
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hour_lot_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_hour_lot_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_lot")),
    )
    op.create_index(
        "ix_hour_lot_branch",
        "hour_lot",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_hour_lot_contract_id", "hour_lot", ["contract_id", "id"], unique=False)
    op.create_index("ix_hour_lot_contract_line_id", "hour_lot", ["contract_line_id", "id"], unique=False)
    op.create_index("ix_hour_lot_courses", "hour_lot", ["courses"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_hour_lot_owner",
        "hour_lot",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_hour_lot_search",
        "hour_lot",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_hour_lot_sort_name",
        "hour_lot",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_hour_lot_student_id", "hour_lot", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_hour_lot_business_key",
        "hour_lot",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_hour_lot_debt", "hour_lot", ["student_id", "unit"], unique=True, postgresql_where=sa.text("kind = 'DEBT'")
    )


def _create_hour_entry() -> None:
    op.create_table(
        "hour_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
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
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_hour_entry_branch_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["hour_lot.id"], name=op.f("fk_hour_entry_lot_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_hour_entry_owner_id")),
        sa.ForeignKeyConstraint(["reversal_of"], ["hour_entry.id"], name=op.f("fk_hour_entry_reversal_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entry")),
    )
    op.create_index(
        "ix_hour_entry_branch",
        "hour_entry",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_hour_entry_business_date", "hour_entry", ["business_date", "id"], unique=False)
    op.create_index("ix_hour_entry_charge_id", "hour_entry", ["charge_id", "id"], unique=False)
    op.create_index("ix_hour_entry_contract_id", "hour_entry", ["contract_id", "id"], unique=False)
    op.create_index("ix_hour_entry_lesson_id", "hour_entry", ["lesson_id", "id"], unique=False)
    op.create_index("ix_hour_entry_lot_id", "hour_entry", ["lot_id", "id"], unique=False)
    op.create_index(
        "ix_hour_entry_owner",
        "hour_entry",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_hour_entry_period", "hour_entry", ["period", "id"], unique=False)
    op.create_index("ix_hour_entry_reversal_of", "hour_entry", ["reversal_of", "id"], unique=False)
    op.create_index(
        "ix_hour_entry_search",
        "hour_entry",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_hour_entry_sort_name",
        "hour_entry",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_hour_entry_student_id", "hour_entry", ["student_id", "id"], unique=False)
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
