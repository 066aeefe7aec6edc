"""交接: what a leaving person has, who takes it, what that means, and putting it to work."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from engine.kernel.errors import Forbidden, UserError
from engine.workflow import bulk
from webapp.given import id_of
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import handover

blueprint = Blueprint("handover", __name__, url_prefix="/handover")


@blueprint.get("")
def index() -> Response:
    """Whose work; then what there is and who takes it."""
    user = request.args.get("user", "")
    if not user:
        return page("handover/index.html", model=None)
    try:
        return _shown(id_of(user), request.args)
    except Forbidden as refused:
        return page("handover/index.html", status=refused.status, model=None, error=translated(refused.message))


@blueprint.post("")
def start() -> Response:
    """The choices anew, what they mean, or the hand-over itself."""
    step, user = request.form.get("step", ""), id_of(request.form["user"])
    try:
        if step == "go":
            return go(url_for("jobs.show", job_id=run(lambda tx: handover.start(tx, user, request.form))))
        if step == "preview":
            found = run(lambda tx: handover.preview(tx, user, request.form))
            return page("handover/preview.html", found=found, given=request.form)
    except UserError as refused:
        return _shown(user, request.form, translated(refused.message), refused.status)
    return _shown(user, request.form)


def _shown(user: UUID, given: Mapping[str, str], error: str = "", status: int = 200) -> Response:
    model = run(lambda tx: handover.read(tx, user, given))
    return page("handover/index.html", status=status, model=model, error=error, limit=bulk.LIMIT)
