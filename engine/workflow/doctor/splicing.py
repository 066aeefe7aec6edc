"""A new step right before or after another one: flows, their mentions at nodes, and the drawing follow."""

from __future__ import annotations

from engine.workflow.bpmn import xml
from engine.workflow.doctor import drawing
from engine.workflow.doctor.document import Document, make


def flows(document: Document, end: str, identity: str) -> list[xml.Element]:
    """The sequence flows whose `sourceRef` or `targetRef` is that node."""
    return [one for one in document.all("sequenceFlow") if xml.reference(one.get(end)) == identity]


def is_single(document: Document, step: xml.Element) -> bool:
    """It runs once, on a way of its own: no repetition, no compensation, no conditions where it leads on, nothing that
    picks it by an event."""
    identity = xml.attribute(step, "id")
    leaving, coming = flows(document, "sourceRef", identity), flows(document, "targetRef", identity)
    gateways = {xml.attribute(one, "id") for one in document.all("eventBasedGateway")}
    return (
        not any("LoopCharacteristics" in xml.local(one) for one in step)
        and not xml.is_true(step, "isForCompensation")
        and len(leaving) == 1
        and not step.get("default")
        and xml.child(leaving[0], "conditionExpression") is None
        and bool(coming)
        and not any(xml.reference(one.get("sourceRef")) in gateways for one in coming)
    )


def before(document: Document, step: xml.Element, tag: str, wish: str, name: str) -> xml.Element:
    """A new node of that kind, its id as wished or numbered; what led to the step leads to it."""
    place, known = step.getparent(), xml.attribute(step, "id")
    assert place is not None
    coming = flows(document, "targetRef", known)
    identity = document.fresh_id(wish)
    node = make(place, tag, id=identity, name=name)
    place.insert(place.index(step), node)
    for flow in coming:
        flow.set("targetRef", identity)
    for old in xml.children(step, "incoming"):
        step.remove(old)
    link = document.fresh_id(f"{identity}_on")
    make(place, "sequenceFlow", id=link, sourceRef=identity, targetRef=known)
    drawing.add_task_below(document, step, identity, link, [xml.attribute(one, "id") for one in coming])
    return node


def after(document: Document, step: xml.Element, tag: str, wish: str, name: str) -> xml.Element:
    """A new node of that kind between the step and what followed it by its only flow."""
    place, known = step.getparent(), xml.attribute(step, "id")
    assert place is not None
    (flow,) = flows(document, "sourceRef", known)
    following, own = xml.attribute(flow, "targetRef"), xml.attribute(flow, "id")
    identity = document.fresh_id(wish)
    node = make(place, tag, id=identity, name=name)
    place.insert(place.index(step) + 1, node)
    flow.set("targetRef", identity)
    link = document.fresh_id(f"{identity}_on")
    make(place, "sequenceFlow", id=link, sourceRef=identity, targetRef=following)
    relist(document, following, own, link)
    drawing.add_task_after(document, step, identity, own, link)
    return node


def relist(document: Document, node: str, old: str, new: str) -> None:
    """The node lists the new flow where it listed the old one."""
    target = document.by_id(xml.reference(node) or "")
    for part in xml.children(target, "incoming") if target is not None else ():
        if xml.reference(xml.text(part)) == old:
            part.text = new
