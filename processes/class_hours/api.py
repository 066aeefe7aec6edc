"""What other folders may call of the class-hour ledger."""

from processes.class_hours.charges import Terms
from processes.class_hours.charging import ChargeResult, ChargeState, LessonRef, charge_lesson, reverse_charge
from processes.class_hours.debts import settle_debts
from processes.class_hours.holds import hold_contract, is_held, release_hold
from processes.class_hours.ledger import EntryKind, LotKind, Posting, Unit
from processes.class_hours.lots import (
    Balance,
    LotOrder,
    Portion,
    balances,
    contract_balances,
    extend_expiry,
    open_lots,
    remaining_hours,
    remaining_of,
    running_out,
)
from processes.class_hours.proof import Violation, nightly_proof
from processes.class_hours.settling import (
    Closed,
    accrue_periods,
    close_for_transfer,
    close_period,
    expire_lots,
    reverse_settlement,
    settle,
)

__all__ = [
    "Balance",
    "ChargeResult",
    "ChargeState",
    "Closed",
    "EntryKind",
    "LessonRef",
    "LotKind",
    "LotOrder",
    "Portion",
    "Posting",
    "Terms",
    "Unit",
    "Violation",
    "accrue_periods",
    "balances",
    "charge_lesson",
    "close_for_transfer",
    "close_period",
    "contract_balances",
    "expire_lots",
    "extend_expiry",
    "hold_contract",
    "is_held",
    "nightly_proof",
    "open_lots",
    "release_hold",
    "remaining_hours",
    "remaining_of",
    "reverse_charge",
    "reverse_settlement",
    "running_out",
    "settle",
    "settle_debts",
]
