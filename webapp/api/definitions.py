"""Objects and fields as the actor sees them; overlays; why somebody may or may not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, directory, overlays, rights, snapshot
from engine.metadata.explanation import Explanation
from webapp.api import base
from webapp.api.schema import Plain, page_of, schema_of, to_plain

blueprint = base.blueprint("objects", "Objects, fields and access 对象、字段与权限")


class NewField(Schema):
    """A field of one branch (or of headquarters) on an object, in the format of docs/guide/objects.md."""

    branch_id = fields.UUID(required=True)
    object = fields.String(required=True)
    field = fields.Dict(keys=fields.String(), required=True)


class FieldChange(Schema):
    """Attributes of a field to change for one branch and those below."""

    branch_id = fields.UUID(required=True)
    object = fields.String(required=True)
    field = fields.String(required=True)
    changes = fields.Dict(keys=fields.String(), required=True)


class FieldAt(Schema):
    """A field of one branch."""

    branch_id = fields.UUID(required=True)
    object = fields.String(required=True)
    field = fields.String(required=True)


class OverlayBody(Schema):
    """A whole overlay, as a file would hold it."""

    branch_id = fields.UUID(required=True)
    object = fields.String(required=True)
    patch = fields.Dict(keys=fields.String(), required=True)


class ObjectAt(Schema):
    """Which object of which branch."""

    branch_id = fields.UUID(required=True)
    object = fields.String(required=True)


class FieldView(Schema):
    """A field's definition; `is_own`: this branch added or changed it."""

    field = fields.Dict(keys=fields.String(), values=Plain())
    is_own = fields.Boolean()


class Question(Schema):
    """May `actor` (default: oneself) do `action` on the object, record or field?"""

    actor = fields.UUID(load_default=None)
    object = fields.String(required=True)
    id = fields.UUID(load_default=None)
    field = fields.String(load_default=None)
    action = fields.String(load_default="read", validate=validate.Length(max=20))


class ObjectRow(Schema):
    """An object the actor may read."""

    key = fields.String()
    label = fields.String()
    icon = fields.String()


class ObjectView(Schema):
    """An object with the fields the actor may see."""

    key = fields.String()
    label = fields.String()
    fields_ = fields.List(fields.Dict(keys=fields.String(), values=Plain()), data_key="fields")


class ObjectOverlay(Schema):
    """What one branch adds or changes."""

    patch = fields.Dict(keys=fields.String(), values=Plain())


class Epoch(Schema):
    """The number of the configuration."""

    epoch = fields.Integer()


@blueprint.get("/objects")
@blueprint.response(200, page_of(ObjectRow))
def list_objects() -> Response:
    """Objects the actor may read or create."""

    def use_case(tx: Tx) -> object:
        readable = [one for one in catalog.load(tx).objects() if access.can(tx, "read", one.key)]
        return [{"key": one.key, "label": to_plain(one.label), "icon": one.icon} for one in readable]

    return base.listed(use_case)


@blueprint.get("/objects/<object_key>")
@blueprint.response(200, ObjectView)
def show_object(object_key: str) -> Response:
    """The object with the fields the actor may see, each with its access."""

    def use_case(tx: Tx) -> object:
        if not access.can(tx, "read", object_key):
            raise NotFound
        definition = catalog.load(tx).object(object_key)
        levels = access.levels(tx, object_key)
        shown = [field for field in definition.fields if levels.get(field.key, "none") != "none"]
        return {
            "key": definition.key,
            "label": to_plain(definition.label),
            "fields": [{**to_plain(field), "access": levels[field.key]} for field in shown],
        }

    return base.shown(use_case)


