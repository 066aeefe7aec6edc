"""Tables of `finance`: instalments, payments, receipts, invoices, wallets, settlements, refunds, daily closings."""

from pathlib import Path

from sqlalchemy import CheckConstraint, Index, text

from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"

instalment = object_table(_OBJECTS / "instalment.yaml")
payment = object_table(_OBJECTS / "payment.yaml")
payment_allocation = object_table(_OBJECTS / "payment_allocation.yaml")
receipt = object_table(_OBJECTS / "receipt.yaml")
invoice = object_table(_OBJECTS / "invoice.yaml")
wallet = object_table(_OBJECTS / "wallet.yaml")
wallet_entry = object_table(_OBJECTS / "wallet_entry.yaml")
settlement_entry = object_table(_OBJECTS / "settlement_entry.yaml")
refund_order = object_table(_OBJECTS / "refund_order.yaml")
cashier_closing = object_table(_OBJECTS / "cashier_closing.yaml")

for _table, _names in (
    (
        instalment,
        ("contract_id", "student_id", "number", "due_on", "amount", "received", "cancelled", "stage"),
    ),
    (
        payment,
        ("number", "student_id", "method", "amount", "refunded", "to_wallet", "paid_at", "business_date",
         "business_key", "stage"),
    ),
    (payment_allocation, ("payment_id", "instalment_id", "contract_id", "amount")),
    (receipt, ("number", "year", "sequence", "payment_id", "student_id", "amount", "printed_count")),
    (invoice, ("number", "title", "amount", "business_key", "stage")),
    (wallet, ("student_id", "real_balance", "gift_balance")),
    (wallet_entry, ("wallet_id", "student_id", "real_amount", "gift_amount", "reason", "business_key")),
    (settlement_entry, ("from_branch_id", "to_branch_id", "amount", "business_date", "reason", "business_key")),
    (
        refund_order,
        ("number", "contract_id", "student_id", "requested_on", "received", "refundable", "cancelled", "still_owed",
         "proof", "digest", "business_key", "stage"),
    ),
    (cashier_closing, ("cashier", "day", "by_method", "total", "expected_cash", "counted_cash", "difference")),
):  # fmt: skip
    for _name in _names:
        _table.c[_name].nullable = False

instalment.append_constraint(
    CheckConstraint("received >= 0 AND cancelled >= 0 AND received + cancelled <= amount", name="balance")
)
payment.append_constraint(CheckConstraint("amount > 0", name="amount"))
payment.append_constraint(CheckConstraint("refunded BETWEEN 0 AND amount", name="refunded"))
payment.append_constraint(CheckConstraint("to_wallet BETWEEN 0 AND amount", name="to_wallet"))
payment_allocation.append_constraint(CheckConstraint("amount > 0", name="amount"))
wallet.append_constraint(CheckConstraint("real_balance >= 0 AND gift_balance >= 0", name="balance"))
settlement_entry.append_constraint(CheckConstraint("from_branch_id <> to_branch_id", name="branches"))
refund_order.append_constraint(CheckConstraint("refundable BETWEEN 0 AND received", name="refundable"))

Index("ux_receipt_sequence", receipt.c.branch_id, receipt.c.year, receipt.c.sequence, unique=True)
Index("ux_instalment_number", instalment.c.contract_id, instalment.c.number, unique=True)
Index("ux_invoice_reversed_once", invoice.c.reversal_of, unique=True, postgresql_where=text("reversal_of IS NOT NULL"))
Index("ux_refund_order_open", refund_order.c.contract_id, unique=True,
      postgresql_where=text("stage = 'computed'"))  # fmt: skip
Index("ux_cashier_closing_day", cashier_closing.c.branch_id, cashier_closing.c.cashier, cashier_closing.c.day,
      unique=True)  # fmt: skip
