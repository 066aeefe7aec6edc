"""The process studio: the editor's page, its files and their deployment."""

from flask import Blueprint, Response, jsonify, request, url_for

from engine.kernel.errors import BadRequest, Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import deployments
from engine.workflow.bpmn.findings import Finding
from engine.workflow.deployments import DeployRefused, Sources, VersionRow
from engine.workflow.runtime import DEPLOY, holds_everywhere
from webapp.i18n import locale, translated
from webapp.render import go, page
from webapp.request import platform, run
from webapp.screens.studio import blank_process, choices

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
_MAX_FILES = 60


@blueprint.get("/<key>")
def edit(key: str) -> Response:
    """The editor on the newest version of a process, or on the one asked for."""

    def use_case(tx: Tx) -> tuple[Sources, tuple[VersionRow, ...], str]:
        require_right(tx)
        found = deployments.sources(tx, key, request.args.get("version", type=int))
        rows = deployments.processes(tx)
        return found, deployments.versions(tx, key), next((row.name for row in rows if row.key == key), key)

    found, versions, name = run(use_case)
    return page("studio/edit.html", key=key, number=found.number, versions=versions, name=name)


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> Response:
    """A new process: asks for its name and key, then opens the editor, with a file to import if there is one."""
    if request.method == "GET":
        run(require_right)
        return page("studio/new.html", values={}, errors={})
    name = request.form.get("name", "").strip()
    key = request.form.get("key", "").strip() or blank_process.suggested_key(name)

    def use_case(tx: Tx) -> dict[str, Text]:
        require_right(tx)
        errors = blank_process.problems(tx, name, key)
        if not errors:
            deployments.deploy(
                tx, {f"{key}.bpmn": blank_process.source(name, key, locale())}, name=name, newest={key: 0}
            )
        return errors

    errors = run(use_case)
    if errors:
        return page("studio/new.html", values=request.form, errors=errors, status=422)
    return go(url_for(".edit", key=key, start=request.form.get("start") or None))


@blueprint.get("/<key>/model")
def model(key: str) -> Response:
    """All files of a version: `{number, main, sources}`."""

    def use_case(tx: Tx) -> Sources:
        require_right(tx)
        return deployments.sources(tx, key, request.args.get("version", type=int))

    found = run(use_case)
    return jsonify(number=found.number, main=found.main, sources=found.files)


@blueprint.get("/<key>/newest")
def newest(key: str) -> Response:
    """Who deployed the newest version: `{number, by}`; an open editor asks when it is looked at again."""

    def use_case(tx: Tx) -> VersionRow | None:
        require_right(tx)
        return next(iter(deployments.versions(tx, key)), None)

    row = run(use_case)
    return jsonify(number=row.number if row else 0, by=row.deployed_by_name if row else "")


@blueprint.get("/<key>/choices")
def offered(key: str) -> Response:
    """What the properties panel and the form editor offer: forms, handlers, roles, fields …"""

    def use_case(tx: Tx) -> dict[str, object]:
        require_right(tx)
        return dict(choices.read(tx, platform().processes, key, locale()))

    return jsonify(run(use_case))


@blueprint.post("/<key>/deploy")
def deploy(key: str) -> Response:
    """Deploys on top of the version the editor knows; 422 with findings when the gate refuses, 409 when it is old."""
    body = request.get_json(silent=True) or {}
    sources, name, known = posted_sources(), str(body.get("name") or ""), body.get("newest")
    if not isinstance(known, int):
        raise BadRequest
    try:
        done = run(lambda tx: deployments.deploy(tx, sources, name=name, newest={key: known}))
    except DeployRefused as refused:
        answer = refused.as_json(locale()) | {"findings": [shown(finding) for finding in refused.findings]}
        return Response(jsonify(answer).get_data(), 422, mimetype="application/json")
    number = next((version.number for version in done.versions if version.process_key == key), None)
    return jsonify(status=done.status, number=number)


def require_right(tx: Tx) -> None:
    """Raises: Forbidden for those who do not manage processes of the whole organisation."""
    if not holds_everywhere(tx, DEPLOY):
        raise Forbidden(hint=Text("需要“流程管理”权限", "The right to manage processes is needed"))


def posted_sources() -> dict[str, str]:
    """The files of the request's JSON. Raises: BadRequest."""
    body = request.get_json(silent=True)
    sources = body.get("sources") if isinstance(body, dict) else None
    if not isinstance(sources, dict) or not 0 < len(sources) <= _MAX_FILES:
        raise BadRequest
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in sources.items()):
        raise BadRequest
    return sources


def shown(finding: Finding) -> dict[str, object]:
    """A finding in the reader's language."""
    return {
        "element_id": finding.element_id,
        "file": finding.file,
        "rule": finding.rule,
        "severity": finding.severity,
        "text": translated(finding.text),
        "fix": translated(finding.fix),
        "path": finding.path,
    }
