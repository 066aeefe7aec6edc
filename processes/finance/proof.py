"""The nightly proof of the money: instalments, allocations, wallets, receipts and contracts agree to the fen."""

from sqlalchemy import text

from engine.kernel.uow import Tx
from processes.class_hours.api import Violation

_CHECKS = {
    "instalment_received": """
        SELECT i.id, i.received, coalesce(sum(a.amount), 0) AS allocated
        FROM instalment i LEFT JOIN payment_allocation a ON a.instalment_id = i.id
        GROUP BY i.id HAVING i.received <> coalesce(sum(a.amount), 0) ORDER BY i.id LIMIT 1000""",
    "payment_used": """
        SELECT p.id, p.amount, p.to_wallet, coalesce(sum(a.amount), 0) AS allocated
        FROM payment p LEFT JOIN payment_allocation a ON a.payment_id = p.id
        GROUP BY p.id HAVING p.amount <> p.to_wallet + coalesce(sum(a.amount), 0) ORDER BY p.id LIMIT 1000""",
    "wallet_balance": """
        SELECT w.id, w.real_balance, w.gift_balance FROM wallet w LEFT JOIN wallet_entry e ON e.wallet_id = w.id
        GROUP BY w.id
        HAVING (w.real_balance, w.gift_balance)
               <> (coalesce(sum(e.real_amount), 0), coalesce(sum(e.gift_amount), 0))
        ORDER BY w.id LIMIT 1000""",
    "plan_total": """
        SELECT c.id, c.net_amount, sum(i.amount) AS planned FROM contract c JOIN instalment i ON i.contract_id = c.id
        WHERE c.stage IN ('signed', 'active', 'settling', 'settled')
        GROUP BY c.id HAVING c.net_amount <> sum(i.amount) ORDER BY c.id LIMIT 1000""",
    "contract_lines": """
        SELECT c.id, c.net_amount, sum(CASE WHEN l.stage = 'open' THEN l.net_amount ELSE l.settled_amount END) AS lines
        FROM contract c JOIN contract_line l ON l.contract_id = c.id
        WHERE c.stage IN ('signed', 'active', 'settling')
        GROUP BY c.id
        HAVING c.net_amount <> sum(CASE WHEN l.stage = 'open' THEN l.net_amount ELSE l.settled_amount END)
        ORDER BY c.id LIMIT 1000""",
    "receipt_gap": """
        SELECT r.branch_id AS id, r.year, max(r.sequence) AS highest, count(*) AS issued
        FROM receipt r GROUP BY r.branch_id, r.year HAVING max(r.sequence) <> count(*) LIMIT 1000""",
}


def nightly_proof(tx: Tx) -> list[Violation]:
    """What is wrong with the money; empty when it is sound. At most 1,000 findings per check."""
    return [
        Violation(name, str(row.id), " ".join(f"{key}={value}" for key, value in row._mapping.items()))
        for name, statement in _CHECKS.items()
        for row in tx.execute(text(statement))
    ]
