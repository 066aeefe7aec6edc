"""Substitutes while one is away, and working calendars."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from engine.workflow import substitutions
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.links import address
from webapp.render import go, page
from webapp.request import run
from webapp.screens.school import absencepage

blueprint = Blueprint("absences", __name__)


@blueprint.get("/absences")
def index() -> Response:
    """Who acts for whom, and a form to name a substitute."""
    return page("absences/index.html", model=run(absencepage.absences))


@blueprint.post("/absences")
def create() -> Response:
    """Names a substitute."""
    run(lambda tx: absencepage.create(tx, request.form))
    return go(url_for(".index"), gettext("代理已设置，期间的任务由代理人处理"))


@blueprint.post("/absences/<uuid:substitution_id>/end")
def end(substitution_id: UUID) -> Response:
    """Back early."""
    run(lambda tx: substitutions.end(tx, substitution_id))
    return go(url_for(".index"), gettext("代理已结束"))


@blueprint.get("/admin/calendar")
def calendar() -> Response:
    """A branch's working days and hours."""
    g.area = "admin"
    branch = request.args.get("branch")
    model = run(lambda tx: absencepage.calendar(tx, id_of(branch) if branch else None))
    return page("absences/calendar.html", model=model, weekdays=absencepage.WEEKDAYS)


@blueprint.post("/admin/calendar")
def save_calendar() -> Response:
    """Stores a branch's working days and hours."""
    run(lambda tx: absencepage.save_calendar(tx, request.form, request.form.getlist("weekday")))
    return go(address(".calendar", {"branch": request.form["branch"]}), gettext("工作日历已保存"))
