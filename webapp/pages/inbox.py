"""The inbox, the task page and everything done with a task."""

from typing import Any, Literal
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request, url_for

from engine.kernel.errors import BadRequest, NotFound, UserError
from engine.kernel.uow import Tx
from engine.workflow import tasks
from engine.workflow.instances.waiting import waiting_choices
from engine.workflow.tasks import InboxQuery
from webapp.i18n import gettext, translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import boxes, choosing, formpage, inboxbulk, operations, taskdraft, taskpage
from webapp.screens.work import news as whatwaits

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")


@blueprint.get("")
def index() -> Response:
    """A box of tasks."""
    return page("inbox/index.html", **run(lambda tx: _lists(tx, None)), task=None)


@blueprint.get("/started")
def started() -> Response:
    """What one has started."""
    g.area = "started"
    return page("inbox/index.html", **run(lambda tx: _lists(tx, None, "started")), task=None)


@blueprint.get("/news")
def news() -> Response:
    """How many wait, for the badges of open pages: 304 as long as that has not changed."""
    found = run(whatwaits.read)
    response = jsonify(found)
    response.set_etag(found.tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@blueprint.post("/batch/<operation>")
def batch(operation: str) -> Response:
    """Shows what the operation means for the chosen tasks, then starts it in the background."""
    back_url, error, status = url_for(".index", box=request.form.get("box", "todo")), "", 200
    if request.form.get("step") == "go":
        try:
            return go(url_for("jobs.show", job_id=run(lambda tx: inboxbulk.start(tx, operation, request.form))))
        except UserError as refused:
            error, status = translated(refused.message), refused.status
    try:
        found = run(lambda tx: inboxbulk.question(tx, operation, request.form))
    except UserError as refused:
        return go(back_url, translated(refused.message), "error")
    return page("inbox/batch.html", status=status, asked=found, given=request.form, error=error, back_url=back_url)


@blueprint.get("/<uuid:task_id>")
def show(task_id: UUID) -> Response:
    """One task beside its list."""
    return run(lambda tx: _task_page(tx, task_id, 200))


@blueprint.post("/<uuid:task_id>")
def complete(task_id: UUID) -> Response:
    """An outcome button."""
    outcome, comment = request.form.get("outcome"), request.form.get("comment", "").strip()
    if request.form.get("_redraw"):
        return run(lambda tx: _redraw(tx, task_id, comment))
    try:
        run(lambda tx: _complete(tx, task_id, outcome, comment))
    except UserError as error:
        errors, status = formpage.refused(error), error.status
        if error.status == NotFound.status:
            return go(url_for(".index"), _gone(comment), "error")
        return run(lambda tx: _task_page(tx, task_id, status, errors=errors, comment=comment))
    return go(url_for(".index"), gettext("已提交"))


@blueprint.post("/<uuid:task_id>/draft")
def draft(task_id: UUID) -> Response:
    """Keeps what has been typed so far, or drops it; the page goes on as it is."""
    is_dropped = request.form.get("step") == "drop"
    comment = request.form.get("comment", "").strip()
    run(lambda tx: taskdraft.drop(tx, task_id) if is_dropped else taskdraft.keep(tx, task_id, comment))
    return Response(status=204)


@blueprint.route("/<uuid:task_id>/<operation>", methods=["GET", "POST"])
def operate(task_id: UUID, operation: str) -> Response:
    """Transfer, return, copy, urge …: asked in a dialog, then done."""
    if operation not in operations.OPERATIONS:
        raise BadRequest
    if request.method == "POST" and request.form.get("step") not in ("preview", "ask"):
        try:
            done = run(lambda tx: operations.do(tx, task_id, operation, request.form))
        except UserError as error:
            text, status = translated(error.message), error.status
            return run(lambda tx: _ask(tx, task_id, operation, text, status))
        stays = operation in ("claim", "save", "urge", "cc")
        return go(url_for(".show", task_id=task_id) if stays else url_for(".index"), translated(done))
    return run(lambda tx: _ask(tx, task_id, operation, "", 200))


def _lists(tx: Tx, current: UUID | None, box: str = "") -> dict[str, Any]:
    asked: Literal["newest", "due"] = "due" if request.args.get("order") == "due" else "newest"
    name = boxes.known(box or request.args.get("box", "todo"))
    query = InboxQuery(name, request.args.get("q", "").strip(), order=asked, after=request.args.get("after") or None)
    found = tasks.inbox(tx, query)
    choices = waiting_choices(tx, query.search) if name == "todo" and not query.after else ()
    return {
        "boxes": boxes.links(boxes.counted(tx)),
        "choices": tuple(boxes.line(tx, one) for one in choices),
        "box": name,
        "search": query.search,
        "order": asked,
        "items": tuple(boxes.line(tx, item) for item in found.items),
        "item_url": lambda line: line.url(name),
        "current_id": str(current) if current else "",
        "operations": {one: inboxbulk.OPERATIONS[one] for one in inboxbulk.offered(name)},
        "here": _here(current, query),
        "next_url": url_for(".index", box=name, q=query.search, order=asked, after=found.next) if found.next else "",
    }


def _here(current: UUID | None, query: InboxQuery) -> str:
    """The first page of the list again, beside the task that is open."""
    if current:
        return url_for(".show", task_id=current, box=query.box, q=query.search or None, order=query.order)
    return url_for(".index", box=query.box, q=query.search or None, order=query.order)


def _task_page(tx: Tx, task_id: UUID, status: int, **refused: Any) -> Response:
    if request.method == "POST" and "errors" in refused:
        refused["submitted"] = taskpage.open_task(tx, tasks.get(tx, task_id)).submitted(tx)
    model = taskpage.read(tx, task_id, **refused)
    lists = _lists(tx, task_id)
    return page("inbox/index.html", status=status, **lists, task=model, back_url=url_for(".index", box=lists["box"]))


def _gone(comment: str) -> str:
    """For who comes too late to see the task at all."""
    text = gettext("这个任务已经不在您这里了，可能已由别人办理。")
    return text + gettext("您写的意见没有提交：%(comment)s", comment=comment) if comment else text


def _redraw(tx: Tx, task_id: UUID, comment: str) -> Response:
    opened = taskpage.open_task(tx, tasks.get(tx, task_id))
    checked = opened.checked(opened.submitted(tx), draft=True)
    model = taskpage.read(tx, task_id, submitted=checked.values, comment=comment)
    return page("inbox/index.html", **_lists(tx, task_id), task=model, back_url=url_for(".index"))


def _complete(tx: Tx, task_id: UUID, outcome: str | None, comment: str) -> None:
    opened = taskpage.open_task(tx, tasks.get(tx, task_id))
    tasks.complete(tx, task_id, outcome=outcome, values=opened.submitted(tx), comment=comment, choose=choosing.posted())


def _ask(tx: Tx, task_id: UUID, operation: str, error: str, status: int) -> Response:
    model = operations.ask(tx, task_id, operation, request.form, error)
    return page("inbox/operation.html", status=status, cancel_url=url_for(".show", task_id=task_id), **model)
