"""What the class-transfer process does at its service tasks."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.handlers import BpmnError, Handler, Parameter
from engine.workflow.votes import current_instance
from processes.class_hours import api as class_hours
from processes.class_transfer.figures import Figures, figures, line_of_class
from processes.contracts import api as contracts
from processes.finance import api as finance
from processes.parameters import optional, results
from processes.people import api as people
from processes.places import today, zone_of
from processes.timetable import api as timetable

Values = Mapping[str, Any]
_PLAN = ("contract_id", "from_class_id", "to_class_id")


def hold_contract(tx: Tx, inputs: Values) -> Values:
    """Freeze the contract's hours while the transfer runs.

    Raises: BpmnError ``contract_held`` when another process settles the contract.
    """
    contract_id = UUID(inputs["contract_id"])
    found = contracts.facts(tx, contract_id)
    line = line_of_class(found, UUID(inputs["from_class_id"]))
    try:
        class_hours.hold_contract(
            tx, contract_id, branch_id=found.branch_id, purpose="transfer", instance_id=current_instance(tx)
        )
    except Conflict as error:
        if error.code != "contract.held":
            raise
        raise BpmnError("contract_held", error.message.zh) from error
    contact = people.student_contact(tx, found.student_id)
    return {
        "student_id": str(found.student_id),
        "student_name": contact.name,
        "guardian_phone": next((one.phone for one in contact.guardians if one.receives_sms and one.phone), None),
        "guardian_email": next((one.email for one in contact.guardians if one.email), None),
        "contract_line_id": str(line.id),
    }


def preview(tx: Tx, inputs: Values) -> Values:
    """What the transfer would do; its hash lets the settlement notice a change."""
    found = _figures(tx, inputs)
    return {
        "contract_line_id": str(found.line_id),
        "from_class_name": found.from_name,
        "to_class_name": found.to_name,
        "remaining_hours": found.preview.remaining_quantity,
        "remaining_value": found.preview.remaining_value,
        "new_hours": found.preview.quantity,
        "new_price": found.preview.new_price,
        "difference": found.difference,
        "conflicts": list(found.clashes),
        "seats_left": found.seats_left,
        "cross_branch": found.from_branch != found.to_branch,
        "hash": fingerprint(found),
    }


def settle(tx: Tx, inputs: Values) -> Values:
    """Close the old hours, open the new ones, book the difference and settle between branches; all or nothing.

    Raises: BpmnError ``preview_changed`` or ``class_full``.
    """
    found = _figures(tx, inputs)
    if fingerprint(found) != inputs["hash"]:
        raise BpmnError("preview_changed", "转班结果与审批时不同")
    if found.seats_left <= 0:
        raise BpmnError("class_full", "新班级名额已满")
    contract_id = UUID(inputs["contract_id"])
    key = f"transfer:{current_instance(tx)}"
    class_hours.release_hold(tx, contract_id)
    new_line_id = contracts.apply_transfer(
        tx,
        found.line_id,
        course_id=found.to_course,
        class_group_id=UUID(inputs["to_class_id"]),
        branch_id=found.to_branch,
        preview=found.preview,
        key=key,
        title=found.course_title,
    )
    receipt = _book_difference(tx, found, inputs, key)
    if found.from_branch != found.to_branch:
        moved = min(found.preview.remaining_value, found.preview.new_price)
        finance.settle_branches(
            tx,
            from_branch=found.from_branch,
            to_branch=found.to_branch,
            contract_id=contract_id,
            student_id=found.student_id,
            amount=moved,
            reason="跨校区转班",
            key=key,
        )
    return {"new_line_id": str(new_line_id), "receipt_number": receipt}


def move_lessons(tx: Tx, inputs: Values) -> Values:
    """From the transfer's day on the student belongs to the new class; lessons before it stay."""
    student_id, to_class = UUID(inputs["student_id"]), UUID(inputs["to_class_id"])
    starts_at = _midnight(tx, student_id, inputs)
    timetable.move_roster(
        tx,
        student_id,
        from_class=UUID(inputs["from_class_id"]),
        to_class=to_class,
        contract_line_id=UUID(inputs["new_line_id"]),
        from_at=starts_at,
        override_reason="教务审批时已确认",
    )
    after = timetable.enrol_preview(tx, to_class, student_id)
    return {"lessons_moved": Decimal(after.future_lessons)}


