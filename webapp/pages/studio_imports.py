"""Files brought into the studio: read and examined, nothing is kept."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from engine.kernel.errors import BadRequest
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import deployments, doctor, gate
from engine.workflow.bpmn.findings import Finding
from webapp.i18n import translated
from webapp.pages.studio import require_right, shown
from webapp.pages.studio_checks import offered_fixes
from webapp.request import run
from webapp.screens.studio import blank_process, companions, reading
from webapp.screens.studio.reading import Given

blueprint = Blueprint("studio_imports", __name__, url_prefix="/studio")


@blueprint.post("/read")
def read() -> Response:
    """What is in the uploaded files, as text, with what doctor and gate say of each model before it is taken over.

    ``{files: [{name, kind, text, forms: [{name, text}], processes: [{key, name, wish}], findings, fixes}], refused:
    [{name, reason}]}``; ``forms``: those its tasks name, as forms of ours; a finding with ``is_mended`` goes away with
    the first fix of each element.
    """
    uploads = [(one.filename or "", one.read()) for one in request.files.getlist("file")]
    if not uploads:
        text = Text("请选择 .bpmn、.dmn、.form 或 .zip 文件", "Choose a .bpmn, .dmn, .form or .zip file")
        raise BadRequest("no_file", text)

    def use_case(tx: Tx) -> tuple[list[dict[str, Any]], tuple[reading.Refused, ...]]:
        require_right(tx)
        given, refused = reading.read(uploads)
        tables = {one.name: one.text for one in given if one.kind == "dmn"}
        keys = {row.key for row in deployments.processes(tx)}
        models, unused = companions.with_forms(given)
        files = [*models, *(companions.Model(one) for one in given if one.kind == "dmn")]
        found = [{**_file(tx, one, tables), "processes": _processes(one.given, keys)} for one in files]
        return found, (*refused, *unused)

    files, refused = run(use_case)
    return jsonify(files=files, refused=[{"name": one.name, "reason": translated(one.reason)} for one in refused])


def _file(tx: Tx, model: companions.Model, tables: dict[str, str]) -> dict[str, Any]:
    given, beside = model.given, {**tables, **model.forms}
    school = deployments.surroundings(tx, {**beside, given.name: given.text})
    fixes = offered_fixes(given.name, given.text, school) if given.kind == "bpmn" else []
    found = [*model.findings, *_found(tx, given, given.text, beside)]
    left = _left(tx, given, beside, fixes, school) if fixes else {(one.element_id, one.rule) for one in found}
    told = {(one.element_id, one.rule) for one in model.findings}
    return {
        "name": given.name,
        "kind": given.kind,
        "text": given.text,
        "forms": [{"name": name, "text": text} for name, text in model.forms.items()],
        "findings": [
            {
                **shown(one),
                "where": given.names.get(one.element_id, one.element_id),
                "is_mended": (one.element_id, one.rule) not in left | told,
            }
            for one in found
        ],
        "fixes": [{**fix, "where": given.names.get(fix["element_id"], fix["element_id"])} for fix in fixes],
    }


def _processes(given: Given, taken: set[str]) -> list[dict[str, str]]:
    """Of a model, with a free key for each."""
    wishes = ((key, name, blank_process.wished_key(key, name, taken)) for key, name in given.processes)
    return [{"key": key, "name": name, "wish": wish} for key, name, wish in wishes]


def _found(tx: Tx, given: Given, text: str, tables: dict[str, str]) -> list[Finding]:
    """What speaks against one file; the decision tables beside a model are looked at on their own."""
    of, sources = ("", {**tables, given.name: text}) if given.kind == "bpmn" else (given.name, tables)
    return [one for one in deployments.check(tx, sources) if one.file == of]


def _left(
    tx: Tx, given: Given, tables: dict[str, str], fixes: list[dict[str, str]], school: gate.Surroundings
) -> set[tuple[str, str]]:
    """(element, rule) of what is found once the first fix of every element is accepted."""
    first = {fix["element_id"]: fix["id"] for fix in reversed(fixes)}
    mended = doctor.apply(given.text, list(first.values()), school)
    return {(one.element_id, one.rule) for one in _found(tx, given, mended, tables)}