@blueprint.get("/fields")
@blueprint.arguments(ObjectAt, location="query")
@blueprint.response(200, page_of(FieldView))
def list_fields(arguments: Mapping[str, Any]) -> Response:
    """An object's fields as a branch has them, hidden ones too; needs `define_fields` there."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, "define_fields", arguments["branch_id"])
        own = overlays.current(tx, arguments["branch_id"], arguments["object"]).get("fields", {})
        definition = catalog.load_branch(tx, arguments["branch_id"]).object(arguments["object"])
        return [{"field": to_plain(field), "is_own": field.key in own} for field in definition.fields]

    return base.listed(use_case)


@blueprint.post("/fields")
@blueprint.arguments(NewField)
@blueprint.response(204)
def add_field(body: Mapping[str, Any]) -> Response:
    """Adds a custom field; it needs no restart and no table rewrite."""
    return base.write(lambda tx: overlays.add_field(tx, body["branch_id"], body["object"], body["field"]), status=204)


@blueprint.patch("/fields")
@blueprint.arguments(FieldChange)
@blueprint.response(204)
def change_field(body: Mapping[str, Any]) -> Response:
    """Changes a field's attributes for a branch and those below."""
    return base.write(
        lambda tx: overlays.change_field(tx, body["branch_id"], body["object"], body["field"], body["changes"]),
        status=204,
    )


@blueprint.delete("/fields")
@blueprint.arguments(FieldAt, location="query")
@blueprint.response(204)
def hide_field(arguments: Mapping[str, Any]) -> Response:
    """Hides a field in a branch and those below; its values are kept."""
    return base.write(
        lambda tx: overlays.hide_field(tx, arguments["branch_id"], arguments["object"], arguments["field"]), status=204
    )


@blueprint.get("/overlays")
@blueprint.arguments(ObjectAt, location="query")
@blueprint.response(200, ObjectOverlay)
def show_overlay(arguments: Mapping[str, Any]) -> Response:
    """What one branch adds to or changes in an object."""
    return base.shown(lambda tx: {"patch": to_plain(overlays.current(tx, arguments["branch_id"], arguments["object"]))})


@blueprint.post("/overlays")
@blueprint.arguments(OverlayBody)
@blueprint.response(204)
def save_overlay(body: Mapping[str, Any]) -> Response:
    """Replaces an overlay: the way of importing one from a file."""
    return base.write(lambda tx: overlays.save(tx, body["branch_id"], body["object"], body["patch"]), status=204)


@blueprint.patch("/overlays")
@blueprint.arguments(OverlayBody)
@blueprint.response(204)
def change_overlay(body: Mapping[str, Any]) -> Response:
    """Replaces the parts that the patch names (`fields`, `layouts`, `label` …); the others stay."""

    def use_case(tx: Tx) -> None:
        present = overlays.current(tx, body["branch_id"], body["object"])
        overlays.save(tx, body["branch_id"], body["object"], {**present, **body["patch"]})

    return base.write(use_case, status=204)


@blueprint.delete("/overlays")
@blueprint.arguments(ObjectAt, location="query")
@blueprint.response(204)
def drop_overlay(arguments: Mapping[str, Any]) -> Response:
    """Empties an overlay: the branch sees the object as its parent does."""
    return base.write(lambda tx: overlays.save(tx, arguments["branch_id"], arguments["object"], {}), status=204)


@blueprint.get("/explain")
@blueprint.arguments(Question, location="query")
@blueprint.response(200, schema_of(Explanation))
def explain(arguments: Mapping[str, Any]) -> Response:
    """The grants, scopes, rules and tasks that decided; for another person it needs a right."""

    def use_case(tx: Tx) -> object:
        asked = _actor_of(tx, arguments["actor"])
        return to_plain(
            access.explain(
                tx,
                asked,
                arguments["object"],
                arguments["id"],
                arguments["field"],
                arguments["action"],
            )
        )

    return base.shown(use_case)


@blueprint.get("/epoch")
@blueprint.response(200, Epoch)
def epoch() -> Response:
    """The number that moves whenever configuration changes: clients drop what they cached of it."""
    return base.shown(lambda tx: {"epoch": snapshot.load(tx).epoch})


def _actor_of(tx: Tx, user_id: UUID | None) -> Any:
    return tx.actor if user_id is None else directory.user_actor(tx, user_id)
