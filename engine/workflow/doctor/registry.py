"""Events of Flowable's event registry: an event type is the name of a message.

What is read from the event goes to variables, correlation parameters are keys.
"""

from __future__ import annotations

from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel

_CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
NAMES = frozenset({"eventType", "eventOutParameter", "eventCorrelationParameter"})


def treat(document: Document) -> None:
    """Each event or receive task that waits for an event type and says no message."""
    for element in document.all(*_CATCHING):
        kind = next((xml.text(one) for one in _own(element, "eventType")), "")
        is_said = element.get("messageRef") or any(xml.local(one).endswith("EventDefinition") for one in element)
        if kind and not is_said:
            _wait(document, element, kind)


def _own(element: xml.Element, name: str) -> list[xml.Element]:
    items = xml.extensions(element)
    return [one for one in items if xml.namespace(one) in xml.KINDRED and xml.local(one) == name]


def _wait(document: Document, element: xml.Element, kind: str) -> None:
    """For the message of that name, with keys and what is taken out of it."""
    holder, message = extensions_of(element), _message(document, kind)
    if xml.local(element) == "receiveTask":
        element.set("messageRef", message)
    else:
        make(element, "messageEventDefinition", messageRef=message)
    if read_extensions.school(element, "output") is None:
        for one in _own(element, "eventOutParameter"):
            source, target = xml.attribute(one, "source"), xml.attribute(one, "target")
            if source.isidentifier() and target:
                make(holder, "output", xml.SCHOOL, name=target, value=f"={source}")
    for one in _own(element, "eventCorrelationParameter"):
        value = xml.attribute(one, "value")
        feel = to_feel(value) if is_braced(value) else None
        make(holder, "key", xml.SCHOOL, name=xml.attribute(one, "name"), value=f"={feel}" if feel else value)
    zh, en = f"“{called(element)}”等待消息 {kind}", f"{called(element)} waits for the message {kind}"
    document.rewritten(element, "event_type", zh, en)


def _message(document: Document, name: str) -> str:
    """The id of the message of that name, made when there is none."""
    for one in xml.children(document.root, "message"):
        if xml.attribute(one, "name") == name and one.get("id"):
            return xml.attribute(one, "id")
    identity = document.fresh_id("event_" + "".join(sign if sign.isalnum() else "_" for sign in name))
    document.root.insert(0, make(document.root, "message", id=identity, name=name))
    return identity
