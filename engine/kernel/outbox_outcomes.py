"""Telling an activity that waits for its messages what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from engine.kernel.uow import Tx


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages an activity awaits. `is_sent`: all of them left; else `reason` says what failed."""

    instance_id: UUID
    activity_id: str
    is_sent: bool
    reason: str


_OUTCOME = text(
    """
    WITH settled AS (
        SELECT o.instance_id, o.activity_id FROM outbox o
        WHERE o.awaited AND o.reported_at IS NULL AND o.state NOT IN ('queued', 'sending', 'unknown')
          AND NOT EXISTS (
              SELECT 1 FROM outbox e
              WHERE e.instance_id = o.instance_id AND e.activity_id = o.activity_id
                AND e.state IN ('queued', 'sending', 'unknown'))
        ORDER BY o.id LIMIT 1
        FOR UPDATE OF o SKIP LOCKED)
    UPDATE outbox SET reported_at = :now FROM settled
    WHERE outbox.instance_id = settled.instance_id AND outbox.activity_id = settled.activity_id AND outbox.awaited
    RETURNING outbox.instance_id, outbox.activity_id, outbox.state, outbox.code
    """
)


def take_outcome(tx: Tx) -> Outcome | None:
    """An activity whose awaited messages are all settled, reported once; None when there is none.

    An unknown message keeps its activity waiting until a receipt or a person settles it.
    """
    rows = tx.execute(_OUTCOME, {"now": tx.now}).all()
    if not rows:
        return None
    failed = [row for row in rows if row.state not in ("sent", "delivered")]
    reason = f"{failed[0].state} {failed[0].code}".strip() if failed else ""
    return Outcome(rows[0].instance_id, rows[0].activity_id, not failed, reason)
