"""The history: search, verify."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel import history, history_search
from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import erasing, rights, trail
from webapp.api import base
from webapp.api.schema import page_of

blueprint = base.blueprint("history", "The trail 操作历史")


class Search(Schema):
    """Who, what, when."""

    actor = fields.String(load_default=None)
    action = fields.String(load_default=None)
    object = fields.String(load_default=None)
    id = fields.String(load_default=None)
    instance = fields.UUID(load_default=None)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)
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
    subject = (arguments["object"], arguments["id"]) if arguments["object"] and arguments["id"] else None

    def use_case(tx: Tx) -> history_search.HistoryPage:
        rights.require_right(tx, "view_history")
        found = history_search.search(
            tx.connection,
            history_search.HistoryQuery(
                actor_id=arguments["actor"],
                action=arguments["action"],
                subject=subject,
                subject_kind=arguments["object"],
                instance_id=arguments["instance"],
                branches=rights.branches_with(tx, "view_history"),
                since=arguments["since"],
                until=arguments["until"],
                limit=arguments["limit"],
                after=arguments["after"],
            ),
        )
        return replace(found, items=trail.visible(tx, found.items))

    return base.shown(use_case)


@blueprint.post("/history/verify")
@blueprint.response(200, Verdict)
def verify() -> Response:
    """Recomputes every hash; needs the right `verify_history`."""

    def use_case(tx: Tx) -> dict[str, object]:
        rights.require_right(tx, "verify_history")
        found = history.verify(tx.connection)
        tx.record(Event("history:verified", ("history", "all"), data={"rows": found.rows, "broken": len(found.broken)}))
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
