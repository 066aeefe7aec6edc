"""Everything that speaks against deploying: the doctor's log, reading, compiling, the gate, broken tables and forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import doctor, gate
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.schema import check_schema
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.deployments.imports import decision_files
from engine.workflow.dmn import DecisionModel, DmnError, load_files
from engine.workflow.runtime import runtime_of

_FIELDS = ("formData", "formProperty", "userTaskForm")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a set of files; ``fixes`` the doctor offers, by the name of their model."""

    findings: tuple[Finding, ...]
    fixes: Mapping[str, tuple[doctor.Fix, ...]]


def treated(sources: Mapping[str, str]) -> dict[str, str]:
    """The files as they would be stored: models after the doctor's rewrites, which keep their meaning, and forms made
    of the fields in them and of the forms of other tools beside them."""
    brought = doctor.bring(sources).sources
    return with_forms({name: _rewritten(name, content) for name, content in brought.items()})


def with_forms(sources: Mapping[str, str]) -> dict[str, str]:
    """With a file for each form whose fields stand in a (treated) model, unless there is one of its key."""
    found = dict(sources)
    for name, content in sources.items():
        if _kind(name) == "bpmn" and any(word in content for word in _FIELDS):
            found |= _forms(content, found)
    return found


def _forms(content: str, known: Mapping[str, str]) -> dict[str, str]:
    try:
        return doctor.forms_of(content, known)
    except XmlError:
        return {}


def _rewritten(name: str, content: str) -> str:
    try:
        return doctor.treat(content)[0] if _kind(name) == "bpmn" else content
    except XmlError:
        return content


def examined(tx: Tx, sources: Mapping[str, str], imports: Mapping[str, str]) -> Examined:
    """Findings over all files, without repeats, errors first, and fixes. ``imports``: as of `live_imports`."""
    brought = doctor.bring(sources)
    sources, found, fixes = brought.sources, list(brought.findings), dict[str, tuple[doctor.Fix, ...]]()
    if any(word in content for content in sources.values() for word in _FIELDS):
        sources = {**treated(sources), **sources}
    models = load_files({**decision_files(sources), **imports})
    for name, content in sorted(sources.items()):
        kind = _kind(name)
        if kind == "bpmn":
            told, fixes[name] = _process(tx, content, sources)
            found += told
        elif kind == "dmn":
            found += _decision_findings(name, models[name])
        else:
            found += _form_findings(tx, name, content)
    unique = list(dict.fromkeys(found))
    return Examined(tuple(sorted(unique, key=lambda one: one.severity != "error")), fixes)


def surroundings(tx: Tx, sources: Mapping[str, str]) -> gate.Surroundings:
    """What a model may name in this school, these files included."""
    return runtime_of(tx).surroundings(tx, {**treated(sources), **doctor.bring(sources).sources})


def _kind(name: str) -> str:
    from engine.workflow.deployments.deploying import kind_of

    return kind_of(name)


def _process(tx: Tx, content: str, sources: Mapping[str, str]) -> tuple[tuple[Finding, ...], tuple[doctor.Fix, ...]]:
    try:
        found = doctor.examine(content, runtime_of(tx).surroundings(tx, sources))
    except XmlError as error:
        return (Finding("", "xml.unreadable", "error", error.message),), ()
    return doctor.merged(found.findings, check_schema(found.xml)), found.fixes


def _decision_findings(name: str, model: DecisionModel | DmnError) -> list[Finding]:
    if isinstance(model, DmnError):
        return [Finding("", "dmn.unreadable", "error", _told(name, model.message), file=name)]
    return [
        replace(one, element_id="", text=_told(f"{name} {one.element_id}", one.text), file=name)
        for one in model.findings
    ]


def _form_findings(tx: Tx, name: str, content: str) -> list[Finding]:
    defects = runtime_of(tx).forms.defects(name, content)
    return [Finding("", "form.invalid", "error", _told(name, defect), file=name) for defect in defects]


def _told(where: str, text: Text) -> Text:
    return Text(f"{where}：{text.zh}", f"{where}: {text.en}")
