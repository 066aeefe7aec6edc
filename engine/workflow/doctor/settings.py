"""Settings that can't be kept: what only program code could tell, people and forms that are not here."""

from __future__ import annotations

from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor.document import Document, called, drop, remove
from engine.workflow.doctor.foreign_expressions import is_braced

_PEOPLE = frozenset({"people.unknown", "people.rule_invalid"})
_FORMS = frozenset({"reference.form_unknown"})
_PARAMETERS = frozenset({"inputParameter", "outputParameter"})
_LEFT_ALONE = frozenset({"class", "expression", "delegateExpression", "businessKey"})


def offer(document: Document, findings: tuple[Finding, ...]) -> None:
    """What may be left out so that the model can be deployed; it can be set again in the studio."""
    named = [one for one in findings if one.rule in _PEOPLE and one.severity == "error"]
    for finding in findings:
        is_asked = finding.rule in _PEOPLE | _FORMS or finding.rule == "doctor.expression_unknown"
        element = document.by_id(finding.element_id) if is_asked and finding.element_id else None
        if element is None or finding.severity != "error":
            continue
        if finding.rule in _PEOPLE:
            _people(document, element, [one for one in named if one.element_id == finding.element_id])
        elif finding.rule in _FORMS:
            _form(document, element)
        else:
            _unreadable(document, element)


def _people(document: Document, element: xml.Element, findings: list[Finding]) -> None:
    """Rules that name nobody known go; the others stay."""
    task = read_extensions.school(element, "task")
    holders = xml.children(task, "assignee", xml.SCHOOL) if task is not None else []
    wrong = [one for one in holders if any(_is_named(xml.attribute(one, "rule"), told) for told in findings)]
    if not wrong:
        return
    shown = ", ".join(xml.attribute(one, "rule") for one in wrong)[:80]
    left = len(holders) > len(wrong)
    zh = f"“{called(element)}”先不用处理人 {shown}" + ("" if left else "，交给泳道的人或管理员")
    en = f"{called(element)} goes without {shown}" + ("" if left else ": to its lane's people or the administrators")
    document.offer("people.remove", xml.attribute(element, "id"), Text(zh, en), partial(_remove_all, wrong))


def _is_named(rule: str, finding: Finding) -> bool:
    """The finding speaks of this rule: it ends with the key, or holds the whole rule."""
    key = rule.partition(":")[2]
    return finding.text.en.endswith(f" {key}") or f" {rule} " in f"{finding.text.en} "


def _remove_all(elements: list[xml.Element]) -> None:
    for one in elements:
        remove(one)


def _form(document: Document, element: xml.Element) -> None:
    task = read_extensions.school(element, "task")
    if task is None or not task.get("form"):
        return
    name, shown = called(element), xml.attribute(task, "form")
    text = Text(f"“{name}”先不用表单 {shown}：只填处理结果和意见", f"{name} goes without the form {shown}")
    document.offer("form.remove", xml.attribute(element, "id"), text, partial(drop, task, "form"))


def _unreadable(document: Document, element: xml.Element) -> None:
    """Attributes and parameters of other tools with an expression that nothing here can evaluate."""
    attributes = [
        str(key)
        for key, value in element.attrib.items()
        if _space(str(key)) in xml.KINDRED and _name(str(key)) not in _LEFT_ALONE and is_braced(str(value))
    ]
    parameters = [
        one
        for item in xml.extensions(element)
        for one in item.iter("*")
        if xml.local(one) in _PARAMETERS and not len(one) and is_braced(xml.text(one))
    ]
    names = [_name(key) for key in attributes] + [xml.attribute(one, "name") for one in parameters]
    if not names:
        return
    text = Text(
        f"“{called(element)}”先不用 {', '.join(names)[:80]}，以后再设置",
        f"{called(element)} goes without {', '.join(names)[:80]}, to be set later",
    )
    change = partial(_forget, element, attributes, parameters)
    document.offer("setting.remove", xml.attribute(element, "id"), text, change)


def _forget(element: xml.Element, attributes: list[str], parameters: list[xml.Element]) -> None:
    for key in attributes:
        drop(element, key)
    _remove_all(parameters)


def _space(key: str) -> str:
    return key.removeprefix("{").rpartition("}")[0]


def _name(key: str) -> str:
    return key.rpartition("}")[2]
