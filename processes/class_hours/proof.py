"""The nightly proof: balances are a cache, entries the truth, and the two must agree to the fen."""

from dataclasses import dataclass

from sqlalchemy import text

from engine.kernel.uow import Tx

_BALANCES = text("""
    SELECT l.id, l.quantity, l.amount, l.frozen,
           coalesce(sum(e.quantity), 0) AS entry_quantity,
           coalesce(sum(e.amount), 0) AS entry_amount,
           coalesce(sum(e.frozen), 0) AS entry_frozen
    FROM hour_lot l LEFT JOIN hour_entry e ON e.lot_id = l.id
    GROUP BY l.id
    HAVING (l.quantity, l.amount, l.frozen)
           IS DISTINCT FROM (coalesce(sum(e.quantity), 0), coalesce(sum(e.amount), 0), coalesce(sum(e.frozen), 0))
    ORDER BY l.id LIMIT 1000
""")

_REVERSALS = text("""
    SELECT r.id FROM hour_entry r JOIN hour_entry o ON o.id = r.reversal_of
    WHERE r.lot_id <> o.lot_id OR (r.quantity, r.amount, r.frozen) <> (-o.quantity, -o.amount, -o.frozen)
    ORDER BY r.id LIMIT 1000
""")

_CHARGES = text("""
    SELECT c.id, c.quantity, c.amount, c.stage,
           coalesce(sum(e.quantity), 0) AS entry_quantity, coalesce(sum(e.amount), 0) AS entry_amount
    FROM attendance_charge c LEFT JOIN hour_entry e ON e.charge_id = c.id
    GROUP BY c.id
    HAVING (CASE WHEN c.stage = 'charged' THEN -c.quantity ELSE 0 END,
            CASE WHEN c.stage = 'charged' THEN -c.amount ELSE 0 END)
           <> (coalesce(sum(e.quantity), 0), coalesce(sum(e.amount), 0))
    ORDER BY c.id LIMIT 1000
""")

_OPENINGS = text("""
    SELECT l.id, l.bought_quantity, l.bought_amount FROM hour_lot l
    LEFT JOIN hour_entry e ON e.lot_id = l.id AND e.kind IN ('PURCHASE', 'GIFT', 'TRANSFER_IN', 'OPENING')
    GROUP BY l.id
    HAVING (l.bought_quantity, l.bought_amount) <> (coalesce(sum(e.quantity), 0), coalesce(sum(e.amount), 0))
    ORDER BY l.id LIMIT 1000
""")


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that does not add up."""

    check: str
    subject_id: str
    detail: str


def nightly_proof(tx: Tx) -> list[Violation]:
    """What is wrong with the ledger; empty when it is sound. At most 1,000 findings per check."""
    checks = (
        ("lot_balance", _BALANCES),
        ("reversal", _REVERSALS),
        ("charge", _CHARGES),
        ("opening", _OPENINGS),
    )
    return [
        Violation(name, str(row.id), " ".join(f"{key}={value}" for key, value in row._mapping.items()))
        for name, statement in checks
        for row in tx.execute(statement)
    ]
