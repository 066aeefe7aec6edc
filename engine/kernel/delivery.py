"""Sending what waits in the outbox: claim in one transaction, call the connector outside any, settle in another."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from engine.kernel import delivery_health
from engine.kernel.actor import Actor, ActorKind
from engine.kernel.connector import (
    BadConfig,
    Committed,
    Connector,
    ConnectorFault,
    HttpReply,
    Inbound,
    Outbound,
    Polled,
    RawReply,
    RawRequest,
    ReplyLost,
    SendResult,
    SendStatus,
)
from engine.kernel.connector_tables import outbox
from engine.kernel.delivery_policy import SendPolicy, backoff_s
from engine.kernel.delivery_receipts import add_parts, join_orphans
from engine.kernel.history import Event
from engine.kernel.inbox import receive_all
from engine.kernel.outbox import Claimed, adopt, claim, expire, is_held, recover
from engine.kernel.secrets import mask_address, redact
from engine.kernel.uow import Boundary, Drain, Tx, Unavailable

log = logging.getLogger(__name__)

BATCH = 20
SETTLE_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Live:
    """A connector that is configured and enabled, ready to be used by this process."""

    id: UUID
    name: str
    connector: Connector
    policy: SendPolicy

    @property
    def actor(self) -> Actor:
        """Who receives and sends on its behalf."""
        return Actor(ActorKind.CONNECTOR, f"connector:{self.id}", self.name)


def drain_outbox(
    boundary: Boundary, fleet: Mapping[UUID, Live], *, exclusive: bool = False, rng: random.Random | None = None
) -> int:
    """Send what is due on every connector of the fleet; returns the number of attempts.

    Workers call it with `exclusive=False`; the supervisor that owns a port calls it for that port with True.
    """
    chooser = rng or random.Random()  # noqa: S311 - jitter, not a secret
    mine = {
        key: live for key, live in fleet.items() if live.policy.exclusive is exclusive and not live.policy.collected
    }
    if not mine:
        return 0
    system = next(iter(mine.values())).actor
    idempotent = frozenset(key for key, live in mine.items() if live.policy.idempotent)
    if not boundary.run(system, lambda tx: _tidy(tx, frozenset(mine), idempotent)):
        return 0
    return sum(_drain_one(boundary, live, chooser) for live in mine.values())


def _tidy(tx: Tx, known: frozenset[UUID], idempotent: frozenset[UUID]) -> bool:
    """Settle leftovers; False while sending is held."""
    if is_held(tx):
        return False
    expire(tx)
    recover(tx, known, idempotent)
    adopt(tx)
    return True


def _drain_one(boundary: Boundary, live: Live, rng: random.Random) -> int:
    attempts = 0
    while True:
        claimed = boundary.run(live.actor, lambda tx: _lease(tx, live))
        for message in claimed:
            result = attempt(live, message.outbound)
            _settle_surely(boundary, live, message, result, rng)
        attempts += len(claimed)
        if not claimed:
            return attempts


def _lease(tx: Tx, live: Live) -> list[Claimed]:
    if not _has_due(tx, live.id):
        return []
    granted = delivery_health.allowance(tx, live.id, live.policy, BATCH)
    if not granted:
        return []
    claimed = claim(tx, live.id, limit=granted, lease_s=live.policy.lease_s)
    delivery_health.give_back(tx, live.id, granted - len(claimed))
    return claimed


def _has_due(tx: Tx, connector_id: UUID) -> bool:
    due = (outbox.c.state == "queued") & (outbox.c.connector_id == connector_id) & (outbox.c.next_at <= tx.now)
    return tx.execute(select(outbox.c.id).where(due).limit(1)).first() is not None


def attempt(live: Live, out: Outbound) -> SendResult:
    """Call the connector once; whatever it raises becomes a result. An unforeseen error may have sent: unknown."""
    try:
        return live.connector.send(out)
    except ReplyLost as fault:
        return SendResult(SendStatus.UNKNOWN, code=fault.code, detail=fault.detail)
    except BadConfig as fault:
        return SendResult(SendStatus.PERMANENT, code=fault.code, detail=fault.detail)
    except ConnectorFault as fault:
        return SendResult(SendStatus.RETRY, code=fault.code, detail=fault.detail)
    except Exception as fault:
        log.exception("%s failed while sending %s", live.name, out.id)
        return SendResult(SendStatus.UNKNOWN, code="internal", detail=type(fault).__name__)


def _settle_surely(boundary: Boundary, live: Live, message: Claimed, result: SendResult, rng: random.Random) -> None:
    """Store the outcome, trying again while the database is away: an outcome not stored ends as `unknown`."""
    for number in range(1, SETTLE_ATTEMPTS + 1):
        try:
            return boundary.run(live.actor, lambda tx: settle(tx, live, message, result, rng))
        except Unavailable:
            if number == SETTLE_ATTEMPTS:
                log.error("outcome of %s (%s) could not be stored", message.outbound.id, result.status)
                return None
            time.sleep(0.1 * 2**number)
    return None


def settle(tx: Tx, live: Live, message: Claimed, result: SendResult, rng: random.Random) -> None:
    """Store the outcome of one attempt: state, provider's numbers, health, history."""
    changes = _changes(tx, live, message, result, rng)
    this = (outbox.c.id == message.outbound.id) & outbox.c.state.in_(("sending", "unknown"))
    if tx.execute(update(outbox).where(this).values(lease_until=None, **changes)).rowcount != 1:
        return
    ids = result.provider_ids or ((result.provider_id,) if result.provider_id else ())
    add_parts(tx, message.outbound.id, tuple(enumerate(ids)))
    join_orphans(tx, live.id, ids)
    if result.status in (SendStatus.RETRY, SendStatus.UNKNOWN):
        delivery_health.note_failure(tx, live.id, result.code, redact(result.detail))
    elif result.status is SendStatus.SENT:
        delivery_health.note_success(tx, live.id)
    if changes["state"] != "queued":
        tx.wake(Drain.STEPS)
        data = {"to": mask_address(message.recipient), "code": result.code, "connector": live.name}
        subject = ("outbox", message.outbound.id)
        event = f"message:{changes['state']}"
        tx.record(Event(event, subject, message.branch_id, data, instance_id=message.instance_id))


