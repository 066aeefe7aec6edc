"""Names of messages and signals, codes of errors and escalations that other engines compute: `order-${region}`."""

from __future__ import annotations

from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel

_NAMES = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}


def treat(document: Document) -> None:
    """Say them in FEEL; what can't be said so is left to the gate, which refuses it."""
    for tag, attribute in _NAMES.items():
        for element in document.all(tag):
            written = xml.attribute(element, attribute)
            found = to_feel(written) if is_braced(written) else None
            if found is None:
                continue
            element.set(attribute, f"={found}")
            zh, en = f"名称 {written} 用 FEEL 计算：{found}", f"The name {written} is computed by FEEL: {found}"
            document.rewritten(element, "event_name", zh, en)
