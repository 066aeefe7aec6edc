"""Administration: branches, users, roles and their grants, positions, groups, sharing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import rights, snapshot
from engine.metadata.organisation import branches, credentials, positions, roles, sharing, users
from webapp.api import base
from webapp.api.schema import Identified, page_of, to_plain

blueprint = base.blueprint("organisation", "Organisation and permissions 组织与权限")
_KEY = validate.Length(1, 40)


class NewBranch(Schema):
    """A branch under another one."""

    key = fields.String(required=True, validate=_KEY)
    name = fields.String(required=True, validate=validate.Length(1, 100))
    name_en = fields.String(load_default="", validate=validate.Length(max=100))
    parent_id = fields.UUID(required=True)
    zone = fields.String(load_default="Asia/Shanghai")


class BranchChange(Schema):
    """What to change; the rest stays."""

    name = fields.String(validate=validate.Length(1, 100))
    name_en = fields.String(validate=validate.Length(max=100))
    zone = fields.String()
    is_active = fields.Boolean()


class NewUser(Schema):
    """A member of staff; with a password that must be changed at the first sign-in."""

    username = fields.String(required=True, validate=validate.Length(2, 64))
    name = fields.String(required=True, validate=validate.Length(1, 100))
    branch_id = fields.UUID(required=True)
    phone = fields.String(load_default=None)
    email = fields.Email(load_default=None)
    password = fields.String(load_default=None, load_only=True, validate=validate.Length(8, 200))


class UserChange(Schema):
    """What to change; the rest stays."""

    name = fields.String(validate=validate.Length(1, 100))
    phone = fields.String(allow_none=True)
    email = fields.Email(allow_none=True)
    branch_id = fields.UUID()
    locale = fields.String(validate=validate.OneOf(["zh", "en"]))


class Active(Schema):
    """Whether the user may sign in."""

    active = fields.Boolean(required=True)


class NewRole(Schema):
    """A role of one's own."""

    key = fields.String(required=True, validate=_KEY)
    label_zh = fields.String(required=True)
    label_en = fields.String(required=True)
    rights = fields.List(fields.String(), load_default=list)


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


class NewPosition(Schema):
    """A position with its superior."""

    key = fields.String(required=True, validate=_KEY)
    name = fields.String(required=True)
    branch_id = fields.UUID(required=True)
    superior_id = fields.UUID(load_default=None)
    is_branch_head = fields.Boolean(load_default=False)


class NewGroup(Schema):
    """A group of users."""

    key = fields.String(required=True, validate=_KEY)
    name = fields.String(required=True)
    branch_id = fields.UUID(required=True)


class Member(Schema):
    """A user to put in."""

    user_id = fields.UUID(required=True)


class SharingRule(Schema):
    """Rows (FEEL) that a role's holders or a group may read as well."""

    object = fields.String(required=True)
    name = fields.String(required=True)
    where = fields.String(required=True)
    role = fields.String(load_default=None)
    group_id = fields.UUID(load_default=None)
    branch_id = fields.UUID(load_default=None)
    can_update = fields.Boolean(load_default=False)


class UserSearch(Schema):
    """Which users."""

    branch_id = fields.UUID(load_default=None)
    search = fields.String(load_default="")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


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


@blueprint.get("/branches")
@blueprint.response(200, page_of(snapshot.Branch))
def list_branches() -> Response:
    """The organisation tree, parents first."""
    return base.listed(branches.list_branches)


@blueprint.post("/branches")
@blueprint.arguments(NewBranch)
@blueprint.response(201, Identified)
def create_branch(body: Mapping[str, Any]) -> Response:
    """A new branch; needs `manage_branches` at its parent."""
    return base.write(lambda tx: {"id": branches.create_branch(tx, **body)}, status=201)


@blueprint.patch("/branches/<uuid:branch_id>")
@blueprint.arguments(BranchChange)
@blueprint.response(204)
def update_branch(body: Mapping[str, Any], branch_id: UUID) -> Response:
    """Changes a branch."""
    return base.write(lambda tx: branches.update_branch(tx, branch_id, **body), status=204)


@blueprint.get("/users")
@blueprint.arguments(UserSearch, location="query")
@blueprint.response(200, page_of(users.User))
def list_users(arguments: Mapping[str, Any]) -> Response:
    """The staff directory; phone and e-mail only for those who manage users."""
    return base.listed(lambda tx: users.list_users(tx, **arguments))


