"""Ids that are no XML names (spaces, colons, slashes): references can't be told from prefixes, so they are renamed."""

from __future__ import annotations

import re

from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document, called

_ODD = re.compile(r"[^\w.\-]")


def treat(document: Document) -> None:
    """Each such id, wherever a whole attribute or a whole text is that id."""
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


def _rename(document: Document, renamed: dict[str, str]) -> None:
    for element in document.root.iter("*"):
        for key, value in element.attrib.items():
            if str(key) not in {"id", "name"} and str(value).strip() in renamed:
                element.set(key, renamed[str(value).strip()])
        if element.text is not None and element.text.strip() in renamed:
            element.text = renamed[element.text.strip()]
