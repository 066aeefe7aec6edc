"""Create finance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.kernel.append_only import forbid_changes

revision = "finance_0001"
down_revision = None
branch_labels = ("finance",)
depends_on: tuple[str, ...] | None = ("metadata_0001", "people_0001", "contracts_0001")


def upgrade() -> None:
    """Applies it."""
    _create_cashier_closing()
    _create_invoice()
    _create_settlement_entry()
    _create_payment()
    _create_wallet()
    _create_instalment()
    _create_receipt()
    _create_refund_order()
    _create_wallet_entry()
    _create_payment_allocation()
    forbid_changes("wallet_entry")


def _create_cashier_closing() -> None:
    op.create_table(
        "cashier_closing",
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
        sa.Column("cashier", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_method", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("expected_cash", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("counted_cash", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("difference", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_cashier_closing_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_cashier_closing_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cashier_closing")),
    )
    op.create_index(
        "ix_cashier_closing_branch",
        "cashier_closing",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_cashier_closing_day", "cashier_closing", ["day", "id"], unique=False)
    op.create_index(
        "ix_cashier_closing_owner",
        "cashier_closing",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_cashier_closing_search",
        "cashier_closing",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_cashier_closing_sort_name",
        "cashier_closing",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ux_cashier_closing_day", "cashier_closing", ["branch_id", "cashier", "day"], unique=True)


def _create_invoice() -> None:
    op.create_table(
        "invoice",
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
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("payments", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_invoice_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_invoice_owner_id")),
        sa.ForeignKeyConstraint(["reversal_of"], ["invoice.id"], name=op.f("fk_invoice_reversal_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
    )
    op.create_index(
        "ix_invoice_branch",
        "invoice",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_invoice_owner", "invoice", ["owner_id", "id"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index("ix_invoice_payments", "invoice", ["payments"], unique=False, postgresql_using="gin")
    op.create_index("ix_invoice_reversal_of", "invoice", ["reversal_of", "id"], unique=False)
    op.create_index(
        "ix_invoice_search",
        "invoice",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_invoice_sort_name",
        "invoice",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_invoice_business_key",
        "invoice",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_invoice_number", "invoice", ["number"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index(
        "ux_invoice_reversed_once",
        "invoice",
        ["reversal_of"],
        unique=True,
        postgresql_where=sa.text("reversal_of IS NOT NULL"),
    )


def _create_settlement_entry() -> None:
    op.create_table(
        "settlement_entry",
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
        sa.Column("from_branch_id", sa.Uuid(), nullable=False),
        sa.Column("to_branch_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("from_branch_id <> to_branch_id", name=op.f("ck_settlement_entry_branches")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_settlement_entry_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_settlement_entry_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_entry")),
    )
    op.create_index(
        "ix_settlement_entry_branch",
        "settlement_entry",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_settlement_entry_contract_id", "settlement_entry", ["contract_id", "id"], unique=False)
    op.create_index(
        "ix_settlement_entry_owner",
        "settlement_entry",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_settlement_entry_search",
        "settlement_entry",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_settlement_entry_sort_name",
        "settlement_entry",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_settlement_entry_student_id", "settlement_entry", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_settlement_entry_business_key",
        "settlement_entry",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _create_payment() -> None:
    op.create_table(
        "payment",
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
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("refunded", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("to_wallet", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("cashier", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint("refunded BETWEEN 0 AND amount", name=op.f("ck_payment_refunded")),
        sa.CheckConstraint("to_wallet BETWEEN 0 AND amount", name=op.f("ck_payment_to_wallet")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_payment_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_payment_owner_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_payment_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index(
        "ix_payment_branch",
        "payment",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_payment_owner", "payment", ["owner_id", "id"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index("ix_payment_paid_at", "payment", ["paid_at", "id"], unique=False)
    op.create_index(
        "ix_payment_search",
        "payment",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_payment_sort_name",
        "payment",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_payment_student_id", "payment", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_payment_business_key",
        "payment",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_payment_number", "payment", ["number"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )


def _create_wallet() -> None:
    op.create_table(
        "wallet",
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
        sa.Column("real_balance", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("gift_balance", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("real_balance >= 0 AND gift_balance >= 0", name=op.f("ck_wallet_balance")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_wallet_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_wallet_owner_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_wallet_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet")),
    )
    op.create_index(
        "ix_wallet_branch", "wallet", ["branch_id", "id"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index(
        "ix_wallet_owner", "wallet", ["owner_id", "id"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index(
        "ix_wallet_search", "wallet", [sa.literal_column("search_grams(search)")], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_wallet_sort_name",
        "wallet",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_wallet_student_id", "wallet", ["student_id"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )


def _create_instalment() -> None:
    op.create_table(
        "instalment",
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
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("received", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("cancelled", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "received >= 0 AND cancelled >= 0 AND received + cancelled <= amount", name=op.f("ck_instalment_balance")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_instalment_branch_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_instalment_contract_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_instalment_owner_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_instalment_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
    )
    op.create_index(
        "ix_instalment_branch",
        "instalment",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_instalment_contract_id", "instalment", ["contract_id", "id"], unique=False)
    op.create_index("ix_instalment_due_on", "instalment", ["due_on", "id"], unique=False)
    op.create_index(
        "ix_instalment_owner",
        "instalment",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_instalment_search",
        "instalment",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_instalment_sort_name",
        "instalment",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_instalment_student_id", "instalment", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_instalment_business_key",
        "instalment",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ux_instalment_number", "instalment", ["contract_id", "number"], unique=True)


def _create_receipt() -> None:
    op.create_table(
        "receipt",
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
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount_words", sa.Text(), nullable=True),
        sa.Column("printed_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_receipt_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_receipt_owner_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_receipt_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    op.create_index(
        "ix_receipt_branch",
        "receipt",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_receipt_owner", "receipt", ["owner_id", "id"], unique=False, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index("ix_receipt_payment_id", "receipt", ["payment_id", "id"], unique=False)
    op.create_index(
        "ix_receipt_search",
        "receipt",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_receipt_sort_name",
        "receipt",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_receipt_student_id", "receipt", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_receipt_number", "receipt", ["number"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index("ux_receipt_sequence", "receipt", ["branch_id", "year", "sequence"], unique=True)


def _create_refund_order() -> None:
    op.create_table(
        "refund_order",
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
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("materials_kept", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gifts_clawed_back", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("received", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("refundable", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("cancelled", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("still_owed", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("paybacks", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("approvers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("refundable BETWEEN 0 AND received", name=op.f("ck_refund_order_refundable")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_refund_order_branch_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_refund_order_contract_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_refund_order_owner_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_refund_order_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_order")),
    )
    op.create_index(
        "ix_refund_order_branch",
        "refund_order",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_refund_order_contract_id", "refund_order", ["contract_id", "id"], unique=False)
    op.create_index(
        "ix_refund_order_owner",
        "refund_order",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_refund_order_search",
        "refund_order",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_refund_order_sort_name",
        "refund_order",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_refund_order_student_id", "refund_order", ["student_id", "id"], unique=False)
    op.create_index(
        "ux_refund_order_business_key",
        "refund_order",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_refund_order_number",
        "refund_order",
        ["number"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ux_refund_order_open",
        "refund_order",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'computed'"),
    )


def _create_wallet_entry() -> None:
    op.create_table(
        "wallet_entry",
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
        sa.Column("wallet_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("real_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("gift_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_wallet_entry_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_wallet_entry_owner_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_wallet_entry_wallet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_entry")),
    )
    op.create_index(
        "ix_wallet_entry_branch",
        "wallet_entry",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_wallet_entry_owner",
        "wallet_entry",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_wallet_entry_search",
        "wallet_entry",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_wallet_entry_sort_name",
        "wallet_entry",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_wallet_entry_student_id", "wallet_entry", ["student_id", "id"], unique=False)
    op.create_index("ix_wallet_entry_wallet_id", "wallet_entry", ["wallet_id", "id"], unique=False)
    op.create_index(
        "ux_wallet_entry_business_key",
        "wallet_entry",
        ["business_key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _create_payment_allocation() -> None:
    op.create_table(
        "payment_allocation",
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
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("instalment_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_allocation_amount")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_payment_allocation_branch_id")),
        sa.ForeignKeyConstraint(["instalment_id"], ["instalment.id"], name=op.f("fk_payment_allocation_instalment_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_payment_allocation_owner_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_allocation_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_allocation")),
    )
    op.create_index(
        "ix_payment_allocation_branch",
        "payment_allocation",
        ["branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_payment_allocation_contract_id", "payment_allocation", ["contract_id", "id"], unique=False)
    op.create_index("ix_payment_allocation_instalment_id", "payment_allocation", ["instalment_id", "id"], unique=False)
    op.create_index(
        "ix_payment_allocation_owner",
        "payment_allocation",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_payment_allocation_payment_id", "payment_allocation", ["payment_id", "id"], unique=False)
    op.create_index(
        "ix_payment_allocation_search",
        "payment_allocation",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_payment_allocation_sort_name",
        "payment_allocation",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
