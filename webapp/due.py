"""Whether rows are due, for the sweeper: one indexed look a kind; a lost wake-up costs a second, not the work."""

from collections.abc import Callable, Mapping

from sqlalchemy import text

from engine.kernel import background
from engine.kernel.uow import Drain, Tx

_OUTBOX = (
    "SELECT EXISTS (SELECT 1 FROM outbox WHERE (state = 'queued' AND next_at <= :now)"
    " OR (state = 'sending' AND lease_until < :now))"
)
_INBOX = "SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'new' AND next_at <= :now)"
_TIMERS = "SELECT EXISTS (SELECT 1 FROM timer WHERE due_at <= :now AND NOT is_paused)"
_STEPS = (
    "SELECT EXISTS (SELECT 1 FROM message WHERE status = 'new' AND next_at <= :now)"
    " OR EXISTS (SELECT 1 FROM message_delivery WHERE done_at IS NULL AND next_at <= :now)"
)


def _looks(sql: str) -> Callable[[Tx], bool]:
    statement = text(sql)
    return lambda tx: bool(tx.execute(statement, {"now": tx.now}).scalar_one())


CHECKS: Mapping[Drain, Callable[[Tx], bool]] = {
    Drain.OUTBOX: _looks(_OUTBOX),
    Drain.INBOX: _looks(_INBOX),
    Drain.TIMERS: _looks(_TIMERS),
    Drain.STEPS: _looks(_STEPS),
    Drain.BACKGROUND: background.is_due,
}
