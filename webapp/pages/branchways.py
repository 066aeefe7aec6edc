"""Branches' own ways through a process: who differs where, what headquarters leaves to them, changing it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request, url_for

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import deployments
from engine.workflow.decisions import decision_files_of
from engine.workflow.deployments import DeployRefused
from engine.workflow.overlays import saving
from engine.workflow.overlays.overlay import OverlayRow
from engine.workflow.programs import Loaded
from engine.workflow.runtime import DEPLOY, holds_everywhere
from forms.definition import FormDefinitionError
from forms.render import FormModel
from webapp import formats
from webapp.i18n import gettext, locale, translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.studio import branchedit, branchforms, branchpoints, branchways, preview, trial
from webapp.screens.studio.branchpoints import Points
from webapp.screens.studio.branchways import Place
from webapp.screens.studio.duetext import UNITS
from webapp.screens.studio.ruleoptions import STRATEGIES

blueprint = Blueprint("branchways", __name__, url_prefix="/processes/<key>/branches")
_DECISIONS = {"approve": saving.approve, "refuse": saving.refuse, "withdraw": saving.withdraw}


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the processes."""
    g.area = "processes"


@blueprint.get("")
def index(key: str) -> Response:
    """Which branches differ where; for headquarters also what they may change."""

    def use_case(tx: Tx) -> tuple[Loaded, tuple[Place, ...], bool]:
        loaded = branchways.live(tx, key)
        return loaded, branchways.places(tx, loaded), holds_everywhere(tx, DEPLOY)

    loaded, places, may_leave = run(use_case)
    if not places and not may_leave:
        raise Forbidden
    shown: dict[str, Any] = {"places": places, "may_leave": may_leave, "points": branchpoints.points_of(loaded.process)}
    tasks = branchpoints.user_tasks(loaded.process)
    return page("processes/branches.html", key=key, name=loaded.name, money=loaded.money, tasks=tasks, **shown)


@blueprint.post("")
def leave(key: str) -> Response:
    """What headquarters leaves to branches, as a next version of the process."""

    def use_case(tx: Tx) -> str:
        loaded, sources = branchways.live(tx, key), deployments.sources(tx, key)
        if loaded.number != sources.number:
            raise UserError(
                "version_waiting", Text("有版本待批准，请先处理", "A version waits for approval; settle it first")
            )
        kinds = branchpoints.TASK_KINDS
        chosen = {
            node.id: frozenset(kind for kind in kinds if request.form.get(f"{node.id}:{kind}"))
            for node in branchpoints.user_tasks(loaded.process)
        }
        points = Points(chosen, bool(request.form.get("decisions")))
        files = dict(sources.files)
        files[sources.main] = branchpoints.with_points(files[sources.main], key, points)
        text = gettext("调整校区可以修改的内容")
        return deployments.deploy(tx, files, name=text, newest={key: sources.number}).status

    try:
        status = run(use_case)
    except UserError as error:
        return go(url_for(".index", key=key), translated(error.message), "error")
    if status == "waiting":
        return go(url_for("processes.show", key=key), gettext("已提交，待第二人批准后生效"))
    return go(url_for(".index", key=key), gettext("已保存，新发起的流程按此执行"))


@blueprint.route("/<uuid:branch_id>", methods=["GET", "POST"])
def branch(key: str, branch_id: UUID) -> Response:
    """A branch's page: its fields, a review of a change, its revisions."""
    if request.method == "POST" and request.form.get("step") == "save":
        try:
            row = run(lambda tx: branchedit.save(tx, key, branch_id, request.form))
        except UserError as error:
            return _branch(key, branch_id, _said(error), error.status)
        return go(url_for(".branch", key=key, branch_id=branch_id), _saved(row))
    return _branch(key, branch_id, "", 200)


@blueprint.route("/<uuid:branch_id>/tables/<file>", methods=["GET", "POST"])
def table(key: str, branch_id: UUID, file: str) -> Response:
    """A decision table of the branch in its editor."""
    saved = _save_file(key, branch_id, file) if request.method == "POST" else ("", 200)
    if isinstance(saved, Response):
        return saved
    error, status = saved
    loaded, place, source = run(lambda tx: branchedit.table_of(tx, key, branch_id, file))
    shown: dict[str, Any] = {
        "key": key,
        "name": loaded.name,
        "money": loaded.money,
        "branch": place,
        "title": branchedit.table_title(source) or file,
        "file": file,
    }
    return page("processes/table.html", status=status, error=error, source=request.form.get("content", source), **shown)


