"""What one reading of a document collects: findings, ids, and small readers shared by all element kinds."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import Expression


@dataclass(slots=True)
class Reading:
    """The findings so far and, by id, the elements of the document. `names`: id of a data element → variable name."""

    findings: list[Finding] = field(default_factory=list)
    elements: dict[str, xml.Element] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def report(
        self,
        element: xml.Element | None,
        rule: str,
        text: Text,
        fix: Text | None = None,
        severity: Severity = "error",
    ) -> None:
        """Add a finding about the element (None: the document); one without an id is shown at the nearest around it."""
        holder = element
        while holder is not None and not holder.get("id"):
            holder = holder.getparent()
        identity = xml.attribute(holder, "id") if holder is not None else ""
        line = xml.line(element) if element is not None else 0
        self.findings.append(Finding(identity, rule, severity, text, fix, line))

    def kind_of(self, identity: str | None) -> str:
        """The tag of the element with that id; empty when there is none."""
        found = self.elements.get(identity or "")
        return xml.local(found) if found is not None else ""

    def name_of(self, identity: str | None) -> str | None:
        """The variable a data element's id stands for."""
        return self.names.get(identity, identity) if identity else None

    def message_of(self, element: xml.Element) -> str | None:
        """The id of the message a task or event definition names: its own, else its operation's (8.4.12)."""
        own = xml.reference(element.get("messageRef"))
        named = element.get("operationRef") or xml.text(xml.child(element, "operationRef"))
        if own is not None or not named:
            return own
        operation = self.elements.get(xml.reference(named) or "")
        found = xml.child(operation, "inMessageRef") if operation is not None else None
        return xml.reference(xml.text(found) or None)

    def integer(self, element: xml.Element, name: str, default: int) -> int:
        """An integer attribute; a finding when it is none or below 1."""
        value = xml.attribute(element, name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        self.report(
            element,
            "attribute.integer",
            Text(f"属性 {name} 应为整数，实际为“{value}”", f"Expected {name} to be an integer, but found {value!r}"),
            Text("请填写一个整数", "Enter an integer"),
        )
        return default


def expression(element: xml.Element | None) -> Expression | None:
    """The text of an expression element; None when it is missing or empty."""
    body = xml.text(element)
    if element is None or not body:
        return None
    return Expression(body, xml.attribute(element, "language") or None)