@blueprint.post("/users")
@blueprint.arguments(NewUser)
@blueprint.response(201, Identified)
def create_user(body: Mapping[str, Any]) -> Response:
    """A new user without roles; needs `manage_users` at the branch."""

    def use_case(tx: Tx) -> dict[str, object]:
        values = {name: value for name, value in body.items() if name != "password"}
        user_id = users.create_user(tx, **values)
        if body["password"]:
            credentials.set_password(tx, user_id, body["password"], must_change=True)
        return {"id": user_id}

    return base.write(use_case, status=201)


@blueprint.patch("/users/<uuid:user_id>")
@blueprint.arguments(UserChange)
@blueprint.response(204)
def update_user(body: Mapping[str, Any], user_id: UUID) -> Response:
    """Changes a user; `If-Match` carries the version."""
    version = base.required_version()
    return base.write(lambda tx: users.update_user(tx, user_id, version, **body), status=204)


@blueprint.post("/users/<uuid:user_id>/active")
@blueprint.arguments(Active)
@blueprint.response(204)
def set_active(body: Mapping[str, Any], user_id: UUID) -> Response:
    """Lets a user sign in, or no longer."""
    return base.write(lambda tx: users.deactivate_user(tx, user_id, active=body["active"]), status=204)


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


@blueprint.get("/grants")
@blueprint.response(200, page_of(GrantView))
def list_grants() -> Response:
    """What administrators have granted; needs `manage_roles`."""

    def use_case(tx: Tx) -> object:
        rights.require_right(tx, "manage_roles")
        grants = snapshot.load(tx).grants
        return [{"role": role, "object": key, **to_plain(grant)} for (role, key), grant in sorted(grants.items())]

    return base.listed(use_case)


@blueprint.patch("/grants")
@blueprint.arguments(GrantBody)
@blueprint.response(204)
def set_grant(body: Mapping[str, Any]) -> Response:
    """Replaces a role's grant on an object; nobody grants more than they have."""
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


@blueprint.get("/positions")
@blueprint.response(200, page_of(positions.Position))
def list_positions() -> Response:
    """All positions with their holders."""
    return base.listed(positions.list_positions)


@blueprint.post("/positions")
@blueprint.arguments(NewPosition)
@blueprint.response(201, Identified)
def create_position(body: Mapping[str, Any]) -> Response:
    """A new position."""
    return base.write(lambda tx: {"id": positions.create_position(tx, **body)}, status=201)


@blueprint.post("/positions/<uuid:position_id>/holders")
@blueprint.arguments(Member)
@blueprint.response(204)
def hold_position(body: Mapping[str, Any], position_id: UUID) -> Response:
    """Puts a user into a position."""
    return base.write(lambda tx: positions.hold_position(tx, position_id, body["user_id"]), status=204)


@blueprint.delete("/positions/<uuid:position_id>/holders/<uuid:user_id>")
@blueprint.response(204)
def leave_position(position_id: UUID, user_id: UUID) -> Response:
    """Takes a user out of a position."""
    return base.write(lambda tx: positions.leave_position(tx, position_id, user_id), status=204)


@blueprint.get("/groups")
@blueprint.response(200, page_of(positions.Group))
def list_groups() -> Response:
    """All groups with their members."""
    return base.listed(positions.list_groups)


@blueprint.post("/groups")
@blueprint.arguments(NewGroup)
@blueprint.response(201, Identified)
def create_group(body: Mapping[str, Any]) -> Response:
    """A new group."""
    return base.write(lambda tx: {"id": positions.create_group(tx, **body)}, status=201)


@blueprint.post("/groups/<uuid:group_id>/members")
@blueprint.arguments(Member)
@blueprint.response(204)
def add_member(body: Mapping[str, Any], group_id: UUID) -> Response:
    """Puts a user into a group."""
    return base.write(lambda tx: positions.add_group_member(tx, group_id, body["user_id"]), status=204)


@blueprint.delete("/groups/<uuid:group_id>/members/<uuid:user_id>")
@blueprint.response(204)
def remove_member(group_id: UUID, user_id: UUID) -> Response:
    """Takes a user out of a group."""
    return base.write(lambda tx: positions.leave_group(tx, group_id, user_id), status=204)


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


@blueprint.delete("/sharing-rules/<uuid:rule_id>")
@blueprint.response(204)
def remove_sharing_rule(rule_id: UUID) -> Response:
    """Takes a sharing rule away."""
    return base.write(lambda tx: sharing.remove_sharing_rule(tx, rule_id), status=204)


def _assignment(body: Mapping[str, Any]) -> tuple[str, UUID, dict[str, Any]]:
    holder = {name: body[name] for name in ("user_id", "group_id", "position_id") if body[name]}
    return body["role"], body["branch_id"], holder
