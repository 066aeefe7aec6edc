"""Names that expressions read but nothing in the process ever sets: usually a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator

from engine.feel import name_advice
from engine.kernel.text import Text
from engine.workflow.bpmn.extensions import Mapped
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, Process
from engine.workflow.gate.known import Known
from engine.workflow.gate.surroundings import Surroundings

_FIX = Text("检查拼写，或在流程变量中声明它", "Check the spelling, or declare it as a process variable")
_ALWAYS = frozenset(
    {"record", "result", "loop", "error", "message", "starter", "instance", "payload", "outcome", "cancel"}
)


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Only where the process declares its variables: then a name outside them is worth a remark."""
    extension = process.extension
    if extension is None or not extension.variables:
        return
    known = Known(_known(process, surroundings))
    for element, text in texts(process, model):
        for name in known.unknown(text):
            yield Finding(
                element,
                "variable.unknown",
                "warning",
                Text(f"表达式里的 {name} 在流程中从未赋值", f"Nothing in the process sets {name}"),
                name_advice(name, known.names) or _FIX,
            )


def _known(process: Process, surroundings: Surroundings) -> frozenset[str]:
    extension = process.extension
    assert extension is not None
    names = set(_ALWAYS) | {one.name for one in extension.variables} | {one.name for one in process.data_objects}
    names |= set(process.nodes) | ({extension.record} if extension.record else set())
    for node in process.nodes.values():
        names |= _set_by(node, surroundings)
    return frozenset(names)


def _set_by(node: Node, surroundings: Surroundings) -> set[str]:
    names = set(node.properties) | {one.name for one in (*node.mapped_in, *node.mapped_out)}
    names |= {one.target for one in (*node.data_inputs, *node.data_outputs) if one.target}
    if node.task and surroundings.forms:
        names |= surroundings.forms.get(node.task.form, frozenset())
    if node.handler:
        names |= {one.name for one in node.handler.outputs}
    if node.decision:
        names |= {node.decision.result, *(one.name for one in node.decision.inputs)}
    if node.call:
        names |= {one.name for one in node.call.outputs}
    if node.multi:
        names |= {node.multi.item or "", node.multi.output_collection or ""}
    return names | {node.result_variable or ""}


def texts(process: Process, model: Model) -> Iterator[tuple[str, str]]:
    """(element id, FEEL text) of conditions, of computed names and of the extensions' expressions."""
    for flow in process.flows.values():
        if flow.condition:
            yield flow.id, flow.condition.text
    cancel = process.extension.cancel if process.extension else None
    for one in cancel.inputs if cancel else ():
        if one.value.startswith("="):
            yield process.id, one.value
    for node in process.nodes.values():
        for text in (*_node_texts(node), *_names(node, model)):
            if text.lstrip().startswith("="):
                yield node.id, text


def _node_texts(node: Node) -> Iterator[str]:
    yield node.title or ""
    mapped: tuple[Mapped, ...] = node.keys
    if node.task:
        yield from (node.task.record, node.task.due, *(one.rule for one in node.task.assignees))
    if node.handler:
        mapped += node.handler.inputs
    if node.send:
        yield node.send.to
        mapped += node.send.inputs
    if node.decision:
        mapped += node.decision.inputs
    yield from (one.value for one in mapped)


def _names(node: Node, model: Model) -> Iterator[str]:
    """Of the messages, signals, errors and escalations of its events."""
    for identity in (node.message, *(event.reference for event in node.events)):
        for table in (model.messages, model.signals, model.errors, model.escalations):
            if identity is not None and identity in table:
                yield table[identity].code or table[identity].name
