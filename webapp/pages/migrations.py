"""Moving running cases to another version of their process: plan, choices, start, undo."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from engine.kernel.errors import UserError
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import migrationpage

blueprint = Blueprint("migrations", __name__, url_prefix="/processes/<key>/migrations")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the processes."""
    g.area = "processes"


@blueprint.get("")
def index(key: str) -> Response:
    """The plan from one version to another, and the migrations made before."""
    return _shown(key, "", 200)


@blueprint.post("")
def start(key: str) -> Response:
    """The plan anew with the choices made, or the migration itself."""
    if request.form.get("step") != "go":
        return _shown(key, "", 200)
    try:
        job_id = run(lambda tx: migrationpage.start(tx, key, request.form))
    except UserError as error:
        return _shown(key, translated(error.message), error.status)
    return go(url_for("jobs.show", job_id=job_id))


@blueprint.route("/<uuid:batch_id>/undo", methods=["GET", "POST"])
def undo(key: str, batch_id: UUID) -> Response:
    """What of a migration can be undone; then does it."""
    error = ""
    if request.method == "POST":
        try:
            return go(url_for("jobs.show", job_id=run(lambda tx: migrationpage.undo(tx, key, batch_id))))
        except UserError as refused:
            error = translated(refused.message)
    found = run(lambda tx: migrationpage.batch(tx, key, batch_id))
    back_url = url_for(".index", key=key)
    return page("processes/undo.html", status=422 if error else 200, batch=found, error=error, back_url=back_url)


def _shown(key: str, error: str, status: int) -> Response:
    found = run(lambda tx: migrationpage.read(tx, key, request.values))
    return page("processes/migrations.html", status=status, model=found, error=error)
