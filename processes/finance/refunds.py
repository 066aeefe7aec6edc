"""Refund orders: proof frozen, contract held, approved, posted; undone by reversing entries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from engine.kernel.errors import Conflict, Forbidden, NotFound
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.money import split_by_largest_remainder
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.api import Balance, LotKind
from processes.contracts import api as contracts
from processes.contracts.api import ContractFacts, LineFacts
from processes.finance import plans
from processes.finance.refund_contract import ContractProof, prove, read_terms
from processes.finance.refund_entries import LotBalance
from processes.finance.refund_formula import RefundCase
from processes.finance.refund_posting import post_effects, undo_effects
from processes.finance.tables import refund_order
from processes.numbering import next_number
from processes.permits import permit
from processes.places import branch_of, today
from processes.stamping import created, indexed, touched

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the family asks for and keeps; amounts in yuan."""

    requested_on: date
    materials_kept: Decimal = ZERO
    gifts_clawed_back: Decimal = ZERO
    reason: str = ""


def refund_preview(tx: Tx, contract_id: UUID, request: RefundRequest) -> ContractProof:
    """The proof as of now; nothing is written."""
    permit(tx, "read", "contract", contract_id)
    return _prove(tx, contracts.facts(tx, contract_id), request)


def refund_open(
    tx: Tx, contract_id: UUID, request: RefundRequest, *, key: str, instance_id: UUID | None = None
) -> UUID:  # fmt: skip
    """Compute and freeze the proof and hold the contract's hours; the refund order's id. Once per key.

    Raises: Conflict "contract.held" when another process settles the contract; "contract.stage".
    """
    permit(tx, "create", "refund_order")
    lock(tx, f"contract:{contract_id}")
    known = tx.execute(select(refund_order.c.id).where(refund_order.c.business_key == key)).scalar_one_or_none()
    if known is not None:
        return UUID(str(known))
    one = contracts.facts(tx, contract_id)
    if one.stage not in ("signed", "active", "settling"):
        raise Conflict(
            "refund.stage", Text("只有执行中的合同可以退费", "Only a running contract can be refunded"),
            hint=Text("请核对合同状态", "Look at the contract's stage"),
        )  # fmt: skip
    class_hours.hold_contract(tx, contract_id, branch_id=one.branch_id, purpose="refund", instance_id=instance_id)
    proof = _prove(tx, one, request)
    order_id = _insert(tx, one, request, proof, {"business_key": key, "instance_id": instance_id})
    permit(tx, "create", "refund_order", order_id)
    contracts.set_stage(tx, contract_id, "settling")
    data = {"refundable": proof.refundable, "digest": proof.digest, "contract_id": contract_id}
    tx.record(Event("refund:computed", ("refund_order", order_id), one.branch_id, data, (), instance_id))
    return order_id


def refund_recheck(tx: Tx, refund_order_id: UUID) -> bool:
    """Compute again; True when the result equals the frozen one, else the new proof is frozen for another approval."""
    row = _locked(tx, refund_order_id, "computed")
    proof = _prove(tx, contracts.facts(tx, row["contract_id"]), _request(row))
    if proof.digest == row["digest"]:
        return True
    _update(tx, row, **_figures(proof))
    tx.record(Event("refund:recomputed", ("refund_order", row["id"]), row["branch_id"],
                    {"was": row["refundable"], "refundable": proof.refundable}))  # fmt: skip
    return False


def refund_post(
    tx: Tx,
    refund_order_id: UUID,
    *,
    way: Literal["original", "wallet"],
    approvers: Collection[str],
    min_approvers: int = 1,
) -> None:
    """Pay the refund back: ledger closed, unpaid instalments cancelled, payments or wallet moved; once.

    approvers: ids of the natural persons who agreed, substitutes included, from the votes.
    Raises: Forbidden with too few persons; Conflict "refund.changed" when the figures moved since the approval.
    """
    permit(tx, "update", "refund_order", refund_order_id)
    row = _locked(tx, refund_order_id, "computed", "posted")
    if row["stage"] == "posted":
        return
    _check_persons(approvers, min_approvers)
    one = contracts.facts(tx, row["contract_id"])
    proof = _prove(tx, one, _request(row))
    if proof.digest != row["digest"]:
        raise Conflict(
            "refund.changed",
            Text("审批后金额有变化", "The figures changed after the approval"),
            hint=Text("请重新审批", "Send it to approval again"),
        )
    effects = post_effects(tx, row, proof, way)
    kept = {
        line.line_id: _kept(one, line.line_id, line.proof.refundable + line.proof.cancelled) for line in proof.lines
    }
    contracts.mark_settled(tx, row["contract_id"], kept)
    class_hours.release_hold(tx, row["contract_id"])
    _update(tx, row, stage="posted", way=way, posted_at=tx.now, paybacks=effects, approvers=sorted(set(approvers)))
    data = {"refundable": proof.refundable, "way": way, "approvers": sorted(set(approvers))}
    tx.record(Event("refund:posted", ("refund_order", row["id"]), row["branch_id"], data, (), row["instance_id"]))


def refund_cancel(tx: Tx, refund_order_id: UUID, *, reason: str) -> None:
    """Drop a refund that is not posted: the hours are free again and the contract runs on."""
    permit(tx, "update", "refund_order", refund_order_id)
    row = _locked(tx, refund_order_id, "computed", "cancelled")
    if row["stage"] == "cancelled":
        return
    class_hours.release_hold(tx, row["contract_id"])
    contracts.set_stage(tx, row["contract_id"], "active")
    _update(tx, row, stage="cancelled", reason=reason)
    tx.record(Event("refund:cancelled", ("refund_order", row["id"]), row["branch_id"], {"reason": reason}))


