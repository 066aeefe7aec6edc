"""The stages of a contract and the ways between them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.contracts.tables import contract, contract_line
from processes.permits import only_processes, permit
from processes.stamping import touched

STAGES = ("draft", "approving", "approved", "rejected", "signed", "active", "settling", "settled", "void")


def require_stage(tx: Tx, contract_id: UUID, *allowed: str) -> RowMapping:
    """The contract's row, locked.

    Raises: NotFound; Conflict when its stage is none of the allowed.
    """
    row = locked(tx, contract_id)
    if row["stage"] not in allowed:
        raise Conflict(
            "contract.stage",
            Text(
                f"合同处于「{row['stage']}」，此操作需要：{'、'.join(allowed)}",
                f"The contract is {row['stage']}; this needs one of: {', '.join(allowed)}",
            ),
            hint=Text("刷新页面查看最新状态", "Reload to see the present state"),
        )
    return row


def locked(tx: Tx, contract_id: UUID) -> RowMapping:
    """The contract's row, locked. Raises NotFound."""
    row = tx.execute(select(contract).where(contract.c.id == contract_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound
    return row


def set_stage(tx: Tx, contract_id: UUID, stage: str, **values: Any) -> None:
    """Write the stage (and other columns); nothing when it is there already. For the lifecycle process's handlers."""
    if stage not in STAGES:
        raise UserError("contract.unknown_stage", Text(f"没有阶段 {stage}", f"There is no stage {stage}"))
    row = locked(tx, contract_id)
    if row["stage"] == stage and not values:
        return
    changes = values | {"stage": stage, "version": row["version"] + 1} | touched(tx)
    tx.execute(update(contract).where(contract.c.id == contract_id).values(changes))
    change = Change("stage", row["stage"], stage)
    tx.record(Event("contract:stage_changed", ("contract", contract_id), row["branch_id"], {}, [change]))


def submit(tx: Tx, contract_id: UUID) -> None:
    """Send a complete draft into approval."""
    permit(tx, "update", "contract", contract_id)
    _go(tx, contract_id, "approving", ("draft", "rejected"))


def approve(tx: Tx, contract_id: UUID, comment: str = "") -> None:
    """Everybody who had to has agreed."""
    only_processes(tx)
    _go(tx, contract_id, "approved", ("approving",), comment=comment)


def reject(tx: Tx, contract_id: UUID, comment: str) -> None:
    """Send it back to the drafter with a comment."""
    only_processes(tx)
    _go(tx, contract_id, "rejected", ("approving", "approved"), comment=comment)


def sign(tx: Tx, contract_id: UUID, signed_on: date) -> None:
    """The customer has signed."""
    permit(tx, "update", "contract", contract_id)
    _go(tx, contract_id, "signed", ("approved",), signed_on=signed_on)


def void(tx: Tx, contract_id: UUID, reason: str) -> None:
    """Drop a contract that never became active."""
    permit(tx, "update", "contract", contract_id)
    _go(tx, contract_id, "void", ("draft", "approving", "approved", "rejected", "signed"), comment=reason)


def _go(tx: Tx, contract_id: UUID, stage: str, sources: tuple[str, ...], **values: Any) -> None:
    if require_stage(tx, contract_id, *sources, stage)["stage"] != stage:
        set_stage(tx, contract_id, stage, **values)


def completeness(tx: Tx, contract_id: UUID) -> tuple[Text, ...]:
    """What is missing before the contract may be approved; empty when it is complete."""
    row = tx.execute(select(contract).where(contract.c.id == contract_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    lines = tx.execute(select(contract_line.c.price_rule_id).where(contract_line.c.contract_id == contract_id)).all()
    checks = (
        (bool(row["is_cost_approved"]), Text("成本未核定", "The cost is not approved")),
        (bool(row["is_identity_checked"]), Text("身份未核验", "The identity is not checked")),
        (bool(lines), Text("没有合同明细", "There are no lines")),
        (all(line.price_rule_id for line in lines), Text("价格不在价格政策内", "A price is outside the policy")),
        (
            not row["discount_amount"] or bool(row["discount_reason"]),
            Text("未填写优惠原因", "The reason of the discount is missing"),
        ),
    )
    return tuple(message for is_met, message in checks if not is_met)
