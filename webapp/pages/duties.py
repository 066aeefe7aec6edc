"""Duties by the clock, for those in charge."""

from flask import Blueprint, Response

from webapp.render import page
from webapp.request import platform, run
from webapp.screens.school import dutypage

blueprint = Blueprint("duties", __name__, url_prefix="/duties")


@blueprint.get("")
def index() -> Response:
    """Every duty with its latest run."""
    return page("duties/index.html", lines=run(lambda tx: dutypage.read(tx, platform().duties)))
