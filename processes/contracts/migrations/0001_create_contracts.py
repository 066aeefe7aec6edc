"""Create contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "contracts_0001"
down_revision = None
branch_labels = ("contracts",)
depends_on: tuple[str, ...] | None = ("metadata_0001", "people_0001", "timetable_0001")


def upgrade() -> None:
    """Applies it."""
    _create_contract()
    _create_contract_line()
    _create_price_rule()


def _create_contract() -> None:
    op.create_table(
        "contract",
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
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("customer_type", sa.Text(), nullable=True),
        sa.Column("list_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("discount_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("discount_rate", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("net_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("discount_reason", sa.Text(), nullable=True),
        sa.Column("is_below_floor", sa.Boolean(), nullable=True),
        sa.Column("is_identity_checked", sa.Boolean(), nullable=True),
        sa.Column("is_cost_approved", sa.Boolean(), nullable=True),
        sa.Column("instalments_wanted", sa.BigInteger(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("refund_terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("renewed_from", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.CheckConstraint("discount_amount BETWEEN 0 AND list_amount", name=op.f("ck_contract_discount")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_contract_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_contract_owner_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_contract_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index(
        "ix_contract_branch",
        "contract",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_net_amount", "contract", ["net_amount", "id"], unique=False)
    op.create_index(
        "ix_contract_owner",
        "contract",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_renewed_from", "contract", ["renewed_from", "id"], unique=False)
    op.create_index(
        "ix_contract_search",
        "contract",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_contract_sort_name",
        "contract",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_student_id", "contract", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_contract_business_key",
        "contract",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_contract_number", "contract", ["number"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )


def _create_contract_line() -> None:
    op.create_table(
        "contract_line",
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
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=True),
        sa.Column("price_rule_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid_quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("gift_quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("gift_policy", sa.Text(), nullable=True),
        sa.Column("list_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("discount_share", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("net_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("settled_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("is_below_floor", sa.Boolean(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("transferred_from", sa.Uuid(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.CheckConstraint("net_amount = list_amount - discount_share", name=op.f("ck_contract_line_net_amount")),
        sa.CheckConstraint("net_amount >= 0 AND settled_amount >= 0", name=op.f("ck_contract_line_amounts")),
        sa.CheckConstraint("paid_quantity >= 0 AND gift_quantity >= 0", name=op.f("ck_contract_line_quantities")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_contract_line_branch_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_line_contract_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_contract_line_course_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_contract_line_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_line")),
    )
    op.create_index(
        "ix_contract_line_branch",
        "contract_line",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_line_class_group_id", "contract_line", ["class_group_id", "id"], unique=False)
    op.create_index("ix_contract_line_contract_id", "contract_line", ["contract_id", "id"], unique=False)
    op.create_index("ix_contract_line_course_id", "contract_line", ["course_id", "id"], unique=False)
    op.create_index(
        "ix_contract_line_owner",
        "contract_line",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_line_price_rule_id", "contract_line", ["price_rule_id", "id"], unique=False)
    op.create_index(
        "ix_contract_line_search",
        "contract_line",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_contract_line_sort_name",
        "contract_line",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_contract_line_transferred_from", "contract_line", ["transferred_from", "id"], unique=False)
    op.create_index(
        "ux_contract_line_business_key",
        "contract_line",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _create_price_rule() -> None:
    op.create_table(
        "price_rule",
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
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("only_branch_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("customer_type", sa.Text(), nullable=True),
        sa.Column("quantity_from", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("quantity_below", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("floor_price", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_price_rule_unit_price")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_price_rule_branch_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_price_rule_course_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_price_rule_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
    )
    op.create_index(
        "ix_price_rule_branch",
        "price_rule",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_price_rule_course_id", "price_rule", ["course_id", "id"], unique=False)
    op.create_index(
        "ix_price_rule_owner",
        "price_rule",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_price_rule_search",
        "price_rule",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_price_rule_sort_name",
        "price_rule",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
