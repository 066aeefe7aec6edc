"""Flows and references that lead nowhere: offered to be removed, or what they mean to be created."""

from __future__ import annotations

from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor.document import Document, called, drop, make
from engine.workflow.doctor.todos import delete_link, delete_node

_ROOTS = {
    "messageEventDefinition": ("messageRef", "message", Text("消息", "message")),
    "signalEventDefinition": ("signalRef", "signal", Text("信号", "signal")),
    "errorEventDefinition": ("errorRef", "error", Text("错误", "error")),
    "escalationEventDefinition": ("escalationRef", "escalation", Text("升级", "escalation")),
    "receiveTask": ("messageRef", "message", Text("消息", "message")),
    "sendTask": ("messageRef", "message", Text("消息", "message")),
}
_NEEDED = frozenset({"messageEventDefinition", "signalEventDefinition"})
_NEEDED_TO_THROW = frozenset({"errorEventDefinition", "escalationEventDefinition"})
_MESSAGE_TASKS = frozenset({"sendTask", "receiveTask"})
_THROWS = frozenset({"endEvent", "intermediateThrowEvent"})
_MENDED = frozenset({"flow.dangling", "flow.crosses_scope", "flow.default_missing", "boundary.host_missing"})
_CODES = {"error": "errorCode", "escalation": "escalationCode"}


def offer(document: Document, findings: tuple[Finding, ...]) -> None:
    """Fixes for what the reader found dangling, and for events that name nothing."""
    for finding in findings:
        element = document.by_id(finding.element_id) if finding.rule in _MENDED and finding.element_id else None
        if element is None:
            continue
        if finding.rule in {"flow.dangling", "flow.crosses_scope"}:
            text = Text(f"删除连线“{called(element)}”", f"Delete the flow {called(element)}")
            document.offer("flow.remove", finding.element_id, text, partial(delete_link, document, element))
        elif finding.rule == "flow.default_missing":
            text = Text(f"取消“{called(element)}”的默认出口", f"Drop the default way of {called(element)}")
            document.offer("default.remove", finding.element_id, text, partial(drop, element, "default"))
        elif finding.rule == "boundary.host_missing":
            text = Text(f"删除边界事件“{called(element)}”", f"Delete the boundary event {called(element)}")
            document.offer("boundary.remove", finding.element_id, text, partial(delete_node, document, element))
    _offer_roots(document)


def _offer_roots(document: Document) -> None:
    """A message, signal, error or escalation that an event names, but nobody defined."""
    known = {(xml.local(one), str(one.get("id"))) for one in document.root if isinstance(one.tag, str)}
    for element in document.all(*_ROOTS):
        attribute, tag, word = _ROOTS[xml.local(element)]
        target = xml.reference(element.get(attribute))
        if (tag, target) in known or (target is None and not _is_needed(element)):
            continue
        event = element if xml.local(element) in {"receiveTask", "sendTask"} else element.getparent()
        if event is None or not event.get("id"):
            continue
        name = target or called(event)
        text = Text(f"为“{called(event)}”新建{word.zh}“{name}”", f"Create the {word.en} {name} for {called(event)}")
        change = partial(_create, document, element, attribute, tag, name)
        document.offer("reference.create", xml.attribute(event, "id"), text, change)


def _is_needed(element: xml.Element) -> bool:
    """Whether it says nothing without a message, signal, error or escalation."""
    if xml.local(element) in _MESSAGE_TASKS:
        return not xml.extensions(element) and not any("}" in str(key) for key in element.attrib)
    event = element.getparent()
    is_thrown = event is not None and xml.local(event) in _THROWS
    return xml.local(element) in _NEEDED or (is_thrown and xml.local(element) in _NEEDED_TO_THROW)


def _create(document: Document, element: xml.Element, attribute: str, tag: str, name: str) -> None:
    identity = document.fresh_id("".join(sign if sign.isalnum() else "_" for sign in name) or tag)
    if not identity[0].isalpha():
        identity = document.fresh_id(f"{tag}_{identity}")
    root = make(document.root, tag, id=identity, name=name)
    if tag in _CODES:
        root.set(_CODES[tag], name)
    document.root.insert(0, root)
    element.set(attribute, identity)
