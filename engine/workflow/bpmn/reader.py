"""BPMN XML to `Model`: collects every defect at once, raises only for bytes that are no XML we accept.

Source: BPMN 2.0.2 chapters 8 to 10 (elements), docs/bpmn-extensions.md (ours).
"""

from __future__ import annotations

from dataclasses import replace

from engine.kernel.text import Text
from engine.workflow.bpmn import read_data, read_extensions, read_foreign, read_stores, xml
from engine.workflow.bpmn.expressions import spelled
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Named, Node, NodeKind, Process
from engine.workflow.bpmn.read_collaboration import (
    correlation_keys,
    correlation_properties,
    message_flows,
    participants,
)
from engine.workflow.bpmn.read_inputs import check_inputs
from engine.workflow.bpmn.read_nodes import GLOBAL_TASKS, read_node
from engine.workflow.bpmn.read_process import read_process
from engine.workflow.bpmn.read_references import check_calls, check_lists, check_references
from engine.workflow.bpmn.read_rules import check_rules
from engine.workflow.bpmn.read_values import check_values
from engine.workflow.bpmn.reading import Reading
from engine.workflow.bpmn.xml import DEFAULT_LIMITS, Limits, XmlError

__all__ = ["Limits", "XmlError", "read"]


def read(source: bytes | str, limits: Limits = DEFAULT_LIMITS) -> tuple[Model, tuple[Finding, ...]]:
    """The model and everything the reader has to remark. Raises: XmlError."""
    root = xml.parse(source, limits)
    if not xml.is_bpmn(root, "definitions"):
        raise XmlError(
            message=Text("根元素不是 BPMN definitions", "The root element is not a BPMN definitions element")
        )
    reading = Reading()
    _index(reading, root)
    read_data.name_data(reading)
    processes = tuple(read_process(reading, item) for item in root if xml.is_bpmn(item, "process"))
    processes += tuple(_global_task(reading, item) for item in root if xml.local(item) in GLOBAL_TASKS)
    _check_size(reading, processes, limits)
    model = _model(reading, root, processes)
    for check in (check_references, check_calls, check_lists, check_rules, check_inputs, check_values):
        check(reading, root)
    if not processes:
        text = Text("文件里没有流程", "There is no process in the file")
        fix = Text(
            "请导出含有流程的图；编排图和会话图不能运行",
            "Export a process; choreographies and conversations do not run",
        )
        reading.report(None, "process.none", text, fix)
    return model, tuple(reading.findings)


def _model(reading: Reading, root: xml.Element, processes: tuple[Process, ...]) -> Model:
    return Model(
        id=xml.attribute(root, "id"),
        target_namespace=xml.attribute(root, "targetNamespace"),
        expression_language=xml.attribute(root, "expressionLanguage"),
        tool=xml.attribute(root, "exporter"),
        processes=processes,
        messages=_named(reading, root, "message"),
        signals=_named(reading, root, "signal"),
        errors=_named(reading, root, "error", "errorCode"),
        escalations=_named(reading, root, "escalation", "escalationCode"),
        correlation_properties=correlation_properties(root),
        correlation_keys=correlation_keys(root),
        participants=participants(reading, root),
        message_flows=message_flows(root),
        data_stores={
            xml.attribute(item, "id"): xml.attribute(item, "name") for item in xml.children(root, "dataStore")
        },
        store_facts=read_stores.store_facts(reading, root),
        ids={identity: xml.local(element) for identity, element in reading.elements.items()},
        data_names=frozenset(reading.names.values()),
    )


def _index(reading: Reading, root: xml.Element) -> None:
    for element in root.iter():
        identity = xml.attribute(element, "id") if xml.is_bpmn(element) else ""
        if not identity:
            continue
        if identity in reading.elements:
            reading.report(
                element,
                "id.duplicate",
                Text(f"标识“{identity}”重复", f"The id {identity!r} is used twice"),
                Text("每个元素的标识必须唯一", "Give every element an id of its own"),
            )
            continue
        reading.elements[identity] = element


def _named(reading: Reading, root: xml.Element, tag: str, code: str = "") -> dict[str, Named]:
    found: dict[str, Named] = {}
    for item in xml.children(root, tag):
        identity, extension = xml.attribute(item, "id"), read_extensions.school(item, "message")
        found[identity] = Named(
            id=identity,
            name=spelled(xml.attribute(item, "name")) or identity,
            code=(spelled(xml.attribute(item, code)) or None) if code else None,
            item=xml.reference(item.get("itemRef") or item.get("structureRef")),
            reserved=extension is not None and xml.is_true(extension, "reserved"),
            keys=read_foreign.correlation_key(item) or read_extensions.mapped_extensions(item, "key"),
            line=xml.line(item),
        )
    return found


def _global_task(reading: Reading, element: xml.Element) -> Process:
    """A global task is a process of one node (BPMN 2.0.2 10.3.4)."""
    identity = xml.attribute(element, "id")
    node: Node = read_node(reading, element, GLOBAL_TASKS[xml.local(element)], identity, identity)
    named = replace(node, name=node.name or identity)
    return Process(
        id=identity,
        name=named.name,
        executable=True,
        line=named.line,
        nodes={identity: named},
        extension=read_extensions.process_extension(element),
        global_task=True,
    )


def _check_size(reading: Reading, processes: tuple[Process, ...], limits: Limits) -> None:
    ends = {NodeKind.START, NodeKind.END}
    count = sum(node.kind not in ends for process in processes for node in process.nodes.values())
    if count > limits.nodes:
        reading.report(
            None,
            "model.too_large",
            Text(f"共 {count} 个节点，上限为 {limits.nodes}", f"There are {count} nodes, the cap is {limits.nodes}"),
            Text("请拆分流程，或请管理员调高上限", "Split the process or ask an administrator to raise the cap"),
        )
