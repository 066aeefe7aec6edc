"""Paper as data: what a receipt, a refund's proof or an hours statement prints, for programs that print themselves."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata.record import Record
from webapp.api import base
from webapp.api.schema import Anything, page_of, to_plain
from webapp.screens.records import prints

blueprint = base.blueprint("documents", "Printed documents 单据")
_COPIES = 2

_TEMPLATES: Mapping[str, tuple[str, Callable[[Tx, UUID], Mapping[str, Any]]]] = {
    "receipt": ("receipt", lambda tx, one: prints.receipt(tx, one, _COPIES)),
    "refund": ("refund_order", prints.refund_proof),
    "hours": ("student", prints.hours_statement),
}


class Template(Schema):
    """A document's template, and the object its id is of."""

    template = fields.String()
    object = fields.String()


class OfRecord(Schema):
    """The record the document is about."""

    id = fields.UUID(required=True)


@blueprint.get("/documents")
@blueprint.response(200, page_of(Template))
def list_templates() -> Response:
    """Which documents there are."""
    found = [{"template": name, "object": object_key} for name, (object_key, _) in _TEMPLATES.items()]
    return base.listed(lambda tx: found)


@blueprint.get("/documents/<template>")
@blueprint.arguments(OfRecord, location="query")
@blueprint.response(200, Anything)
def show(arguments: Mapping[str, Any], template: str) -> Response:
    """What the document says; 404 for whoever may not read its record. Prints are counted on the page only."""
    if template not in _TEMPLATES:
        raise NotFound
    _, read = _TEMPLATES[template]
    return base.shown(lambda tx: {name: _shown(value) for name, value in read(tx, arguments["id"]).items()})


def _shown(value: Any) -> Any:
    if isinstance(value, Record):
        return {"id": str(value.id), "title": value.title, "values": to_plain(value.json())}
    return to_plain(value)
