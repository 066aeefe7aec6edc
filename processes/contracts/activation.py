"""Making a signed contract work: its hours become lots, debts are settled, and what others read of a contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, select

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.api import LotKind, LotOrder, Portion, Unit
from processes.contracts.pricing import GiftPolicy, plan_lots
from processes.contracts.stages import require_stage, set_stage
from processes.contracts.tables import contract, contract_line
from processes.people import api as people
from processes.permits import permit
from processes.places import today


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A contract line; settled_amount is what stays with it after a transfer or settlement."""

    id: UUID
    title: str
    branch_id: UUID
    course_id: UUID
    class_group_id: UUID | None
    unit: str
    unit_price: Decimal
    paid_quantity: Decimal
    gift_quantity: Decimal
    gift_policy: str
    net_amount: Decimal
    settled_amount: Decimal
    valid_from: date | None
    valid_to: date | None
    stage: str


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """What others may know of a contract; a discount rate of 0.1 is 10 %."""

    id: UUID
    number: str
    student_id: UUID
    branch_id: UUID
    owner_id: UUID | None
    stage: str
    list_amount: Decimal
    discount_amount: Decimal
    discount_rate: Decimal
    net_amount: Decimal
    instalments_wanted: int
    signed_on: date | None
    refund_terms: Mapping[str, object]
    lines: tuple[LineFacts, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """Inputs of the approval table."""

    discount_rate: Decimal
    discount_amount: Decimal
    net_amount: Decimal
    below_floor: bool
    branch_id: UUID
    courses: tuple[UUID, ...]


def facts(tx: Tx, contract_id: UUID) -> ContractFacts:
    """The contract and its lines in order. Raises NotFound."""
    row = tx.execute(select(contract).where(contract.c.id == contract_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    lines = tx.execute(
        select(contract_line).where(contract_line.c.contract_id == contract_id).order_by(contract_line.c.position)
    ).mappings()
    return ContractFacts(
        id=row["id"],
        number=row["number"],
        student_id=row["student_id"],
        branch_id=row["branch_id"],
        owner_id=row["owner_id"],
        stage=row["stage"],
        list_amount=row["list_amount"],
        discount_amount=row["discount_amount"],
        discount_rate=row["discount_rate"] / 100,
        net_amount=row["net_amount"],
        instalments_wanted=row["instalments_wanted"] or 1,
        signed_on=row["signed_on"],
        refund_terms=row["refund_terms"],
        lines=tuple(line_facts(line) for line in lines),
    )


def line_facts(row: RowMapping) -> LineFacts:
    """A line from its database row."""
    return LineFacts(**{name: row[name] for name in LineFacts.__slots__})


def authority(tx: Tx, contract_id: UUID) -> Authority:
    """What the approval table decides on."""
    one = facts(tx, contract_id)
    below = tx.execute(select(contract.c.is_below_floor).where(contract.c.id == contract_id)).scalar_one()
    courses = tuple(line.course_id for line in one.lines)
    return Authority(one.discount_rate, one.discount_amount, one.net_amount, bool(below), one.branch_id, courses)


def activate(tx: Tx, contract_id: UUID) -> tuple[UUID, ...]:
    """Open the lots of a signed contract and let it run; a repeat returns the same lots."""
    permit(tx, "update", "contract", contract_id)
    row = require_stage(tx, contract_id, "signed", "active")
    one = facts(tx, contract_id)
    opened: list[UUID] = []
    for line in one.lines:
        opened += class_hours.open_lots(tx, _order(tx, one, line), key=f"contract-line:{line.id}")
        class_hours.settle_debts(
            tx, one.student_id, line.course_id, on=today(tx, one.branch_id), key=f"debt-of-line:{line.id}"
        )
    if row["stage"] == "signed":
        set_stage(tx, contract_id, "active")
        people.set_student_stage(tx, one.student_id, "active")
    return tuple(opened)


def _order(tx: Tx, one: ContractFacts, line: LineFacts) -> LotOrder:
    plan = plan_lots(line.net_amount, line.paid_quantity, line.gift_quantity, GiftPolicy(line.gift_policy))
    portions = [Portion(LotKind.PAID, plan.paid_quantity, plan.paid_amount, plan.paid_priority)]
    if plan.gift_quantity > 0:
        portions.append(Portion(LotKind.GIFT, plan.gift_quantity, plan.gift_amount, plan.gift_priority))
    starts_on = line.valid_from or one.signed_on or today(tx, one.branch_id)
    return LotOrder(
        student_id=one.student_id,
        branch_id=line.branch_id,
        portions=tuple(portions),
        unit=Unit(line.unit),
        opened_on=starts_on,
        title=line.title or one.number,
        expires_on=line.valid_to,
        courses=frozenset({line.course_id}),
        contract_id=one.id,
        contract_line_id=line.id,
    )
