"""What connectors left for a person: messages of unknown fate, events in quarantine, an outbox on hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from engine.kernel import inbox, outbox
from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.rights import require_right
from webapp.screens.administration.connectoredit import may_manage, require_manage

DECISIONS = ("again", "sent", "failed")
_SHOWN = 200


@dataclass(frozen=True)
class Unsettled:
    """A message out that nobody knows the end of, or that was given up. ``state``: unknown, failed, dead."""

    id: UUID
    at: datetime
    connector: str
    recipient: str
    state: str
    error: str


@dataclass(frozen=True)
class Quarantined:
    """An event in that waits for a person. ``state``: quarantined, dead; ``payload``: JSON text."""

    id: UUID
    at: datetime
    connector: str
    name: str
    state: str
    reason: str
    payload: str


@dataclass(frozen=True)
class Attention:
    """``hold``: why nothing leaves, empty when everything does."""

    hold: str
    unsettled: tuple[Unsettled, ...]
    quarantined: tuple[Quarantined, ...]


_HOLD = text("SELECT reason FROM outbox_hold LIMIT 1")
_UNSETTLED = text(
    "SELECT o.id, coalesce(o.sent_at, o.created_at) AS at, coalesce(c.name, o.channel) AS connector, o.recipient,"
    " o.state, o.error, coalesce(c.branch_id, o.branch_id) AS branch_id FROM outbox o"
    " LEFT JOIN connector c ON c.id = o.connector_id"
    " WHERE o.state IN ('unknown', 'failed', 'dead') AND (o.state = 'unknown' OR o.settled_at IS NULL)"
    " ORDER BY o.id DESC LIMIT :limit"
)
_QUARANTINED = text(
    "SELECT i.id, i.received_at AS at, c.name AS connector, i.name, i.state, i.reason, i.payload, c.branch_id"
    " FROM inbox i JOIN connector c ON c.id = i.connector_id"
    " WHERE i.state IN ('quarantined', 'dead') ORDER BY i.id DESC LIMIT :limit"
)
_BRANCH_OF_MESSAGE = text(
    "SELECT coalesce(c.branch_id, o.branch_id) AS branch_id FROM outbox o"
    " LEFT JOIN connector c ON c.id = o.connector_id WHERE o.id = :id"
)
_BRANCH_OF_EVENT = text("SELECT c.branch_id FROM inbox i JOIN connector c ON c.id = i.connector_id WHERE i.id = :id")


def read(tx: Tx) -> Attention:
    """What waits where the actor manages connectors, newest first, at most 200 of each. Raises: Forbidden."""
    require_right(tx, "manage_connectors")
    return Attention(
        hold=tx.execute(_HOLD).scalar() or "",
        unsettled=tuple(
            Unsettled(row.id, row.at, row.connector, row.recipient, row.state, row.error)
            for row in tx.execute(_UNSETTLED, {"limit": _SHOWN})
            if may_manage(tx, row.branch_id)
        ),
        quarantined=tuple(
            Quarantined(row.id, row.at, row.connector, row.name, row.state, row.reason, _plain(row.payload))
            for row in tx.execute(_QUARANTINED, {"limit": _SHOWN})
            if may_manage(tx, row.branch_id)
        ),
    )


def settle(tx: Tx, message_id: UUID, decision: str, note: str) -> None:
    """``again``, ``sent`` or ``failed``, as a person found out. Raises: UserError; NotFound; Conflict."""
    _require(tx, _BRANCH_OF_MESSAGE, message_id)
    if decision not in DECISIONS:
        raise UserError("bad_decision", Text("请选择处理方式", "Choose what to do"))
    outbox.resolve_unknown(tx, message_id, decision, note)


def let_in(tx: Tx, event_id: UUID) -> None:
    """The event is handled after all. Raises: NotFound."""
    _require(tx, _BRANCH_OF_EVENT, event_id)
    inbox.release(tx, event_id)


def discard(tx: Tx, event_id: UUID) -> None:
    """The event means nothing. Raises: NotFound."""
    _require(tx, _BRANCH_OF_EVENT, event_id)
    inbox.discard(tx, event_id)


def release_hold(tx: Tx) -> None:
    """Lets messages leave again, after a restore say. Needs ``manage_connectors`` at headquarters."""
    require_manage(tx, None)
    outbox.release(tx)


def _require(tx: Tx, query: Any, row_id: UUID) -> None:
    row = tx.execute(query, {"id": row_id}).one_or_none()
    if row is None:
        raise NotFound
    require_manage(tx, row.branch_id)


def _plain(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, sort_keys=True)[:400]
