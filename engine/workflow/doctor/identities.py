"""Ids that are missing, or no XML names (spaces, colons, slashes), where references can't be told from prefixes."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.read_nodes import kind_of
from engine.workflow.doctor.document import Document, called

_NAMED = frozenset({"process", "sequenceFlow"})
_ODD = re.compile(r"[^\w.\-]")


def treat(document: Document) -> None:
    """Each is renamed wherever a whole attribute or a whole text is that id; what needs one and has none gets one."""
    for element in document.root.iter():
        is_needing = xml.is_bpmn(element) and (kind_of(element) is not None or xml.local(element) in _NAMED)
        if is_needing and not xml.attribute(element, "id"):
            element.set("id", document.fresh_id(xml.local(element)))
            _say_new(document, element)
    named = [one for one in document.root.iter() if xml.is_bpmn(one) and _ODD.search(xml.attribute(one, "id"))]
    renamed: dict[str, str] = {}
    for element in named:
        old = xml.attribute(element, "id")
        if old in renamed:
            continue
        name = _ODD.sub("_", old)
        renamed[old] = document.fresh_id(name if name[0].isalpha() else f"_{name}")
        element.set("id", renamed[old])
        zh, en = f"“{called(element)}”的标识“{old}”改为 {renamed[old]}", f"The id {old!r} is now {renamed[old]}"
        document.rewritten(element, "id", zh, en)
    if renamed:
        _rename(document, renamed)


def _say_new(document: Document, element: xml.Element) -> None:
    """A process's id is its key, by which later versions and calls know it: people had better choose it."""
    identity = xml.attribute(element, "id")
    if xml.local(element) != "process":
        zh, en = f"“{called(element)}”没有标识，已补上", f"{called(element)} had no id and got one"
        document.rewritten(element, "id", zh, en)
        return
    document.is_changed = True
    text = Text(f"流程没有标识，暂用 {identity}", f"The process has no id; {identity} is used")
    document.note(element, "id", "warning", text, Text("给流程一个标识", "Give the process an id"))


def rename(document: Document, element: xml.Element, identity: str) -> None:
    """Another id for the element, wherever it is named."""
    old = xml.attribute(element, "id")
    element.set("id", identity)
    _rename(document, {old: identity})
    zh, en = f"“{called(element)}”的标识“{old}”改为 {identity}", f"The id {old!r} is now {identity}"
    document.rewritten(element, "id", zh, en)


def _rename(document: Document, renamed: dict[str, str]) -> None:
    for element in document.root.iter("*"):
        for key, value in element.attrib.items():
            if str(key) not in {"id", "name"} and str(value).strip() in renamed:
                element.set(key, renamed[str(value).strip()])
        if element.text is not None and element.text.strip() in renamed:
            element.text = renamed[element.text.strip()]
