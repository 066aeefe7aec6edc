"""Sign in for a bearer token; who am I."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, g, request
from marshmallow import Schema, fields, validate

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Unauthenticated
from engine.kernel.uow import Tx
from engine.metadata import profile
from engine.metadata.organisation import credentials, tokens, users
from webapp.api import base
from webapp.api.schema import page_of
from webapp.request import platform
from webapp.security import demo

blueprint = base.blueprint("auth", "Sign in 登录")
_ANYBODY = Actor(ActorKind.PUBLIC_FORM, "api", "接口")
_SCHEME = "bearer "
_BEFORE_CHANGE = {"api_auth.issue", "api_auth.revoke", "api_auth.change_password"}
"""All that is open to somebody who has to change the password."""


class SignIn(Schema):
    """Username and password; a label names the token in the list of one's tokens."""

    username = fields.String(required=True, validate=validate.Length(1, 100))
    password = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)
    label = fields.String(load_default="API", validate=validate.Length(max=80))


class Token(Schema):
    """The bearer token, shown this once."""

    token = fields.String()


class NewPassword(Schema):
    """The present password and the one to take its place."""

    old = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)
    new = fields.String(required=True, validate=validate.Length(1, 200), load_only=True)


class HeldRole(Schema):
    """A role, and the branch it is held at."""

    role = fields.String()
    branch_id = fields.UUID()


class Me(Schema):
    """The signed-in person."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    locale = fields.String()
    branch_id = fields.UUID()
    roles = fields.List(fields.Nested(HeldRole))


def authenticate() -> None:
    """Before each API request: turns the bearer token into the actor; endpoints ask for it when they need one."""
    header = request.headers.get("Authorization", "")
    if header[: len(_SCHEME)].lower() == _SCHEME:
        token = header[len(_SCHEME) :].strip()
        boundary = platform().boundary
        found = credentials.bearer_of(boundary.look_up(credentials.bearer_question(token, boundary.clock.now())))
        g.api_actor, g.api_token = found.actor, token
        if found.must_change and request.endpoint not in _BEFORE_CHANGE:
            raise credentials.change_first()


@blueprint.post("/auth/token")
@blueprint.arguments(SignIn)
@blueprint.response(200, Token)
@blueprint.doc(security=[])
def issue(body: Mapping[str, Any]) -> Any:
    """A token for a right password; 401 otherwise, 429 after too many tries, 403 to demo users from outside."""

    def use_case(tx: Tx) -> str | None:
        demo.require_private(tx, platform().settings, body["username"])
        user = credentials.sign_in(tx, body["username"], body["password"], request.remote_addr or "")
        if user is None:
            return None
        with tx.acting_as(user.actor()):
            return credentials.issue_token(tx, user.id, label=body["label"])

    token = platform().boundary.run(_ANYBODY, use_case)
    if token is None:
        raise credentials.wrong_credentials()
    return {"token": token}


@blueprint.delete("/auth/token")
@blueprint.response(204)
def revoke() -> Response:
    """Ends the token this request carries."""
    token = getattr(g, "api_token", None)
    if token is None:
        raise Unauthenticated
    return base.write(lambda tx: credentials.revoke_token(tx, token), status=204)


@blueprint.post("/me/password")
@blueprint.arguments(NewPassword)
@blueprint.response(204)
def change_password(body: Mapping[str, Any]) -> Response:
    """Changes one's password; every token and session ends, this one too."""
    return base.write(lambda tx: credentials.change_password(tx, body["old"], body["new"]), status=204)


@blueprint.get("/me")
@blueprint.response(200, Me)
def me() -> Response:
    """Who I am, my roles and where I hold them."""

    def use_case(tx: Tx) -> dict[str, object]:
        held = profile.load_profile(tx)
        if held.user_id is None:
            raise Unauthenticated
        user = users.get_user(tx, held.user_id)
        return {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "locale": user.locale,
            "branch_id": user.branch_id,
            "roles": [{"role": one.role, "branch_id": one.branch_id} for one in held.roles],
        }

    return base.shown(use_case)


@blueprint.get("/me/tokens")
@blueprint.response(200, page_of(tokens.TokenRow))
def list_tokens() -> Response:
    """My live tokens: sessions of browsers and tokens of programs; `is_this` marks the one that asks."""
    return base.listed(lambda tx: tokens.own_tokens(tx, getattr(g, "api_token", "")))


@blueprint.delete("/me/tokens/<uuid:token_id>")
@blueprint.response(204)
def end_token(token_id: UUID) -> Response:
    """Ends one of them at once."""
    return base.write(lambda tx: tokens.end_token(tx, token_id), status=204)


@blueprint.get("/me/sign-ins")
@blueprint.response(200, page_of(tokens.SignIn))
def list_sign_ins() -> Response:
    """The latest attempts to sign in with my name."""
    return base.listed(tokens.own_sign_ins)
