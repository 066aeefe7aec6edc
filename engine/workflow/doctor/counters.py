"""The number of an item: Camunda 7, Flowable and Activiti count from 0, BPMN from 1 (2.0.2 table 8.20: the n-th)."""

from __future__ import annotations

import re

from engine.workflow.bpmn import xml
from engine.workflow.bpmn.compile_tasks import script_format
from engine.workflow.doctor.document import Document
from engine.workflow.doctor.foreign_expressions import is_braced

_COUNTER = re.compile(r"(?<![\w.'\"])loopCounter(?![\w'\"])(?!\s*=(?!=))")
_DONE = "(loopCounter - 1)"
_OURS = frozenset({"", "feel", "function"})


def treat(document: Document) -> None:
    """Within activities with several items, what their expressions and scripts call loopCounter is one less here."""
    spaces = set(document.root.nsmap.values())
    if xml.ZEEBE in spaces or spaces.isdisjoint(xml.KINDRED):
        return
    for repeated in document.all("multiInstanceLoopCharacteristics"):
        activity = repeated.getparent()
        for element in activity.iter() if activity is not None else ():
            if isinstance(element.tag, str):
                _element(document, element)


def _element(document: Document, element: xml.Element) -> None:
    if xml.namespace(element) in xml.KINDRED and element.get("source") == "loopCounter":
        element.attrib.pop("source")
        element.set("sourceExpression", "${loopCounter}")
    for key, value in element.attrib.items():
        if is_braced(str(value)) and (found := _from_zero(str(value))):
            element.set(key, found)
            _told(document, element)
    text = element.text or ""
    if (is_braced(text) or _is_foreign_script(document, element)) and (found := _from_zero(text)):
        element.text = found
        _told(document, element)


def _is_foreign_script(document: Document, element: xml.Element) -> bool:
    task = element.getparent()
    if xml.local(element) != "script" or task is None:
        return False
    return script_format(task.get("scriptFormat")) not in _OURS | document.scripts


def _from_zero(text: str) -> str:
    """The text with the other count; empty when it has none, or has been treated before."""
    return "" if _DONE in text or not _COUNTER.search(text) else _COUNTER.sub(_DONE, text)


def _told(document: Document, element: xml.Element) -> None:
    zh, en = (
        "loopCounter 在这里从 1 数起，已改为 loopCounter - 1",
        "loopCounter counts from 1 here: now loopCounter - 1",
    )
    document.rewritten(element, "counter", zh, en)
