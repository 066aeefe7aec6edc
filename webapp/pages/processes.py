"""Processes: what runs, what can be started."""

from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request, url_for

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.rights import has_right
from engine.workflow import deployments, instances, messages
from engine.workflow.runtime import DEPLOY, OPERATE, VIEW, holds_everywhere
from webapp.given import id_of
from webapp.i18n import gettext, locale, translated
from webapp.links import link
from webapp.modelwords import drawn
from webapp.pages.studio import require_right
from webapp.render import go, page
from webapp.request import platform, run
from webapp.screens.studio import versionpage
from webapp.screens.work import choosing, processpage, starts

blueprint = Blueprint("processes", __name__)


@blueprint.get("/processes")
def index() -> Response:
    """All processes with their live version and their running cases."""
    rows, may = run(lambda tx: (deployments.processes(tx), _may(tx)))
    undelivered = run(messages.undelivered_count) if may["operate"] else 0
    folders = {key: folder for folder in platform().processes.processes for key in folder.process_keys}
    return page("processes/index.html", rows=rows, folders=folders, may=may, undelivered=undelivered)


@blueprint.get("/processes/<key>")
def show(key: str) -> Response:
    """One process: the picture of a version with the cases on it, and all versions."""
    asked = request.args.get("version", type=int)

    def use_case(tx: Tx) -> tuple[processpage.Page, dict[str, bool]]:
        return processpage.read(tx, key, asked), _may(tx)

    found, may = run(use_case)
    return page("processes/show.html", model=found, folder=platform().processes.process(key), may=may)


def _may(tx: Tx) -> dict[str, bool]:
    """What the page offers: operate cases somewhere, design, stop new starts."""
    return {
        "operate": has_right(tx, OPERATE),
        "design": holds_everywhere(tx, DEPLOY),
        "pause": holds_everywhere(tx, OPERATE),
        "overlay": has_right(tx, DEPLOY) or has_right(tx, VIEW),
    }


@blueprint.get("/processes/<key>/versions/<int:number>")
def version(key: str, number: int) -> Response:
    """A version: its picture with what the check says, and how it differs from another, for whoever confirms it."""
    against = request.args.get("against", type=int)

    def use_case(tx: Tx) -> versionpage.Page:
        require_right(tx)
        return versionpage.read(tx, platform().processes, key, number, against, locale())

    return page("processes/version.html", model=run(use_case))


@blueprint.get("/processes/<key>/versions/<int:number>/diagram")
def diagram(key: str, number: int) -> Response:
    """A version's model for the viewer."""

    def use_case(tx: Tx) -> str:
        processpage.require_picture(tx)
        return deployments.source(tx, key, number)

    return jsonify(xml=drawn(run(use_case)))


@blueprint.post("/processes/<key>/pause")
def pause(key: str) -> Response:
    """Stops or allows new starts."""
    paused = request.form.get("paused") == "1"
    run(lambda tx: deployments.pause(tx, key, paused))
    return go(url_for(".show", key=key), gettext("已停止新的发起") if paused else gettext("已恢复发起"))


@blueprint.post("/deployments/<uuid:deployment_id>/<decision>")
def decide(deployment_id: UUID, decision: str) -> Response:
    """The second person's word on a deployment that touches money."""
    act = {"approve": deployments.approve, "refuse": deployments.refuse}.get(decision)
    if act is None:
        raise NotFound
    run(lambda tx: act(tx, deployment_id))
    return go(request.form.get("next") or url_for(".index"), gettext("已处理"))


@blueprint.get("/start")
def start_list() -> Response:
    """Everything the actor may start."""
    g.area = "start"
    return page("processes/start.html", tiles=run(lambda tx: tuple(starts.tiles(tx))))


@blueprint.get("/start/<object_key>/<name>")
def choose_record(object_key: str, name: str) -> Response:
    """Which record a request is about."""
    g.area = "start"
    action = platform().processes.action(object_key, name)
    if action is None:
        raise NotFound
    if request.args.get("record"):
        return go(url_for("actions.act", object_key=object_key, record_id=id_of(request.args["record"]), name=name))
    definition = run(lambda tx: catalog.load(tx).object(object_key))
    return page("processes/choose_record.html", title=translated(action.label), definition=definition)


@blueprint.route("/start/<key>", methods=["GET", "POST"])
def start(key: str) -> Response:
    """Starts a process that is about no record, with the people its starter names."""
    if request.method == "GET":
        g.area = "start"
        return page("processes/begin.html", **run(lambda tx: starts.begin_page(tx, key)))
    instance_id = run(lambda tx: instances.start(tx, key, choose=choosing.posted()))
    return go(link("instances.show", instance_id=instance_id) or url_for("inbox.started"), gettext("已发起"))
