"""What is wrong with a model, as data: the reader, the doctor and the gate all speak in findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.kernel.text import Text

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on one element.

    `element_id` is empty when the whole document is meant. `rule` is a stable, dotted name (`flow.target_missing`).
    `error` forbids deployment, `warning` does not, `info` reports a rewrite that kept the meaning. `file` names the
    decision table or form that is meant, and is empty for a model. `path`: an example of how a case comes there, ids of
    nodes and flows in order.
    """

    element_id: str
    rule: str
    severity: Severity
    text: Text
    fix: Text | None = None
    line: int = 0
    file: str = ""
    path: tuple[str, ...] = ()


def has_errors(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """True when at least one finding forbids deployment."""
    return any(finding.severity == "error" for finding in findings)
