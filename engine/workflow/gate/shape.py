"""Shapes that run but that the standard does not draw: missing ends, gateways that decide nothing, wrong directions.

Source: BPMN 2.0.2 10.5.2, 10.5.3 (start and end events), 10.5.4 (flows of intermediate events), 10.6.1 (gateways).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import ACTIVITY_KINDS, GATEWAY_KINDS, EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings

_FLOWING = ACTIVITY_KINDS | GATEWAY_KINDS | {NodeKind.CATCH, NodeKind.THROW, NodeKind.BOUNDARY}
_DIRECTIONS = {"Converging": (2, 0, 9**9, 1), "Diverging": (0, 2, 1, 9**9), "Mixed": (2, 2, 9**9, 9**9)}
"""Least incoming and outgoing flows, then most."""
_FIXES = {
    "start_missing": Text("加一个开始事件，更清楚", "Add a start event, for clarity"),
    "end_missing": Text("加一个结束事件，更清楚", "Add an end event, for clarity"),
    "gateway_idle": Text("删除网关，直接连线", "Delete the gateway and connect directly"),
    "gateway_direction": Text("改正方向，或取消方向设置", "Correct the direction, or leave it unspecified"),
}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Warnings only."""
    ended = {node.scope for node in process.nodes.values() if node.kind is NodeKind.END}
    started = {node.scope for node in process.nodes.values() if node.kind is NodeKind.START}
    for node in process.nodes.values():
        if node.kind is NodeKind.END and node.scope not in started:
            zh, en = "同一层没有开始事件", "there is no start event on its level"
            yield _said(node, "start_missing", zh, en)
        elif node.kind in _FLOWING and node.scope in ended and _stops(node):
            zh, en = "它后面没有任何步骤，也没有结束事件", "neither a step nor an end event follows it"
            yield _said(node, "end_missing", zh, en)
        elif node.kind is NodeKind.START and node.scope not in ended:
            zh, en = "同一层没有结束事件", "there is no end event on its level"
            yield _said(node, "end_missing", zh, en)
        if node.kind in GATEWAY_KINDS:
            yield from _gateway(node)


def _said(node: Node, rule: str, zh: str, en: str) -> Finding:
    text = Text(f"“{name_of(node)}”：{zh}", f"{name_of(node)}: {en}")
    return Finding(node.id, f"shape.{rule}", "warning", text, _FIXES[rule])


def _stops(node: Node) -> bool:
    if node.outgoing or node.for_compensation or node.triggered_by_event:
        return False
    return not any(event.kind in {EventKind.LINK, EventKind.COMPENSATE} for event in node.events)


def _gateway(node: Node) -> Iterator[Finding]:
    ins, outs = len(node.incoming), len(node.outgoing)
    if ins <= 1 and outs <= 1:
        yield _said(
            node, "gateway_idle", "网关只有一进一出，什么也不决定", "with one way in and one out it decides nothing"
        )
    least_in, least_out, most_in, most_out = _DIRECTIONS.get(node.gateway_direction, (0, 0, 9**9, 9**9))
    if not (least_in <= ins <= most_in and least_out <= outs <= most_out):
        direction = node.gateway_direction
        zh, en = f"方向 {direction} 与出入口数不符", f"its direction {direction} disagrees with its flows"
        yield _said(node, "gateway_direction", zh, en)
