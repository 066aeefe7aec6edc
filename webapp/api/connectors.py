"""Connectors: configure, switch, check, look at health and log."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from connectors.host import build_live, check_now
from connectors.registry import kinds
from connectors.settings import check_config
from engine.kernel import connector_store, delivery_health, history_search
from engine.kernel.connector import Health
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.errors import UserError
from engine.kernel.history_search import HistoryQuery, search
from engine.kernel.ids import new_id
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import rights
from webapp.api import base
from webapp.api.schema import Identified, Plain, page_of, schema_of, to_plain
from webapp.i18n import locale
from webapp.request import platform

blueprint = base.blueprint("connectors", "Connectors 连接器")
VIEW, MANAGE = "view_connectors", "manage_connectors"
_TEST = Text("这是一条测试消息", "This is a test message")


class NewConnector(Schema):
    """A connector of one kind; the configuration follows the kind's JSON Schema, secrets included."""

    kind = fields.String(required=True)
    name = fields.String(required=True, validate=validate.Length(1, 100))
    config = fields.Dict(keys=fields.String(), required=True)
    branch_id = fields.UUID(load_default=None)
    zone = fields.String(load_default="Asia/Shanghai")


class ConnectorChange(Schema):
    """The whole configuration anew; secrets that are left out stay."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    config = fields.Dict(keys=fields.String(), required=True)
    zone = fields.String(load_default="Asia/Shanghai")


class TestMessage(Schema):
    """Whom to send it to."""

    to = fields.String(required=True, validate=validate.Length(3, 200))


class ConnectorView(Schema):
    """A connector with its health; secrets are never shown."""

    id = fields.UUID()
    kind = fields.String()
    channel = fields.String()
    name = fields.String()
    branch_id = fields.UUID(allow_none=True)
    config = fields.Dict()
    enabled = fields.Boolean()
    zone = fields.String()
    version = fields.Integer()
    health = fields.Dict(keys=fields.String(), values=Plain())


class KindView(Schema):
    """A kind of connector."""

    kind = fields.String()
    label = fields.String()
    schema = fields.Dict()


@blueprint.get("/connectors/kinds")
@blueprint.response(200, page_of(KindView))
def list_kinds() -> Response:
    """Kinds that are installed, with the JSON Schema of their configuration."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, VIEW)
        return [
            {"kind": name, "label": to_plain(kind.manifest.label), "schema": dict(kind.connector.config_schema)}
            for name, kind in kinds().items()
        ]

    return base.listed(use_case)


@blueprint.get("/connectors")
@blueprint.response(200, page_of(ConnectorView))
def listing() -> Response:
    """All connectors with their health; secrets are never shown."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, VIEW)
        return [_shown(tx, row) for row in connector_store.all_rows(tx)]

    return base.listed(use_case)


@blueprint.post("/connectors")
@blueprint.arguments(NewConnector)
@blueprint.response(201, ConnectorView)
def create(body: Mapping[str, Any]) -> Response:
    """A new connector."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, MANAGE, body["branch_id"])
        config, secrets = check_config(body["kind"], body["config"])
        draft = ConnectorDraft(
            kind=body["kind"],
            channel=kinds()[body["kind"]].manifest.channel,
            name=body["name"],
            config=config,
            secrets=secrets,
            branch_id=body["branch_id"],
            zone=body["zone"],
        )
        row = connector_store.create(tx, platform().vault, draft)
        return _shown(tx, row)

    return base.write(use_case, status=201)


@blueprint.get("/connectors/<uuid:connector_id>")
@blueprint.response(200, ConnectorView)
def show(connector_id: UUID) -> Response:
    """One connector; its version is the ETag."""

    def use_case(tx: Tx) -> tuple[object, int]:
        rights.require_right(tx, VIEW)
        row = connector_store.get(tx, connector_id)
        return _shown(tx, row), row.version

    body, version = base.read(use_case)
    return base.with_version(base.answer(body), version)


