"""Asking for a class transfer, and withdrawing the request."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes import settlements
from processes.class_transfer.figures import Figures, figures
from processes.contracts import api as contracts
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.permits import permit
from processes.places import today

Values = Mapping[str, Any]
PROCESS, CANCELLED = "class_transfer", "class_transfer.cancelled"


def defaults(tx: Tx, contract_id: UUID) -> Values:
    """The class the contract pays for, when it is only one, and tomorrow."""
    found = contracts.facts(tx, contract_id)
    classes = [line.class_group_id for line in found.lines if line.stage == "open" and line.class_group_id]
    given: dict[str, Any] = {"effective_on": today(tx, found.branch_id) + timedelta(days=1)}
    return given | ({"from_class_id": str(classes[0])} if len(classes) == 1 else {})


def preview(tx: Tx, contract_id: UUID, values: Values) -> Preview:
    """Value left, new price, difference, seats and clashes, as of now."""
    permit(tx, "read", "contract", contract_id)
    hours = values.get("requested_hours")
    found = figures(
        tx,
        contract_id,
        UUID(values["from_class_id"]),
        UUID(values["to_class_id"]),
        Decimal(hours) if hours else None,
    )
    blockers = settlements.obstacles(tx, contract_id)
    if found.seats_left <= 0:
        blockers = (*blockers, Text("新班级名额已满", "The new class is full"))
    return Preview(_lines(found), _warnings(found), blockers)


def start(tx: Tx, contract_id: UUID, values: Values) -> Done:
    """Start the transfer process. Raises: Conflict when the contract is being settled already."""
    names = ("from_class_id", "to_class_id", "effective_on", "requested_hours", "reason")
    instance_id = settlements.request(tx, PROCESS, contract_id, {name: values.get(name) for name in names})
    return Done(Text("转班申请已提交", "The transfer was requested"), instance_id)


def preview_cancel(tx: Tx, contract_id: UUID, values: Values) -> Preview:
    """What withdrawing does."""
    return Preview((), (Text("转班将撤销，课时解冻", "The transfer stops and the hours are free again"),))


def cancel(tx: Tx, contract_id: UUID, values: Values) -> Done:
    """Withdraw the request: the process releases the hours. Raises: Conflict when none is running."""
    instance_id = settlements.withdraw(tx, CANCELLED, contract_id)
    return Done(Text("申请已撤销", "The request was withdrawn"), instance_id)


def _lines(found: Figures) -> tuple[PreviewLine, ...]:
    shown = found.preview
    return (
        PreviewLine(Text("原班级", "From class"), found.from_name),
        PreviewLine(Text("新班级", "To class"), found.to_name),
        PreviewLine(Text("剩余课时", "Hours left"), shown.remaining_quantity),
        PreviewLine(Text("剩余金额", "Value left"), shown.remaining_value),
        PreviewLine(Text("新课时", "New hours"), shown.quantity),
        PreviewLine(Text("新单价", "New price per hour"), shown.unit_price),
        PreviewLine(Text("新班价格", "New price"), shown.new_price),
        PreviewLine(Text("应补", "To be paid"), shown.receivable),
        PreviewLine(Text("应退（入钱包）", "To the wallet"), shown.credit),
        PreviewLine(Text("剩余名额", "Seats left"), found.seats_left),
    )


def _warnings(found: Figures) -> tuple[Text, ...]:
    clashes = Text(
        f"与学员已有课次冲突 {len(found.clashes)} 处", f"Clashes with {len(found.clashes)} of the student's lessons"
    )
    across = Text("跨校区转班，将生成校区间结算", "Between branches: a settlement entry will be booked")
    wanted = ((bool(found.clashes), clashes), (found.from_branch != found.to_branch, across))
    return tuple(text for is_so, text in wanted if is_so)


_ROLES = ("sales", "sales_head", "academic", "principal", "hq_manager", "admin")

ACTIONS = (
    DomainAction(
        name="transfer_class",
        object="contract",
        label=Text("申请转班", "Request a class transfer"),
        icon="switch-horizontal",
        form="class_transfer.request",
        roles=_ROLES,
        preview=preview,
        start=start,
        stages=("active",),
        defaults=defaults,
    ),
    DomainAction(
        name="cancel_transfer",
        object="contract",
        label=Text("撤销转班", "Withdraw the transfer"),
        icon="arrow-back-up",
        form="",
        roles=_ROLES,
        preview=preview_cancel,
        start=cancel,
        stages=("active",),
    ),
)
