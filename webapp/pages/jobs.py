"""Background jobs: progress, result, cancel."""

from uuid import UUID

from flask import Blueprint, Response, url_for

from engine.kernel import background
from webapp.downloads import attachment
from webapp.i18n import gettext, locale
from webapp.render import go, page
from webapp.request import run
from webapp.screens.records import sheets
from webapp.screens.work.states import job_state

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("")
def index() -> Response:
    """One's own latest jobs."""
    return page("jobs/index.html", jobs=run(background.listing), state=job_state)


@blueprint.get("/<uuid:job_id>")
def show(job_id: UUID) -> Response:
    """A job; the page asks again while it runs."""
    job = run(lambda tx: background.get(tx, job_id))
    error = (job.error or {}).get(locale(), "")
    return page("jobs/show.html", job=job, state=job_state(job.state), error=error, kinds=sheets)


@blueprint.post("/<uuid:job_id>/cancel")
def cancel(job_id: UUID) -> Response:
    """Asks the job to stop."""
    run(lambda tx: background.cancel(tx, job_id))
    return go(url_for(".show", job_id=job_id), gettext("已请求取消"))


@blueprint.get("/<uuid:job_id>/file")
def download(job_id: UUID) -> Response:
    """The file an export made."""
    file, content = run(lambda tx: sheets.result_file(tx, job_id))
    return attachment(file.name, file.media_type, content)
