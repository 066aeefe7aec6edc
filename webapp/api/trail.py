"""The history: search, verify."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel import history_search
from engine.kernel.history_search import HistoryQuery
from engine.kernel.uow import Tx
from engine.metadata import erasing
from webapp.api import base
from webapp.api.schema import page_of
from webapp.downloads import attachment
from webapp.screens.audit import trail_export, verification

blueprint = base.blueprint("history", "The trail 操作历史")


class Filters(Schema):
    """Who, what, when."""

    actor = fields.String(load_default=None)
    action = fields.String(load_default=None)
    object = fields.String(load_default=None)
    id = fields.String(load_default=None)
    instance = fields.UUID(load_default=None)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class Search(Filters):
    """The same, a page at a time."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, history_search.MAX_LIMIT))
    after = fields.UUID(load_default=None)


class Fault(Schema):
    """A row that does not fit the chain."""

    id = fields.UUID()
    fault = fields.String()


class Verdict(Schema):
    """What recomputing the chain found."""

    intact = fields.Boolean()
    rows = fields.Integer()
    unsealed = fields.Integer()
    head = fields.String()
    broken = fields.List(fields.Nested(Fault))


class Erasure(Schema):
    """Whose personal values are erased from the trail, and why; the reason stays."""

    object = fields.String(required=True)
    id = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.Length(2, 500))


class Erased(Schema):
    """How many values are gone."""

    erased = fields.Integer()


@blueprint.get("/history")
@blueprint.arguments(Search, location="query")
@blueprint.response(200, page_of(history_search.Entry))
def search(arguments: Mapping[str, Any]) -> Response:
    """Newest first, as far as the reader may see the records; needs the right `view_history`."""
    return base.shown(lambda tx: trail_export.found(tx, _query(arguments)))


@blueprint.post("/history/export")
@blueprint.arguments(Filters)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
def export(body: Mapping[str, Any]) -> Response:
    """The rows found as CSV, at most 20,000; needs the right `export_history`, and is itself in the trail."""
    asked = "&".join(f"{name}={value}" for name, value in body.items() if value is not None)
    content = base.read(lambda tx: trail_export.sheet(tx, _query(body), asked))
    return attachment("history.csv", "text/csv", content)


@blueprint.post("/history/verify")
@blueprint.response(200, Verdict)
def verify() -> Response:
    """Recomputes every hash; needs the right `verify_history`."""

    def use_case(tx: Tx) -> dict[str, object]:
        found = verification.verify(tx)
        return {
            "intact": found.is_intact,
            "rows": found.rows,
            "unsealed": found.unsealed,
            "head": found.head.hex(),
            "broken": [{"id": row, "fault": fault} for row, fault in found.broken],
        }

    return base.write(use_case)


@blueprint.post("/history/erase")
@blueprint.arguments(Erasure)
@blueprint.response(200, Erased)
def erase(body: Mapping[str, Any]) -> Response:
    """Erases a record's personal values from the trail for good; needs the right `erase_personal`. The chain stays."""
    return base.write(lambda tx: {"erased": erasing.erase(tx, body["object"], body["id"], body["reason"])})


def _query(asked: Mapping[str, Any]) -> HistoryQuery:
    subject = (asked["object"], asked["id"]) if asked["object"] and asked["id"] else None
    return HistoryQuery(
        actor_id=asked["actor"],
        action=asked["action"],
        subject=subject,
        subject_kind=asked["object"],
        instance_id=asked["instance"],
        since=asked["since"],
        until=asked["until"],
        limit=asked.get("limit", history_search.MAX_LIMIT),
        after=asked.get("after"),
    )
