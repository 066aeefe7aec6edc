"""Marking a contract as settled, or opening it again when the settlement is undone."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from engine.kernel.uow import Tx
from processes.contracts.stages import set_stage
from processes.contracts.tables import contract_line
from processes.stamping import touched


def mark_settled(tx: Tx, contract_id: UUID, kept: Mapping[UUID, Decimal]) -> None:
    """Close the lines; kept: line id -> yuan the school keeps of it."""
    for line_id, amount in sorted(kept.items()):
        _write(tx, line_id, "settled", amount)
    set_stage(tx, contract_id, "settled")


def reopen(tx: Tx, contract_id: UUID, lines: frozenset[UUID]) -> None:
    """Open lines again whose settlement was undone."""
    for line_id in sorted(lines):
        _write(tx, line_id, "open", Decimal("0.00"))
    set_stage(tx, contract_id, "active")


def _write(tx: Tx, line_id: UUID, stage: str, settled_amount: Decimal) -> None:
    tx.execute(
        update(contract_line)
        .where(contract_line.c.id == line_id)
        .values(stage=stage, settled_amount=settled_amount, version=contract_line.c.version + 1, **touched(tx))
    )
