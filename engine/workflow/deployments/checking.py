"""Everything that speaks against deploying: reading, compiling, the gate."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.xml import XmlError


def findings_of(tx: Tx, sources: Mapping[str, str]) -> tuple[Finding, ...]:
    """Findings over all files, without repeats, errors first."""
    from engine.workflow.deployments.deploying import kind_of

    found: list[Finding] = []
    for name, content in sorted(sources.items()):
        kind = kind_of(name)
        if kind == "bpmn":
            found += _process_findings(tx, content)
        elif kind == "dmn":
            found += _decision_findings(name, content)
    unique = list(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda one: one.severity != "error"))


def _process_findings(tx: Tx, content: str) -> list[Finding]:
    try:
        library = compiler.load(content)
    except XmlError as error:
        return [Finding("", "xml.unreadable", "error", error.message)]
    return list(library.findings)


def _decision_findings(name: str, content: str) -> list[Finding]:
    text = Text(f"决策文件 {name} 无法读取", f"The decision file {name} cannot be read")
    return [] if content.strip() else [Finding("", "dmn.unreadable", "error", text)]
