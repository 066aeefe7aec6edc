"""Inter-branch settlement: money follows the branch that will teach the hours."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select

from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.uow import Tx
from processes.finance.tables import settlement_entry
from processes.permits import permit
from processes.places import today
from processes.stamping import created, indexed


def settle_branches(
    tx: Tx,
    *,
    from_branch: UUID,
    to_branch: UUID,
    contract_id: UUID,
    student_id: UUID,
    amount: Decimal,
    reason: str,
    key: str,
) -> UUID | None:
    """Note that one branch owes another the value of hours it was paid for; once per key, None within one branch."""
    permit(tx, "create", "settlement_entry")
    if from_branch == to_branch or amount == 0:
        return None
    lock(tx, f"settlement:{key}")
    known = tx.execute(select(settlement_entry.c.id).where(settlement_entry.c.business_key == key))
    existing = known.scalar_one_or_none()
    if existing is not None:
        return UUID(str(existing))
    values = created(tx, from_branch) | {
        "from_branch_id": from_branch,
        "to_branch_id": to_branch,
        "contract_id": contract_id,
        "student_id": student_id,
        "amount": amount,
        "business_date": today(tx, from_branch),
        "reason": reason,
        "business_key": key,
    }
    statement = insert(settlement_entry).values(indexed(settlement_entry, values)).returning(settlement_entry.c.id)
    entry_id = UUID(str(tx.execute(statement).scalar_one()))
    permit(tx, "create", "settlement_entry", entry_id)
    tx.record(Event("branches:settled", ("contract", contract_id), from_branch, {"to": to_branch, "amount": amount}))
    return entry_id