@blueprint.route("/<uuid:branch_id>/forms/<file>", methods=["GET", "POST"])
def form(key: str, branch_id: UUID, file: str) -> Response:
    """A form of the branch in its editor."""
    saved = _save_file(key, branch_id, file) if request.method == "POST" else ("", 200)
    if isinstance(saved, Response):
        return saved
    error, status = saved
    found = run(lambda tx: branchforms.form_of(tx, key, branchedit.branch_of(tx, branch_id), file))
    source = request.form.get("content", found.source)
    return page("processes/form.html", status=status, error=error, key=key, model=found, source=source)


def _save_file(key: str, branch_id: UUID, file: str) -> Response | tuple[str, int]:
    """Keep or remove what was posted of a file; or what speaks against it, with the status."""
    content = None if request.form.get("step") == "remove" else request.form.get("content", "")
    try:
        row = run(lambda tx: branchedit.save_file(tx, key, branch_id, file, content))
    except UserError as refused:
        return _said(refused), refused.status
    return go(url_for(".branch", key=key, branch_id=branch_id), _saved(row))


@blueprint.post("/<uuid:branch_id>/preview")
def form_preview(key: str, branch_id: UUID) -> Response:
    """A form file as its task's page shows it; 422 with a list when it has defects."""
    content, rights = preview.asked(request.get_json(silent=True))

    def use_case(tx: Tx) -> FormModel:
        branchforms.require_editor(tx, branchedit.branch_of(tx, branch_id))
        return preview.preview(tx, content, rights)

    try:
        return page("studio/preview.html", form=run(use_case), defects=())
    except FormDefinitionError as error:
        return page("studio/preview.html", form=None, defects=error.defects, status=422)


@blueprint.post("/<uuid:branch_id>/trial")
def try_out(key: str, branch_id: UUID) -> Response:
    """A decision of the branch's table with example inputs: what it asks for, the rules that hold, the result."""
    given = trial.posted(request.get_json(silent=True))

    def use_case(tx: Tx) -> dict[str, Any]:
        branchforms.require_editor(tx, branchedit.branch_of(tx, branch_id))
        beside = decision_files_of(tx, branchways.live(tx, key).deployment_id)
        return trial.answer(({**beside, **given[0]}, *given[1:]), tx.now, formats.zone(), locale())

    return jsonify(run(use_case))


@blueprint.post("/<uuid:branch_id>/<uuid:overlay_id>/restore")
def restore(key: str, branch_id: UUID, overlay_id: UUID) -> Response:
    """An earlier revision as the next one."""
    back = url_for(".branch", key=key, branch_id=branch_id)
    try:
        row = run(lambda tx: branchedit.restore(tx, key, branch_id, overlay_id))
    except UserError as error:
        return go(back, _said(error), "error")
    return go(back, _saved(row))


@blueprint.post("/<uuid:branch_id>/<uuid:overlay_id>/<decision>")
def decide(key: str, branch_id: UUID, overlay_id: UUID, decision: str) -> Response:
    """The second person's word on a revision, or its withdrawal."""
    act = _DECISIONS.get(decision)
    if act is None:
        raise NotFound
    back = url_for(".branch", key=key, branch_id=branch_id)
    try:
        run(lambda tx: act(tx, overlay_id))
    except UserError as error:
        return go(back, _said(error), "error")
    return go(back, gettext("已处理"))


def _branch(key: str, branch_id: UUID, error: str, status: int) -> Response:
    try:
        found = run(lambda tx: branchedit.read(tx, key, branch_id, request.form))
    except UserError as refused:
        if request.method == "GET":
            raise
        error, status = error or _said(refused), refused.status
        found = run(lambda tx: branchedit.read(tx, key, branch_id, {}))
    choices: dict[str, Any] = {"units": UNITS, "strategies": STRATEGIES, "keep": branchedit.KEEP}
    return page("processes/branch.html", status=status, model=found, error=error, **choices)


def _said(error: UserError) -> str:
    found = [translated(one.text) for one in error.findings] if isinstance(error, DeployRefused) else []
    found += [translated(text) for text in error.fields.values()]
    return "；".join(found) or translated(error.message)


def _saved(row: OverlayRow) -> str:
    if row.status == "waiting":
        return gettext("已提交，待另一人批准后生效")
    if row.status == "withdrawn":
        return gettext("已恢复总部的做法，新发起的流程按总部执行")
    return gettext("已保存，新发起的流程按此执行")
