"""What headquarters leaves to branches, read from and written into a model. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from lxml import etree

from engine.workflow.bpmn import xml
from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.overlays.overlay import KINDS, allowed

TASK_KINDS = ("assignees", "due", "form")
_SCHOOL = "https://schoolflow.example/bpmn"


@dataclass(frozen=True)
class Points:
    """``tasks``: by user task what its branches may change (of ``TASK_KINDS``); ``decisions``: the tables too."""

    tasks: Mapping[str, frozenset[str]]
    decisions: bool


def user_tasks(process: Process) -> tuple[Node, ...]:
    """The tasks people do, in the order of the model."""
    return tuple(node for node in process.nodes.values() if node.kind is NodeKind.USER and node.task is not None)


def points_of(process: Process) -> Points:
    """As the model has it."""
    tasks = {node.id: allowed(process, node) & set(TASK_KINDS) for node in user_tasks(process)}
    return Points(tasks, "decisions" in allowed(process))


def with_points(source: str, process_id: str, points: Points) -> str:
    """The model with these points: what all tasks share stands at the process, the rest at each task."""
    root = xml.parse(source)
    common = frozenset.intersection(*points.tasks.values()) if points.tasks else frozenset()
    everywhere = common | ({"decisions"} if points.decisions else set())
    for element in root.iter():
        if not xml.is_bpmn(element):
            continue
        if xml.local(element) == "process" and element.get("id") == process_id:
            _set(_extension(element, "process"), everywhere)
        elif xml.local(element) == "userTask" and str(element.get("id")) in points.tasks:
            own = points.tasks[str(element.get("id"))]
            _set(_extension(element, "task"), None if own == common else own)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True).decode("utf-8")


def _set(extension: xml.Element, kinds: Set[str] | None) -> None:
    if kinds is None:
        etree.strip_attributes(extension, "branches")
    else:
        extension.set("branches", " ".join(kind for kind in KINDS if kind in kinds))


def _extension(element: xml.Element, name: str) -> xml.Element:
    """The element's ``school:<name>``; made where it is not yet."""
    namespace = str(element.tag).partition("}")[0].lstrip("{")
    box = element.find(f"{{{namespace}}}extensionElements")
    if box is None:
        box = etree.Element(f"{{{namespace}}}extensionElements")
        documented = element.find(f"{{{namespace}}}documentation")
        element.insert(0 if documented is None else element.index(documented) + 1, box)
    found = box.find(f"{{{_SCHOOL}}}{name}")
    return etree.SubElement(box, f"{{{_SCHOOL}}}{name}") if found is None else found
