"""Long work: progress, cancel, result."""

from typing import Any
from uuid import UUID

from flask import Response

from engine.kernel import background
from webapp.api import base
from webapp.api.schema import schema_of

blueprint = base.blueprint("jobs", "Background jobs 后台任务")


@blueprint.get("/jobs")
@blueprint.response(200, schema_of(background.Job)(many=True))
def listing() -> Any:
    """The actor's latest jobs."""
    return base.read(background.listing)


@blueprint.get("/jobs/<uuid:job_id>")
@blueprint.response(200, schema_of(background.Job))
def show(job_id: UUID) -> Any:
    """State, progress, and the result once it is done."""
    return base.read(lambda tx: background.get(tx, job_id))


@blueprint.post("/jobs/<uuid:job_id>/cancel")
@blueprint.response(200)
def cancel(job_id: UUID) -> Response:
    """Asks it to stop; what is done stays and is listed in the result."""
    return base.write(lambda tx: background.cancel(tx, job_id))
