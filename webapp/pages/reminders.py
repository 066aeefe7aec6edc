"""What somebody should look after today."""

from flask import Blueprint, Response

from webapp.render import page
from webapp.request import run
from webapp.screens.school import reminders

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")


@blueprint.get("")
def index() -> Response:
    """The sections of the actor."""
    return page("reminders/index.html", sections=run(reminders.read))
