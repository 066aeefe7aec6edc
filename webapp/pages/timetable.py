"""The timetable week and the roll call."""

import json
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from engine.kernel.errors import BadRequest
from engine.kernel.uow import Tx
from processes.attendance import api
from processes.timetable.attendance_rules import Status
from webapp import formats
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import run
from webapp.screens.school import timetable

blueprint = Blueprint("timetable", __name__, url_prefix="/timetable")


@blueprint.get("")
def week() -> Response:
    """The week of a branch."""
    found = run(timetable.branches)
    today = formats.now().astimezone(formats.zone()).date()
    monday = timetable.monday_of(request.args.get("day", ""), today)
    asked = request.args.get("mine")
    mine = "1" if asked == "1" or (asked is None and run(timetable.shows_own_first)) else ""
    chosen = request.args.get("branch") or found[0][0]
    words = {
        "today": gettext("今天"), "prev": gettext("上一周"), "next": gettext("下一周"), "listWeek": gettext("列表"),
        "timeGridWeek": gettext("周"), "timeGridDay": gettext("日"), "empty": gettext("本周没有课"),
    }  # fmt: skip
    return page("timetable/week.html", branches=found, chosen=chosen, mine=mine, monday=monday, words=json.dumps(words))


@blueprint.get("/events")
def events() -> Response:
    """Lessons as the calendar asks for them."""
    try:
        branch_id = UUID(request.args.get("branch", ""))
        start, end = (_moment(request.args.get(name, "")) for name in ("start", "end"))
    except ValueError as error:
        raise BadRequest from error
    mine = request.args.get("mine") == "1"
    return jsonify(run(lambda tx: list(timetable.events(tx, branch_id, start, end, mine=mine))))


@blueprint.get("/lessons/<uuid:lesson_id>")
def roll(lesson_id: UUID) -> Response:
    """Who should be there, and who is."""
    return page("timetable/roll.html", roll=run(lambda tx: timetable.roll(tx, lesson_id)))


@blueprint.post("/lessons/<uuid:lesson_id>")
def call(lesson_id: UUID) -> Response:
    """Stores the marks; finishing marks everybody else absent or on leave."""
    names = [name for name in request.form if name.startswith("mark-") and request.form[name]]
    marks = {id_of(name.removeprefix("mark-")): _status(request.form[name]) for name in names}
    finish = request.form.get("step") == "finish"

    def store(tx: Tx) -> None:
        api.call_roll(tx, lesson_id, marks)
        if finish:
            api.finish_lesson(tx, lesson_id)

    run(store)
    return go(url_for(".roll", lesson_id=lesson_id), gettext("已下课") if finish else gettext("点名已保存"))


def _status(text: str) -> Status:
    if text not in set(Status):
        raise BadRequest
    return Status(text)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=formats.zone())
