"""Forms brought along with the models whose tasks name them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.kernel.text import Text
from engine.workflow import doctor
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding
from forms.definition import FormDefinitionError
from forms.loader import load_form
from webapp.screens.studio.reading import Given, Refused, names_of


@dataclass(frozen=True)
class Model:
    """A file with what was made of the forms beside it. ``forms``: texts of forms of ours, by file name."""

    given: Given
    forms: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def with_forms(given: Iterable[Given]) -> tuple[list[Model], tuple[Refused, ...]]:
    """Each model with the forms that its tasks name, and the forms that no model names."""
    files = list(given)
    sheets = {one.name: one.text for one in files if one.kind == "form"}
    ours = {name: key for name, text in sheets.items() if (key := _key(text))}
    models = [_model(one, sheets, ours) for one in files if one.kind == "bpmn"]
    together = doctor.bring({**sheets, **{one.name: one.text for one in files if one.kind == "bpmn"}})
    unused = [Refused(one.file, _REASONS.get(one.rule, one.text)) for one in together.findings if one.file]
    named = {name for model in models for name in model.forms}
    unused += [Refused(name, _REASONS["doctor.form_unused"]) for name in ours if name not in named]
    return models, tuple(unused)


def _model(one: Given, sheets: dict[str, str], ours: dict[str, str]) -> Model:
    """Forms of ours go with the models that name their keys."""
    rest = {name: text for name, text in sheets.items() if name not in ours or f'"{ours[name]}"' in one.text}
    brought = doctor.bring({one.name: one.text, **rest})
    forms = {name: text for name, text in brought.sources.items() if name != one.name}
    findings = tuple(finding for finding in brought.findings if not finding.file)
    text = brought.sources[one.name]
    return Model(replace(one, text=text, names=names_of(xml.parse(text))), forms, findings)


def _key(text: str) -> str:
    try:
        return load_form(text).key
    except FormDefinitionError:
        return ""


_REASONS = {
    "doctor.form_unused": Text("没有任务用到这个表单，没有导入", "No task names this form: it is left out"),
    "doctor.form_unreadable": Text("不是能读懂的表单", "No form that can be read here"),
}
