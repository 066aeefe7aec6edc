"""The instalments of contracts in the database: planned, added, received, cancelled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select, update

from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.contracts import api as contracts
from processes.finance.instalments import ZERO, Due, Instalment, check_plan, plan_equal
from processes.finance.tables import instalment
from processes.permits import permit, permitted
from processes.stamping import created, indexed, touched


@dataclass(frozen=True, slots=True)
class Arrear:
    """An overdue instalment."""

    instalment_id: UUID
    contract_id: UUID
    student_id: UUID
    branch_id: UUID
    due_on: date
    open_amount: Decimal


def plan_instalments(tx: Tx, contract_id: UUID, dues: Sequence[Due]) -> tuple[UUID, ...]:
    """Write the payment plan of a contract, which must add up to its net amount; a repeat returns the same plan.

    Raises: Conflict when another plan is there already.
    """
    permit(tx, "create", "instalment")
    lock(tx, f"contract:{contract_id}")
    known = of_contract(tx, contract_id)
    one = contracts.facts(tx, contract_id)
    planned = check_plan(one.net_amount, dues) if one.net_amount else ()
    if known:
        if [(i.due_on, i.amount) for i in known] != [(due.due_on, due.amount) for due in planned]:
            raise Conflict("finance.plan_exists", Text("该合同已有收款计划", "The contract has a payment plan already"))
        return tuple(i.id for i in known)
    ids = tuple(_add(tx, one, due, f"plan:{contract_id}:{due.number}") for due in planned)
    for added in ids[:1]:
        permit(tx, "create", "instalment", added)
    tx.record(Event("finance:planned", ("contract", contract_id), one.branch_id, {"instalments": len(ids)}))
    return ids


def plan_equal_instalments(tx: Tx, contract_id: UUID, count: int, *, first_due: date) -> tuple[UUID, ...]:
    """Equal monthly instalments for the contract's net amount."""
    net = contracts.facts(tx, contract_id).net_amount
    return plan_instalments(tx, contract_id, plan_equal(net, count, first_due=first_due) if net else ())


def add_instalment(tx: Tx, contract_id: UUID, amount: Decimal, *, due_on: date, key: str) -> UUID:
    """One more amount to pay (a transfer's difference, say); once per key."""
    permit(tx, "create", "instalment")
    lock(tx, f"contract:{contract_id}")
    known = tx.execute(select(instalment.c.id).where(instalment.c.business_key == key)).scalar_one_or_none()
    if known is not None:
        return UUID(str(known))
    one = contracts.facts(tx, contract_id)
    last = tx.execute(select(func.max(instalment.c.number)).where(instalment.c.contract_id == contract_id))
    added = _add(tx, one, Due((last.scalar_one() or 0) + 1, due_on, amount), key)
    permit(tx, "create", "instalment", added)
    tx.record(Event("finance:instalment_added", ("contract", contract_id), one.branch_id, {"amount": amount}))
    return added


def _add(tx: Tx, one: contracts.ContractFacts, due: Due, key: str) -> UUID:
    title = f"{one.number} / {due.number}"
    values = created(tx, one.branch_id, owner_id=one.owner_id) | {
        "title": title,
        "contract_id": one.id,
        "student_id": one.student_id,
        "number": due.number,
        "due_on": due.due_on,
        "amount": due.amount,
        "received": ZERO,
        "cancelled": ZERO,
        "stage": "open",
        "business_key": key,
    }
    return UUID(
        str(tx.execute(insert(instalment).values(indexed(instalment, values)).returning(instalment.c.id)).scalar_one())
    )


def of_contract(tx: Tx, *contract_ids: UUID) -> tuple[Instalment, ...]:
    """The instalments of contracts, locked, by number."""
    rows = tx.execute(
        select(instalment)
        .where(instalment.c.contract_id.in_(contract_ids))
        .order_by(instalment.c.contract_id, instalment.c.number)
        .with_for_update()
    ).mappings()
    return tuple(_instalment(row) for row in rows)


def _instalment(row: RowMapping) -> Instalment:
    return Instalment(**{name: row[name] for name in Instalment.__slots__})


def change(tx: Tx, one: Instalment, *, received: Decimal = ZERO, cancelled: Decimal = ZERO) -> None:
    """Add to what an instalment has received or what is cancelled of it; negative takes back."""
    after = Instalment(
        one.id, one.contract_id, one.student_id, one.number, one.due_on, one.amount,
        one.received + received, one.cancelled + cancelled,
    )  # fmt: skip
    tx.execute(
        update(instalment)
        .where(instalment.c.id == one.id)
        .values(received=after.received, cancelled=after.cancelled, stage=after.state.value,
                version=instalment.c.version + 1, **touched(tx))
    )  # fmt: skip


def received(tx: Tx, contract_id: UUID) -> Decimal:
    """Yuan received for a contract."""
    total = func.coalesce(func.sum(instalment.c.received), 0)
    return Decimal(tx.execute(select(total).where(instalment.c.contract_id == contract_id)).scalar_one())


def is_first_instalment_paid(tx: Tx, contract_id: UUID) -> bool:
    """Whether the earliest instalment is fully paid (or there is nothing to pay)."""
    plan = of_contract(tx, contract_id)
    return not plan or min(plan, key=lambda one: (one.due_on, one.number)).open_amount == 0


def arrears(tx: Tx, *, on: date, branch_id: UUID | None = None, limit: int = 1_000) -> tuple[Arrear, ...]:
    """Overdue instalments, oldest first."""
    permit(tx, "read", "instalment")
    open_amount = instalment.c.amount - instalment.c.received - instalment.c.cancelled
    conditions = [instalment.c.due_on < on, open_amount > 0]
    if branch_id is not None:
        conditions.append(instalment.c.branch_id == branch_id)
    statement = select(
        instalment.c.id, instalment.c.contract_id, instalment.c.student_id, instalment.c.branch_id,
        instalment.c.due_on, open_amount,
    ).where(*conditions)  # fmt: skip
    rows: Iterable[Sequence[object]] = tx.execute(
        statement.order_by(instalment.c.due_on, instalment.c.id).limit(limit)
    ).all()
    found = [Arrear(*row) for row in rows]  # type: ignore[arg-type]
    seen = permitted(tx, "read", "instalment", (one.instalment_id for one in found))
    return tuple(one for one in found if one.instalment_id in seen)
