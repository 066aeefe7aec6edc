"""What the contract-approval process does at its service tasks."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.ids import new_id
from engine.kernel.money import fen, split_by_largest_remainder
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot
from engine.workflow.handlers import BpmnError, Handler, Parameter
from processes.class_hours import api as class_hours
from processes.contract_approval.drafts import draft_of, lines_of
from processes.contracts import api as contracts
from processes.contracts.api import ContractFacts
from processes.finance import api as finance
from processes.parameters import optional, results
from processes.people import api as people
from processes.places import branch_of, today
from processes.record_values import read
from processes.timetable import api as timetable

Values = Mapping[str, Any]
ZERO = Decimal("0.00")


def check_completeness(tx: Tx, inputs: Values) -> Values:
    """Save what the drafter changed, say what is still missing, and send a complete contract into approval."""
    contract_id = UUID(inputs["contract_id"])
    before = contracts.facts(tx, contract_id)
    if inputs.get("edited") and inputs.get("lines"):
        contracts.revise(tx, contract_id, draft_of(tx, before, inputs))
    problems = contracts.completeness(tx, contract_id)
    found = contracts.facts(tx, contract_id)
    if not problems:
        if found.stage == "approved":
            contracts.set_stage(tx, contract_id, "approving")
        else:
            contracts.submit(tx, contract_id)
    return {
        "complete": not problems,
        "problems": "；".join(text.zh for text in problems),
        **_party(tx, found),
        **_figures(tx, found),
        **lines_of(tx, found),
    }


def find_countersigners(tx: Tx, inputs: Values) -> Values:
    """The head of the branch, the managers and the finance of headquarters: each once."""
    found = contracts.facts(tx, UUID(inputs["contract_id"]))
    root = snapshot.load(tx).root.id
    users = [
        *directory.branch_head(tx, found.branch_id)[:1],
        *directory.users_with_role(tx, "hq_manager", root)[:1],
        *directory.users_with_role(tx, "hq_finance", root)[:1],
    ]
    if not users:
        raise UserError("contract.no_countersigner", Text("没有可会签的人员", "There is nobody to countersign"))
    return {"users": [str(user) for user in dict.fromkeys(users)]}


def approve(tx: Tx, inputs: Values) -> Values:
    """Everybody who had to has agreed."""
    contracts.approve(tx, UUID(inputs["contract_id"]))
    return {}


def note_rejection(tx: Tx, inputs: Values) -> Values:
    """Send the contract back with the comment of whoever refused it."""
    comment = _last_refusal(inputs.get("decisions") or [])
    contracts.reject(tx, UUID(inputs["contract_id"]), comment)
    return {"comment": comment}


def withdraw(tx: Tx, inputs: Values) -> Values:
    """The drafter takes the contract back."""
    contracts.void(tx, UUID(inputs["contract_id"]), "起草人撤回")
    return {}


def void(tx: Tx, inputs: Values) -> Values:
    """The family does not sign."""
    contracts.void(tx, UUID(inputs["contract_id"]), inputs.get("reason") or "家长放弃")
    return {}


def abandon(tx: Tx, inputs: Values) -> Values:
    """The case was cancelled: a contract nobody has signed is void; a signed one stays, for a person to settle."""
    contract_id = UUID(inputs["contract_id"])
    if contracts.facts(tx, contract_id).stage in ("draft", "approving", "approved", "rejected"):
        contracts.void(tx, contract_id, inputs.get("reason") or "流程已撤销")
    return {}


def sign(tx: Tx, inputs: Values) -> Values:
    """Sign what was approved and plan the instalments.

    Raises: BpmnError ``amount_changed`` when the contract is not the one that was approved.
    """
    contract_id = UUID(inputs["contract_id"])
    found = contracts.facts(tx, contract_id)
    if found.net_amount != inputs["approved_amount"]:
        raise BpmnError("amount_changed", "金额与审批时不同")
    signed_on = inputs.get("signed_on") or today(tx, found.branch_id)
    contracts.sign(tx, contract_id, signed_on)
    dues = _dues(found, inputs.get("instalments") or [], signed_on)
    if dues:
        finance.plan_instalments(tx, contract_id, dues)
    first = dues[0].amount if dues else ZERO
    paid = finance.received(tx, contract_id)
    return {"first_due": first, "due_now": max(ZERO, first - paid), "paid": paid}


def record_payment(tx: Tx, inputs: Values) -> Values:
    """Book the money that came in; what is still due of the first instalment decides whether to go on."""
    contract_id = UUID(inputs["contract_id"])
    found = contracts.facts(tx, contract_id)
    if not inputs.get("amount"):
        missing = {"payment_amount": Text("请填写收款金额", "Give the amount")}
        raise UserError("form_invalid", Text("请填写收款金额", "Give the amount received"), fields=missing)
    order = finance.PaymentOrder(
        student_id=found.student_id,
        branch_id=found.branch_id,
        amount=fen(inputs["amount"]),
        method=inputs.get("method") or "cash",
        contract_ids=(contract_id,),
        reference=inputs.get("reference") or "",
    )
    receipt = finance.record_payment(tx, order, key=f"contract:{contract_id}:{new_id()}")
    paid = finance.received(tx, contract_id)
    due_now = ZERO if finance.is_first_instalment_paid(tx, contract_id) else max(ZERO, inputs["first_due"] - paid)
    return {"due_now": due_now, "paid": paid, "receipt_number": receipt.receipt_number}


def activate_hours(tx: Tx, inputs: Values) -> Values:
    """Turn the contract's lines into class hours."""
    contract_id = UUID(inputs["contract_id"])
    contracts.activate(tx, contract_id)
    lots = class_hours.contract_balances(tx, contract_id)
    return {"hours_total": sum((lot.quantity for lot in lots), Decimal(0))}


