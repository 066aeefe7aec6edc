"""The BPMN 2.0 XML schema as a further check: being valid says little, being invalid says where another tool stumbles.

The schema is the one SpiffWorkflow ships, built once on first use; the document is copied, for the check changes it.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnValidator

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding

MAX_FINDINGS = 50


@lru_cache(maxsize=1)
def _validator() -> Any:
    return BpmnValidator()


def check_schema(source: bytes | str, limits: xml.Limits = xml.DEFAULT_LIMITS) -> tuple[Finding, ...]:
    """Warnings about each place that breaks the schema, at most 50. Raises: XmlError."""
    root = deepcopy(xml.parse(source, limits))
    validator = _validator()
    validator.preprocess(root)
    if validator.validator.validate(root):
        return ()
    entries = list(validator.validator.error_log)[:MAX_FINDINGS]
    return tuple(_finding(root, entry) for entry in entries)


def _finding(root: xml.Element, entry: Any) -> Finding:
    message = str(entry.message).replace(f"{{{xml.BPMN}}}", "")[:300]
    return Finding(
        _element_at(root, str(entry.path or "")),
        "xml.schema",
        "warning",
        Text(f"不符合 BPMN 2.0 的 XML 结构：{message}", f"Does not follow the BPMN 2.0 XML schema: {message}"),
        Text("请用建模工具重新导出", "Export the model again from your modelling tool"),
        int(entry.line or 0),
    )


def _element_at(root: xml.Element, path: str) -> str:
    """The id of the element at libxml2's path, or of the next one above that has an id."""
    prefixes = {prefix: uri for part in root.iter() for prefix, uri in part.nsmap.items() if prefix}
    found = root.getroottree().xpath(path, namespaces=prefixes) if path.startswith("/*") else []
    element = found[0] if isinstance(found, list) and found else None
    while isinstance(element, xml.Element) and not element.get("id"):
        element = element.getparent()
    return (element.get("id") or "") if isinstance(element, xml.Element) else ""
