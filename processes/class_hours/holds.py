"""Holding a contract while it is settled: its hours are frozen, and only one process may settle it at a time."""

from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import ledger
from processes.class_hours.entries import Occasion, lock_lots, post
from processes.class_hours.tables import contract_hold, hour_lot
from processes.places import today
from processes.stamping import created, indexed, touched

Purpose = Literal["refund", "transfer", "suspension"]


def hold_contract(
    tx: Tx, contract_id: UUID, *, branch_id: UUID, purpose: Purpose, instance_id: UUID | None = None
) -> UUID:
    """Freeze what is available in the contract's lots; the hold's id. The same instance may ask again.

    Raises: Conflict "contract.held" when another process holds the contract.
    """
    lock(tx, f"contract:{contract_id}")
    current = _current(tx, contract_id)
    if current is not None:
        if instance_id is not None and current["instance_id"] == instance_id and current["purpose"] == purpose:
            return UUID(str(current["id"]))
        raise Conflict(
            "contract.held",
            Text("该合同正在办理其他异动", "Another change of this contract is being settled"),
            hint=Text("先完成或取消正在办理的流程", "Finish or cancel the running process first"),
        )
    values = created(tx, branch_id) | {
        "contract_id": contract_id,
        "purpose": purpose,
        "instance_id": instance_id,
        "held_at": tx.now,
    }
    hold_id = tx.execute(
        insert(contract_hold).values(indexed(contract_hold, values)).returning(contract_hold.c.id)
    ).scalar_one()
    rows = lock_lots(tx, hour_lot.c.contract_id == contract_id)
    frozen = [posting for row in rows if (posting := ledger.freeze(row.lot))]
    post(tx, rows, frozen, Occasion(f"hold:{hold_id}", today(tx, branch_id), instance_id=instance_id))
    tx.record(Event("contract:held", ("contract", contract_id), branch_id, {"purpose": purpose}, (), instance_id))
    return UUID(str(hold_id))


def release_hold(tx: Tx, contract_id: UUID, *, instance_id: UUID | None = None) -> bool:
    """Give the frozen hours back and let other processes in; False when nothing is held (by that instance)."""
    lock(tx, f"contract:{contract_id}")
    current = _current(tx, contract_id)
    if current is None or instance_id not in (None, current["instance_id"]):
        return False
    rows = lock_lots(tx, hour_lot.c.contract_id == contract_id)
    released = [posting for row in rows if (posting := ledger.unfreeze(row.lot))]
    post(
        tx,
        rows,
        released,
        Occasion(f"release:{current['id']}", today(tx, current["branch_id"]), instance_id=current["instance_id"]),
    )
    tx.execute(
        update(contract_hold)
        .where(contract_hold.c.id == current["id"])
        .values(released_at=tx.now, version=contract_hold.c.version + 1, **touched(tx))
    )
    tx.record(Event("contract:released", ("contract", contract_id), current["branch_id"]))
    return True


def is_held(tx: Tx, contract_id: UUID) -> bool:
    """Whether a process is settling the contract."""
    return _current(tx, contract_id) is not None


def _current(tx: Tx, contract_id: UUID) -> RowMapping | None:
    statement = select(contract_hold).where(
        contract_hold.c.contract_id == contract_id, contract_hold.c.released_at.is_(None)
    )
    return tx.execute(statement).mappings().one_or_none()
