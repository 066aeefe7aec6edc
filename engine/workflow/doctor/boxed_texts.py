"""Literal expressions of DMN that stand as XML inside a text: what data associations of Trisotech's modeler compute."""

from __future__ import annotations

from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document, drop

_HOLDERS = ("transformation", "from", "conditionExpression", "completionCondition")


def treat(document: Document) -> None:
    """Such a text becomes the expression in it."""
    for element in document.all(*_HOLDERS):
        body = xml.text(element)
        found = _inner(body) if body.startswith("<") and "literalExpression" in body else ""
        if found:
            element.text = found
            drop(element, "language")
            shown = found[:80]
            document.rewritten(
                element, "expression", f"取出其中的 FEEL 表达式：{shown}", f"The FEEL in it is taken: {shown}"
            )


def _inner(body: str) -> str:
    try:
        root = xml.parse(body)
    except xml.XmlError:
        return ""
    texts = (one for one in root.iter("{*}*") if xml.local(one) == "text")
    return xml.text(next(texts, None)) if xml.local(root) == "literalExpression" else ""
