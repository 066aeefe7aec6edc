"""Parameters of Camunda's kin that are lists, maps or scripts: said in FEEL, as one text."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document, called
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel
from engine.workflow.doctor.foreign_methods import quoted

_MAX_DEPTH = 10


def treat(document: Document) -> None:
    """Every input or output parameter that has parts."""
    names = [f"{{{space}}}{kind}Parameter" for space in xml.KINDRED for kind in ("input", "output")]
    for element in list(document.root.iter(*names)):
        if not len(element):
            continue
        found = _value(element[0], 0)
        name = xml.attribute(element, "name")
        if found is None:
            zh, en = f"参数 {name} 无法转换", f"The parameter {name} can't be translated"
            fix = Text("请改写为 FEEL 表达式", "Write it in FEEL")
            document.note(element, "parameter_unknown", "warning", Text(zh, en), fix)
            continue
        for part in list(element):
            element.remove(part)
        element.text = f"={found}"
        holder = called(element)
        zh, en = (
            f"参数“{holder}”改写为 FEEL：{found[:80]}",
            f"The parameter {holder} is now written in FEEL: {found[:80]}",
        )
        document.rewritten(element, "parameter", zh, en)


def _value(element: xml.Element, depth: int) -> str | None:
    """The FEEL text of a list, map, script or plain value; None when it has none."""
    kind = xml.local(element)
    if depth > _MAX_DEPTH:
        return None
    if kind == "list":
        items = [_value(item, depth + 1) for item in element if isinstance(item.tag, str)]
        return None if None in items else f"[{', '.join(str(item) for item in items)}]"
    if kind == "map":
        return _map(element, depth)
    text = xml.text(element)
    if kind == "script":
        return to_feel(text) if text else None
    nested = next((item for item in element if xml.local(item) in {"list", "map", "script"}), None)
    if nested is not None:
        return _value(nested, depth + 1)
    return to_feel(text) if is_braced(text) else quoted(text)


def _map(element: xml.Element, depth: int) -> str | None:
    entries: list[str] = []
    for item in element:
        if xml.local(item) != "entry":
            continue
        value = _value(item, depth + 1)
        if value is None:
            return None
        entries.append(f"{quoted(xml.attribute(item, 'key'))}: {value}")
    return f"{{{', '.join(entries)}}}"
