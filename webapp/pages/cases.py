"""The list of process instances."""

from uuid import UUID

from flask import Blueprint, Response, g, request

from engine.kernel.uow import Tx
from engine.workflow import deployments, instances
from engine.workflow.instances import InstancePage, InstanceQuery
from webapp.links import address, link
from webapp.render import page
from webapp.request import run
from webapp.screens.states import instance_state

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
STATES = ("active", "incident", "suspended", "completed", "cancelled")


@blueprint.get("")
def index() -> Response:
    """Cases by process, state and words."""
    g.area = "processes"
    after = request.args.get("after")
    asked = InstanceQuery(
        process_key=request.args.get("process") or None,
        status=request.args.get("status") if request.args.get("status") in STATES else None,
        search=request.args.get("q", "").strip(),
        after=UUID(after) if after else None,
    )
    found, names = run(lambda tx: _read(tx, asked))
    given = {key: request.args.get(key, "") for key in ("process", "status", "q")}
    more = address(".index", {**given, "after": str(found.next)}) if found.next else ""
    return page(
        "processes/cases.html",
        items=found.items,
        names=names,
        asked=given,
        states=[(key, instance_state(key)[0]) for key in STATES],
        state=instance_state,
        url=lambda row: link("instances.show", instance_id=row.id),
        next_url=more,
    )


def _read(tx: Tx, asked: InstanceQuery) -> tuple[InstancePage, dict[str, str]]:
    return instances.search(tx, asked), {row.key: row.name or row.key for row in deployments.processes(tx)}
