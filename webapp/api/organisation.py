"""Administration: branches, users, positions, groups."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.organisation import branches, carriers, credentials, positions, users
from webapp.api import base
from webapp.api.schema import Identified, page_of

blueprint = base.blueprint("organisation", "Organisation 组织：校区、用户、岗位、小组")
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


class PositionChange(Schema):
    """The position anew."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    superior_id = fields.UUID(load_default=None, allow_none=True)
    is_branch_head = fields.Boolean(load_default=False)


class GroupChange(Schema):
    """The group's name."""

    name = fields.String(required=True, validate=validate.Length(1, 100))


class Member(Schema):
    """A user to put in."""

    user_id = fields.UUID(required=True)


class UserSearch(Schema):
    """Which users."""

    branch_id = fields.UUID(load_default=None)
    search = fields.String(load_default="")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


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


@blueprint.patch("/positions/<uuid:position_id>")
@blueprint.arguments(PositionChange)
@blueprint.response(204)
def change_position(body: Mapping[str, Any], position_id: UUID) -> Response:
    """Another name, superior or headship."""
    return base.write(lambda tx: carriers.change_position(tx, position_id, **body), status=204)


@blueprint.delete("/positions/<uuid:position_id>")
@blueprint.response(204)
def remove_position(position_id: UUID) -> Response:
    """Takes an emptied position away; 409 while somebody holds it or a position is below it."""
    return base.write(lambda tx: carriers.remove_position(tx, position_id), status=204)


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


@blueprint.patch("/groups/<uuid:group_id>")
@blueprint.arguments(GroupChange)
@blueprint.response(204)
def rename_group(body: Mapping[str, Any], group_id: UUID) -> Response:
    """Another name."""
    return base.write(lambda tx: carriers.rename_group(tx, group_id, body["name"]), status=204)


@blueprint.delete("/groups/<uuid:group_id>")
@blueprint.response(204)
def remove_group(group_id: UUID) -> Response:
    """Takes an emptied group away; 409 while it has members or a sharing rule names it."""
    return base.write(lambda tx: carriers.remove_group(tx, group_id), status=204)


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