def enrol(tx: Tx, inputs: Values) -> Values:
    """Put the student into the class of each line; names the first line that has none yet.

    Raises: BpmnError ``class_full`` naming the line, when the class has no seat left or clashes.
    """
    found = contracts.facts(tx, UUID(inputs["contract_id"]))
    placed = list(inputs.get("placed") or [])
    chosen, chosen_for = inputs.get("class_group_id"), inputs.get("contract_line_id")
    unplaced, names = None, []
    for line in found.lines:
        group_id = UUID(chosen) if chosen and str(line.id) == chosen_for else line.class_group_id
        if group_id is None:
            unplaced = unplaced or line
            continue
        names.append(read(tx, "class_group", group_id)["name"])
        if str(line.id) not in placed:
            _enrol(tx, found, line, group_id)
            placed.append(str(line.id))
    open_line = {"unplaced_line_id": str(unplaced.id), "unplaced_course": unplaced.title} if unplaced else {}
    return {"placed": placed, "class_names": "、".join(names) or "待安排", **open_line}


def _enrol(tx: Tx, found: ContractFacts, line: contracts.LineFacts, group_id: UUID) -> None:
    try:
        timetable.enrol(tx, group_id, found.student_id, contract_line_id=line.id)
    except Conflict as error:
        data = {"unplaced_line_id": str(line.id), "unplaced_course": line.title}
        raise BpmnError("class_full", error.message.zh, data) from error


def _party(tx: Tx, found: ContractFacts) -> dict[str, Any]:
    contact = people.student_contact(tx, found.student_id)
    phone = next((one.phone for one in contact.guardians if one.receives_sms and one.phone), None)
    email = next((one.email for one in contact.guardians if one.email), None)
    return {
        "contract_number": found.number,
        "student_id": str(found.student_id),
        "student_name": contact.name,
        "guardian_phone": phone,
        "guardian_email": email,
    }


def _figures(tx: Tx, found: ContractFacts) -> dict[str, Any]:
    authority = contracts.authority(tx, found.id)
    return {
        "branch": branch_of(tx, found.branch_id).key,
        "courses": "、".join(line.title for line in found.lines),
        "list_amount": found.list_amount,
        "net_amount": authority.net_amount,
        "discount_percent": authority.discount_rate * 100,
        "below_floor": authority.below_floor,
        "gift_hours": sum((line.gift_quantity for line in found.lines), Decimal(0)),
    }


