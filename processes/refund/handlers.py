"""What the refund process does at its service tasks."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.errors import Conflict
from engine.kernel.money import fen
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.handlers import BpmnError, Handler, Parameter
from engine.workflow.votes import approving_persons, current_instance
from processes.contracts import api as contracts
from processes.contracts.api import ContractFacts
from processes.finance import api as finance
from processes.parameters import optional, results
from processes.people import api as people
from processes.places import branch_of, today
from processes.record_values import read
from processes.refund.proof import proof_rows

Values = Mapping[str, Any]


def compute_proof(tx: Tx, inputs: Values) -> Values:
    """Hold the contract, compute the refund and freeze the proof; again when the figures have changed since.

    Raises: BpmnError ``contract_held`` when another process settles the contract.
    """
    contract_id = UUID(inputs["contract_id"])
    found = contracts.facts(tx, contract_id)
    if inputs.get("refund_order_id"):
        order_id = UUID(inputs["refund_order_id"])
        finance.refund_recheck(tx, order_id)
    else:
        order_id = _open(tx, found, inputs)
    order = read(tx, "refund_order", order_id)
    contact = people.student_contact(tx, found.student_id)
    return {
        "refund_order_id": str(order_id),
        "contract_number": found.number,
        "student_name": contact.name,
        "guardian_phone": next((one.phone for one in contact.guardians if one.receives_sms and one.phone), None),
        "guardian_email": next((one.email for one in contact.guardians if one.email), None),
        "branch": branch_of(tx, found.branch_id).key,
        "refundable": order["refundable"],
        "received": order["received"],
        "proof_lines": proof_rows(order["proof"]),
    }


def _approvers(tx: Tx, needed: int) -> frozenset[str]:
    """Persons who agreed; nobody when a second approval is needed and that step has none."""
    first, second = approving_persons(tx, ("approve_principal",)), approving_persons(tx, ("approve_finance",))
    return first | second if needed == 1 or second else frozenset()


def _open(tx: Tx, found: ContractFacts, inputs: Values) -> UUID:
    request = finance.RefundRequest(
        requested_on=today(tx, found.branch_id),
        materials_kept=fen(inputs.get("materials_kept") or 0),
        reason=inputs.get("reason") or "",
    )
    try:
        return finance.refund_open(
            tx, found.id, request, instance_id=current_instance(tx), key=f"refund:{current_instance(tx)}"
        )
    except Conflict as error:
        if error.code != "contract.held":
            raise
        raise BpmnError("contract_held", error.message.zh) from error


def recompute_proof(tx: Tx, inputs: Values) -> Values:
    """Whether computing again gives what was approved."""
    return {"unchanged": finance.refund_recheck(tx, UUID(inputs["refund_order_id"]))}


def settle(tx: Tx, inputs: Values) -> Values:
    """Post the refund: ledger, invoice and pay-back entries.

    The persons who agreed are counted from the vote rows, substitutes included, and two of them must be different
    above the limit. Raises: BpmnError ``proof_changed``; Forbidden when a person is missing.
    """
    order_id = UUID(inputs["refund_order_id"])
    if not finance.refund_recheck(tx, order_id):
        raise BpmnError("proof_changed", "退费金额与审批时不同")
    needed = 2 if inputs.get("two_needed") else 1
    persons = _approvers(tx, needed)
    finance.refund_post(tx, order_id, way=inputs.get("way") or "original", approvers=persons, min_approvers=needed)
    return {"refund_number": read(tx, "refund_order", order_id)["number"]}


def release_contract(tx: Tx, inputs: Values) -> Values:
    """Cancel the refund: the hours are free again and the books as they were."""
    reason = inputs.get("reason") or "未填写原因"
    if inputs.get("refund_order_id"):
        finance.refund_cancel(tx, UUID(inputs["refund_order_id"]), reason=reason)
    return {"reason": reason}


def abandon(tx: Tx, inputs: Values) -> Values:
    """The case was cancelled: an order that is not posted is dropped, one that is posted stays posted."""
    order_id = inputs.get("refund_order_id")
    if order_id and read(tx, "refund_order", UUID(order_id))["stage"] == "computed":
        finance.refund_cancel(tx, UUID(order_id), reason=inputs.get("reason") or "流程已撤销")
    return {}


HANDLERS = (
    Handler(
        "refund.compute_proof",
        Text("冻结课时并计算凭证", "Hold the hours and compute the proof"),
        compute_proof,
        {"contract_id": Parameter("record:contract"), **optional("materials_kept", "reason", "refund_order_id")},
        results(
            *("refund_order_id", "contract_number", "student_name", "guardian_phone", "guardian_email", "branch"),
            *("refundable", "received", "proof_lines"),
        ),
    ),
    Handler(
        "refund.recompute_proof",
        Text("付款前复算", "Compute again before paying"),
        recompute_proof,
        {"refund_order_id": "text"},
        results("unchanged"),
    ),
    Handler(
        "refund.settle",
        Text("记账并冲销", "Post and reverse"),
        settle,
        {"refund_order_id": "text", **optional("way", "reference", "approvers", "two_needed", "payer")},
        results("refund_number"),
    ),
    Handler(
        "refund.release_contract",
        Text("解冻课时", "Release the hours"),
        release_contract,
        optional("refund_order_id", "reason"),
        results("reason"),
    ),
    Handler(
        "refund.abandon",
        Text("撤销流程时归还", "Give back when the case is cancelled"),
        abandon,
        optional("refund_order_id", "reason"),
    ),
)
