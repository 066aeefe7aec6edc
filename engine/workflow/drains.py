"""What a worker does when woken or on its round: messages, deliveries, timers, and what a lost wake-up left behind.

Every row is one transaction of its own, taken with SKIP LOCKED, so that any number of workers share the work and a
killed one leaves its row to the next.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.uow import Boundary, Tx, Unavailable
from engine.workflow import outcomes, substitutions, timers
from engine.workflow.messages import posted_starts, stepping
from engine.workflow.messages.rows import MessageRow

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BASE_S = 2.0
CAP_S = 600.0


def run_due(boundary: Boundary, actor: Actor = SYSTEM, *, limit: int = 10_000) -> int:
    """Do everything that is due now; how many rows were handled. Raises: Unavailable when the database is gone."""
    done = 0
    while done < limit:
        handled = _starts(boundary, actor, limit - done)
        handled += _messages(boundary, actor, limit - done - handled)
        handled += _repeat(lambda: boundary.run(actor, stepping.deliver_next), limit - done - handled)
        handled += _repeat(lambda: boundary.run(actor, outcomes.report_next), limit - done - handled)
        handled += timers.fire_due(boundary, actor, limit - done - handled)
        if not handled:
            break
        done += handled
    boundary.run(actor, _expire)
    return done


def _expire(tx: Tx) -> None:
    expire_messages(tx)
    substitutions.end_due(tx)


def expire_messages(tx: Tx) -> int:
    """Buffered messages nobody took in time."""
    sql = "update message set status = 'expired' where status = 'buffered' and expires_at <= %(now)s"
    return tx.connection.exec_driver_sql(sql, {"now": tx.now}).rowcount


def _repeat(once: Callable[[], bool], limit: int) -> int:
    count = 0
    while count < limit and once():
        count += 1
    return count


def _starts(boundary: Boundary, actor: Actor, limit: int) -> int:
    """Begin posted cases, a batch in one transaction; a batch that fails is begun one case at a time."""
    count = 0
    while count < limit:
        batch: list[MessageRow] = []

        def begin(tx: Tx, batch: list[MessageRow] = batch, most: int = limit - count) -> None:
            batch[:] = posted_starts.claim(tx, min(posted_starts.BATCH, most))
            posted_starts.begin_all(tx, batch)

        try:
            boundary.run(actor, begin)
        except Unavailable:
            raise
        except Exception:
            if not batch:
                raise
            for message in batch:
                _message(boundary, actor, partial(posted_starts.claim_one, message_id=message.id))
        count += len(batch)
        if not batch:
            break
    return count


def _messages(boundary: Boundary, actor: Actor, limit: int) -> int:
    return _repeat(lambda: _message(boundary, actor, stepping.claim), limit)


def _message(boundary: Boundary, actor: Actor, claim: Callable[[Tx], MessageRow | None]) -> bool:
    """Handle one message; False when there is none. One that fails is tried again later."""
    current: list[MessageRow] = []

    def one(tx: Tx) -> bool:
        message = claim(tx)
        if message is None:
            return False
        current[:] = [message]
        with tx.acting_as(replace(tx.actor, on_behalf_of=message.actor_id)):
            stepping.handle(tx, message)
        return True

    try:
        return boundary.run(actor, one)
    except Unavailable:
        raise
    except Exception as error:
        if not current:
            raise
        log.exception("message %s failed", current[0].id)
        _failed(boundary, actor, current[0], error)
    return True


def _failed(boundary: Boundary, actor: Actor, message: MessageRow, error: Exception) -> None:
    def note(tx: Tx) -> None:
        attempts = message.attempts + 1
        if attempts >= MAX_ATTEMPTS:
            stepping.give_up(tx, message, f"{type(error).__name__}: {error}")
            return
        sql = """update message set attempts = %(n)s, next_at = %(at)s, error = %(error)s
 where id = %(id)s and status = 'new'"""
        parameters = {
            "id": message.id, "n": attempts, "at": tx.now + backoff(attempts), "error": str(error)[:500],
        }  # fmt: skip
        tx.connection.exec_driver_sql(sql, parameters)

    boundary.run(actor, note)


def backoff(attempt: int) -> timedelta:
    """Full jitter: uniform between nothing and base · 2^n, capped at ten minutes; never below a second."""
    top = min(CAP_S, BASE_S * 2.0**attempt)
    return timedelta(seconds=max(1.0, random.uniform(0, top)))  # noqa: S311 - jitter, not a secret


def stuck(tx: Tx, older_than: timedelta = timedelta(minutes=10)) -> list[tuple[str, UUID]]:
    """Rows that should have been handled long ago: (`message` or `timer`, id). For the health page."""
    sql = """select 'message', id from message where status = 'new' and next_at < %(before)s
 union all select 'timer', id from timer where due_at < %(before)s and not is_paused limit 100"""
    rows = tx.connection.exec_driver_sql(sql, {"before": tx.now - older_than})
    return [(row[0], row[1]) for row in rows]
