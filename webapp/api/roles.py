"""Administration: roles, their rights and grants, who holds them where, sharing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import rights, snapshot
from engine.metadata.known_rights import RIGHTS
from engine.metadata.organisation import roles, sharing
from engine.metadata.organisation.role_rights import set_rights
from webapp.api import base
from webapp.api.schema import Identified, page_of, to_plain

blueprint = base.blueprint("roles", "Roles and permissions 角色与权限")
_KEY = validate.Length(1, 40)


class NewRole(Schema):
    """A role of one's own."""

    key = fields.String(required=True, validate=_KEY)
    label_zh = fields.String(required=True)
    label_en = fields.String(required=True)
    rights = fields.List(fields.String(), load_default=list)


class RoleChange(Schema):
    """The administration rights the role has from now on."""

    rights = fields.List(fields.String(), required=True)


class RightView(Schema):
    """An administration right; `is_open`: given by name, `key:name`, or for all of them, `key:*`."""

    key = fields.String()
    label = fields.String()
    meaning = fields.String()
    is_open = fields.Boolean()


class GrantBody(Schema):
    """What a role may do with an object: action to scope, field to level, row rule in FEEL."""

    role = fields.String(required=True)
    object = fields.String(required=True)
    scopes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), required=True, data_key="fields")
    where = fields.String(load_default=None, allow_none=True)


class Assignment(Schema):
    """A role held at a branch by a user, a group or a position."""

    role = fields.String(required=True)
    branch_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None)
    group_id = fields.UUID(load_default=None)
    position_id = fields.UUID(load_default=None)


class SharingRule(Schema):
    """Rows (FEEL) that a role's holders or a group may read as well."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    where = fields.String(required=True)
    role = fields.String(load_default=None)
    group_id = fields.UUID(load_default=None)
    branch_id = fields.UUID(load_default=None)
    can_update = fields.Boolean(load_default=False)


class SharingRuleChange(Schema):
    """The rule anew; for whom it is stays."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    where = fields.String(required=True)
    can_update = fields.Boolean(load_default=False)


class RoleKey(Schema):
    """The role's key."""

    key = fields.String()


class GrantView(Schema):
    """What a role may do with an object."""

    role = fields.String()
    object = fields.String()
    scopes = fields.Dict(keys=fields.String(), values=fields.String())
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    where = fields.String(allow_none=True)


@blueprint.get("/roles")
@blueprint.response(200, page_of(snapshot.Role))
def list_roles() -> Response:
    """All roles with the administration rights they carry."""
    return base.listed(lambda tx: sorted(snapshot.load(tx).roles.values(), key=lambda role: role.key))


@blueprint.post("/roles")
@blueprint.arguments(NewRole)
@blueprint.response(201, RoleKey)
def create_role(body: Mapping[str, Any]) -> Response:
    """A role that grants nothing yet."""

    def use_case(tx: Tx) -> dict[str, object]:
        label = Text(body["label_zh"], body["label_en"])
        roles.create_role(tx, key=body["key"], label=label, rights=frozenset(body["rights"]))
        return {"key": body["key"]}

    return base.write(use_case, status=201)


@blueprint.patch("/roles/<key>")
@blueprint.arguments(RoleChange)
@blueprint.response(204)
def change_role(body: Mapping[str, Any], key: str) -> Response:
    """Replaces a role's administration rights; nobody gives what they do not have."""
    return base.write(lambda tx: set_rights(tx, key, frozenset(body["rights"])), status=204)


@blueprint.get("/rights")
@blueprint.response(200, page_of(RightView))
def list_rights() -> Response:
    """Every administration right there is."""
    return base.listed(lambda tx: [to_plain(one) for one in RIGHTS])


@blueprint.get("/grants")
@blueprint.response(200, page_of(GrantView))
def list_grants() -> Response:
    """What administrators have granted; needs `manage_roles`."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, "manage_roles")
        grants = snapshot.load(tx).grants
        return [{"role": role, "object": key, **to_plain(grant)} for (role, key), grant in sorted(grants.items())]

    return base.listed(use_case)


@blueprint.post("/grants")
@blueprint.arguments(GrantBody)
@blueprint.response(204)
def create_grant(body: Mapping[str, Any]) -> Response:
    """Grants a role an object; a grant that is there is replaced, as by PATCH."""
    return _set_grant(body)


@blueprint.patch("/grants")
@blueprint.arguments(GrantBody)
@blueprint.response(204)
def set_grant(body: Mapping[str, Any]) -> Response:
    """Replaces a role's grant on an object; nobody grants more than they have."""
    return _set_grant(body)


def _set_grant(body: Mapping[str, Any]) -> Response:
    return base.write(
        lambda tx: roles.set_grant(
            tx, body["role"], body["object"], scopes=body["scopes"], fields=body["fields_"], where=body["where"]
        ),
        status=204,
    )


@blueprint.post("/role-assignments")
@blueprint.arguments(Assignment)
@blueprint.response(204)
def assign_role(body: Mapping[str, Any]) -> Response:
    """Gives a role at a branch."""
    role, branch_id, holder = _assignment(body)
    return base.write(lambda tx: roles.assign_role(tx, role, branch_id, **holder), status=204)


@blueprint.delete("/role-assignments")
@blueprint.arguments(Assignment)
@blueprint.response(204)
def unassign_role(body: Mapping[str, Any]) -> Response:
    """Takes a role back."""
    role, branch_id, holder = _assignment(body)
    return base.write(lambda tx: roles.unassign_role(tx, role, branch_id, **holder), status=204)


@blueprint.get("/sharing-rules")
@blueprint.response(200, page_of(snapshot.SharingRule))
def list_sharing_rules() -> Response:
    """All sharing rules; needs `manage_roles`."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, "manage_roles")
        return snapshot.load(tx).sharing

    return base.listed(use_case)


@blueprint.post("/sharing-rules")
@blueprint.arguments(SharingRule)
@blueprint.response(201, Identified)
def create_sharing_rule(body: Mapping[str, Any]) -> Response:
    """Widens who may read."""
    values = {("object_key" if name == "object" else name): value for name, value in body.items()}
    return base.write(lambda tx: {"id": sharing.create_sharing_rule(tx, **values)}, status=201)


@blueprint.patch("/sharing-rules/<uuid:rule_id>")
@blueprint.arguments(SharingRuleChange)
@blueprint.response(204)
def change_sharing_rule(body: Mapping[str, Any], rule_id: UUID) -> Response:
    """Another name, condition, or whether the rows may be changed too."""
    return base.write(lambda tx: sharing.change_sharing_rule(tx, rule_id, **body), status=204)


@blueprint.delete("/sharing-rules/<uuid:rule_id>")
@blueprint.response(204)
def remove_sharing_rule(rule_id: UUID) -> Response:
    """Takes a sharing rule away."""
    return base.write(lambda tx: sharing.remove_sharing_rule(tx, rule_id), status=204)


def _assignment(body: Mapping[str, Any]) -> tuple[str, UUID, dict[str, Any]]:
    holder = {name: body[name] for name in ("user_id", "group_id", "position_id") if body[name]}
    return body["role"], body["branch_id"], holder
