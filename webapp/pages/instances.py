"""A running or finished case: its diagram, tasks, variables, trail; and what an operator can do."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext

from engine.kernel.errors import BadRequest, UserError
from engine.kernel.uow import Tx
from engine.workflow import instances
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.work import caseoperations, instancepage

blueprint = Blueprint("instances", __name__, url_prefix="/instances")


@blueprint.get("/<uuid:instance_id>")
def show(instance_id: UUID) -> Response:
    """The case."""
    return page("instances/show.html", case=run(lambda tx: instancepage.read(tx, instance_id)))


@blueprint.get("/<uuid:instance_id>/diagram")
def diagram(instance_id: UUID) -> Response:
    """The model with the state of each element, for the viewer."""
    found = run(lambda tx: instances.diagram(tx, instance_id))
    return jsonify(xml=found.xml, states=dict(found.states), flows=dict(found.flows))


@blueprint.route("/<uuid:instance_id>/<operation>", methods=["GET", "POST"])
def operate(instance_id: UUID, operation: str) -> Response:
    """Suspend, resume, cancel, retry, skip, move, variables: asked in a dialog, then done."""
    if operation not in caseoperations.OPERATIONS:
        raise BadRequest
    if request.method == "GET":
        return _ask(instance_id, operation, "", 200)
    try:
        run(lambda tx: caseoperations.do(tx, instance_id, operation, request.form))
    except UserError as error:
        reasons = [translated(text) for text in error.fields.values()]
        return _ask(instance_id, operation, " ".join(reasons) or translated(error.message), error.status)
    return go(url_for(".show", instance_id=instance_id), gettext("已完成"))


def _ask(instance_id: UUID, operation: str, error: str, status: int) -> Response:
    def use_case(tx: Tx) -> caseoperations.Question:
        return caseoperations.question(tx, instance_id, operation)

    asked = run(use_case)
    return page("instances/operation.html", status=status, asked=asked, error=error, given=request.form)
