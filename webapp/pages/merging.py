"""Duplicates of a record, and merging two of them."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import run
from webapp.screens.records import merging

blueprint = Blueprint("merging", __name__, url_prefix="/records")


@blueprint.get("/<object_key>/<uuid:record_id>/duplicates")
def duplicates(object_key: str, record_id: UUID) -> Response:
    """Records that may be the same."""
    return page("records/duplicates.html", **run(lambda tx: merging.of_record(tx, object_key, record_id)))


@blueprint.route("/<object_key>/<uuid:record_id>/merge/<uuid:other_id>", methods=["GET", "POST"])
def merge(object_key: str, record_id: UUID, other_id: UUID) -> Response:
    """Both side by side, then one of them."""
    if request.method == "GET":
        found = run(lambda tx: merging.side_by_side(tx, object_key, record_id, other_id))
        return page("records/merge.html", **found)
    run(lambda tx: merging.merge(tx, object_key, record_id, other_id))
    return go(url_for("records.show", object_key=object_key, record_id=record_id), gettext("已合并"))
