"""Create finance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.kernel.append_only import forbid_changes
from engine.metadata.record_table import create_read_indexes, create_record_table, create_unique_index

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
    create_record_table(
        "cashier_closing",
        sa.Column("cashier", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_method", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("expected_cash", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("counted_cash", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("difference", sa.Numeric(precision=14, scale=2), nullable=False),
    )
    create_read_indexes("cashier_closing", "day")
    op.create_index("ux_cashier_closing_day", "cashier_closing", ["branch_id", "cashier", "day"], unique=True)


def _create_invoice() -> None:
    create_record_table(
        "invoice",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("payments", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reversal_of"], ["invoice.id"], name=op.f("fk_invoice_reversal_of")),
        is_staged=True,
    )
    op.create_index("ix_invoice_payments", "invoice", ["payments"], unique=False, postgresql_using="gin")
    create_read_indexes("invoice", "reversal_of")
    create_unique_index("invoice", "business_key")
    create_unique_index("invoice", "number")
    op.create_index(
        "ux_invoice_reversed_once",
        "invoice",
        ["reversal_of"],
        unique=True,
        postgresql_where=sa.text("reversal_of IS NOT NULL"),
    )


def _create_settlement_entry() -> None:
    create_record_table(
        "settlement_entry",
        sa.Column("from_branch_id", sa.Uuid(), nullable=False),
        sa.Column("to_branch_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("from_branch_id <> to_branch_id", name=op.f("ck_settlement_entry_branches")),
    )
    create_read_indexes("settlement_entry", "contract_id", "student_id")
    create_unique_index("settlement_entry", "business_key")


def _create_payment() -> None:
    create_record_table(
        "payment",
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
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_payment_student_id")),
        is_staged=True,
    )
    create_read_indexes("payment", "paid_at", "student_id")
    create_unique_index("payment", "business_key")
    create_unique_index("payment", "number")


def _create_wallet() -> None:
    create_record_table(
        "wallet",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("real_balance", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("gift_balance", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("real_balance >= 0 AND gift_balance >= 0", name=op.f("ck_wallet_balance")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_wallet_student_id")),
    )
    create_unique_index("wallet", "student_id")


def _create_instalment() -> None:
    create_record_table(
        "instalment",
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
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_instalment_contract_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_instalment_student_id")),
        is_staged=True,
    )
    create_read_indexes("instalment", "contract_id", "due_on", "student_id")
    create_unique_index("instalment", "business_key")
    op.create_index("ux_instalment_number", "instalment", ["contract_id", "number"], unique=True)


def _create_receipt() -> None:
    create_record_table(
        "receipt",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount_words", sa.Text(), nullable=True),
        sa.Column("printed_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_receipt_payment_id")),
    )
    create_read_indexes("receipt", "payment_id", "student_id")
    create_unique_index("receipt", "number")
    op.create_index("ux_receipt_sequence", "receipt", ["branch_id", "year", "sequence"], unique=True)


def _create_refund_order() -> None:
    create_record_table(
        "refund_order",
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
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_refund_order_contract_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_refund_order_student_id")),
        is_staged=True,
    )
    create_read_indexes("refund_order", "contract_id", "student_id")
    create_unique_index("refund_order", "business_key")
    create_unique_index("refund_order", "number")
    op.create_index(
        "ux_refund_order_open",
        "refund_order",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'computed'"),
    )


def _create_wallet_entry() -> None:
    create_record_table(
        "wallet_entry",
        sa.Column("wallet_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("real_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("gift_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_wallet_entry_wallet_id")),
    )
    create_read_indexes("wallet_entry", "student_id", "wallet_id")
    create_unique_index("wallet_entry", "business_key")


def _create_payment_allocation() -> None:
    create_record_table(
        "payment_allocation",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("instalment_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_allocation_amount")),
        sa.ForeignKeyConstraint(["instalment_id"], ["instalment.id"], name=op.f("fk_payment_allocation_instalment_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_allocation_payment_id")),
    )
    create_read_indexes("payment_allocation", "contract_id", "instalment_id", "payment_id")
