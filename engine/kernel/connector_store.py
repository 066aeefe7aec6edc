"""Connectors as an administrator keeps them: configuration shown, secrets sealed, switched on and off.

Rights are checked by the caller; the configuration is validated against the kind's schema by `connectors.settings`.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from engine.kernel import delivery_health
from engine.kernel.connector import Health, HealthState
from engine.kernel.connector_tables import connector
from engine.kernel.errors import NotFound, Stale
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.secrets import Vault
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """A configured connector. `config` has no secrets; `hook_token` is the unguessable part of its addresses."""

    id: UUID
    kind: str
    channel: str
    name: str
    branch_id: UUID | None
    config: Mapping[str, Any]
    sealed: bytes | None
    enabled: bool
    zone: str
    hook_token: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDraft:
    """What an administrator enters. `config` and `secrets` are already validated and split."""

    kind: str
    channel: str
    name: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    branch_id: UUID | None = None
    zone: str = "Asia/Shanghai"
    enabled: bool = True


def create(tx: Tx, vault: Vault, draft: ConnectorDraft) -> ConnectorRow:
    """Store a new connector; messages of its channel that found none are adopted at the next drain."""
    connector_id = new_id()
    row = {
        "id": connector_id,
        "kind": draft.kind,
        "channel": draft.channel,
        "name": draft.name,
        "branch_id": draft.branch_id,
        "config": dict(draft.config),
        "secrets": vault.seal(draft.secrets) if draft.secrets else None,
        "enabled": draft.enabled,
        "zone": draft.zone,
        "hook_token": randomness.token_urlsafe(24),
        "version": 1,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.execute(insert(connector).values(row))
    delivery_health.ensure(tx, connector_id)
    data = {"kind": draft.kind, "name": draft.name}
    tx.record(Event("connector:created", ("connector", connector_id), draft.branch_id, data))
    tx.wake(Drain.OUTBOX)
    return get(tx, connector_id)


def change(
    tx: Tx, vault: Vault, connector_id: UUID, version: int, *,
    name: str, config: Mapping[str, Any], secrets: Mapping[str, str], zone: str,
) -> ConnectorRow:  # fmt: skip
    """Change a connector; secrets not given keep their values, and are never shown.

    Raises:
        NotFound: no such connector.
        Stale: somebody changed it since `version`.
    """
    before = get(tx, connector_id, lock=True)
    if before.version != version:
        raise Stale
    sealed = vault.seal({**vault.open(before.sealed), **secrets}) if secrets else before.sealed
    values = {
        "name": name, "config": dict(config), "secrets": sealed, "zone": zone,
        "version": version + 1, "updated_at": tx.now,
    }  # fmt: skip
    tx.execute(update(connector).where(connector.c.id == connector_id).values(values))
    changes = [Change("name", before.name, name), Change("config", dict(before.config), dict(config))]
    data = {"secrets_set": sorted(secrets)}
    tx.record(Event("connector:updated", ("connector", connector_id), before.branch_id, data, changes))
    return get(tx, connector_id)


def switch(tx: Tx, connector_id: UUID, enabled: bool) -> None:
    """Turn a connector on or off.

    Raises:
        NotFound: no such connector.
    """
    before = get(tx, connector_id, lock=True)
    values = {"enabled": enabled, "version": before.version + 1, "updated_at": tx.now}
    tx.execute(update(connector).where(connector.c.id == connector_id).values(values))
    delivery_health.report(tx, connector_id, Health(HealthState.OK if enabled else HealthState.DISABLED))
    action = "connector:enabled" if enabled else "connector:disabled"
    tx.record(Event(action, ("connector", connector_id), before.branch_id))
    tx.wake(Drain.OUTBOX)


def get(tx: Tx, connector_id: UUID, *, lock: bool = False) -> ConnectorRow:
    """One connector.

    Raises:
        NotFound: no such connector.
    """
    query = select(connector).where(connector.c.id == connector_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("connector_not_found", Text("没有这个连接器", "There is no such connector"))
    return _row(row)


def all_rows(tx: Tx, *, enabled_only: bool = False) -> list[ConnectorRow]:
    """Every connector, oldest first."""
    query = select(connector).order_by(connector.c.created_at, connector.c.id).limit(1000)
    if enabled_only:
        query = query.where(connector.c.enabled)
    return [_row(row) for row in tx.execute(query).all()]


def by_hook(tx: Tx, token: str) -> ConnectorRow | None:
    """The enabled connector whose secret address was called."""
    row = tx.execute(select(connector).where(connector.c.hook_token == token, connector.c.enabled)).first()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> ConnectorRow:
    return ConnectorRow(
        row.id, row.kind, row.channel, row.name, row.branch_id, row.config, row.secrets, row.enabled, row.zone,
        row.hook_token, row.version,
    )  # fmt: skip