def _last_refusal(decisions: Iterable[Any]) -> str:
    refused = [one for one in decisions if isinstance(one, Mapping) and one.get("outcome") == "reject"]
    last = max(refused, key=lambda one: str(one.get("at") or ""), default={})
    votes = [vote for vote in last.get("votes") or [] if vote.get("outcome") == "reject"]
    comments = [vote.get("comment") for vote in votes] or [last.get("comment")]
    return "；".join(text for text in comments if text) or "未填写意见"


def _dues(found: ContractFacts, wanted: Iterable[Values], signed_on: date) -> list[finance.Due]:
    rows = sorted(wanted, key=lambda row: str(row["due_on"]))
    if rows:
        return [finance.Due(number, row["due_on"], fen(row["amount"])) for number, row in enumerate(rows, start=1)]
    if not found.net_amount:
        return []
    amounts = split_by_largest_remainder(found.net_amount, [Decimal(1)] * found.instalments_wanted)
    return [finance.Due(n + 1, _months_later(signed_on, n), amount) for n, amount in enumerate(amounts)]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))


_CONTRACT = {"contract_id": Parameter("record:contract")}

HANDLERS = (
    Handler(
        "contract.check_completeness",
        Text("检查合同资料", "Check the contract"),
        check_completeness,
        {
            **_CONTRACT,
            **optional("lines", "discount_amount", "discount_reason", "instalments_wanted", "remark"),
            **optional("is_identity_checked", "is_cost_approved", "edited"),
        },
        results(
            *("complete", "problems", "contract_number", "student_id", "student_name", "guardian_phone"),
            *("guardian_email", "branch", "courses", "list_amount", "net_amount", "discount_percent", "below_floor"),
            *("gift_hours", "lines", "discount_amount", "discount_reason", "instalments_wanted"),
            *("is_identity_checked", "is_cost_approved"),
        ),
    ),
    Handler(
        "contract.find_countersigners",
        Text("确定会签人", "Find the countersigners"),
        find_countersigners,
        _CONTRACT,
        {"users": "list"},
    ),
    Handler("contract.approve", Text("审批通过", "Mark as approved"), approve, _CONTRACT),
    Handler(
        "contract.note_rejection",
        Text("记录驳回", "Note the rejection"),
        note_rejection,
        {**_CONTRACT, "decisions": "list"},
        {"comment": "text"},
    ),
    Handler("contract.withdraw", Text("撤回合同", "Withdraw the contract"), withdraw, _CONTRACT),
    Handler("contract.void", Text("作废合同", "Void the contract"), void, {**_CONTRACT, **optional("reason")}),
    Handler(
        "contract.abandon",
        Text("撤销流程时作废", "Make void when the case is cancelled"),
        abandon,
        {**_CONTRACT, **optional("reason")},
    ),
    Handler(
        "contract.sign",
        Text("签约并生成分期", "Sign and plan the instalments"),
        sign,
        {**_CONTRACT, "approved_amount": "number", **optional("signed_on", "instalments")},
        {"first_due": "number", "due_now": "number", "paid": "number"},
    ),
    Handler(
        "contract.record_payment",
        Text("登记收款", "Record the payment"),
        record_payment,
        {
            **_CONTRACT,
            "amount": "number",
            "first_due": "number",
            **optional("method", "received_on", "reference"),
        },
        {"due_now": "number", "paid": "number", "receipt_number": "text"},
    ),
    Handler(
        "contract.activate_hours",
        Text("生成课时", "Open the hours"),
        activate_hours,
        _CONTRACT,
        {"hours_total": "number"},
    ),
    Handler(
        "contract.enrol",
        Text("编入班级", "Enrol in the classes"),
        enrol,
        {**_CONTRACT, **optional("placed", "contract_line_id", "class_group_id")},
        results("placed", "unplaced_line_id", "unplaced_course", "class_names"),
    ),
)
