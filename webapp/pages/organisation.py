"""Administration of positions, groups, sharing rules and forbids; why somebody may see something."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from engine.kernel.uow import Tx
from engine.metadata import organisation
from engine.metadata.levels import ACTIONS
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import run
from webapp.screens.administration import organisationpage
from webapp.screens.administration.administration import key_given

blueprint = Blueprint("organisation", __name__, url_prefix="/admin")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the administration."""
    g.area = "admin"


@blueprint.get("/positions")
def positions() -> Response:
    """Positions with superiors, holders and roles."""
    return page("admin/carriers.html", kind="positions", model=run(organisationpage.positions))


@blueprint.get("/groups")
def groups() -> Response:
    """Groups with members and roles."""
    return page("admin/carriers.html", kind="groups", model=run(organisationpage.groups))


@blueprint.post("/positions")
def create_position() -> Response:
    """A new position."""
    return _done(lambda tx: organisationpage.create_position(tx, request.form), ".positions", gettext("岗位已建立"))


@blueprint.post("/groups")
def create_group() -> Response:
    """A new group."""
    name, branch_id = request.form["name"].strip(), id_of(request.form["branch"])
    key, create = key_given(request.form, name), organisation.create_group
    return _done(lambda tx: create(tx, key=key, name=name, branch_id=branch_id), ".groups", gettext("用户组已建立"))


@blueprint.post("/<any(positions, groups):kind>/<uuid:carrier_id>")
def change(kind: str, carrier_id: UUID) -> Response:
    """Another name; a position's superior and headship too."""
    act = organisationpage.change
    return _done(lambda tx: act(tx, kind, carrier_id, request.form), f".{kind}", gettext("已保存"))


@blueprint.post("/<any(positions, groups):kind>/<uuid:carrier_id>/remove")
def remove(kind: str, carrier_id: UUID) -> Response:
    """Takes an emptied one away."""
    return _done(lambda tx: organisationpage.remove(tx, kind, carrier_id), f".{kind}", gettext("已删除"))


@blueprint.post("/<any(positions, groups):kind>/<uuid:carrier_id>/people")
def set_member(kind: str, carrier_id: UUID) -> Response:
    """Puts a user in or takes him out."""
    user_id, inside = id_of(request.form["user"]), not request.form.get("remove")
    return _done(
        lambda tx: organisationpage.set_member(tx, kind, carrier_id, user_id, inside=inside),
        f".{kind}",
        gettext("已保存"),
    )


@blueprint.post("/<any(positions, groups):kind>/<uuid:carrier_id>/roles")
def set_role(kind: str, carrier_id: UUID) -> Response:
    """Gives a role to a position or group, or takes it back."""
    role, branch_id, given = request.form["role"], id_of(request.form["branch"]), not request.form.get("remove")
    return _done(
        lambda tx: organisationpage.set_role(tx, kind, carrier_id, role, branch_id, given=given),
        f".{kind}",
        gettext("角色已更新"),
    )


@blueprint.get("/rules")
def rules() -> Response:
    """Sharing rules and forbids."""
    return page("admin/rules.html", rules=run(organisationpage.rules), actions_known=ACTIONS)


@blueprint.post("/rules/sharing")
def create_sharing() -> Response:
    """Widens who may see rows."""
    masked = request.form.getlist("masked")
    act = organisationpage.create_sharing
    return _done(lambda tx: act(tx, request.form, masked), ".rules", gettext("规则已保存，立即生效"))


@blueprint.post("/rules/forbids")
def create_forbid() -> Response:
    """Takes actions or fields away."""
    actions, fields = request.form.getlist("action"), request.form.getlist("field")
    act = organisationpage.create_forbid
    return _done(lambda tx: act(tx, request.form, actions, fields), ".rules", gettext("规则已保存，立即生效"))


@blueprint.post("/rules/<any(sharing, forbids):kind>/<uuid:rule_id>/remove")
def remove_rule(kind: str, rule_id: UUID) -> Response:
    """Takes a rule away."""
    remove = organisation.remove_sharing_rule if kind == "sharing" else organisation.remove_forbid
    return _done(lambda tx: remove(tx, rule_id), ".rules", gettext("规则已删除"))


@blueprint.get("/users/<uuid:user_id>/explain")
def explain(user_id: UUID) -> Response:
    """Why a user may see something, or not."""
    found = run(lambda tx: organisationpage.explained(tx, user_id, request.args))
    return page("admin/explain.html", found=found, actions_known=ACTIONS)


@blueprint.post("/users/<uuid:user_id>/test")
def test_permissions(user_id: UUID) -> Response:
    """Tries, as the user, to learn what the user may not read."""
    user, report = run(lambda tx: organisationpage.tested(tx, user_id))
    return page("admin/tested.html", user=user, report=report)


def _done(use_case: Callable[[Tx], object], endpoint: str, message: str) -> Response:
    run(use_case)
    return go(url_for(endpoint), message)
