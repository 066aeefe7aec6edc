"""Planning lessons of a class, and moving, substituting and cancelling one."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from engine.kernel.errors import NotFound, UserError
from webapp.i18n import gettext, translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.school import planning

blueprint = Blueprint("planning", __name__, url_prefix="/timetable")


@blueprint.route("/classes/<uuid:class_id>/plan", methods=["GET", "POST"])
def plan(class_id: UUID) -> Response:
    """A weekly pattern, previewed, then created."""
    error, status = "", 200
    try:
        if request.form.get("step") == "go":
            count = run(lambda tx: planning.plan(tx, class_id, request.form))
            return go(url_for("timetable.week"), gettext("已排 %(n)s 节课", n=count))
        return page("timetable/plan.html", error="", **run(lambda tx: planning.plan_page(tx, class_id, request.form)))
    except UserError as refused:
        if refused.status in (403, 404):
            raise
        error, status = translated(refused.message), refused.status
    values = request.form.copy()
    values["step"] = "preview" if status == 409 else ""
    found = run(lambda tx: planning.plan_page(tx, class_id, values))
    return page("timetable/plan.html", status=status, error=error, **found)


@blueprint.post("/lessons/<uuid:lesson_id>/drag")
def drag(lesson_id: UUID) -> Response:
    """A lesson dragged to another time; refused as JSON when it clashes."""
    run(lambda tx: planning.change(tx, lesson_id, "move", request.form))
    return jsonify(moved=True)


@blueprint.route("/lessons/<uuid:lesson_id>/<name>", methods=["GET", "POST"])
def change(lesson_id: UUID, name: str) -> Response:
    """Move, substitute, cancel: asked in a dialog, then done."""
    if name not in planning.CHANGES:
        raise NotFound
    error, status = "", 200
    if request.method == "POST":
        try:
            done = run(lambda tx: planning.change(tx, lesson_id, name, request.form))
            return go(url_for("timetable.roll", lesson_id=lesson_id), translated(done))
        except UserError as refused:
            if refused.status in (403, 404):
                raise
            error, status = translated(refused.message), refused.status
    found = run(lambda tx: planning.change_page(tx, lesson_id, name))
    return page("timetable/change.html", status=status, error=error, values=request.form, **found)
