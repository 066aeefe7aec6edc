"""Drafting a contract: prices from the policy, the discount split over the lines, refund terms frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from engine.kernel.errors import UserError
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.contracts.discount import discount_rate, split_discount
from processes.contracts.pricing import Asked, GiftPolicy, PriceRule, below_floor, find_rule, list_amount
from processes.contracts.stages import require_stage
from processes.contracts.tables import contract, contract_line, price_rule
from processes.numbering import next_number
from processes.permits import permit
from processes.places import branch_of, today
from processes.stamping import created, indexed, touched

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What a customer buys of one course; the unit price comes from the price policy."""

    course_id: UUID
    paid_quantity: Decimal
    gift_quantity: Decimal = Decimal(0)
    gift_policy: GiftPolicy = GiftPolicy.LAST
    unit: str = "hour"
    class_group_id: UUID | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A contract as the salesperson fills it in. Refund terms left out are those of the branch."""

    student_id: UUID
    branch_id: UUID
    lines: tuple[DraftLine, ...]
    owner_id: UUID | None = None
    discount_amount: Decimal = ZERO
    discount_reason: str = ""
    kind: str = "new"
    customer_type: str | None = None
    region: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    instalments: int = 1
    renewed_from: UUID | None = None
    is_identity_checked: bool = False
    is_cost_approved: bool = False
    refund_terms: Mapping[str, object] | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """A line with its price: amounts in yuan."""

    line: DraftLine
    rule: PriceRule
    list_amount: Decimal
    discount_share: Decimal

    @property
    def net_amount(self) -> Decimal:
        """What the customer pays for the line."""
        return self.list_amount - self.discount_share

    @property
    def is_below_floor(self) -> bool:
        """Whether the line sells below the lowest price of its rule."""
        return below_floor(self.rule, self.net_amount, self.line.paid_quantity)


def draft_contract(tx: Tx, draft: Draft, *, key: str) -> UUID:
    """Write a draft once; the same key again returns the same contract."""
    permit(tx, "create", "contract")
    lock(tx, f"contract-draft:{key}")
    known = tx.execute(select(contract.c.id).where(contract.c.business_key == key)).scalar_one_or_none()
    if known is not None:
        return UUID(str(known))
    priced = price(tx, draft)
    code = branch_of(tx, draft.branch_id).key.upper()
    prefix = f"{code}{today(tx, draft.branch_id):%Y}"
    number = f"{prefix}-{next_number(tx, 'contract', prefix):05d}"
    values = created(tx, draft.branch_id, owner_id=draft.owner_id) | _values(tx, draft, priced)
    values |= {
        "number": number,
        "business_key": key,
        "stage": "draft",
        "revision": 1,
        "refund_terms": _terms(tx, draft),
    }
    contract_id = UUID(
        str(tx.execute(insert(contract).values(indexed(contract, values)).returning(contract.c.id)).scalar_one())
    )
    _insert_lines(tx, contract_id, draft, priced)
    permit(tx, "create", "contract", contract_id)
    tx.record(Event("contract:drafted", ("contract", contract_id), draft.branch_id, _summary(draft, priced)))
    return contract_id


def revise(tx: Tx, contract_id: UUID, draft: Draft) -> None:
    """Replace the figures of a contract that is not signed yet; it goes back to the draft stage."""
    permit(tx, "update", "contract", contract_id)
    current = require_stage(tx, contract_id, "draft", "rejected", "approved")
    if current["student_id"] != draft.student_id or current["branch_id"] != draft.branch_id:
        raise UserError(
            "contract.other_party", Text("不能更换学员或校区", "The student and the branch cannot be changed")
        )
    priced = price(tx, draft)
    values = _values(tx, draft, priced) | touched(tx)
    values |= {"stage": "draft", "revision": current["revision"] + 1, "version": current["version"] + 1}
    tx.execute(update(contract).where(contract.c.id == contract_id).values(values))
    tx.execute(delete(contract_line).where(contract_line.c.contract_id == contract_id))
    _insert_lines(tx, contract_id, draft, priced)
    tx.record(Event("contract:revised", ("contract", contract_id), draft.branch_id, _summary(draft, priced)))


def price(tx: Tx, draft: Draft) -> tuple[Priced, ...]:
    """The lines with prices in force and their shares of the discount; nothing is written."""
    if not draft.lines or any(line.paid_quantity <= 0 or line.gift_quantity < 0 for line in draft.lines):
        raise UserError(
            "contract.no_lines",
            Text("合同至少要有一行，且购买数量大于零", "A contract needs a line, with a quantity above zero"),
            fields={"lines": Text("请填写课程与数量", "Give the course and the quantity")},
        )
    rules = _rules(tx)
    on = today(tx, draft.branch_id)
    found = [find_rule(rules, _asked(draft, line, on)) for line in draft.lines]
    lists = [list_amount(rule.unit_price, line.paid_quantity) for rule, line in zip(found, draft.lines, strict=True)]
    shares = split_discount(draft.discount_amount, lists)
    return tuple(Priced(*values) for values in zip(draft.lines, found, lists, shares, strict=True))


def _asked(draft: Draft, line: DraftLine, on: date) -> Asked:
    return Asked(line.course_id, draft.branch_id, line.paid_quantity, on, draft.region, draft.customer_type)


def _rules(tx: Tx) -> list[PriceRule]:
    rows = tx.execute(select(price_rule).where(price_rule.c.deleted_at.is_(None)).limit(5_000)).mappings()
    return [
        PriceRule(
            id=row["id"],
            unit_price=row["unit_price"],
            course_id=row["course_id"],
            branch_id=row["only_branch_id"],
            region=row["region"] or None,
            customer_type=row["customer_type"],
            quantity_from=row["quantity_from"] or Decimal(0),
            quantity_below=row["quantity_below"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            floor_price=row["floor_price"],
            priority=row["priority"] or 0,
        )
        for row in rows
    ]


def _values(tx: Tx, draft: Draft, priced: tuple[Priced, ...]) -> dict[str, object]:
    total = sum((one.list_amount for one in priced), ZERO)
    return {
        "student_id": draft.student_id,
        "kind": draft.kind,
        "customer_type": draft.customer_type,
        "list_amount": total,
        "discount_amount": draft.discount_amount,
        "discount_rate": discount_rate(draft.discount_amount, total) * 100,
        "net_amount": total - draft.discount_amount,
        "discount_reason": draft.discount_reason,
        "is_below_floor": any(one.is_below_floor for one in priced),
        "is_identity_checked": draft.is_identity_checked,
        "is_cost_approved": draft.is_cost_approved,
        "instalments_wanted": draft.instalments,
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "renewed_from": draft.renewed_from,
        "remark": draft.remark,
    }


def _insert_lines(tx: Tx, contract_id: UUID, draft: Draft, priced: tuple[Priced, ...]) -> None:
    rows = [
        created(tx, draft.branch_id, owner_id=draft.owner_id)
        | {
            "contract_id": contract_id,
            "position": position,
            "title": one.line.title,
            "course_id": one.line.course_id,
            "class_group_id": one.line.class_group_id,
            "price_rule_id": one.rule.id,
            "unit": one.line.unit,
            "unit_price": one.rule.unit_price,
            "paid_quantity": one.line.paid_quantity,
            "gift_quantity": one.line.gift_quantity,
            "gift_policy": one.line.gift_policy.value,
            "list_amount": one.list_amount,
            "discount_share": one.discount_share,
            "net_amount": one.net_amount,
            "settled_amount": ZERO,
            "is_below_floor": one.is_below_floor,
            "valid_from": draft.valid_from,
            "valid_to": draft.valid_to,
            "stage": "open",
        }
        for position, one in enumerate(priced, start=1)
    ]
    tx.execute(insert(contract_line), [indexed(contract_line, row) for row in rows])


def _terms(tx: Tx, draft: Draft) -> Mapping[str, object]:
    """The refund policy of the branch, frozen; strategy A where gift hours share the price, else B."""
    if draft.refund_terms is not None:
        return draft.refund_terms
    shared = any(line.gift_policy is GiftPolicy.PRO_RATA and line.gift_quantity > 0 for line in draft.lines)
    default = {
        "strategy": "A" if shared else "B",
        "version": "1",
        "cooling_off_days": 7,
        "penalty_rate": "0",
        "penalty_cap": None,
    }
    return default | dict(branch_of(tx, draft.branch_id).settings.get("refund_terms", {}))


def _summary(draft: Draft, priced: tuple[Priced, ...]) -> dict[str, object]:
    return {
        "student_id": draft.student_id,
        "net_amount": sum((one.net_amount for one in priced), ZERO),
        "discount_amount": draft.discount_amount,
        "lines": len(priced),
    }
