"""Data stores of processes: what the cases of a branch share, looked at and corrected by operators."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext

from engine.kernel.errors import UserError
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import storepage

blueprint = Blueprint("stores", __name__, url_prefix="/stores")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the processes."""
    g.area = "processes"


@blueprint.get("")
def index() -> Response:
    """All stores the actor sees."""
    return page("stores/index.html", model=run(storepage.read))


@blueprint.route("/<uuid:branch_id>/<path:name>", methods=["GET", "POST"])
def show(branch_id: UUID, name: str) -> Response:
    """One store: its value, earlier corrections, and the form to correct it."""
    error, status = "", 200
    if request.method == "POST":
        try:
            run(lambda tx: storepage.change(tx, branch_id, name, request.form))
        except UserError as refused:
            reasons = [translated(text) for text in refused.fields.values()]
            error, status = " ".join(reasons) or translated(refused.message), refused.status
        else:
            return go(url_for(".index"), gettext("数据存储已修改"))
    asked = run(lambda tx: storepage.one(tx, branch_id, name, request.values.get("kind", "")))
    return page("stores/show.html", status=status, asked=asked, error=error, given=request.form)
