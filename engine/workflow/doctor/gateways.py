"""Exclusive gateways that do not say how to decide (BPMN 2.0.2 10.6.2): a person chooses, or one way is the default."""

from __future__ import annotations

from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor import splicing
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make
from engine.workflow.doctor.foreign_methods import quoted

_UNDECIDABLE = frozenset({"expression.wording", "expression.invalid", "doctor.expression_unknown"})
"""What is said of conditions that no engine can decide; one that names data with spaces is none of them."""
_SPLITS = ("exclusiveGateway", "inclusiveGateway")


def offer(document: Document, findings: tuple[Finding, ...]) -> None:
    """What can be done about each of them."""
    wrong = {one.element_id for one in findings if one.severity == "error" and one.rule in _UNDECIDABLE}
    leaving: dict[str, list[xml.Element]] = {}
    for flow in document.all("sequenceFlow"):
        leaving.setdefault(xml.reference(flow.get("sourceRef")) or "", []).append(flow)
    for gateway in document.all(*_SPLITS):
        identity = xml.attribute(gateway, "id")
        flows = leaving.get(identity, [])
        default = xml.reference(gateway.get("default"))
        open_ways = [one for one in flows if (_is_bare(one) or one.get("id") in wrong) and one.get("id") != default]
        if len(flows) < 2 or not open_ways:
            continue
        if len(open_ways) == 1 and default is None and _is_bare(open_ways[0]):
            _offer_default(document, gateway, open_ways[0])
        elif xml.local(gateway) == "exclusiveGateway":
            _offer_person(document, gateway, flows)
        else:
            _offer_all(document, gateway, open_ways)


def _is_bare(flow: xml.Element) -> bool:
    return not xml.text(xml.child(flow, "conditionExpression"))


def _offer_default(document: Document, gateway: xml.Element, flow: xml.Element) -> None:
    text = Text(
        f"把网关“{called(gateway)}”的出口“{called(flow)}”设为默认：其他条件都不满足时走这里",
        f"Make {called(flow)} the default way out of {called(gateway)}: taken when no condition holds",
    )
    identity = xml.attribute(flow, "id")
    document.offer("gateway.default", xml.attribute(gateway, "id"), text, lambda: gateway.set("default", identity))


def _offer_person(document: Document, gateway: xml.Element, flows: list[xml.Element]) -> None:
    text = Text(
        f"网关“{called(gateway)}”没有条件：由人选择走哪个出口",
        f"{called(gateway)} has no conditions: a person chooses the way",
    )
    change = partial(_let_choose, document, gateway, flows)
    document.offer("gateway.person", xml.attribute(gateway, "id"), text, change)


def _offer_all(document: Document, gateway: xml.Element, ways: list[xml.Element]) -> None:
    name = called(gateway)
    text = Text(
        f"网关“{name}”没有说明条件的出口每次都走",
        f"The ways out of {name} that say no condition are taken every time",
    )
    document.offer("gateway.all", xml.attribute(gateway, "id"), text, partial(_take_all, ways))


def _take_all(ways: list[xml.Element]) -> None:
    for way in ways:
        _set_condition(way, "true")


def _set_condition(flow: xml.Element, text: str) -> None:
    old = xml.child(flow, "conditionExpression")
    condition = old if old is not None else make(flow, "conditionExpression")
    for part in list(condition):
        condition.remove(part)
    drop(condition, "language")
    prefix = f"{condition.prefix}:" if condition.prefix else ""
    condition.set(f"{{{xml.XSI}}}type", f"{prefix}tFormalExpression")  # a QName: editors drop what it does not resolve
    condition.text = text


def _let_choose(document: Document, gateway: xml.Element, flows: list[xml.Element]) -> None:
    """The user task right before the gateway gets one outcome per way; where there is none, one is added."""
    task = _task_before(document, gateway)
    if task is None:
        task = _add_task(document, gateway)
    names = _names(document, flows)
    holder = read_task(task)
    for name in names:
        make(holder, "outcome", xml.SCHOOL, name=name, label_zh=name, label_en=name)
    identity = xml.attribute(task, "id")
    drop(gateway, "default")
    for flow, name in zip(flows, names, strict=True):
        _set_condition(flow, f"{identity}.outcome = {quoted(name)}")


def read_task(task: xml.Element) -> xml.Element:
    """The task's `school:task`, made when there is none; what it offered so far is replaced."""
    holder = extensions_of(task)
    found = holder.find(f"{{{xml.SCHOOL}}}task")
    if found is None:
        return make(holder, "task", xml.SCHOOL)
    for old in xml.children(found, "outcome", xml.SCHOOL):
        found.remove(old)
    return found


def _task_before(document: Document, gateway: xml.Element) -> xml.Element | None:
    flows = document.all("sequenceFlow")
    coming = [one for one in flows if xml.reference(one.get("targetRef")) == gateway.get("id")]
    if len(coming) != 1:
        return None
    source = xml.reference(coming[0].get("sourceRef")) or ""
    going = [one for one in flows if xml.reference(one.get("sourceRef")) == source]
    task = document.by_id(source)
    is_single = task is not None and xml.local(task) == "userTask" and len(going) == 1
    is_plain = task is not None and not any("LoopCharacteristics" in xml.local(one) for one in task)
    return task if is_single and is_plain and source.isidentifier() else None


def _add_task(document: Document, gateway: xml.Element) -> xml.Element:
    """A user task between the gateway and everything that led to it."""
    wish = "choose_" + "".join(sign if sign.isalnum() else "_" for sign in xml.attribute(gateway, "id"))
    return splicing.before(document, gateway, "userTask", wish, gateway.get("name") or "选择 / Choose")


def _names(document: Document, flows: list[xml.Element]) -> list[str]:
    """What the ways are called: their names, else where they lead."""
    found: list[str] = []
    for flow in flows:
        target = document.by_id(xml.reference(flow.get("targetRef")) or "")
        name = xml.attribute(flow, "name") or (xml.attribute(target, "name") if target is not None else "")
        name = name or xml.attribute(flow, "id")
        found.append(name if name not in found else f"{name} {len(found) + 1}")
    return found