def release_contract(tx: Tx, inputs: Values) -> Values:
    """Give the hours back; nothing else was touched."""
    reason = inputs.get("reason") or "未填写原因"
    class_hours.release_hold(tx, UUID(inputs["contract_id"]))
    return {"reason": reason}


def abandon(tx: Tx, inputs: Values) -> Values:
    """The case was cancelled: what it still holds is free again; a transfer that is booked stays booked."""
    class_hours.release_hold(tx, UUID(inputs["contract_id"]), instance_id=current_instance(tx))
    return {}


def fingerprint(found: Figures) -> str:
    """A short hash of the figures that were approved."""
    shown = (*asdict(found.preview).values(), found.from_branch, found.to_branch)
    return sha256("|".join(str(value) for value in shown).encode()).hexdigest()[:16]


def _figures(tx: Tx, inputs: Values) -> Figures:
    hours = inputs.get("requested_hours")
    contract_id, from_class, to_class = (UUID(inputs[name]) for name in _PLAN)
    return figures(tx, contract_id, from_class, to_class, Decimal(hours) if hours else None)


def _book_difference(tx: Tx, found: Figures, inputs: Values, key: str) -> str | None:
    if found.difference > 0:
        due_on = today(tx, found.to_branch)
        finance.add_instalment(tx, found.contract_id, found.difference, due_on=due_on, key=key)
        return _collect(tx, found, inputs, key) if inputs.get("payment_outcome") == "received" else None
    if found.difference < 0:
        finance.wallet_credit(
            tx, found.student_id, branch_id=found.from_branch, real=-found.difference, reason="转班退差", key=key
        )
    return None


def _collect(tx: Tx, found: Figures, inputs: Values, key: str) -> str:
    if not inputs.get("payment_method"):
        fields = {"payment_method": Text("请选择收款方式", "Choose the method")}
        raise UserError("form_invalid", Text("请选择收款方式", "Choose how it was paid"), fields=fields)
    order = finance.PaymentOrder(
        student_id=found.student_id,
        branch_id=found.to_branch,
        amount=found.difference,
        method=inputs["payment_method"],
        contract_ids=(found.contract_id,),
        reference=inputs.get("payment_reference") or "",
    )
    return finance.record_payment(tx, order, key=key).receipt_number


def _midnight(tx: Tx, student_id: UUID, inputs: Values) -> datetime:
    contact = people.student_contact(tx, student_id)
    starts = datetime.combine(inputs["effective_on"], time.min, zone_of(tx, contact.branch_id))
    return max(starts.astimezone(UTC), tx.now)


HANDLERS = (
    Handler(
        "transfer.hold_contract",
        Text("冻结合同课时", "Hold the contract's hours"),
        hold_contract,
        {"contract_id": Parameter("record:contract"), "from_class_id": Parameter("record:class_group")},
        results("student_id", "student_name", "guardian_phone", "guardian_email", "contract_line_id"),
    ),
    Handler(
        "transfer.preview",
        Text("预览转班结果", "Preview the transfer"),
        preview,
        {**dict.fromkeys(_PLAN, "text"), **optional("requested_hours")},
        results(
            *("contract_line_id", "from_class_name", "to_class_name", "remaining_hours", "remaining_value"),
            *("new_hours", "new_price", "difference", "conflicts", "seats_left", "cross_branch", "hash"),
        ),
    ),
    Handler(
        "transfer.settle",
        Text("结清并开立课时", "Close and open the hours"),
        settle,
        {
            **dict.fromkeys((*_PLAN, "hash"), "text"),
            **optional("requested_hours", "effective_on", "payment_outcome", "payment_method", "payment_reference"),
        },
        results("new_line_id", "receipt_number"),
    ),
    Handler(
        "transfer.move_lessons",
        Text("移动以后的课次", "Move the future lessons"),
        move_lessons,
        {
            **dict.fromkeys(("student_id", "from_class_id", "to_class_id", "new_line_id"), "text"),
            "effective_on": "date",
        },
        results("lessons_moved"),
    ),
    Handler(
        "transfer.release_contract",
        Text("解冻课时", "Release the hours"),
        release_contract,
        {"contract_id": Parameter("record:contract"), **optional("reason")},
        results("reason"),
    ),
    Handler(
        "transfer.abandon",
        Text("撤销流程时解冻", "Release the hours when the case is cancelled"),
        abandon,
        {"contract_id": Parameter("record:contract")},
    ),
)
