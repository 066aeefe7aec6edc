"""Wallets: real and gift balance per student, every change an append-only entry."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.finance.tables import wallet, wallet_entry
from processes.people import api as people
from processes.permits import permit
from processes.stamping import created, indexed, touched

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class WalletBalance:
    """What a student has in the wallet, in yuan."""

    real: Decimal
    gift: Decimal


def wallet_credit(
    tx: Tx,
    student_id: UUID,
    *,
    branch_id: UUID,
    real: Decimal = ZERO,
    gift: Decimal = ZERO,
    reason: str,
    key: str,
    instance_id: UUID | None = None,
) -> WalletBalance:
    """Put money into the wallet, once per key; the balance afterwards."""
    permit(tx, "create", "wallet_entry")
    lock(tx, f"wallet:{student_id}")
    row = _row(tx, student_id) or _open(tx, student_id, branch_id)
    if not _is_posted(tx, key):
        _post(tx, row, real, gift, {"reason": reason, "business_key": key, "instance_id": instance_id})
    return wallet_balance(tx, student_id)


def wallet_debit(
    tx: Tx, student_id: UUID, *, branch_id: UUID, real: Decimal = ZERO, gift: Decimal = ZERO, reason: str, key: str
) -> WalletBalance:
    """Take money out, once per key. Raises: Conflict "wallet.short" when there is not enough."""
    permit(tx, "create", "wallet_entry")
    lock(tx, f"wallet:{student_id}")
    row = _row(tx, student_id) or _open(tx, student_id, branch_id)
    if not _is_posted(tx, key):
        if row["real_balance"] < real or row["gift_balance"] < gift:
            raise Conflict(
                "wallet.short",
                Text(
                    f"钱包余额不足：本金 {row['real_balance']}，赠送 {row['gift_balance']}",
                    f"The wallet holds {row['real_balance']} real and {row['gift_balance']} gift",
                ),
            )
        _post(tx, row, -real, -gift, {"reason": reason, "business_key": key})
    return wallet_balance(tx, student_id)


def wallet_balance(tx: Tx, student_id: UUID) -> WalletBalance:
    """The balance; zero without a wallet."""
    row = tx.execute(select(wallet).where(wallet.c.student_id == student_id)).mappings().one_or_none()
    return WalletBalance(row["real_balance"], row["gift_balance"]) if row else WalletBalance(ZERO, ZERO)


def _row(tx: Tx, student_id: UUID) -> RowMapping | None:
    statement = select(wallet).where(wallet.c.student_id == student_id).with_for_update()
    return tx.execute(statement).mappings().one_or_none()


def _open(tx: Tx, student_id: UUID, branch_id: UUID) -> RowMapping:
    values = created(tx, branch_id) | {
        "title": people.student_contact(tx, student_id).name,
        "student_id": student_id,
        "real_balance": ZERO,
        "gift_balance": ZERO,
    }
    return tx.execute(insert(wallet).values(indexed(wallet, values)).returning(wallet)).mappings().one()


def _is_posted(tx: Tx, key: str) -> bool:
    return tx.execute(select(wallet_entry.c.id).where(wallet_entry.c.business_key == key)).first() is not None


def _post(tx: Tx, row: RowMapping, real: Decimal, gift: Decimal, extra: dict[str, object]) -> None:
    if real == 0 and gift == 0:
        return
    values = created(tx, row["branch_id"]) | extra
    values |= {"wallet_id": row["id"], "student_id": row["student_id"], "real_amount": real, "gift_amount": gift}
    entry_id = tx.execute(insert(wallet_entry).values(indexed(wallet_entry, values)).returning(wallet_entry.c.id))
    permit(tx, "create", "wallet_entry", entry_id.scalar_one())
    tx.execute(
        update(wallet)
        .where(wallet.c.id == row["id"])
        .values(real_balance=wallet.c.real_balance + real, gift_balance=wallet.c.gift_balance + gift,
                version=wallet.c.version + 1, **touched(tx))
    )  # fmt: skip
    data = {"real": real, "gift": gift, "reason": extra["reason"]}
    tx.record(Event("wallet:posted", ("student", row["student_id"]), row["branch_id"], data))
