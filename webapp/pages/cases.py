"""The list of process instances, and one operation on many of them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from engine.kernel.errors import UserError
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.rights import branches_with
from engine.workflow import deployments, instances, messages
from engine.workflow.instances import InstancePage
from engine.workflow.runtime import OPERATE
from webapp.given import id_of
from webapp.i18n import translated
from webapp.links import address, link
from webapp.modelwords import named
from webapp.render import go, page
from webapp.request import run
from webapp.screens.states import instance_state
from webapp.screens.work import casebulk, caseplace

blueprint = Blueprint("cases", __name__, url_prefix="/cases")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the processes."""
    g.area = "processes"


@blueprint.get("")
def index() -> Response:
    """Cases by process, state and words."""
    after = request.args.get("after")
    given = {key: request.args.get(key, "") for key in caseplace.FILTERS}
    found, names, branches, operated, place = run(lambda tx: _read(tx, given, id_of(after) if after else None))
    more = address(".index", {**given, "after": str(found.next)}) if found.next else ""
    return page(
        "processes/cases.html",
        items=found.items,
        names=names,
        branches=branches,
        asked=given,
        place=place,
        states=[(key, instance_state(key)[0]) for key in casebulk.STATES],
        state=instance_state,
        url=lambda row: link("instances.show", instance_id=row.id),
        next_url=more,
        operations=casebulk.OPERATIONS if operated else {},
        is_operated=lambda row: row.ended_at is None and row.branch_id in operated,
        undelivered=run(messages.undelivered_count) if operated else 0,
    )


@blueprint.post("/bulk/<operation>")
def bulk(operation: str) -> Response:
    """Shows what the operation means for the chosen cases, then starts it in the background."""
    error = ""
    if request.form.get("step") == "go":
        try:
            job_id = run(lambda tx: casebulk.start(tx, operation, request.form))
        except UserError as refused:
            error = translated(refused.message)
        else:
            return go(url_for("jobs.show", job_id=job_id))
    try:
        found = run(lambda tx: casebulk.question(tx, operation, request.form))
    except UserError as refused:
        given = {key: request.form.get(key, "") for key in caseplace.FILTERS}
        return go(address(".index", given), translated(refused.message), "error")
    status = 422 if error else 200
    return page("processes/bulk.html", status=status, asked=found, given=request.form, error=error)


def _read(
    tx: Tx, given: Mapping[str, str], after: UUID | None
) -> tuple[InstancePage, dict[str, str], dict[UUID, str], Collection[UUID | None], str]:
    names = {row.key: named(row.name) or row.key for row in deployments.processes(tx)}
    branches = {key: branch.name for key, branch in snapshot.load(tx).branches.items()}
    held = branches_with(tx, OPERATE)
    found = instances.search(tx, replace(casebulk.asked(tx, given), after=after))
    return found, names, branches, {*branches, None} if held is None else held, caseplace.words(tx, given)
