"""Extensions of Camunda 7 and 8, Flowable, Activiti and SpiffWorkflow that have a meaning here.

Texts are kept as their tool wrote them (`${…}` included): rewriting them is the import doctor's work.
"""

from __future__ import annotations

import re

from engine.workflow.bpmn import extensions as ext
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.model import Expression

_QUOTED = str.maketrans({'"': '\\"', "\\": "\\\\"})


def attribute(element: xml.Element, *names: str) -> str:
    """The first of these attributes of Camunda 7, Operaton, Flowable or Activiti; empty when there is none."""
    for name in names:
        for space in xml.KINDRED:
            if value := (element.get(f"{{{space}}}{name}") or "").strip():
                return value
    return ""


def zeebe(element: xml.Element, name: str) -> xml.Element | None:
    """The `zeebe:<name>` extension, or None."""
    found = [item for item in xml.extensions(element) if xml.namespace(item) == xml.ZEEBE and xml.local(item) == name]
    return found[0] if found else None


def task(element: xml.Element) -> ext.TaskExtension | None:
    """Form, assignees, due date and priority of a foreign user task."""
    definition, assignment = zeebe(element, "formDefinition"), zeebe(element, "assignmentDefinition")
    schedule, priority = zeebe(element, "taskSchedule"), zeebe(element, "priorityDefinition")
    form = attribute(element, "formKey", "formRef")
    if definition is not None:
        form = xml.attribute(definition, "formKey") or xml.attribute(definition, "formId")
    due = xml.attribute(schedule, "dueDate") if schedule is not None else attribute(element, "dueDate")
    level = xml.attribute(priority, "priority") if priority is not None else attribute(element, "priority")
    rules = _rules(element, assignment)
    if not (form or due or level or rules):
        return None
    return ext.TaskExtension(form=form, due=due, priority=level, assignees=rules)


def _rules(element: xml.Element, assignment: xml.Element | None) -> tuple[ext.Assignee, ...]:
    def given(name: str) -> str:
        return xml.attribute(assignment, name) if assignment is not None else attribute(element, name)

    found = [_rule("user", text) for text in [given("assignee")] if text]
    for name, kind in (("candidateUsers", "user"), ("candidateGroups", "group")):
        value = given(name)
        parts = [value] if value.startswith(("=", "${", "#{")) else [part.strip() for part in value.split(",")]
        found += [_rule(kind, part) for part in parts if part]
    return tuple(found)


def _rule(kind: str, text: str) -> ext.Assignee:
    """A key of ours has no spaces: `Hiring manager` is looked for as `Hiring_manager`."""
    if text.startswith(("=", "$")) or "{" in text:
        return ext.Assignee(text if text.startswith("=") else f"{kind}:{text}")
    return ext.Assignee(f"{kind}:{key_of(text)}")


def key_of(name: str) -> str:
    """A name as a key: what keys can't hold becomes `_`."""
    return re.sub(r"[^\w.@-]+", "_", name.strip())


def job(element: xml.Element) -> ext.JobExtension | None:
    """An external task's topic, a Zeebe job type, or the operator of a SpiffWorkflow service task."""
    definition = zeebe(element, "taskDefinition")
    if definition is not None:
        retries = xml.attribute(definition, "retries", "3")
        return ext.JobExtension(xml.attribute(definition, "type"), int(retries) if retries.isdecimal() else 3)
    if topic := attribute(element, "topic"):
        return ext.JobExtension(topic)
    found = operator(element)
    return ext.JobExtension(xml.attribute(found, "id")) if found is not None else None


def operator(element: xml.Element) -> xml.Element | None:
    """The spiffworkflow:serviceTaskOperator of a service task, or None."""
    names = (item for item in xml.extensions(element) if xml.namespace(item) == xml.SPIFF)
    return next((item for item in names if xml.local(item) == "serviceTaskOperator"), None)


def result_variable(element: xml.Element) -> str:
    """Where the result of a foreign service task goes; empty when it does not say."""
    found = operator(element)
    return attribute(element, "resultVariable") or (xml.attribute(found, "resultVariable") if found is not None else "")


def decision(element: xml.Element) -> ext.DecisionExtension | None:
    """A called decision."""
    called = zeebe(element, "calledDecision")
    if called is not None:
        return ext.DecisionExtension(
            xml.attribute(called, "decisionId"),
            xml.attribute(called, "bindingType", "latest"),
            xml.attribute(called, "resultVariable"),
        )
    if reference := attribute(element, "decisionRef", "decisionTableReferenceKey"):
        binding = attribute(element, "decisionRefBinding") or "latest"
        return ext.DecisionExtension(reference, binding, attribute(element, "resultVariable"))
    return None


def call(element: xml.Element) -> tuple[str, ext.CallExtension | None]:
    """The called process id of a Zeebe call activity (or empty), and the data that goes over."""
    called = zeebe(element, "calledElement")
    if called is not None:
        copy_out = xml.is_true(called, "propagateAllChildVariables", default=True)
        copy_in = xml.is_true(called, "propagateAllParentVariables", default=True)
        binding = xml.attribute(called, "bindingType", "latest")
        return xml.attribute(called, "processId"), ext.CallExtension(binding, all_inputs=copy_in, all_outputs=copy_out)
    ins, all_in = _call_mapping(element, "in")
    outs, all_out = _call_mapping(element, "out")
    all_in = all_in or attribute(element, "inheritVariables") == "true"
    binding = attribute(element, "calledElementBinding") or "latest"
    if not (ins or outs or all_in or all_out or attribute(element, "calledElementBinding")):
        return "", None
    return "", ext.CallExtension(binding, ins, outs, all_in, all_out)


