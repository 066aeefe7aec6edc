"""Whether what stands on a node can stand on the node of another model: a state fits the program it was made with.

Kept with saved states as plain texts, and asked of every node by migrations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.kernel.text import Text
from engine.workflow.bpmn.model import ACTIVITY_KINDS, SCOPE_KINDS, Node, NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter.state import Token, Wait

_JOINS = frozenset({NodeKind.PARALLEL, NodeKind.INCLUSIVE, NodeKind.COMPLEX})
_DOERS = (ACTIVITY_KINDS - SCOPE_KINDS - {NodeKind.CALL}) | {NodeKind.THROW, NodeKind.END}
_WAITERS: dict[str, frozenset[NodeKind]] = {
    Wait.USER: frozenset({NodeKind.USER, NodeKind.MANUAL}),
    Wait.JOB: _DOERS,
    Wait.HANDLER: _DOERS,
    Wait.OUTBOUND: _DOERS,
    Wait.SCOPE: SCOPE_KINDS,
    Wait.ITEMS: ACTIVITY_KINDS,
    Wait.CALLED: frozenset({NodeKind.CALL}),
}


class Shape(NamedTuple):
    """What of a node decides what may wait there.

    `loop`: `multi`, `loop` or empty. `role`: `event` sub-process, `compensation` activity or empty. `events`: kinds of
    its definitions, joined. `gathers`: it waits for several tokens before it begins; `incoming`: then, their flows.
    """

    kind: str
    loop: str = ""
    role: str = ""
    events: str = ""
    gathers: str = ""
    incoming: tuple[str, ...] = ()


def shape_of(node: Node) -> Shape:
    """The shape of a node."""
    loop = "multi" if node.multi is not None else "loop" if node.loop is not None else ""
    role = "event" if node.triggered_by_event else "compensation" if node.for_compensation else ""
    gathers = "gathers" if node.kind in _JOINS or node.start_quantity > 1 else ""
    events = " ".join(event.kind.value for event in node.events)
    return Shape(node.kind.value, loop, role, events, gathers, node.incoming if node.kind in _JOINS else ())


def difference(before: Shape, after: Shape) -> Text | None:
    """Why what stands on the one cannot stand on the other; None when it can."""
    names = ("kind", "loop", "role", "events", "gathers")
    for name, old, new in zip(names, before, after, strict=False):
        if old != new:
            zh, en = _WORDS[name]
            return Text(f"{zh}：{old or '无'} → {new or '无'}", f"{en}: {old or 'none'} → {new or 'none'}")
    lost = [flow for flow in before.incoming if flow not in after.incoming]
    return Text(f"不再有入口：{'、'.join(lost)}", f"no longer led to by {', '.join(lost)}") if lost else None


_WORDS = {
    "kind": ("节点类型不同", "another kind of node"),
    "loop": ("重复方式不同", "repeated in another way"),
    "role": ("作用不同", "another part to play"),
    "events": ("等待的事件不同", "other events"),
    "gathers": ("需要等齐的令牌不同", "gathers other tokens"),
}


def may_stand(token: Token, op: Op) -> bool:
    """A token that waits as this one does can stand on such a node; an item only where the node is repeated."""
    kinds = _WAITERS.get(token.wait)
    if kinds is not None and op.kind not in kinds:
        return False
    return op.loop is not None or not (token.parent or token.wait == Wait.ITEMS)


def shape_from(row: Sequence[object]) -> Shape:
    """A shape as it was saved. Raises: TypeError, ValueError for anything else."""
    kind, loop, role, events, gathers, incoming = row
    if not isinstance(incoming, list):
        raise ValueError("Expected the shape of a node, but found something else")
    return Shape(str(kind), str(loop), str(role), str(events), str(gathers), tuple(map(str, incoming)))
