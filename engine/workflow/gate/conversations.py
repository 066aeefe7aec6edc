"""Message flows between the pools of a file. Source: BPMN 2.0.2 7.6.2, 9.4 and the flow rules of 10.5.2 to 10.5.4."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import (
    ACTIVITY_KINDS,
    EVENT_KINDS,
    EventKind,
    MessageFlow,
    Model,
    Node,
    NodeKind,
    Process,
)
from engine.workflow.gate.surroundings import Surroundings

_SENDING = ACTIVITY_KINDS | {NodeKind.THROW, NodeKind.END}
_RECEIVING = ACTIVITY_KINDS | {NodeKind.START, NodeKind.CATCH, NodeKind.BOUNDARY}
_ENDS = frozenset({"participant", "conversationNode", "subConversation", "callConversation"})
_RECONNECT = Text("请重新连接或删除这条消息流", "Reconnect the message flow or delete it")
_FIXES = {
    "same_pool": Text("池内请用顺序流或信号", "Use sequence flows or signals inside a pool"),
    "dangling": _RECONNECT,
    "node_kind": _RECONNECT,
    "event_kind": Text("把事件改为消息事件", "Make the event a message event"),
    "message_differs": Text("统一两处的消息", "Name the same message in both places"),
}
_WORDS = {"source": Text("起点", "start"), "target": Text("终点", "end")}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """The flows of the whole file; said once, with its first process."""
    if process is not model.processes[0] and any(one.executable for one in model.processes[:1]):
        return
    pools = {one.id: one.process for one in model.participants}
    homes = {node.id: (one.id, node) for one in model.processes for node in one.nodes.values()}
    for flow in model.message_flows:
        yield from _end(model, homes, flow, "source", flow.source)
        yield from _end(model, homes, flow, "target", flow.target)
        ends = [homes[end][0] if end in homes else pools.get(end) for end in (flow.source, flow.target)]
        if flow.source == flow.target or (ends[0] is not None and ends[0] == ends[1]):
            zh, en = "消息流的两端在同一个池里", "Both ends of the message flow are in one pool"
            yield _said(flow, "same_pool", zh, en)


def _said(flow: MessageFlow, rule: str, zh: str, en: str, severity: Severity = "error") -> Finding:
    return Finding(flow.id, f"conversations.{rule}", severity, Text(zh, en), _FIXES[rule])


def _end(model: Model, homes: dict[str, tuple[str, Node]], flow: MessageFlow, side: str, end: str) -> Iterator[Finding]:
    word = _WORDS[side]
    if end not in homes:
        if model.ids.get(end) not in _ENDS:
            zh, en = (
                f"消息流的{word.zh}不是池、活动或事件",
                f"The {word.en} of the message flow is no pool, activity or event",
            )
            yield _said(flow, "dangling", zh, en)
        return
    node = homes[end][1]
    if node.kind not in (_SENDING if side == "source" else _RECEIVING):
        zh, en = f"消息流的{word.zh}不能是这种节点", f"A message flow can't {word.en} at such a node"
        yield _said(flow, "node_kind", zh, en)
    elif flow.message is not None and _named(node) and flow.message not in _named(node):
        zh, en = (
            f"消息流与其{word.zh}说的不是同一条消息",
            f"The message flow and what is at its {word.en} name different messages",
        )
        yield _said(flow, "message_differs", zh, en, "warning")
    elif node.kind in EVENT_KINDS and all(event.kind is not EventKind.MESSAGE for event in node.events):
        zh, en = f"消息流的{word.zh}不是消息事件", f"The event at the {word.en} of the message flow is no message event"
        yield _said(flow, "event_kind", zh, en, "warning")


def _named(node: Node) -> set[str]:
    """The messages the node itself names."""
    named = {event.reference for event in node.events if event.kind is EventKind.MESSAGE} | {node.message}
    return {one for one in named if one}