def _call_mapping(element: xml.Element, name: str) -> tuple[tuple[ext.Mapped, ...], bool]:
    items = [item for item in xml.extensions(element) if xml.namespace(item) in xml.KINDRED and xml.local(item) == name]
    pairs = tuple(
        ext.Mapped(xml.attribute(item, "target"), item.get("sourceExpression") or f"={xml.attribute(item, 'source')}")
        for item in items
        if item.get("target")
    )
    return pairs, any(xml.attribute(item, "variables") == "all" for item in items)


def mapping(element: xml.Element, direction: str) -> tuple[ext.Mapped, ...]:
    """Input (`direction` = `input`) or output mapping of any activity: zeebe:ioMapping, camunda:inputOutput, and
    the parameters of a SpiffWorkflow operator; what a thrown signal carries (camunda:in)."""
    found: list[ext.Mapped] = []
    if direction == "input":
        for signal in xml.children(element, "signalEventDefinition"):
            found += _call_mapping(signal, "in")[0]
    for item in xml.extensions(element):
        name, space = xml.local(item), xml.namespace(item)
        if space == xml.ZEEBE and name == "ioMapping":
            given = [
                (xml.attribute(part, "target"), xml.attribute(part, "source"))
                for part in xml.children(item, direction, xml.ZEEBE)
            ]
            found += _by_root(given, "{}" if direction == "input" else "get or else(%s, {})")
        elif space in xml.KINDRED and name == "inputOutput":
            found += [
                ext.Mapped(xml.attribute(part, "name"), xml.text(part))
                for part in xml.children(item, f"{direction}Parameter", space)
                if not len(part)
            ]
        elif space == xml.SPIFF and name == "serviceTaskOperator" and direction == "input":
            found += [
                ext.Mapped(xml.attribute(part, "id"), f"={xml.attribute(part, 'value')}")
                for part in item.iter(f"{{{xml.SPIFF}}}parameter")
            ]
    return tuple(found)


def _by_root(given: list[tuple[str, str]], unset: str) -> list[ext.Mapped]:
    """Zeebe's targets may be paths (`order.receipt`): those set a part of a context, whose other parts stay.

    unset: the FEEL text of the context before, `%s` its name.
    """
    found: dict[str, str] = {}
    for target, source in given:
        root, _, path = target.partition(".")
        if not path:
            found[root] = source
            continue
        value = source[1:] if source.startswith("=") else f'"{source.translate(_QUOTED)}"'
        before = found.get(root, "=" + (unset % root if "%" in unset else unset))
        keys = ", ".join(f'"{key.translate(_QUOTED)}"' for key in path.split("."))
        found[root] = f"=context put({before.removeprefix('=')}, [{keys}], {value})"
    return [ext.Mapped(name, source) for name, source in found.items()]


def collection(loop: xml.Element) -> dict[str, str]:
    """`collection`, `item`, `output_collection`, `output_item` as a foreign tool wrote them; missing ones are empty."""
    found = zeebe(loop, "loopCharacteristics")
    if found is not None:
        return {
            "collection": xml.attribute(found, "inputCollection"),
            "item": xml.attribute(found, "inputElement"),
            "output_collection": xml.attribute(found, "outputCollection"),
            "output_item": xml.attribute(found, "outputElement"),
        }
    return {
        "collection": attribute(loop, "collection"),
        "item": attribute(loop, "elementVariable"),
        **_aggregated(loop),
    }


def _aggregated(loop: xml.Element) -> dict[str, str]:
    """Flowable's variableAggregation: a list with a context of some variables for each item."""
    for one in xml.extensions(loop):
        if xml.namespace(one) not in xml.KINDRED or xml.local(one) != "variableAggregation":
            continue
        parts = [item for item in one if xml.local(item) == "variable" and xml.attribute(item, "source").isidentifier()]
        named = {xml.attribute(item, "target") or xml.attribute(item, "source"): item for item in parts}
        entries = (f'"{name.translate(_QUOTED)}": {xml.attribute(item, "source")}' for name, item in named.items())
        target = xml.attribute(one, "target")
        return {"output_collection": target, "output_item": f"={{{', '.join(entries)}}}"} if target and named else {}
    return {}


def script(element: xml.Element) -> tuple[str, str]:
    """(FEEL text, result variable) of a Zeebe script task; empty texts when there is none."""
    found = zeebe(element, "script")
    if found is None:
        return "", ""
    return xml.attribute(found, "expression"), xml.attribute(found, "resultVariable")


def correlation_key(message: xml.Element) -> tuple[ext.Mapped, ...]:
    """The zeebe:subscription key of a message."""
    found = zeebe(message, "subscription")
    return (ext.Mapped("correlationKey", xml.attribute(found, "correlationKey")),) if found is not None else ()


def active_elements(element: xml.Element) -> Expression | None:
    """zeebe:adHoc's collection of elements that begin by themselves."""
    found = zeebe(element, "adHoc")
    body = xml.attribute(found, "activeElementsCollection") if found is not None else ""
    return Expression(body) if body else None


def leftovers(element: xml.Element) -> dict[str, str]:
    """Foreign attributes (`camunda:class`) and extension elements (value: their text), for the import doctor."""
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        space, _, name = str(key).removeprefix("{").rpartition("}")
        if space in xml.PREFIXES and space != xml.SCHOOL:
            found[f"{xml.PREFIXES[space]}:{name}"] = str(value)
    for item in xml.extensions(element):
        space = xml.namespace(item)
        if space in xml.PREFIXES and space != xml.SCHOOL:
            found[f"{xml.PREFIXES[space]}:{xml.local(item)}"] = xml.text(item)
    return found
