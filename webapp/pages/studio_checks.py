"""What the open editor asks while one works: findings, fixes, differences, previews."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from engine.kernel.errors import BadRequest
from engine.kernel.uow import Tx
from engine.workflow import deployments, doctor, gate
from engine.workflow.assignees import RuleError
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.deployments import Examined
from forms.definition import FormDefinitionError
from forms.render import FormModel
from webapp import formats
from webapp.i18n import gettext, locale, translated
from webapp.pages.studio import posted_sources, require_right, shown
from webapp.render import page
from webapp.request import platform, run
from webapp.screens.studio import assignees, comparison, preview, trial

blueprint = Blueprint("studio_checks", __name__, url_prefix="/studio")


@blueprint.post("/check")
def check() -> Response:
    """Doctor and gate over the files: findings by element, and the fixes the doctor offers for the models."""
    sources = posted_sources()

    def use_case(tx: Tx) -> Examined:
        require_right(tx)
        return deployments.examine(tx, sources)

    found = run(use_case)
    fixes = [_offered(name, one) for name, all_of in found.fixes.items() if name in sources for one in all_of]
    return jsonify(findings=[shown(finding) for finding in found.findings], fixes=fixes)


@blueprint.post("/fix")
def fix() -> Response:
    """The model after the accepted fixes: `{xml}`."""
    body = _body()
    xml, chosen = body.get("xml"), body.get("fixes")
    if not isinstance(xml, str) or not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        raise BadRequest

    def use_case(tx: Tx) -> gate.Surroundings:
        require_right(tx)
        return deployments.surroundings(tx, {"model.bpmn": xml})

    return jsonify(xml=doctor.apply(xml, chosen, run(use_case)))


@blueprint.post("/<key>/changes")
def changes(key: str) -> Response:
    """How the files differ from the newest version, and what deploying them means."""
    sources = posted_sources()

    def use_case(tx: Tx) -> Mapping[str, object]:
        require_right(tx)
        return comparison.with_newest(tx, platform().processes, key, sources, locale())

    return jsonify(run(use_case))


@blueprint.post("/preview")
def form_preview() -> Response:
    """A form file as its task's page shows it; 422 with a list when it has defects."""
    content, rights = preview.asked(request.get_json(silent=True))

    def use_case(tx: Tx) -> FormModel:
        require_right(tx)
        return preview.preview(tx, content, rights)

    try:
        return page("studio/preview.html", form=run(use_case), defects=())
    except FormDefinitionError as error:
        return page("studio/preview.html", form=None, defects=error.defects, status=422)


@blueprint.post("/trial")
def try_out() -> Response:
    """A decision with example inputs: what it asks for, the rules that hold, the result."""
    given = trial.posted(request.get_json(silent=True))

    def use_case(tx: Tx) -> dict[str, Any]:
        require_right(tx)
        return trial.answer(given, tx.now, formats.zone(), locale())

    return jsonify(run(use_case))


@blueprint.get("/assignees")
def assignee() -> Response:
    """An assignee rule as a sentence, and whom it names at present."""
    rule, branch, strategy = (request.args.get(name, "") for name in ("rule", "branch", "strategy"))

    def use_case(tx: Tx) -> assignees.Told:
        require_right(tx)
        return assignees.tell(tx, rule, branch, strategy, locale())

    try:
        told = run(use_case)
    except RuleError:
        return jsonify(words=gettext("这条规则无法识别"), people=[], is_known=True)
    return jsonify(words=told.words, people=[list(one) for one in told.people], is_known=told.is_known)


def offered_fixes(name: str, content: str, school: gate.Surroundings) -> list[dict[str, str]]:
    """The fixes the doctor offers for a model; none for another file or one that can't be read."""
    if not name.lower().endswith((".bpmn", ".xml")):
        return []
    try:
        offered = doctor.examine(content, school).fixes
    except XmlError:
        return []
    return [_offered(name, one) for one in offered]


def _offered(name: str, fix: doctor.Fix) -> dict[str, str]:
    return {"id": fix.id, "file": name, "element_id": fix.element_id, "text": translated(fix.text)}


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest
    return body
