"""The `school:` elements inside extensionElements (docs/bpmn-extensions.md)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import extensions as ext
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.reading import Reading

_KNOWN = {
    *("process", "variable", "cancel", "title", "handler", "send", "decision", "call", "task", "outcome", "assignee"),
    *("countersign", "fieldAccess", "reminder", "stage", "message", "key", "job", "input", "output", "store"),
}


def school(element: xml.Element, name: str) -> xml.Element | None:
    """The element's `school:<name>` extension, or None."""
    holder = xml.child(element, "extensionElements")
    return xml.child(holder, name, xml.SCHOOL) if holder is not None else None


def check_known(reading: Reading, element: xml.Element) -> None:
    """Report `school:` elements nobody knows: a typing error would be silent otherwise."""
    for item in xml.extensions(element):
        if xml.namespace(item) == xml.SCHOOL and xml.local(item) not in _KNOWN:
            name = xml.local(item)
            reading.report(
                element,
                "extension.unknown",
                Text(f"不认识的扩展元素 school:{name}", f"Unknown extension element school:{name}"),
                Text("请检查拼写", "Check the spelling"),
                "warning",
            )


def mapped(element: xml.Element, name: str) -> tuple[ext.Mapped, ...]:
    """`school:<name> name value` children."""
    return tuple(
        ext.Mapped(xml.attribute(item, "name"), item.get("value") or "")
        for item in xml.children(element, name, xml.SCHOOL)
    )


def process_extension(element: xml.Element) -> ext.ProcessExtension:
    """school:process, school:variable and school:cancel of a process; defaults when there is none."""
    found = school(element, "process")
    variables = tuple(_variable(item) for item in xml.extensions_named(element, "variable", xml.SCHOOL))
    principal = f"process:{xml.attribute(element, 'id')}"
    if found is None:
        return ext.ProcessExtension(principal, variables=variables, cancel=_cancel(element))
    return ext.ProcessExtension(
        xml.attribute(found, "principal", principal),
        xml.attribute(found, "record") or None,
        xml.is_true(found, "lifecycle"),
        xml.is_true(found, "money"),
        variables,
        _cancel(element),
        tuple(xml.attribute(found, "branches").split()),
    )


def _variable(item: xml.Element) -> ext.Variable:
    options = tuple(
        ext.VariableOption(xml.attribute(one, "value"), xml.attribute(one, "zh"), xml.attribute(one, "en"))
        for one in xml.children(item, "option", xml.SCHOOL)
    )
    return ext.Variable(
        xml.attribute(item, "name"),
        xml.attribute(item, "type"),
        xml.attribute(item, "access", "operators"),
        xml.attribute(item, "label"),
        options,
    )


def _cancel(element: xml.Element) -> ext.HandlerExtension | None:
    found = school(element, "cancel")
    if found is None:
        return None
    return ext.HandlerExtension(xml.attribute(found, "handler"), 0, mapped(found, "input"))


def handler(reading: Reading, element: xml.Element) -> ext.HandlerExtension | None:
    """school:handler."""
    found = school(element, "handler")
    if found is None:
        return None
    return ext.HandlerExtension(
        xml.attribute(found, "name"),
        reading.integer(found, "retries", 3),
        mapped(found, "input"),
        mapped(found, "output"),
    )


def send(element: xml.Element) -> ext.SendExtension | None:
    """school:send."""
    found = school(element, "send")
    if found is None:
        return None
    return ext.SendExtension(
        connector=xml.attribute(found, "connector"),
        template=xml.attribute(found, "template"),
        to=xml.attribute(found, "to"),
        expires=xml.attribute(found, "expires"),
        ordering=xml.attribute(found, "ordering"),
        inputs=mapped(found, "input"),
    )


def job(reading: Reading, element: xml.Element) -> ext.JobExtension | None:
    """school:job."""
    found = school(element, "job")
    if found is None:
        return None
    return ext.JobExtension(xml.attribute(found, "type"), reading.integer(found, "retries", 3))


