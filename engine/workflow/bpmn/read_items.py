"""What data elements are made of: the structure of the item behind each (BPMN 2.0.2 8.3.10, 10.4.1)."""

from __future__ import annotations

from engine.workflow.bpmn import xml
from engine.workflow.bpmn.reading import Reading


def structure_of(reading: Reading, identity: str) -> str:
    """What the item of a data element is made of; empty when the document does not say."""
    element = reading.elements.get(identity)
    if element is None:
        return ""
    behind = xml.reference(element.get("dataObjectRef") or element.get("dataStoreRef"))
    element = reading.elements.get(behind, element) if behind else element
    return item_structure(reading, element.get("itemSubjectRef"))


def item_structure(reading: Reading, reference: str | None) -> str:
    """The structure of an item definition named by a reference; empty when there is none."""
    item = reading.elements.get(xml.reference(reference) or "")
    return xml.attribute(item, "structureRef") if item is not None else ""


def carried_by(reading: Reading, reference: str | None) -> str:
    """The structure that a message, signal, error or escalation carries; empty when the document does not say."""
    root = reading.elements.get(xml.reference(reference) or "")
    if root is None:
        return ""
    return item_structure(reading, root.get("itemRef") or root.get("structureRef"))


def differ(one: str, other: str) -> bool:
    """Both are known and are not the same."""
    return bool(one and other and one != other)
