"""Long work: progress, cancel, result."""

from uuid import UUID

from flask import Response

from engine.kernel import background
from webapp.api import base
from webapp.api.schema import page_of, schema_of

blueprint = base.blueprint("jobs", "Background jobs 后台任务")


@blueprint.get("/jobs")
@blueprint.response(200, page_of(background.Job))
def listing() -> Response:
    """The actor's latest jobs."""
    return base.listed(background.listing)


@blueprint.get("/jobs/<uuid:job_id>")
@blueprint.response(200, schema_of(background.Job))
def show(job_id: UUID) -> Response:
    """State, progress, and the result once it is done."""
    return base.shown(lambda tx: background.get(tx, job_id))


@blueprint.post("/jobs/<uuid:job_id>/cancel")
@blueprint.response(200, schema_of(background.Job))
def cancel(job_id: UUID) -> Response:
    """Asks it to stop; what is done stays and is listed in the result."""
    return base.write(lambda tx: background.cancel(tx, job_id))
