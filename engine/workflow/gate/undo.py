"""Compensation: who undoes what, and which activities a compensation event may name (BPMN 2.0.2 10.7.1, 10.7.2)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import ACTIVITY_KINDS, EventDefinition, EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings

_ASSOCIATE = Text("用关联线连到一个补偿活动", "Connect it to one compensation activity with an association")
_THROWING = frozenset({NodeKind.THROW, NodeKind.END})


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every compensation activity, every event that asks for one."""
    for node in process.nodes.values():
        if node.for_compensation and (node.incoming or node.outgoing):
            text = Text("补偿活动不能有顺序流", "A compensation activity has no sequence flows")
            fix = Text("删除它的顺序流，或取消补偿标记", "Delete its flows, or take the compensation marker away")
            yield remark(node, "undo.flows", text, fix)
        for event in node.events:
            if event.kind is not EventKind.COMPENSATE:
                continue
            if node.kind is NodeKind.BOUNDARY:
                yield from _boundary(process, node)
            elif node.kind is NodeKind.START and not node.interrupting:
                text = Text("补偿不能是非中断的", "A compensation start can't be non-interrupting")
                yield remark(node, "undo.interrupts", text, Text("改为中断", "Make it interrupting"))
            elif node.kind in _THROWING and event.reference is not None:
                yield from _named(process, node, event)


def _boundary(process: Process, node: Node) -> Iterator[Finding]:
    ends = [link.target for link in process.associations if link.source == node.id]
    ends += [link.source for link in process.associations if link.target == node.id]
    found = [process.nodes[end] for end in dict.fromkeys(ends) if end in process.nodes]
    if len(found) > 1:
        text = Text(
            "连到了多个补偿活动，只有第一个会执行", "It has several compensation activities: only the first would run"
        )
        yield remark(node, "undo.several", text, _ASSOCIATE)
    for other in found:
        if other.kind not in ACTIVITY_KINDS:
            yield remark(node, "undo.no_activity", Text("关联的不是活动", "What undoes it is no activity"), _ASSOCIATE)
    if not node.interrupting:
        text = Text("补偿事件没有“非中断”之分", "A compensation event is neither interrupting nor not")
        yield remark(node, "undo.interrupts", text, Text("取消“非中断”", "Make it interrupting"), "warning")


def _named(process: Process, node: Node, event: EventDefinition) -> Iterator[Finding]:
    """The activity stands in the scope of the event, or in one around it."""
    activity = process.nodes.get(event.reference or "")
    fix = Text("选择同一层的活动，或不指定活动", "Choose an activity on the same level, or none")
    if activity is None or activity.kind not in ACTIVITY_KINDS:
        yield remark(node, "undo.no_activity", Text("要补偿的不是活动", "What it names is no activity"), fix)
        return
    around = {node.scope}
    scope = process.nodes.get(node.scope)
    while scope is not None:
        around.add(scope.scope)
        scope = process.nodes.get(scope.scope)
    if activity.scope not in around:
        text = Text(
            "要补偿的活动在别的子流程里，补偿不到", "What it names stands in another sub-process, out of its reach"
        )
        yield remark(node, "undo.out_of_reach", text, fix)
