"""The process studio: the editor's page and what it asks of the server."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from engine.kernel.errors import BadRequest, Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import rights
from engine.workflow import deployments
from engine.workflow.bpmn.findings import Finding
from engine.workflow.deployments import DeployRefused
from webapp.i18n import locale, translated
from webapp.render import go, page
from webapp.request import platform, run
from webapp.screens.administration import blank_process, studio_choices

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
_MAX_FILES = 60


@blueprint.get("/<key>")
def edit(key: str) -> Response:
    """The editor on the newest version of a process."""

    def use_case(tx: Tx) -> tuple[deployments.Sources, str]:
        _require(tx)
        rows = deployments.processes(tx)
        return deployments.sources(tx, key), next((row.name for row in rows if row.key == key), key)

    found, name = run(use_case)
    return page("studio/edit.html", key=key, number=found.number, name=name)


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> Response:
    """A new process: asks for its name and key, then opens the editor."""
    if request.method == "GET":
        return page("studio/new.html", values={}, errors={})
    name, key = request.form.get("name", "").strip(), request.form.get("key", "").strip()
    errors = blank_process.problems(name, key)
    if errors:
        return page("studio/new.html", values=request.form, errors=errors, status=422)

    def use_case(tx: Tx) -> None:
        _require(tx)
        deployments.deploy(tx, {f"{key}.bpmn": blank_process.source(name, key)}, name=name)

    run(use_case)
    return go(url_for(".edit", key=key))


@blueprint.get("/<key>/model")
def model(key: str) -> Response:
    """All files of a version: `{number, main, sources}`."""

    def use_case(tx: Tx) -> deployments.Sources:
        _require(tx)
        return deployments.sources(tx, key, request.args.get("version", type=int))

    found = run(use_case)
    return jsonify(number=found.number, main=found.main, sources=found.files)


@blueprint.get("/<key>/choices")
def choices(key: str) -> Response:
    """What the properties panel offers: forms, handlers, roles …"""

    def use_case(tx: Tx) -> Mapping[str, object]:
        _require(tx)
        return studio_choices.read(tx, platform().processes, key, locale())

    return jsonify(run(use_case))


@blueprint.post("/check")
def check() -> Response:
    """Doctor and gate over the files: findings by element."""
    sources = _sources()

    def use_case(tx: Tx) -> tuple[Finding, ...]:
        _require(tx)
        return deployments.check(tx, sources)

    return jsonify(findings=[_shown(finding) for finding in run(use_case)])


@blueprint.post("/<key>/deploy")
def deploy(key: str) -> Response:
    """Deploys; 422 with the findings when the gate refuses."""
    sources, name = _sources(), str((request.get_json() or {}).get("name") or "")
    try:
        done = run(lambda tx: deployments.deploy(tx, sources, name=name))
    except DeployRefused as refused:
        body = refused.as_json(locale()) | {"findings": [_shown(finding) for finding in refused.findings]}
        return Response(jsonify(body).get_data(), 422, mimetype="application/json")
    number = next((version.number for version in done.versions if version.process_key == key), None)
    return jsonify(status=done.status, number=number)


def _require(tx: Tx) -> None:
    if not rights.has_right(tx, "manage_processes"):
        raise Forbidden(hint=Text("需要“流程管理”权限", "The right to manage processes is needed"))


def _sources() -> dict[str, str]:
    body: Any = request.get_json(silent=True)
    sources = body.get("sources") if isinstance(body, dict) else None
    if not isinstance(sources, dict) or not 0 < len(sources) <= _MAX_FILES:
        raise BadRequest
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in sources.items()):
        raise BadRequest
    return sources


def _shown(finding: Finding) -> dict[str, object]:
    return {
        "element_id": finding.element_id,
        "rule": finding.rule,
        "severity": finding.severity,
        "text": translated(finding.text),
        "fix": translated(finding.fix),
    }
