"""Global search: the palette's list, its own page, and the choices of pickers."""

from flask import Blueprint, Response, jsonify, request

from webapp.render import page
from webapp.request import run
from webapp.screens.records import search

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def show() -> Response:
    """Results for ``q``."""
    text = request.args.get("q", "").strip()[:100]
    return page("search/show.html", text=text, hits=run(lambda tx: search.find(tx, text)))


@blueprint.get("/search/options/<kind>")
def options(kind: str) -> Response:
    """Choices of a picker, as JSON."""
    text = request.args.get("q", "").strip()[:100]
    return jsonify(items=run(lambda tx: search.options(tx, kind, text)))
