"""Connectors on pages: health, log of both directions, the messages sent, the demo's devices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from connectors.events import EVENTS
from connectors.registry import Kind, kinds
from connectors.simulators.control import tell
from engine.kernel import connector_store, delivery_health
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.rights import require_right
from webapp.composition import Platform
from webapp.screens.administration.connectoredit import callback, may_manage, require_manage
from webapp.screens.administration.connectorform import facts_of
from webapp.screens.states import event_state, message_state

_READ = "view_connectors"
_CHANNELS = {"sms": Text("短信", "SMS"), "email": Text("邮件", "E-mail")}


@dataclass(frozen=True)
class ConnectorLine:
    """A connector with its kind and how it does."""

    row: ConnectorRow
    kind: Kind | None
    figures: Mapping[str, Any]
    may_manage: bool = False
    callback: str = ""
    settings: tuple[tuple[Text, str], ...] = ()


@dataclass(frozen=True)
class LogLine:
    """One event in or one message out."""

    at: datetime
    incoming: bool
    name: Text
    state: tuple[str, str]
    detail: str


@dataclass(frozen=True)
class SentLine:
    """A message to a person, as it went out."""

    at: datetime
    channel: str
    recipient: str
    subject: str
    text: str
    state: tuple[str, str]


def lines(tx: Tx) -> list[ConnectorLine]:
    """All connectors. Needs ``view_connectors``."""
    require_right(tx, _READ)
    known = kinds()
    return [
        ConnectorLine(row, known.get(row.kind), delivery_health.figures(tx, row.id))
        for row in connector_store.all_rows(tx)
    ]


def line(tx: Tx, connector_id: UUID, base_url: str) -> ConnectorLine:
    """One connector; its secret address under ``base_url`` only for those who manage it. Raises: NotFound."""
    require_right(tx, _READ)
    row = connector_store.get(tx, connector_id)
    kind, may = kinds().get(row.kind), may_manage(tx, row.branch_id)
    address = callback(row, kind, base_url) if may else ""
    settings = tuple(facts_of(kind.connector.config_schema, row.config)) if kind else ()
    return ConnectorLine(row, kind, delivery_health.figures(tx, row.id), may, address, settings)


_LOG = text(
    "SELECT * FROM ("
    " (SELECT received_at AS at, true AS incoming, name, state, reason AS detail FROM inbox"
    "   WHERE connector_id = :id ORDER BY id DESC LIMIT 50)"
    " UNION ALL"
    " (SELECT created_at, false, channel, state, error FROM outbox WHERE connector_id = :id ORDER BY id DESC LIMIT 50)"
    ") both_ways ORDER BY at DESC LIMIT 50"
)


def log(tx: Tx, connector_id: UUID) -> list[LogLine]:
    """The latest events and messages, newest first; without what they hold."""
    require_right(tx, _READ)
    return [
        LogLine(
            row.at,
            row.incoming,
            _named(row.name),
            (event_state if row.incoming else message_state)(row.state),
            row.detail or "",
        )
        for row in tx.execute(_LOG, {"id": connector_id}).all()
    ]


def _named(name: str) -> Text:
    spec = EVENTS.get(name)
    return spec.label if spec else _CHANNELS.get(name, Text(name, name))


def switch(tx: Tx, connector_id: UUID, enabled: bool) -> None:
    """Turns a connector on or off. Needs ``manage_connectors`` at its branch."""
    require_manage(tx, connector_store.get(tx, connector_id, lock=True).branch_id)
    connector_store.switch(tx, connector_id, enabled)


_SENT = text(
    "SELECT coalesce(sent_at, created_at) AS at, channel, recipient, payload, state FROM outbox"
    " WHERE channel IN ('sms', 'email') ORDER BY id DESC LIMIT :limit"
)


def sent(tx: Tx, limit: int = 100) -> list[SentLine]:
    """The latest messages to people, newest first. Needs ``view_connectors``."""
    require_right(tx, _READ)
    found = []
    for row in tx.execute(_SENT, {"limit": limit}).all():
        body = row.payload.get("text") or row.payload.get("body") or row.payload.get("content") or ""
        subject = str(row.payload.get("subject", ""))
        found.append(SentLine(row.at, row.channel, row.recipient, subject, str(body), message_state(row.state)))
    return found


def has_simulated_reader(platform: Platform) -> bool:
    """True when the demo's card reader runs beside this program."""
    return _control(platform).exists()


def swipe(platform: Platform, number: str) -> str:
    """Holds a card to the demo's reader, which writes real frames to its port. Raises: Conflict."""
    if not has_simulated_reader(platform):
        raise Conflict("no_simulator", Text("模拟读卡器没有运行", "The simulated reader is not running"))
    try:
        return tell(_control(platform), "swipe", number)
    except OSError as error:
        raise Conflict("no_simulator", Text("模拟读卡器没有应答", "The simulated reader does not answer")) from error


def _control(platform: Platform) -> Path:
    return platform.settings.home / "simulators" / "card_reader.control"
