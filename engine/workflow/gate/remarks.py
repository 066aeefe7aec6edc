"""One sentence about one node, in both languages."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import Node
from engine.workflow.gate.structure import name_of


def remark(node: Node, rule: str, text: Text, fix: Text | None = None, severity: Severity = "error") -> Finding:
    """The finding; the text is put behind the node's name."""
    said = Text(f"“{name_of(node)}”：{text.zh}", f"{name_of(node)}: {text.en}")
    return Finding(node.id, rule, severity, said, fix, node.line)
