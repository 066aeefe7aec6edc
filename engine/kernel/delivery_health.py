"""A connector's health row: is it usable, how fast may it be used, who owns its port, how far has it read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.connector import Health, HealthState
from engine.kernel.connector_tables import connector_health
from engine.kernel.delivery_policy import Bucket, SendPolicy, breaker_allows, breaker_open_s, refill
from engine.kernel.uow import Tx


def ensure(tx: Tx, connector_id: UUID) -> None:
    """Make sure the health row exists."""
    row = {"connector_id": connector_id, "state": "ok", "since": tx.now}
    tx.execute(insert(connector_health).values(row).on_conflict_do_nothing())


def allowance(tx: Tx, connector_id: UUID, policy: SendPolicy, wanted: int) -> int:
    """How many messages may go now, taken from the bucket: 0 while the breaker is open, 1 as its probe."""
    ensure(tx, connector_id)
    row = _locked(tx, connector_id)
    probe = breaker_allows(row.failures, row.open_until, tx.now)
    if probe == 0:
        return 0
    tokens = refill(Bucket(row.tokens, row.tokens_at), policy, tx.now)
    granted = min(wanted, int(tokens), probe or wanted)
    _set(tx, connector_id, {"tokens": tokens - granted, "tokens_at": tx.now})
    return granted


def give_back(tx: Tx, connector_id: UUID, count: int) -> None:
    """Return tokens that no message used."""
    if count:
        _set(tx, connector_id, {"tokens": connector_health.c.tokens + count})


def note_success(tx: Tx, connector_id: UUID) -> None:
    """The peer answered: the breaker closes."""
    ensure(tx, connector_id)
    row = _locked(tx, connector_id)
    values: dict[str, Any] = {"failures": 0, "open_until": None, "last_ok_at": tx.now}
    if row.state == "down":
        values |= {"state": "ok", "code": "", "since": tx.now}
    _set(tx, connector_id, values)


def note_failure(tx: Tx, connector_id: UUID, code: str, detail: str) -> None:
    """The peer failed: after five in a row the breaker opens, longer each time."""
    ensure(tx, connector_id)
    row = _locked(tx, connector_id)
    failures = row.failures + 1
    values: dict[str, Any] = {"failures": failures, "last_error": f"{code}: {detail}"[:500]}
    open_s = breaker_open_s(failures)
    if open_s:
        values["open_until"] = tx.now + timedelta(seconds=open_s)
        if row.state != "down":
            values |= {"state": "down", "code": code, "since": tx.now}
    _set(tx, connector_id, values)


def report(tx: Tx, connector_id: UUID, health: Health) -> bool:
    """Store what the connector says of itself; True when the state changed (log once per outage)."""
    ensure(tx, connector_id)
    row = _locked(tx, connector_id)
    values: dict[str, Any] = {"facts": dict(health.facts), "code": health.code}
    changed = bool(row.state != health.state)
    if changed:
        values |= {"state": str(health.state), "since": tx.now}
    if health.state is HealthState.OK:
        values["last_ok_at"] = tx.now
    else:
        values["last_error"] = f"{health.code}: {health.facts.get('error', '')}"[:500]
    _set(tx, connector_id, values)
    return changed


def stored(tx: Tx, connector_id: UUID) -> Health:
    """What the process that owns the connector last said of it."""
    query = select(connector_health).where(connector_health.c.connector_id == connector_id)
    row = tx.execute(query).first()
    if row is None:
        return Health(HealthState.DISABLED)
    return Health(HealthState(row.state), row.code, {**row.facts, "error": row.last_error})


def take_lease(tx: Tx, connector_id: UUID, owner: str, lease_s: float) -> bool:
    """Become or stay the one process that polls this connector; False while another one is."""
    ensure(tx, connector_id)
    free = (
        (connector_health.c.lease_owner == owner)
        | connector_health.c.lease_owner.is_(None)
        | (connector_health.c.lease_until < tx.now)
    )
    mine = update(connector_health).where(connector_health.c.connector_id == connector_id, free)
    until = tx.now + timedelta(seconds=lease_s)
    return tx.execute(mine.values(lease_owner=owner, lease_until=until)).rowcount == 1


def drop_lease(tx: Tx, connector_id: UUID, owner: str) -> None:
    """Let another process poll."""
    mine = (connector_health.c.connector_id == connector_id) & (connector_health.c.lease_owner == owner)
    tx.execute(update(connector_health).where(mine).values(lease_owner=None, lease_until=None))


def cursor(tx: Tx, connector_id: UUID) -> str | None:
    """How far the peer has been read."""
    query = select(connector_health.c.cursor).where(connector_health.c.connector_id == connector_id)
    found = tx.execute(query).scalar()
    return None if found is None else str(found)


def set_cursor(tx: Tx, connector_id: UUID, value: str | None) -> None:
    """Remember how far the peer has been read, in the commit of what was read."""
    ensure(tx, connector_id)
    _set(tx, connector_id, {"cursor": value})


_FIGURES = text(
    """
    SELECT (SELECT count(*) FROM outbox WHERE connector_id = :id AND state = 'queued') AS queued,
           (SELECT count(*) FROM outbox WHERE connector_id = :id AND state = 'unknown') AS unknown,
           (SELECT count(*) FROM inbox WHERE connector_id = :id AND state = 'new') AS waiting,
           (SELECT count(*) FROM inbox WHERE connector_id = :id AND state = 'quarantined') AS quarantined,
           (SELECT count(*) FROM inbox WHERE connector_id = :id AND state = 'dead') AS dead,
           (SELECT extract(epoch FROM :now - min(next_at)) FROM outbox
             WHERE connector_id = :id AND state = 'queued' AND next_at <= :now) AS lag_s
    """
)


def figures(tx: Tx, connector_id: UUID) -> Mapping[str, Any]:
    """The health row and the depths of the queues, for the administration page and `/metrics`."""
    query = select(connector_health).where(connector_health.c.connector_id == connector_id)
    row = tx.execute(query).mappings().first()
    counts = tx.execute(_FIGURES, {"id": connector_id, "now": tx.now}).mappings().one()
    lag_s = float(counts["lag_s"] or 0)
    return {**(dict(row) if row else {"state": "disabled"}), **counts, "lag_s": lag_s}


def _locked(tx: Tx, connector_id: UUID) -> Row[Any]:
    query = select(connector_health).where(connector_health.c.connector_id == connector_id)
    return tx.execute(query.with_for_update()).one()


def _set(tx: Tx, connector_id: UUID, values: Mapping[str, Any]) -> None:
    tx.execute(update(connector_health).where(connector_health.c.connector_id == connector_id).values(dict(values)))
