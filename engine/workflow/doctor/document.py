"""The document on the table: its tree, what has been noted, and which changes are offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.doctor.examination import Fix
from engine.workflow.gate.structure import shown

Change = Callable[[], None]


@dataclass(slots=True)
class Document:
    """One document while it is examined. `is_changed`: a rewrite has been made.

    `scripts`: formats of script tasks that are left as they are, for the host runs them.
    """

    root: xml.Element
    scripts: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    offers: dict[str, tuple[Fix, Change]] = field(default_factory=dict)
    is_changed: bool = False

    def rewritten(self, element: xml.Element, rule: str, zh: str, en: str) -> None:
        """A rewrite that keeps the meaning has been made."""
        self.is_changed = True
        self.note(element, rule, "info", Text(zh, en))

    def note(self, element: xml.Element, rule: str, severity: Severity, text: Text, fix: Text | None = None) -> None:
        """A remark on the element, or on the nearest one around it that has an id."""
        holder: xml.Element | None = element
        while holder is not None and not holder.get("id"):
            holder = holder.getparent()
        identity = xml.attribute(holder, "id") if holder is not None else ""
        self.findings.append(Finding(identity, f"doctor.{rule}", severity, text, fix, xml.line(element)))

    def offer(self, rule: str, element_id: str, text: Text, change: Change) -> None:
        """A change that a person may accept."""
        identity = f"{rule}:{element_id}"
        self.offers.setdefault(identity, (Fix(identity, element_id, text), change))

    def all(self, *names: str) -> list[xml.Element]:
        """All BPMN elements with one of these names, in document order."""
        return list(self.root.iter(*(f"{{{xml.BPMN}}}{name}" for name in names)))

    def by_id(self, identity: str) -> xml.Element | None:
        """The BPMN element with that id."""
        for element in self.root.iter():
            if xml.is_bpmn(element) and xml.attribute(element, "id") == identity:
                return element
        return None

    def fresh_id(self, wish: str) -> str:
        """`wish`, numbered when it is taken."""
        taken = {str(element.get("id")) for element in self.root.iter() if isinstance(element.tag, str)}
        number, found = 2, wish
        while found in taken:
            found, number = f"{wish}_{number}", number + 1
        return found

    def text(self) -> str:
        """The document as it is now."""
        body = etree.tostring(self.root.getroottree(), encoding="UTF-8", xml_declaration=True)
        return bytes(body).decode()


def called(element: xml.Element) -> str:
    """What people call an element: its name, else its id."""
    name = shown(xml.attribute(element, "name"))
    return name or xml.attribute(element, "id") or xml.local(element)


def make(parent: xml.Element, tag: str, space: str = xml.BPMN, /, **attributes: str) -> xml.Element:
    """A new last child."""
    prefixes = {"school": xml.SCHOOL} if space == xml.SCHOOL else None
    return etree.SubElement(parent, f"{{{space}}}{tag}", attributes, nsmap=prefixes)


def extensions_of(element: xml.Element) -> xml.Element:
    """Its extensionElements, made where the schema wants them when there are none."""
    found = xml.child(element, "extensionElements")
    if found is not None:
        return found
    place = len(xml.children(element, "documentation"))
    holder: xml.Element = etree.Element(f"{{{xml.BPMN}}}extensionElements", nsmap={"school": xml.SCHOOL})
    element.insert(place, holder)
    return holder


def remove(element: xml.Element) -> None:
    """Take an element out; the text around it stays."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def drop(element: xml.Element, attribute: str) -> None:
    """Take an attribute away, if it is there."""
    if attribute in element.attrib:
        del element.attrib[attribute]
