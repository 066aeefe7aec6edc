"""Messages that nobody could be given to: operators look and decide."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext

from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import undeliveredpage

blueprint = Blueprint("undelivered", __name__, url_prefix="/undelivered")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the processes."""
    g.area = "processes"


@blueprint.get("")
def index() -> Response:
    """All that wait for a decision where the actor operates."""
    return page("undelivered/index.html", lines=run(undeliveredpage.read))


@blueprint.post("/<uuid:incident_id>")
def settle(incident_id: UUID) -> Response:
    """Looks for a receiver again, gives it to the case that is meant, or forgets it."""
    run(lambda tx: undeliveredpage.settle(tx, incident_id, request.form))
    return go(url_for(".index"), gettext("消息已处理"))
