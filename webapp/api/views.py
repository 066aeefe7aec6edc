"""Saved views of lists: one's own, and those shared with one's branch."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.metadata import saved_views
from webapp.api import base
from webapp.api.schema import Identified, page_of

blueprint = base.blueprint("views", "Saved views 列表视图")
_NAME = validate.Length(1, 40)


class OfObject(Schema):
    """Views of which object."""

    object = fields.String(required=True)


class NewView(OfObject):
    """A name, and the list's question as pairs of its address: `filter`, `sort`, `columns`, `search` …"""

    name = fields.String(required=True, validate=_NAME)
    parameters = fields.List(
        fields.List(fields.String(validate=validate.Length(max=2000)), validate=validate.Length(equal=2)),
        load_default=list,
        validate=validate.Length(max=100),
    )
    shared = fields.Boolean(load_default=False)


class ViewChange(Schema):
    """Another name; shared with one's branch and those below, or no longer."""

    name = fields.String(validate=_NAME)
    shared = fields.Boolean()


@blueprint.get("/views")
@blueprint.arguments(OfObject, location="query")
@blueprint.response(200, page_of(saved_views.SavedView))
def list_views(arguments: Mapping[str, Any]) -> Response:
    """One's own views of an object, and those shared with one's branch."""
    return base.listed(lambda tx: saved_views.of_object(tx, arguments["object"]))


@blueprint.post("/views")
@blueprint.arguments(NewView)
@blueprint.response(201, Identified)
def create(body: Mapping[str, Any]) -> Response:
    """Keeps a list's question; whoever opens it gets the answer that their own rights give."""

    def use_case(tx: Tx) -> dict[str, object]:
        pairs = [(name, value) for name, value in body["parameters"]]
        view_id = saved_views.create(tx, body["object"], body["name"], pairs)
        if body["shared"]:
            saved_views.share(tx, view_id, shared=True)
        return {"id": view_id}

    return base.write(use_case, status=201)


@blueprint.patch("/views/<uuid:view_id>")
@blueprint.arguments(ViewChange)
@blueprint.response(204)
def change(body: Mapping[str, Any], view_id: UUID) -> Response:
    """Renames or shares one of one's own."""

    def use_case(tx: Tx) -> None:
        if "name" in body:
            saved_views.rename(tx, view_id, body["name"])
        if "shared" in body:
            saved_views.share(tx, view_id, shared=body["shared"])

    return base.write(use_case, status=204)


@blueprint.delete("/views/<uuid:view_id>")
@blueprint.response(204)
def remove(view_id: UUID) -> Response:
    """Removes one of one's own."""
    return base.write(lambda tx: saved_views.remove(tx, view_id), status=204)
