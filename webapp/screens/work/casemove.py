"""Moving a case: which steps end, where it goes on, what that means."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.instances import InstanceView
from webapp.i18n import translated
from webapp.modelwords import load
from webapp.screens.work import foreseeing
from webapp.screens.work.caseoperations import step_name, stranded
from webapp.screens.work.consequences import Consequences

Posted = MultiDict[str, str]
_KINDS: Mapping[NodeKind, Text] = {
    NodeKind.USER: Text("办理", "Tasks"),
    NodeKind.END: Text("结束", "Ends"),
}
_AUTOMATIC = Text("自动步骤与判断", "Automatic steps and decisions")


@dataclass(frozen=True)
class Move:
    """The page's model. ``places``: (activation, name, chosen); ``targets``: groups of (title, ((node, name), ...));
    ``found``: what it means, once both are chosen."""

    title: str
    case_url: str
    diagram_url: str
    places: tuple[tuple[str, str, bool], ...]
    targets: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    target: str
    target_name: str
    found: Consequences | None


def read(tx: Tx, instance_id: UUID, given: Posted) -> Move:
    """What the page shows; with the consequences when it was asked for them. Raises: NotFound; UserError."""
    view = instances.get(tx, instance_id)
    process = load(tx, view.version_id).process
    only = [str(one.activation) for one in view.tokens if len(view.tokens) == 1 and not stranded(view)]
    chosen = given.getlist("place") or only
    target = given.get("target", "")
    return Move(
        title=view.title,
        case_url=url_for("instances.show", instance_id=instance_id),
        diagram_url=url_for("instances.diagram", instance_id=instance_id),
        places=tuple((str(one.activation), step_name(one), str(one.activation) in chosen) for one in view.tokens),
        targets=_targets(process),
        target=target,
        target_name=process.nodes[target].name or target if target in process.nodes else "",
        found=_consequences(tx, view, given) if given.get("step") == "preview" else None,
    )


def without_preview(given: Posted) -> Posted:
    """The same choices, to be made again."""
    return MultiDict((name, value) for name, value in given.items(multi=True) if name != "step")


def do(tx: Tx, instance_id: UUID, given: Posted) -> None:
    """Moves it. Raises: UserError."""
    places, target = _chosen(instances.get(tx, instance_id), given)
    instances.move(tx, instance_id, places, target, given.get("reason", "").strip())


def _consequences(tx: Tx, view: InstanceView, given: Posted) -> Consequences:
    places, target = _chosen(view, given)
    return foreseeing.moving(tx, view.id, places, target).found


def _chosen(view: InstanceView, given: Posted) -> tuple[list[int], str]:
    """Steps that end and where the case goes on. Where a join waits for ever none has to end: what it lacks begins."""
    places = [int(one) for one in given.getlist("place") if one.isascii() and one.isdigit()]
    if not places and not stranded(view):
        raise UserError("place", Text("请选择要结束的环节", "Choose the steps that end"))
    if not given.get("target"):
        raise UserError("target", Text("请选择从哪里继续", "Choose where the case goes on"))
    return places, given["target"]


def _targets(process: Process) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Where a case can go on: nothing that waits for an event beside an activity, no start."""
    groups: dict[str, list[tuple[str, str]]] = {}
    nodes = [one for one in process.nodes.values() if one.kind not in (NodeKind.BOUNDARY, NodeKind.START)]
    for node in sorted(nodes, key=lambda one: (_order(one), list(process.nodes).index(one.id))):
        title = translated(_KINDS.get(node.kind, _AUTOMATIC))
        groups.setdefault(title, []).append((node.id, node.name or node.id))
    return tuple((title, tuple(found)) for title, found in groups.items())


def _order(node: Node) -> int:
    return {NodeKind.USER: 0, NodeKind.END: 2}.get(node.kind, 1)