@blueprint.patch("/connectors/<uuid:connector_id>")
@blueprint.arguments(ConnectorChange)
@blueprint.response(200, ConnectorView)
def change(body: Mapping[str, Any], connector_id: UUID) -> Response:
    """Changes it; `If-Match` carries the version."""
    version = base.required_version()

    def use_case(tx: Tx) -> object:
        row = connector_store.get(tx, connector_id, lock=True)
        rights.require_right(tx, MANAGE, row.branch_id)
        known = frozenset(platform().vault.open(row.sealed))
        config, secrets = check_config(row.kind, body["config"], known_secrets=known)
        changed = connector_store.change(
            tx,
            platform().vault,
            connector_id,
            version,
            name=body["name"],
            config=config,
            secrets=secrets,
            zone=body["zone"],
        )
        return _shown(tx, changed)

    return base.write(use_case)


@blueprint.post("/connectors/<uuid:connector_id>/enable")
@blueprint.response(204)
def enable(connector_id: UUID) -> Response:
    """Turns it on."""
    return base.write(lambda tx: _switch(tx, connector_id, True), status=204)


@blueprint.post("/connectors/<uuid:connector_id>/disable")
@blueprint.response(204)
def disable(connector_id: UUID) -> Response:
    """Turns it off; what waits stays in the outbox."""
    return base.write(lambda tx: _switch(tx, connector_id, False), status=204)


@blueprint.post("/connectors/<uuid:connector_id>/check")
@blueprint.response(200, schema_of(Health))
def check(connector_id: UUID) -> Response:
    """Asks the other side now and answers what it found."""

    def row_of(tx: Tx) -> ConnectorRow:
        row = connector_store.get(tx, connector_id)
        rights.require_right(tx, MANAGE, row.branch_id)
        return row

    live = build_live(base.read(row_of), platform().vault, platform().boundary)
    try:
        health = check_now(platform().boundary, live, deep=True)
    finally:
        live.connector.close()
    return base.answer(health)


@blueprint.post("/connectors/<uuid:connector_id>/test")
@blueprint.arguments(TestMessage)
@blueprint.response(202, Identified)
def test(body: Mapping[str, Any], connector_id: UUID) -> Response:
    """Sends a test message through this connector; the id is its row in the outbox."""

    def use_case(tx: Tx) -> dict[str, object]:
        row = connector_store.get(tx, connector_id)
        rights.require_right(tx, MANAGE, row.branch_id)
        if row.channel not in ("sms", "email"):
            raise UserError("connector_cannot_send", Text("该连接器不发送消息", "This connector sends no messages"))
        payload = {"to": body["to"], "text": _TEST.in_locale(locale()), "subject": _TEST.in_locale(locale())}
        message = OutboxMessage(
            channel=str(connector_id),
            recipient=body["to"],
            payload=payload,
            idempotency_key=f"connector-test:{new_id()}",
            branch_id=row.branch_id,
            subject=("connector", str(connector_id)),
            expires_in=timedelta(minutes=10),
        )
        return {"id": enqueue(tx, message)}

    return base.write(use_case, status=202)


@blueprint.get("/connectors/<uuid:connector_id>/log")
@blueprint.response(200, page_of(history_search.Entry))
def log(connector_id: UUID) -> Response:
    """The latest entries of its trail."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, VIEW)
        return search(tx.connection, HistoryQuery(subject=("connector", str(connector_id)), limit=100))

    return base.shown(use_case)


def _switch(tx: Tx, connector_id: UUID, enabled: bool) -> None:
    row = connector_store.get(tx, connector_id, lock=True)
    rights.require_right(tx, MANAGE, row.branch_id)
    connector_store.switch(tx, connector_id, enabled)


def _shown(tx: Tx, row: ConnectorRow) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel,
        "name": row.name,
        "branch_id": row.branch_id,
        "config": dict(row.config),
        "enabled": row.enabled,
        "zone": row.zone,
        "version": row.version,
        "health": dict(delivery_health.figures(tx, row.id)),
    }
