"""What other folders may call of finance."""

from processes.finance.instalments import Due
from processes.finance.invoices import issue_invoice, reverse_invoice
from processes.finance.payments import (
    DailyClosing,
    PaymentOrder,
    Receipted,
    close_day,
    day_totals,
    is_day_closed,
    print_receipt,
    record_payment,
)
from processes.finance.plans import (
    Arrear,
    add_instalment,
    arrears,
    is_first_instalment_paid,
    plan_equal_instalments,
    plan_instalments,
    received,
)
from processes.finance.proof import nightly_proof
from processes.finance.refund_contract import ContractProof
from processes.finance.refunds import (
    RefundRequest,
    refund_cancel,
    refund_open,
    refund_post,
    refund_preview,
    refund_recheck,
    refund_reverse,
)
from processes.finance.settlements import settle_branches
from processes.finance.wallets import WalletBalance, wallet_balance, wallet_credit, wallet_debit

__all__ = [
    "Arrear",
    "ContractProof",
    "DailyClosing",
    "Due",
    "PaymentOrder",
    "Receipted",
    "RefundRequest",
    "WalletBalance",
    "add_instalment",
    "arrears",
    "close_day",
    "day_totals",
    "is_day_closed",
    "is_first_instalment_paid",
    "issue_invoice",
    "nightly_proof",
    "plan_equal_instalments",
    "plan_instalments",
    "print_receipt",
    "received",
    "record_payment",
    "refund_cancel",
    "refund_open",
    "refund_post",
    "refund_preview",
    "refund_recheck",
    "refund_reverse",
    "reverse_invoice",
    "settle_branches",
    "wallet_balance",
    "wallet_credit",
    "wallet_debit",
]