def _changes(tx: Tx, live: Live, message: Claimed, result: SendResult, rng: random.Random) -> dict[str, Any]:
    told = {"code": result.code[:100], "error": redact(result.detail)[:500]}
    if result.status is SendStatus.SENT:
        return {**told, "state": "sent", "sent_at": tx.now}
    if result.status is SendStatus.PERMANENT:
        return {**told, "state": "failed", "settled_at": tx.now}
    if result.status is SendStatus.UNKNOWN:
        return {**told, "state": "unknown", "sent_at": tx.now, "settled_at": tx.now}
    wait_s = result.retry_after_s
    if result.status is SendStatus.THROTTLED:
        again = tx.now + timedelta(seconds=wait_s if wait_s is not None else live.policy.cap_s)
        return {**told, "state": "queued", "next_at": again, "attempts": message.attempts - 1}
    if message.attempts >= live.policy.max_attempts:
        return {**told, "state": "dead", "settled_at": tx.now}
    delay_s = max(wait_s or 0.0, backoff_s(message.attempts, live.policy, rng))
    return {**told, "state": "queued", "next_at": tx.now + timedelta(seconds=delay_s)}


def take_in(boundary: Boundary, live: Live, polled: Polled) -> Committed:
    """Commit what a poll brought together with its cursor, then let the peer forget it."""

    def store(tx: Tx) -> Committed:
        outcome = receive_all(tx, live.id, polled.items)
        if polled.cursor is not None:
            delivery_health.set_cursor(tx, live.id, polled.cursor)
        return outcome

    outcome = boundary.run(live.actor, store) if polled.items or polled.cursor is not None else Committed(0, 0)
    if polled.acknowledge is not None:
        polled.acknowledge()
    return outcome


def answer_request(boundary: Boundary, live: Live, request: RawRequest) -> HttpReply:
    """Handle a request of a peer: parse, commit the events, only then build the reply.

    Raises:
        Unavailable: nothing was stored; the caller answers 503, so that the peer sends again.
    """
    items, reply = live.connector.receive(request)
    return boundary.run(live.actor, lambda tx: _answer(tx, live, list(items), reply))


def _answer(tx: Tx, live: Live, items: list[Inbound], reply: RawReply) -> HttpReply:
    outcome = receive_all(tx, live.id, items)
    pickup = reply.pickup
    if pickup is None or is_held(tx):
        return reply.on_commit(outcome)
    expire(tx)
    claimed = claim(tx, live.id, limit=pickup.limit, lease_s=live.policy.lease_s, recipient=pickup.recipient)
    handed: list[Outbound] = []
    for message in claimed:
        result = pickup.hand_over(message.outbound)
        settle(tx, live, message, result, random.Random(0))  # noqa: S311 - jitter, not a secret
        if result.status is SendStatus.SENT:
            handed.append(message.outbound)
    return pickup.render(handed) if handed else reply.on_commit(outcome)
