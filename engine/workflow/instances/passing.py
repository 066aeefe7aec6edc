"""Which approvals a moved or skipped token would leave behind undecided."""

from __future__ import annotations

from collections.abc import Collection

from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.tasks.returning import around, reachable


def is_approval(node: Node | None) -> bool:
    """A task on which somebody decides: it has more than one outcome."""
    return node is not None and node.task is not None and len(node.task.outcomes) > 1


def passed_by_move(process: Process, left: Collection[str], target: str, decided: Collection[str]) -> tuple[str, ...]:
    """Approvals that a move from the nodes `left` to `target` passes, in the order of the model.

    An approval is passed when its own token leaves, or when the target lies behind it although nobody has agreed there
    (`decided`) and the case did not stand behind it already. What a called process decides is unknown: passed.
    """
    return tuple(
        node.id
        for node in process.nodes.values()
        if _may_decide(node)
        and (node.id in left or (node.id not in decided and _jumps_over(process, node.id, left, target)))
    )


def passed_by_skip(process: Process, skipped: str) -> tuple[str, ...]:
    """Approvals at or inside the skipped node; a called process counts as one."""
    return tuple(
        node.id
        for node in process.nodes.values()
        if _may_decide(node) and skipped in (node.id, *around(process, node.id))
    )


def behind(process: Process, node_id: str) -> frozenset[str]:
    """All that can follow the node going forward, insides of sub-processes included."""
    after = frozenset().union(*(reachable(process, level) for level in (node_id, *around(process, node_id))))
    inside = {one.id for one in process.nodes.values() if after.intersection(around(process, one.id))}
    return after | inside


def _may_decide(node: Node) -> bool:
    return is_approval(node) or node.kind is NodeKind.CALL


def _jumps_over(process: Process, approval: str, left: Collection[str], target: str) -> bool:
    after = behind(process, approval)
    return target in after and not after.intersection(left)
