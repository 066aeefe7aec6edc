"""The home page and the list of keys."""

from flask import Blueprint, Response

from webapp.render import page
from webapp.request import run
from webapp.screens.work import home

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> Response:
    """Figures, tasks, requests."""
    return page("home/show.html", home=run(home.read))


@blueprint.get("/keys")
def keys() -> Response:
    """The keyboard's shortcuts."""
    return page("home/keys.html")
