"""Create contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.metadata.record_table import create_read_indexes, create_record_table, create_unique_index

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
    create_record_table(
        "contract",
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
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_contract_student_id")),
        is_staged=True,
    )
    create_read_indexes("contract", "net_amount", "renewed_from", "student_id")
    create_unique_index("contract", "business_key")
    create_unique_index("contract", "number")


def _create_contract_line() -> None:
    create_record_table(
        "contract_line",
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
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_line_contract_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_contract_line_course_id")),
    )
    create_read_indexes(
        "contract_line", "class_group_id", "contract_id", "course_id", "price_rule_id", "transferred_from"
    )
    create_unique_index("contract_line", "business_key")


def _create_price_rule() -> None:
    create_record_table(
        "price_rule",
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
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_price_rule_course_id")),
    )
    create_read_indexes("price_rule", "course_id")
