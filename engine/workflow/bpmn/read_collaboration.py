"""Pools, message flows and correlation (BPMN 2.0.2 chapter 9, 8.4.2)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.model import (
    CorrelationKey,
    CorrelationProperty,
    CorrelationSubscription,
    MessageFlow,
    Participant,
)
from engine.workflow.bpmn.reading import Reading, expression

_HOLDERS = ("collaboration", "conversation", "choreography", "globalConversation")


def _collaborations(root: xml.Element) -> list[xml.Element]:
    return [item for name in _HOLDERS for item in xml.children(root, name)]


def participants(reading: Reading, root: xml.Element) -> tuple[Participant, ...]:
    """All pools; a pool of a process that does not exist is reported and read as a black box."""
    found: list[Participant] = []
    for holder in _collaborations(root):
        for item in xml.children(holder, "participant"):
            process = xml.reference(item.get("processRef"))
            if process is not None and reading.kind_of(process) != "process":
                reading.report(
                    item,
                    "reference.missing",
                    Text(f"泳池引用的流程“{process}”不存在", f"Expected a process with id {process!r} for the pool"),
                    Text("请改正引用，或把泳池设为黑盒", "Correct the reference or make the pool a black box"),
                    "warning",
                )
                process = None
            found.append(Participant(xml.attribute(item, "id"), xml.attribute(item, "name"), process))
    return tuple(found)


def message_flows(root: xml.Element) -> tuple[MessageFlow, ...]:
    """All message flows."""
    return tuple(
        MessageFlow(
            xml.attribute(item, "id"),
            xml.reference(item.get("sourceRef")) or "",
            xml.reference(item.get("targetRef")) or "",
            xml.reference(item.get("messageRef")),
        )
        for holder in _collaborations(root)
        for item in xml.children(holder, "messageFlow")
    )


def correlation_properties(root: xml.Element) -> dict[str, CorrelationProperty]:
    """All correlation properties with, per message, how the key is read from the payload."""
    found: dict[str, CorrelationProperty] = {}
    for item in xml.children(root, "correlationProperty"):
        identity = xml.attribute(item, "id")
        by_message = {
            xml.reference(part.get("messageRef")) or "": path
            for part in xml.children(item, "correlationPropertyRetrievalExpression")
            if (path := expression(xml.child(part, "messagePath"))) is not None
        }
        found[identity] = CorrelationProperty(identity, xml.attribute(item, "name") or identity, by_message)
    return found


def correlation_keys(root: xml.Element) -> dict[str, CorrelationKey]:
    """All correlation keys with their property ids."""
    found: dict[str, CorrelationKey] = {}
    for holder in _collaborations(root):
        for item in xml.children(holder, "correlationKey"):
            identity = xml.attribute(item, "id")
            references = (xml.reference(xml.text(part)) for part in xml.children(item, "correlationPropertyRef"))
            properties = tuple(reference for reference in references if reference)
            found[identity] = CorrelationKey(identity, xml.attribute(item, "name") or identity, properties)
    return found


def subscriptions(process: xml.Element) -> tuple[CorrelationSubscription, ...]:
    """The correlation subscriptions of a process."""
    return tuple(
        CorrelationSubscription(
            xml.attribute(item, "id"),
            xml.reference(item.get("correlationKeyRef")) or "",
            {
                xml.reference(part.get("correlationPropertyRef")) or "": path
                for part in xml.children(item, "correlationPropertyBinding")
                if (path := expression(xml.child(part, "dataPath"))) is not None
            },
        )
        for item in xml.children(process, "correlationSubscription")
    )
