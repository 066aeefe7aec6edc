"""The diagram part of a document: shapes and edges of what the doctor adds or removes (BPMN 2.0.2 12)."""

from __future__ import annotations

from engine.workflow.bpmn import xml
from engine.workflow.doctor.document import Document, make, remove

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
_WIDTH, _HEIGHT, _GAP = 100.0, 80.0, 60.0


def drawn(document: Document, identity: str) -> list[xml.Element]:
    """The shapes and edges of an element."""
    found = document.root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")
    return [one for one in found if xml.reference(one.get("bpmnElement")) == identity]


def erase(document: Document, identity: str) -> None:
    """Take an element out of the diagram."""
    for one in drawn(document, identity):
        remove(one)


def add_task_below(document: Document, gateway: xml.Element, task: str, link: str, coming: list[str]) -> None:
    """Draw a task below the gateway with an edge up to it; edges that led to the gateway end at the task."""
    shapes = drawn(document, xml.attribute(gateway, "id"))
    bounds = shapes[0].find(f"{{{DC}}}Bounds") if shapes else None
    plane = shapes[0].getparent() if shapes else None
    if bounds is None or plane is None:
        return
    x, y, width, height = (_number(bounds, name) for name in ("x", "y", "width", "height"))
    left, top = x + width / 2 - _WIDTH / 2, y + height + _GAP
    shape = make(plane, "BPMNShape", DI, id=document.fresh_id(f"{task}_di"), bpmnElement=task)
    make(shape, "Bounds", DC, x=f"{left:g}", y=f"{top:g}", width=f"{_WIDTH:g}", height=f"{_HEIGHT:g}")
    edge = make(plane, "BPMNEdge", DI, id=document.fresh_id(f"{link}_di"), bpmnElement=link)
    make(edge, "waypoint", DD, x=f"{x + width / 2:g}", y=f"{top:g}")
    make(edge, "waypoint", DD, x=f"{x + width / 2:g}", y=f"{y + height:g}")
    for flow in coming:
        for one in drawn(document, flow):
            points = one.findall(f"{{{DD}}}waypoint")
            if points:
                points[-1].set("x", f"{left:g}")
                points[-1].set("y", f"{top + _HEIGHT / 2:g}")


def add_task_after(document: Document, start: xml.Element, task: str, coming: str, going: str) -> None:
    """Draw a task below a start: the flow that left the start ends at it, the new one leads on to where that led."""
    shapes, edges = drawn(document, xml.attribute(start, "id")), drawn(document, coming)
    bounds = shapes[0].find(f"{{{DC}}}Bounds") if shapes else None
    points = edges[0].findall(f"{{{DD}}}waypoint") if edges else []
    plane = shapes[0].getparent() if shapes else None
    if bounds is None or plane is None or not points:
        return
    x, y, width, height = (_number(bounds, name) for name in ("x", "y", "width", "height"))
    middle, top = x + width / 2, y + height + _GAP
    shape = make(plane, "BPMNShape", DI, id=document.fresh_id(f"{task}_di"), bpmnElement=task)
    box = {"x": f"{middle - _WIDTH / 2:g}", "y": f"{top:g}", "width": f"{_WIDTH:g}", "height": f"{_HEIGHT:g}"}
    make(shape, "Bounds", DC, **box)
    end = (_number(points[-1], "x"), _number(points[-1], "y"))
    for point in points:
        remove(point)
    _bend(edges[0], [(middle, y + height), (middle, top)])
    edge = make(plane, "BPMNEdge", DI, id=document.fresh_id(f"{going}_di"), bpmnElement=going)
    side, level = middle + _WIDTH / 2, top + _HEIGHT / 2
    _bend(edge, [(side, level), ((side + end[0]) / 2, level), ((side + end[0]) / 2, end[1]), end])


def _bend(edge: xml.Element, points: list[tuple[float, float]]) -> None:
    """Lead an edge over these points; its label stays last."""
    for place, (x, y) in enumerate(points):
        edge.insert(place, make(edge, "waypoint", DD, x=f"{x:g}", y=f"{y:g}"))


def _number(element: xml.Element, name: str) -> float:
    try:
        return float(element.get(name) or 0)
    except ValueError:
        return 0.0
