"""Where a case or a sub-process begins: one plain start, starts that lead somewhere, what may start a case.

Source: BPMN 2.0.2 10.3.3.3 (receive tasks), 10.5.2 (start events), 10.6.6 (event-based gateways),
13.3.4 (sub-processes).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Plain starts per scope, then each receive task and event gateway."""
    plain: dict[str, Node] = {}
    for node in process.nodes.values():
        if node.kind is NodeKind.START:
            yield from _start(process, node, plain)
        elif node.kind is NodeKind.RECEIVE:
            yield from _receive(process, node, model)
        elif node.kind is NodeKind.EVENT_BASED:
            yield from _gateway(process, node)


def _start(process: Process, node: Node, plain: dict[str, Node]) -> Iterator[Finding]:
    if not node.outgoing and not _alone(process, node):
        text = Text("开始之后没有任何步骤", "Nothing follows this start")
        yield remark(
            node, "starts.idle", text, Text("连到第一个步骤，或删除它", "Lead on to a step, or delete it"), "warning"
        )
    if node.events:
        return
    first = plain.setdefault(node.scope, node)
    if first is node:
        return
    if node.scope in process.nodes:
        text = Text(
            f"子流程只能有一个空开始事件，另有“{name_of(first)}”",
            f"A sub-process has one plain start event; there is {name_of(first)} too",
        )
        yield remark(node, "starts.several", text, Text("只保留一个开始事件", "Keep one of the start events"))
    else:
        text = Text(
            f"还有空开始事件“{name_of(first)}”：没有指定时从那里开始",
            f"There is the plain start event {name_of(first)} too: a case begins there unless this one is named",
        )
        yield remark(node, "starts.several", text, None, "warning")


def _alone(process: Process, node: Node) -> bool:
    """The whole of an event sub-process, or of a process, may be its start."""
    return not any(one.scope == node.scope and one is not node for one in process.nodes.values())


def _receive(process: Process, node: Node, model: Model) -> Iterator[Finding]:
    if node.instantiate and node.incoming:
        text = Text("启动流程的接收任务不能有入口", "Nothing can lead to a receive task that starts cases")
        fix = Text("删除入口，或取消“启动流程”", "Delete the way in, or let it not start cases")
        yield remark(node, "starts.receive_led_to", text, fix)
    told = node.message or node.job or any(flow.target == node.id for flow in model.message_flows)
    if not told:
        text = Text(
            f"没有选择消息：会等待名为 {node.id} 的消息", f"It names no message: it waits for one called {node.id}"
        )
        fix = Text("在属性面板中选择或新建消息", "Choose or make a message in the properties panel")
        yield remark(node, "starts.receive_message", text, fix, "warning")


def _gateway(process: Process, node: Node) -> Iterator[Finding]:
    if node.event_gateway_parallel and not node.instantiate:
        text = Text(
            "这里会等全部事件；标准只允许启动流程的网关这样",
            "It waits for all its events, which the standard keeps for gateways that start",
        )
        fix = Text(
            "改为只等一个事件，或在并行网关后分别等待", "Let one event decide, or wait behind a parallel gateway"
        )
        yield remark(node, "starts.gateway_waits_for_all", text, fix, "warning")
    seen: set[tuple[EventKind, str | None]] = set()
    for flow in node.outgoing:
        target = process.nodes[process.flows[flow].target]
        waits = {(event.kind, event.reference) for event in target.events if event.reference}
        waits |= {(EventKind.MESSAGE, target.message)} if target.kind is NodeKind.RECEIVE and target.message else set()
        if waits & seen:
            text = Text(
                "与同一网关后的另一分支等待同样的事件", "Another way out of the same gateway waits for the same event"
            )
            yield remark(
                target, "starts.gateway_same_event", text, Text("改为不同的事件", "Wait for another event"), "warning"
            )
        seen |= waits
        if node.instantiate and any(event.kind is EventKind.CONDITIONAL for event in target.events):
            text = Text("条件不能启动流程的事件网关", "A condition can't start a case behind a gateway")
            yield remark(
                target,
                "starts.gateway_condition",
                text,
                Text("改为消息、信号或定时器", "Use a message, signal or timer"),
            )
