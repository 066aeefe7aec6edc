"""A running or finished case: its diagram, tasks, variables, trail; and what an operator can do."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext

from engine.kernel.errors import BadRequest, NotFound, UserError
from engine.kernel.uow import Tx
from webapp.given import id_of
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import casechoices, casediagram, casemove, caseoperations, casevariables, instancepage

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("/<uuid:instance_id>")
def show(instance_id: UUID) -> Response:
    """The case."""
    asked = request.args.get("after")
    after = id_of(asked) if asked else None
    return page("instances/show.html", case=run(lambda tx: instancepage.read(tx, instance_id, after)))


@blueprint.get("/<uuid:instance_id>/diagram")
def diagram(instance_id: UUID) -> Response:
    """The model with the state of each element and the steps that led there, for the viewer."""
    return jsonify(run(lambda tx: casediagram.read(tx, instance_id)))


@blueprint.route("/<uuid:instance_id>/move", methods=["GET", "POST"])
def move(instance_id: UUID) -> Response:
    """Where the case goes on: chosen on the diagram or in a list, shown what it means, then done."""
    if request.method == "GET" or request.form.get("step") in ("preview", "ask"):
        return _moving(instance_id, "", 200)
    try:
        run(lambda tx: casemove.do(tx, instance_id, request.form))
    except UserError as error:
        return _moving(instance_id, _said(error), error.status)
    return go(url_for(".show", instance_id=instance_id), gettext("流程已移动"))


@blueprint.post("/<uuid:instance_id>/steps")
def begin_step(instance_id: UUID) -> Response:
    """Begins one of the optional steps; on to its task when it is the actor's."""
    try:
        following = run(lambda tx: casechoices.begin(tx, instance_id, request.form))
    except UserError as error:
        return _refused(instance_id, error)
    return go(following, gettext("步骤已开始"))


@blueprint.post("/<uuid:instance_id>/stages")
def finish_stage(instance_id: UUID) -> Response:
    """Ends a stage of optional steps."""
    try:
        run(lambda tx: casechoices.finish(tx, instance_id, request.form))
    except UserError as error:
        return _refused(instance_id, error)
    return go(url_for(".show", instance_id=instance_id), gettext("本阶段已结束"))


@blueprint.get("/<uuid:instance_id>/variables")
def variables(instance_id: UUID) -> Response:
    """The case's data with their words, and who corrected them before."""
    return page("instances/variables.html", data=run(lambda tx: casevariables.read(tx, instance_id)))


@blueprint.route("/<uuid:instance_id>/variables/<name>", methods=["GET", "POST"])
def variable(instance_id: UUID, name: str) -> Response:
    """Corrects one of them."""
    error, status = "", 200
    if request.method == "POST":
        try:
            run(lambda tx: casevariables.change(tx, instance_id, name, request.form))
        except UserError as refused:
            error, status = _said(refused), refused.status
        else:
            return go(url_for(".variables", instance_id=instance_id), gettext("资料已修改"))
    asked = run(lambda tx: casevariables.edit(tx, instance_id, name))
    return page("instances/variable.html", status=status, asked=asked, error=error, given=request.form)


@blueprint.route("/<uuid:instance_id>/<operation>", methods=["GET", "POST"])
def operate(instance_id: UUID, operation: str) -> Response:
    """Suspend, resume, cancel, retry, skip: asked in a dialog with what it means, then done."""
    if operation not in caseoperations.OPERATIONS:
        raise BadRequest
    if request.method == "GET" or request.form.get("step") == "preview":
        return _ask(instance_id, operation, "", 200)
    try:
        run(lambda tx: caseoperations.do(tx, instance_id, operation, request.form))
    except UserError as error:
        return _ask(instance_id, operation, _said(error), error.status)
    return go(url_for(".show", instance_id=instance_id), gettext("已完成"))


def _refused(instance_id: UUID, error: UserError) -> Response:
    """Back on the case, which shows what is possible now. A case that is not to be seen stays hidden."""
    if isinstance(error, NotFound):
        raise error
    return go(url_for(".show", instance_id=instance_id), _said(error), "error")


def _said(error: UserError) -> str:
    reasons = [translated(text) for text in error.fields.values()]
    hint = translated(error.hint) if error.hint else ""
    return " ".join(reasons) or " ".join(filter(None, (translated(error.message), hint)))


def _ask(instance_id: UUID, operation: str, error: str, status: int) -> Response:
    def use_case(tx: Tx) -> caseoperations.Question:
        return caseoperations.question(tx, instance_id, operation, request.values)

    asked = run(use_case)
    return page("instances/operation.html", status=status, asked=asked, error=error, given=request.form)


def _moving(instance_id: UUID, error: str, status: int) -> Response:
    try:
        found = run(lambda tx: casemove.read(tx, instance_id, request.values))
    except UserError as refused:
        if request.method == "GET":
            raise
        error, status = _said(refused), refused.status
        found = run(lambda tx: casemove.read(tx, instance_id, casemove.without_preview(request.values)))
    return page("instances/move.html", status=status, move=found, error=error, given=request.form)