def refund_reverse(tx: Tx, refund_order_id: UUID, *, reason: str) -> None:
    """Undo a posted refund (the bank sent it back): every effect is reversed, the books are as before it."""
    permit(tx, "update", "refund_order", refund_order_id)
    row = _locked(tx, refund_order_id, "posted", "reversed")
    if row["stage"] == "reversed":
        return
    undo_effects(tx, row)
    lines = frozenset(UUID(line["line_id"]) for line in row["proof"]["lines"])
    contracts.reopen(tx, row["contract_id"], lines)
    _update(tx, row, stage="reversed", reason=reason)
    tx.record(Event("refund:reversed", ("refund_order", row["id"]), row["branch_id"], {"reason": reason}))


def _prove(tx: Tx, one: ContractFacts, request: RefundRequest) -> ContractProof:
    open_lines = [line for line in one.lines if line.stage == "open"]
    settled = sum((line.settled_amount for line in one.lines if line.stage != "open"), ZERO)
    nets = [line.net_amount for line in open_lines]
    received = min(max(plans.received(tx, one.id) - settled, ZERO), sum(nets, ZERO))
    lots = class_hours.contract_balances(tx, one.id)
    materials, gifts = _by_net(request.materials_kept, nets), _by_net(request.gifts_clawed_back, nets)
    cases = [
        (line.id, line.title, _case(one, line, lots, request, (kept, clawed)))
        for line, kept, clawed in zip(open_lines, materials, gifts, strict=True)
    ]
    return prove(one.id, read_terms(one.refund_terms), received, cases)


def _case(
    one: ContractFacts,
    line: LineFacts,
    lots: tuple[Balance, ...],
    request: RefundRequest,
    deductions: tuple[Decimal, Decimal],
) -> RefundCase:
    return RefundCase(
        net_amount=line.net_amount,
        received=ZERO,
        list_price=line.unit_price,
        lots=tuple(
            LotBalance(
                lot.lot_id, lot.kind is LotKind.GIFT, lot.bought_quantity, lot.bought_amount, lot.quantity, lot.amount
            )
            for lot in lots
            if lot.contract_line_id == line.id
        ),
        requested_on=request.requested_on,
        signed_on=one.signed_on or request.requested_on,
        valid_from=line.valid_from or one.signed_on,
        valid_to=line.valid_to,
        materials_kept=deductions[0],
        gifts_clawed_back=deductions[1],
    )


def _by_net(total: Decimal, nets: list[Decimal]) -> list[Decimal]:
    if not sum(nets):
        return [ZERO] * len(nets)
    return split_by_largest_remainder(total, nets)


def _kept(one: ContractFacts, line_id: UUID, given_up: Decimal) -> Decimal:
    return next(line.net_amount for line in one.lines if line.id == line_id) - given_up


def _check_persons(approvers: Collection[str], needed: int) -> None:
    persons = len(set(approvers))
    if persons < needed:
        raise Forbidden(
            "refund.approvers",
            Text(
                f"需要 {needed} 位不同的审批人，现有 {persons} 位",
                f"{needed} different approvers are needed, found {persons}",
            ),
            hint=Text("请补齐审批", "Get the missing approval"),
        )


def _request(row: RowMapping) -> RefundRequest:
    return RefundRequest(row["requested_on"], row["materials_kept"], row["gifts_clawed_back"])


def _figures(proof: ContractProof) -> dict[str, object]:
    return {
        "received": proof.received,
        "refundable": proof.refundable,
        "cancelled": proof.cancelled,
        "still_owed": proof.still_owed,
        "proof": proof.as_json(),
        "digest": proof.digest,
    }


def _insert(
    tx: Tx, one: ContractFacts, request: RefundRequest, proof: ContractProof, extra: dict[str, object]
) -> UUID:  # fmt: skip
    prefix = f"R{branch_of(tx, one.branch_id).key.upper()}{today(tx, one.branch_id):%Y}"
    number = f"{prefix}-{next_number(tx, 'refund_order', prefix):05d}"
    values = created(tx, one.branch_id, owner_id=one.owner_id) | _figures(proof) | extra
    values |= {
        "number": number,
        "contract_id": one.id,
        "student_id": one.student_id,
        "requested_on": request.requested_on,
        "materials_kept": request.materials_kept,
        "gifts_clawed_back": request.gifts_clawed_back,
        "reason": request.reason,
        "stage": "computed",
    }
    return UUID(
        str(
            tx.execute(
                insert(refund_order).values(indexed(refund_order, values)).returning(refund_order.c.id)
            ).scalar_one()
        )
    )


def _locked(tx: Tx, order_id: UUID, *allowed: str) -> RowMapping:
    found = select(refund_order.c.contract_id).where(refund_order.c.id == order_id)
    contract_id = tx.execute(found).scalar_one_or_none()
    if contract_id is None:
        raise NotFound
    lock(tx, f"contract:{contract_id}")
    row = tx.execute(select(refund_order).where(refund_order.c.id == order_id).with_for_update()).mappings().one()
    if row["stage"] not in allowed:
        raise Conflict(
            "refund.order_stage",
            Text(f"退费单处于「{row['stage']}」", f"The refund order is {row['stage']}"),
            hint=Text("刷新页面查看最新状态", "Reload to see the present state"),
        )
    return row


def _update(tx: Tx, row: RowMapping, **values: object) -> None:
    changes = values | {"version": row["version"] + 1} | touched(tx)
    tx.execute(update(refund_order).where(refund_order.c.id == row["id"]).values(changes))
