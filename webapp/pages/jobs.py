"""Background jobs: progress, result, cancel."""

from uuid import UUID

from flask import Blueprint, Response, url_for

from engine.kernel import background
from engine.kernel.uow import Tx
from engine.workflow import bulk
from engine.workflow.messages.posted_starts import waiting
from webapp.downloads import attachment
from webapp.i18n import gettext, locale
from webapp.render import go, page
from webapp.request import run
from webapp.screens.records import failed_rows, sheets
from webapp.screens.states import job_state
from webapp.screens.work import bulkjob

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("")
def index() -> Response:
    """One's own latest jobs."""
    return page("jobs/index.html", jobs=run(background.listing), state=job_state, bulk=bulk, title_of=bulkjob.title_of)


@blueprint.get("/<uuid:job_id>")
def show(job_id: UUID) -> Response:
    """A job; the page asks again while it runs, or while cases of what it brought have not begun."""
    job, starting, found, many = run(lambda tx: _read(tx, job_id))
    error = (job.error or {}).get(locale(), "")
    state = job_state(job.state)
    shown = {"job": job, "state": state, "error": error, "kinds": sheets, "starting": starting, "problems": found}
    return page("jobs/show.html", **shown, many=many)


@blueprint.get("/<uuid:job_id>/failed-rows")
def failed(job_id: UUID) -> Response:
    """The rows an import could not take, with what is wrong."""
    name, content = run(lambda tx: failed_rows.sheet(tx, job_id))
    return attachment(name, "application/octet-stream", content)


def _read(tx: Tx, job_id: UUID) -> tuple[background.Job, int, failed_rows.Problems, bulkjob.BulkJob | None]:
    job = background.get(tx, job_id)
    is_brought = job.kind == sheets.IMPORT and job.state in ("done", "cancelled") and job.result
    starting = waiting(tx, str(job.result["batch"])) if is_brought and job.result else 0
    return job, starting, failed_rows.problems(tx, job), bulkjob.read(tx, job)


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
