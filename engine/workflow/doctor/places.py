"""Fixes for what stands where BPMN does not allow it: conditions nobody reads, flows that lead nowhere."""

from __future__ import annotations

from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor import drawing
from engine.workflow.doctor.document import Document, called, make, remove

_CONDITIONS = frozenset({"positions.condition_alone", "positions.condition_unread"})
_MESSAGE_FLOWS = frozenset({"conversations.same_pool", "conversations.dangling", "conversations.node_kind"})
_MENDED = _CONDITIONS | _MESSAGE_FLOWS | {"positions.compensation_flow"}


def offer(document: Document, findings: tuple[Finding, ...]) -> None:
    """What a person may accept about each of them."""
    for finding in findings:
        element = document.by_id(finding.element_id) if finding.rule in _MENDED else None
        if element is None:
            continue
        name = called(element)
        if finding.rule in _CONDITIONS:
            text = Text(f"删除“{name}”上的条件", f"Remove the condition on {name}")
            document.offer("condition.remove", finding.element_id, text, partial(_drop_condition, element))
        elif finding.rule in _MESSAGE_FLOWS:
            text = Text(f"删除消息流“{name}”", f"Delete the message flow {name}")
            document.offer("message_flow.remove", finding.element_id, text, partial(_erase, document, element))
        else:
            text = Text(f"把“{name}”的顺序流改为关联线", f"Make the sequence flow of {name} an association")
            document.offer("compensation.associate", finding.element_id, text, partial(_associate, document, element))


def _drop_condition(flow: xml.Element) -> None:
    condition = xml.child(flow, "conditionExpression")
    if condition is not None:
        remove(condition)


def _erase(document: Document, element: xml.Element) -> None:
    drawing.erase(document, xml.attribute(element, "id"))
    remove(element)


def _associate(document: Document, event: xml.Element) -> None:
    """The target of each flow becomes the compensation activity of the event (10.7.2)."""
    identity = xml.attribute(event, "id")
    for flow in document.all("sequenceFlow"):
        parent, target = flow.getparent(), xml.reference(flow.get("targetRef"))
        if xml.reference(flow.get("sourceRef")) != identity or parent is None or target is None:
            continue
        activity = document.by_id(target)
        if activity is not None:
            activity.set("isForCompensation", "true")
        own = xml.attribute(flow, "id")
        for part in document.all("incoming", "outgoing"):
            if xml.reference(xml.text(part)) == own:
                remove(part)
        remove(flow)
        make(parent, "association", id=own, sourceRef=identity, targetRef=target, associationDirection="One")
