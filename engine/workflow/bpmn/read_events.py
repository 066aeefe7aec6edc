"""Event definitions of events and of multi-instance behaviour (BPMN 2.0.2 10.5.5)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.model import EventDefinition, EventKind, Timer
from engine.workflow.bpmn.reading import Reading, expression

_REFERENCES = {
    EventKind.MESSAGE: ("messageRef", "message"),
    EventKind.SIGNAL: ("signalRef", "signal"),
    EventKind.ERROR: ("errorRef", "error"),
    EventKind.ESCALATION: ("escalationRef", "escalation"),
    EventKind.COMPENSATE: ("activityRef", ""),
}
_FORMS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_definitions(reading: Reading, element: xml.Element) -> tuple[EventDefinition, ...]:
    """All definitions of one event: its own, then the ones it references, in document order."""
    found: list[EventDefinition] = []
    for item in element:
        if not xml.is_bpmn(item):
            continue
        target: xml.Element | None = item
        if xml.local(item) == "eventDefinitionRef":
            target = reading.elements.get(xml.reference(xml.text(item)) or "")
            if target is None or not xml.local(target).endswith("EventDefinition"):
                _missing(reading, element, xml.text(item), "eventDefinition")
                continue
        definition = read_definition(reading, target, element) if target is not None else None
        if definition is not None:
            found.append(definition)
    return tuple(found)


def read_definition(reading: Reading, item: xml.Element, event: xml.Element) -> EventDefinition | None:
    """One definition element; None when it is none."""
    name = xml.local(item).removesuffix("EventDefinition")
    if name == xml.local(item) or name not in set(EventKind):
        return None
    kind = EventKind(name)
    return EventDefinition(
        kind=kind,
        id=xml.attribute(item, "id"),
        reference=_reference(reading, item, event, kind),
        timer=_timer(reading, item, event) if kind is EventKind.TIMER else None,
        condition=expression(xml.child(item, "condition")),
        name=(_link_name(reading, item) if kind is EventKind.LINK else xml.attribute(item, "name")) or None,
        link_target=xml.reference(xml.text(xml.child(item, "target"))),
        wait_for_completion=xml.is_true(item, "waitForCompletion", default=True),
        code_variable=_foreign(item, "errorCodeVariable") or _foreign(item, "escalationCodeVariable"),
        message_variable=_foreign(item, "errorMessageVariable"),
    )


def _link_name(reading: Reading, item: xml.Element) -> str:
    """Links meet by name, or where the throwing one names the catching one as its target (10.5.5.9)."""
    target = reading.elements.get(xml.reference(xml.text(xml.child(item, "target"))) or "")
    own = target if target is not None and xml.local(target) == "linkEventDefinition" else item
    event = own.getparent()
    named = xml.attribute(own, "name") or (xml.attribute(event, "name") if event is not None else "")
    return named or xml.attribute(own, "id")


def _foreign(item: xml.Element, name: str) -> str | None:
    return next((found for space in xml.KINDRED if (found := item.get(f"{{{space}}}{name}"))), None)


def _reference(reading: Reading, item: xml.Element, event: xml.Element, kind: EventKind) -> str | None:
    if kind not in _REFERENCES:
        return None
    attribute, tag = _REFERENCES[kind]
    target = reading.message_of(item) if kind is EventKind.MESSAGE else xml.reference(item.get(attribute))
    if target is not None and tag and reading.kind_of(target) != tag:
        _missing(reading, event, target, tag)
        return None
    if target is not None and not tag and target not in reading.elements:
        _missing(reading, event, target, "activity")
    return target


def _missing(reading: Reading, event: xml.Element, target: str, tag: str) -> None:
    reading.report(
        event,
        "reference.missing",
        Text(f"引用的 {tag}“{target}”不存在", f"Expected a {tag} with id {target!r}, but there is none"),
        Text("请在文件中定义它，或改正引用", "Define it in the file or correct the reference"),
    )


def _timer(reading: Reading, item: xml.Element, event: xml.Element) -> Timer | None:
    given = [(form, body) for tag, form in _FORMS.items() if (body := expression(xml.child(item, tag))) is not None]
    if len(given) == 1:
        return Timer(*given[0])
    reading.report(
        event,
        "timer.expression",
        Text("定时器没有时间，或同时有多种时间", "Expected exactly one of date, duration and cycle in the timer"),
        Text("请填写日期、时长或周期之一", "Give a date, a duration or a cycle"),
    )
    return Timer(*given[0]) if given else None
