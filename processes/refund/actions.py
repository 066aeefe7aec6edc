"""Asking for a refund, and withdrawing the request."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.money import fen
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes import settlements
from processes.contracts import api as contracts
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.finance import api as finance
from processes.places import today

Values = Mapping[str, Any]
PROCESS, CANCELLED = "refund", "refund.cancelled"


def preview(tx: Tx, contract_id: UUID, values: Values) -> Preview:
    """The proof as of now, step by step; nothing is frozen yet."""
    found = contracts.facts(tx, contract_id)
    request = finance.RefundRequest(
        requested_on=today(tx, found.branch_id), materials_kept=fen(values.get("materials_kept") or 0)
    )
    proof = finance.refund_preview(tx, contract_id, request)
    steps = [PreviewLine(step.label, step.amount) for line in proof.lines for step in line.proof.lines]
    total = PreviewLine(Text("应退金额", "Refundable"), proof.refundable)
    cancelled = PreviewLine(Text("取消未付分期", "Unpaid instalments cancelled"), proof.cancelled)
    return Preview((*steps, cancelled, total), blockers=settlements.obstacles(tx, contract_id))


def start(tx: Tx, contract_id: UUID, values: Values) -> Done:
    """Start the refund process. Raises: Conflict when the contract is being settled already."""
    given = {name: values.get(name) for name in ("reason", "way", "materials_kept")}
    instance_id = settlements.request(tx, PROCESS, contract_id, given)
    return Done(Text("退费申请已提交", "The refund was requested"), instance_id)


def preview_cancel(tx: Tx, contract_id: UUID, values: Values) -> Preview:
    """What withdrawing does."""
    return Preview((), (Text("退费将撤销，课时解冻", "The refund stops and the hours are free again"),))


def cancel(tx: Tx, contract_id: UUID, values: Values) -> Done:
    """Withdraw the request: the process releases the hours. Raises: Conflict when none is running."""
    instance_id = settlements.withdraw(tx, CANCELLED, contract_id)
    return Done(Text("申请已撤销", "The request was withdrawn"), instance_id)


_ROLES = ("sales", "sales_head", "academic", "finance", "principal", "hq_manager", "admin")

ACTIONS = (
    DomainAction(
        name="refund",
        object="contract",
        label=Text("申请退费", "Request a refund"),
        icon="receipt-refund",
        form="refund.request",
        roles=_ROLES,
        preview=preview,
        start=start,
        stages=("signed", "active"),
    ),
    DomainAction(
        name="cancel_refund",
        object="contract",
        label=Text("撤销退费", "Withdraw the refund"),
        icon="arrow-back-up",
        form="",
        roles=_ROLES,
        preview=preview_cancel,
        start=cancel,
        stages=("settling",),
    ),
)
