"""Drafting a contract, from a student or straight from a lead."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.ids import new_id
from engine.kernel.money import fen
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from processes.contract_approval.drafts import draft_lines
from processes.contracts import api as contracts
from processes.contracts.api import Draft
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.people import api as people
from processes.record_values import read

Values = Mapping[str, Any]
PROCESS = "contract_approval"


def preview_for_student(tx: Tx, student_id: UUID, values: Values) -> Preview:
    """Prices from the policy, the discount's shares and what the family pays."""
    contact = people.student_contact(tx, student_id)
    return _preview(tx, _draft(tx, student_id, contact.branch_id, contact.owner_id, values))


def start_for_student(tx: Tx, student_id: UUID, values: Values) -> Done:
    """Write the draft and start its approval."""
    contact = people.student_contact(tx, student_id)
    draft = _draft(tx, student_id, contact.branch_id, contact.owner_id, values)
    contract_id = contracts.draft_contract(tx, draft, key=f"draft:{new_id()}")
    variables = {"contract_id": str(contract_id)}
    instance_id = instances.start(tx, PROCESS, variables, record=("contract", contract_id))
    return Done(Text("合同已提交审批", "The contract is on its way"), instance_id, ("contract", contract_id))


def preview_for_lead(tx: Tx, lead_id: UUID, values: Values) -> Preview:
    """The same for a lead that is not a student yet."""
    lead = read(tx, "lead", lead_id)
    found = _preview(tx, _draft(tx, lead["student_id"] or lead_id, lead["branch_id"], lead["owner_id"], values))
    if lead["student_id"]:
        return found
    told = Text("线索将转为学员", "The lead becomes a student")
    return Preview(found.lines, (*found.warnings, told), found.blockers)


def start_for_lead(tx: Tx, lead_id: UUID, values: Values) -> Done:
    """Make the lead a student, then draft."""
    return start_for_student(tx, people.convert_lead(tx, lead_id), values)


def _draft(tx: Tx, student_id: UUID, branch_id: UUID, owner_id: UUID | None, values: Values) -> Draft:
    return Draft(
        student_id=student_id,
        branch_id=branch_id,
        owner_id=UUID(tx.actor.id) if tx.actor.is_user else owner_id,
        lines=draft_lines(tx, values["lines"]),
        discount_amount=fen(values.get("discount_amount") or 0),
        discount_reason=values.get("discount_reason") or "",
        kind=values.get("kind") or "new",
        customer_type=values.get("customer_type"),
        instalments=int(values.get("instalments_wanted") or 1),
        is_identity_checked=bool(values.get("is_identity_checked")),
        is_cost_approved=bool(values.get("is_cost_approved")),
        remark=values.get("remark") or "",
    )


def _preview(tx: Tx, draft: Draft) -> Preview:
    priced = contracts.price(tx, draft)
    lines = [
        PreviewLine(Text(f"{one.line.title}（净额）", f"{one.line.title} (net)"), one.net_amount) for one in priced
    ]
    total = sum((one.list_amount for one in priced), Decimal("0.00"))
    lines.append(PreviewLine(Text("原价合计", "List amount"), total))
    lines.append(PreviewLine(Text("优惠", "Discount"), draft.discount_amount))
    lines.append(PreviewLine(Text("应收金额", "Net amount"), total - draft.discount_amount))
    below = tuple(
        Text(f"{one.line.title} 低于底价，需要会签", f"{one.line.title} is below the floor price: countersign")
        for one in priced
        if one.is_below_floor
    )
    return Preview(tuple(lines), below)


_ROLES = ("sales", "sales_head", "principal", "hq_manager", "admin")
_LABEL = Text("起草合同", "Draft a contract")

ACTIONS = (
    DomainAction(
        name="draft_contract",
        object="student",
        label=_LABEL,
        icon="file-plus",
        form="contract_approval.draft",
        roles=_ROLES,
        preview=preview_for_student,
        start=start_for_student,
    ),
    DomainAction(
        name="draft_contract",
        object="lead",
        label=_LABEL,
        icon="file-plus",
        form="contract_approval.draft",
        roles=_ROLES,
        preview=preview_for_lead,
        start=start_for_lead,
        stages=("assigned", "following", "visiting", "trial"),
    ),
)
