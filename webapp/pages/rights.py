"""A role's administration rights; erasing personal values from the history."""

from flask import Blueprint, Response, g, request, url_for

from engine.metadata import erasing
from engine.metadata.organisation.role_rights import set_rights
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import run
from webapp.screens.administration import rightspage

blueprint = Blueprint("rights", __name__, url_prefix="/admin")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the administration."""
    g.area = "admin"


@blueprint.get("/roles/<key>/rights")
def show(key: str) -> Response:
    """Every right there is, and which of them the role has."""
    return page("admin/rights.html", model=run(lambda tx: rightspage.rights(tx, key)))


@blueprint.post("/roles/<key>/rights")
def save(key: str) -> Response:
    """Stores them."""
    given = rightspage.parse_rights(request.form)
    run(lambda tx: set_rights(tx, key, given))
    return go(url_for(".show", key=key), gettext("管理权限已保存，立即生效"))


@blueprint.get("/personal")
def personal() -> Response:
    """What the history holds of one record's personal values."""
    object_key, record_id = request.args.get("object", "student"), request.args.get("id", "").strip()
    return page("admin/personal.html", found=run(lambda tx: rightspage.erasable(tx, object_key, record_id)))


@blueprint.post("/personal")
def erase() -> Response:
    """Erases them, with a reason."""
    object_key, record_id = request.form["object"], id_of(request.form["id"])
    count = run(lambda tx: erasing.erase(tx, object_key, record_id, request.form.get("reason", "")))
    return go(url_for(".personal"), gettext("已从操作记录中清除 %(n)s 处个人信息", n=count))