def decision(element: xml.Element) -> ext.DecisionExtension | None:
    """school:decision."""
    found = school(element, "decision")
    if found is None:
        return None
    return ext.DecisionExtension(
        xml.attribute(found, "ref"),
        xml.attribute(found, "binding", "deployment"),
        xml.attribute(found, "result"),
        mapped(found, "input"),
    )


def call(element: xml.Element) -> ext.CallExtension | None:
    """school:call: with inputs (outputs) listed, only those go over; with none, everything does."""
    found = school(element, "call")
    if found is None:
        return None
    inputs, outputs = mapped(found, "input"), mapped(found, "output")
    return ext.CallExtension(xml.attribute(found, "binding", "deployment"), inputs, outputs, not inputs, not outputs)


def task(element: xml.Element) -> ext.TaskExtension | None:
    """school:task with its children; on a lane, school:assignee may stand alone."""
    found = school(element, "task")
    if found is None:
        loose = tuple(
            _assignee(item)
            for item in xml.extensions(element)
            if xml.namespace(item) == xml.SCHOOL and xml.local(item) == "assignee"
        )
        return ext.TaskExtension(assignees=loose) if loose else None
    operations = xml.attribute(found, "operations").split()
    return ext.TaskExtension(
        form=xml.attribute(found, "form"),
        record=xml.attribute(found, "record"),
        object=xml.attribute(found, "object"),
        candidates=tuple(xml.attribute(found, "candidates").split()),
        empty=xml.attribute(found, "empty", "admin"),
        same_person=xml.attribute(found, "same_person", "ask"),
        self_approval=xml.attribute(found, "self", "ask"),
        due=xml.attribute(found, "due"),
        priority=xml.attribute(found, "priority"),
        operations=tuple(operations) if found.get("operations") is not None else ext.DEFAULT_OPERATIONS,
        distinct_from=tuple(xml.attribute(found, "distinct_from").split()),
        outcomes=tuple(_outcome(item) for item in xml.children(found, "outcome", xml.SCHOOL)),
        assignees=tuple(_assignee(item) for item in xml.children(found, "assignee", xml.SCHOOL)),
        countersign=_countersign(xml.child(found, "countersign", xml.SCHOOL)),
        fields=tuple(
            ext.FieldAccess(xml.attribute(item, "name"), xml.attribute(item, "access", "read"))
            for item in xml.children(found, "fieldAccess", xml.SCHOOL)
        ),
        reminders=tuple(_reminder(item) for item in xml.children(found, "reminder", xml.SCHOOL)),
        branches=None if found.get("branches") is None else tuple(xml.attribute(found, "branches").split()),
    )


def _outcome(item: xml.Element) -> ext.Outcome:
    return ext.Outcome(
        xml.attribute(item, "name"),
        xml.attribute(item, "label_zh"),
        xml.attribute(item, "label_en"),
        xml.attribute(item, "style", "plain"),
        xml.attribute(item, "comment", "optional"),
    )


def _assignee(item: xml.Element) -> ext.Assignee:
    return ext.Assignee(
        xml.attribute(item, "rule"), xml.attribute(item, "branch", "record"), xml.attribute(item, "strategy", "offer")
    )


def _countersign(item: xml.Element | None) -> ext.Countersign | None:
    return (
        ext.Countersign(xml.attribute(item, "mode", "all"), xml.attribute(item, "value")) if item is not None else None
    )


def _reminder(item: xml.Element) -> ext.Reminder:
    return ext.Reminder(
        xml.attribute(item, "after"),
        xml.attribute(item, "before_due"),
        xml.attribute(item, "repeat"),
        xml.attribute(item, "to", "assignee"),
        xml.attribute(item, "action", "urge"),
    )


def mapped_extensions(element: xml.Element, name: str) -> tuple[ext.Mapped, ...]:
    """`school:<name> name value` directly inside the element's extensionElements."""
    return tuple(
        ext.Mapped(xml.attribute(item, "name"), item.get("value") or "")
        for item in xml.extensions_named(element, name, xml.SCHOOL)
    )
