"""Saved views of lists: keep the present one, rename, share, delete."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from engine.metadata import saved_views
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import actor, run
from webapp.screens.records import listing

blueprint = Blueprint("views", __name__, url_prefix="/views")


@blueprint.get("/<object_key>")
def index(object_key: str) -> Response:
    """One's views of an object, and a form that keeps the present list."""
    asked, mine = listing.asked_for(object_key), actor().id
    views = run(lambda tx: saved_views.of_object(tx, object_key))
    return page("views/index.html", object=object_key, views=views, mine=mine, question=asked.url())


@blueprint.post("/<object_key>")
def create(object_key: str) -> Response:
    """Keeps the list whose address is posted."""
    given = MultiDict(parse_qsl(urlsplit(request.form.get("question", "")).query))
    asked = listing.asked_for(object_key, given)
    run(lambda tx: saved_views.create(tx, object_key, request.form.get("name", ""), asked.parameters()))
    return go(asked.url(), gettext("视图已保存"))


@blueprint.post("/<object_key>/<uuid:view_id>")
def change(object_key: str, view_id: UUID) -> Response:
    """Renames, shares, or deletes."""
    action = request.form.get("action", "")
    if action == "rename":
        run(lambda tx: saved_views.rename(tx, view_id, request.form.get("name", "")))
    elif action == "remove":
        run(lambda tx: saved_views.remove(tx, view_id))
    else:
        run(lambda tx: saved_views.share(tx, view_id, shared=action == "share"))
    return go(url_for(".index", object_key=object_key), gettext("已保存"))
