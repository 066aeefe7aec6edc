"""Fixes for what a drawing leaves open: who does a step, when a timer is due, how often something repeats.

Each one makes the step run in the simplest way that loses nothing of the drawing: a person does it, it happens once,
a person starts the case. What is worked out later can be set in the studio.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor import drawing
from engine.workflow.doctor.document import Document, called, drop, remove
from engine.workflow.doctor.foreign_expressions import is_braced

Offer = Callable[[Document, xml.Element], None]
_STEPS = frozenset({"serviceTask", "sendTask", "scriptTask", "businessRuleTask", "callActivity"})
_OF_ANOTHER_KIND = frozenset({"implementation", "operationRef", "messageRef", "scriptFormat", "calledElement"})
_WORK = frozenset({"handler", "decision", "send", "job", "call", "calledDecision", "calledElement", "taskDefinition"})
_SPACES = frozenset({xml.SCHOOL, xml.ZEEBE})
_REPEATS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def offer(document: Document, findings: tuple[Finding, ...]) -> None:
    """One fix per element and rule."""
    for finding in findings:
        element = document.by_id(finding.element_id) if finding.rule in _OFFERS and finding.element_id else None
        if element is not None and finding.severity == "error":
            _OFFERS[finding.rule](document, element)


def _person(document: Document, element: xml.Element) -> None:
    if xml.local(element) not in _STEPS:
        return
    name = called(element)
    text = Text(f"“{name}”由人来做（改为用户任务）", f"A person does {name} (it becomes a user task)")
    document.offer("work.person", xml.attribute(element, "id"), text, partial(_to_person, element))


def _to_person(element: xml.Element) -> None:
    """The step keeps its place, data and repetition, and loses what an engine would have run."""
    element.tag = f"{{{xml.BPMN}}}userTask"
    for key in [str(key) for key in element.attrib]:
        space, _, name = key.removeprefix("{").rpartition("}")
        if name in _OF_ANOTHER_KIND or space in xml.KINDRED:
            drop(element, key)
    work = [one for one in xml.extensions(element) if xml.namespace(one) in _SPACES and xml.local(one) in _WORK]
    for part in work + [
        item for item in element if xml.is_bpmn(item, "script") or xml.local(item).endswith("EventDefinition")
    ]:
        remove(part)


def _event(document: Document, element: xml.Element) -> None:
    """An event that does not say what it waits for: started or confirmed by a person, or taken off the border."""
    kind, name, identity = xml.local(element), called(element), xml.attribute(element, "id")
    parent = element.getparent()
    if kind == "startEvent" and parent is not None and not xml.is_true(parent, "triggeredByEvent"):
        text = Text(f"“{name}”改为空开始事件，由人启动", f"{name} becomes a plain start: people start the case")
        document.offer("event.plain", identity, text, partial(_to_plain, element))
    elif kind == "boundaryEvent":
        text = Text(f"删除边界事件“{name}”", f"Delete the boundary event {name}")
        document.offer("boundary.remove", identity, text, partial(delete_node, document, element))
    elif kind == "intermediateCatchEvent" and not _is_behind_event_gateway(document, identity):
        text = Text(f"“{name}”由人确认后继续（改为用户任务）", f"A person confirms {name} (it becomes a user task)")
        document.offer("event.person", identity, text, partial(_to_person, element))


def _to_plain(element: xml.Element) -> None:
    for part in [item for item in element if xml.local(item).endswith("EventDefinition")]:
        remove(part)


def _is_behind_event_gateway(document: Document, identity: str) -> bool:
    gateways = {xml.attribute(one, "id") for one in document.all("eventBasedGateway")}
    flows = (one for one in document.all("sequenceFlow") if xml.reference(one.get("targetRef")) == identity)
    return any(xml.reference(one.get("sourceRef")) in gateways for one in flows)


def _untranslated(document: Document, element: xml.Element) -> None:
    """A step whose work nobody can translate; a repetition over a list that only program code could tell."""
    loops = [part for name in _REPEATS for part in xml.children(element, name)]
    ends = [one for loop in loops for one in xml.children(loop, "completionCondition") if is_braced(xml.text(one))]
    if ends:
        name = called(element)
        text = Text(
            f"“{name}”等每一份都办完（不提前结束）", f"{name} waits until each of them is done, never ending early"
        )
        document.offer("repeat.all", xml.attribute(element, "id"), text, partial(_remove_all, ends))
    elif any(is_braced(str(value)) for loop in loops for value in loop.attrib.values()):
        _once(document, element)
    else:
        _person(document, element)


def _remove_all(parts: list[xml.Element]) -> None:
    for part in parts:
        remove(part)


def _once(document: Document, element: xml.Element) -> None:
    name = called(element)
    text = Text(f"“{name}”只做一次（取消重复标记）", f"{name} is done once (its repetition is taken away)")
    document.offer("repeat.remove", xml.attribute(element, "id"), text, partial(_drop_repeats, element))


def _drop_repeats(element: xml.Element) -> None:
    for name in _REPEATS:
        for part in xml.children(element, name):
            remove(part)


def _single(document: Document, element: xml.Element) -> None:
    text = Text(f"“{called(element)}”到达一次就开始", f"{called(element)} begins when reached once")
    document.offer("quantity.one", xml.attribute(element, "id"), text, partial(element.set, "startQuantity", "1"))


def _unreachable(document: Document, element: xml.Element) -> None:
    text = Text(f"删除到不了的“{called(element)}”", f"Delete {called(element)}, which nothing leads to")
    document.offer("node.remove", xml.attribute(element, "id"), text, partial(delete_node, document, element))


def _join(document: Document, element: xml.Element) -> None:
    if xml.local(element) != "parallelGateway":
        return
    name = called(element)
    text = Text(f"“{name}”改为包容网关：只等会来的路径", f"{name} becomes inclusive: it waits only for what can come")
    document.offer("gateway.inclusive", xml.attribute(element, "id"), text, partial(_to_inclusive, element))


def _to_inclusive(element: xml.Element) -> None:
    element.tag = f"{{{xml.BPMN}}}inclusiveGateway"


def _renew(document: Document, element: xml.Element) -> None:
    identity = xml.attribute(element, "id")
    text = Text(f"给重复的“{identity}”各自的标识", f"Give each further {identity!r} an id of its own")
    document.offer("id.renew", identity, text, partial(_to_own_ids, document, identity))


def _to_own_ids(document: Document, identity: str) -> None:
    same = [one for one in document.root.iter() if xml.is_bpmn(one) and xml.attribute(one, "id") == identity]
    for element in same[1:]:
        element.set("id", document.fresh_id(identity))


def _cut(ends: frozenset[str]) -> Offer:
    """Deletes the sequence flows that lead to the element (`targetRef`) or from it (`sourceRef`)."""

    def offer_for(document: Document, element: xml.Element) -> None:
        name, identity = called(element), xml.attribute(element, "id")
        text = Text(f"删除“{name}”上不该有的顺序流", f"Delete the sequence flows that {name} can't have")
        document.offer("flows.remove", identity, text, partial(_cut_flows, document, identity, ends))

    return offer_for


def _cut_flows(document: Document, identity: str, ends: frozenset[str]) -> None:
    for flow in document.all("sequenceFlow"):
        if any(xml.reference(flow.get(end)) == identity for end in ends):
            delete_link(document, flow)


def delete_node(document: Document, element: xml.Element) -> None:
    """The element with its flows, boundary events, and its mentions in lanes, associations and message flows."""
    identities = {xml.attribute(one, "id") for one in element.iter() if xml.is_bpmn(one) and one.get("id")}
    for event in document.all("boundaryEvent"):
        if xml.reference(event.get("attachedToRef")) in identities and event is not element:
            delete_node(document, event)
    for link in document.all("sequenceFlow", "messageFlow", "association"):
        if identities & {xml.reference(link.get("sourceRef")), xml.reference(link.get("targetRef"))}:
            delete_link(document, link)
    for part in document.all("flowNodeRef"):
        if xml.reference(xml.text(part)) in identities:
            remove(part)
    for identity in identities:
        drawing.erase(document, identity)
    remove(element)


def delete_link(document: Document, element: xml.Element) -> None:
    """A flow or association, with its mentions at the nodes it joined."""
    identity = xml.attribute(element, "id")
    for part in document.all("incoming", "outgoing"):
        if xml.reference(xml.text(part)) == identity:
            remove(part)
    drawing.erase(document, identity)
    remove(element)


_INTO, _OUT_OF = frozenset({"targetRef"}), frozenset({"sourceRef"})
_OFFERS: dict[str, Offer] = {
    "id.duplicate": _renew,
    **dict.fromkeys(
        ("events.start_led_to", "events.boundary_led_to", "positions.link_led_to", "starts.receive_led_to"), _cut(_INTO)
    ),
    "positions.gateway_led_to": _cut(_INTO),
    **dict.fromkeys(("events.end_leads_on", "positions.link_leads_on"), _cut(_OUT_OF)),
    **dict.fromkeys(("events.handler_flows", "undo.flows"), _cut(_INTO | _OUT_OF)),
    "work.unbound": _person,
    "work.decision_missing": _person,
    "work.call_missing": _person,
    **dict.fromkeys(("reference.process_unknown", "reference.decision_unknown", "work.handler_unknown"), _person),
    "work.script_missing": _person,
    "doctor.expression_unknown": _untranslated,
    "doctor.people_list": _once,
    "expression.invalid": _person,
    "expression.wording": _person,
    "reference.not_callable": _person,
    "work.timer_missing": _event,
    "timings.text": _event,
    "positions.condition_missing": _event,
    "structure.event_missing": _event,
    "work.multi_missing": _once,
    "work.loop_missing": _once,
    "repeats.event_missing": _once,
    "repeats.quantity": _single,
    "structure.unreachable": _unreachable,
    "soundness.deadlock": _join,
}
