"""What BPMN allows at each place: kinds of events, flows around links and gateways, contents of ad-hoc sub-processes.

Source: BPMN 2.0.2 10.5.2 to 10.5.6 (events), 10.6.6 (event-based gateways), 10.3.5 (sub-processes), 13.3.5 (ad-hoc).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import ACTIVITY_KINDS, EVENT_KINDS, EventKind, Flow, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import flow_name, name_of
from engine.workflow.gate.surroundings import Surroundings

_WAITED_FOR = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.CONDITIONAL, EventKind.SIGNAL})
_THROWN = frozenset({EventKind.MESSAGE, EventKind.ESCALATION, EventKind.COMPENSATE, EventKind.SIGNAL})
_HANDLED = _WAITED_FOR | {EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATE}
_ALLOWED: Mapping[NodeKind, frozenset[EventKind]] = {
    NodeKind.CATCH: _WAITED_FOR | {EventKind.LINK},
    NodeKind.THROW: _THROWN | {EventKind.LINK},
    NodeKind.END: _THROWN | {EventKind.ERROR, EventKind.CANCEL, EventKind.TERMINATE},
    NodeKind.BOUNDARY: _HANDLED | {EventKind.CANCEL},
}
_FIXES = {
    "event_kind": Text("换一种事件，或换一个位置", "Choose another kind of event or another place"),
    "condition_missing": Text("填写条件，例如 金额 > 100", "Enter a condition, for example amount > 100"),
    "link_leads_on": Text("删除这条顺序流", "Delete the sequence flow"),
    "link_led_to": Text("删除这条顺序流", "Delete the sequence flow"),
    "compensation_flow": Text("把顺序流改为关联线", "Make the sequence flow an association"),
    "gateway_led_to": Text("删除入口，或取消“启动流程”", "Delete the way in, or let it not start cases"),
    "gateway_mixed": Text("统一使用接收任务或消息事件", "Use receive tasks or message events only"),
    "gateway_boundary": Text("删除边界事件，或改用捕获事件", "Delete the boundary event, or use a catching event"),
    "adhoc_empty": Text("放入至少一个活动", "Put at least one activity inside"),
    "adhoc_event": Text("删除它，活动由人选择开始", "Delete it: people choose what begins"),
    "call_start": Text("给被调用的流程加一个空开始事件", "Give the called process a plain start event"),
    "condition_alone": Text("删除条件，或增加另一个出口", "Remove the condition, or add another way out"),
    "condition_unread": Text(
        "删除条件，或在前面放一个排他网关", "Remove the condition, or decide at an exclusive gateway"
    ),
}
_CHOOSING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.COMPLEX})


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every place in turn."""
    for node in process.nodes.values():
        if node.kind in EVENT_KINDS:
            yield from _event(process, node)
        elif node.kind is NodeKind.EVENT_BASED:
            yield from _gateway(process, node)
        elif node.kind is NodeKind.ADHOC:
            yield from _adhoc(process, node)
        elif node.kind is NodeKind.CALL:
            yield from _call(model, node)
        yield from _conditions(process, node)


def _said(element_id: str, name: str, rule: str, zh: str, en: str, severity: Severity = "error") -> Finding:
    text = Text(f"“{name}”：{zh}", f"{name}: {en}")
    return Finding(element_id, f"positions.{rule}", severity, text, _FIXES[rule])


def _event(process: Process, node: Node) -> Iterator[Finding]:
    name, kinds = name_of(node), {event.kind for event in node.events}
    for kind in sorted(kinds - _allowed(process, node)):
        yield _said(node.id, name, "event_kind", f"这里不能用 {kind} 事件", f"a {kind} event can't stand here")
    for event in node.events:
        if event.kind is EventKind.CONDITIONAL and event.condition is None:
            yield _said(node.id, name, "condition_missing", "条件事件没有条件", "the event has no condition")
    if EventKind.LINK in kinds and node.kind is NodeKind.THROW and node.outgoing:
        yield _said(node.id, name, "link_leads_on", "链接发出点不能有出口", "nothing can follow a throwing link")
    if EventKind.LINK in kinds and node.kind is NodeKind.CATCH and node.incoming:
        yield _said(node.id, name, "link_led_to", "链接接收点不能有入口", "nothing can lead to a catching link")
    if EventKind.COMPENSATE in kinds and node.kind is NodeKind.BOUNDARY and node.outgoing:
        zh, en = "补偿事件用关联线连接，不能有顺序流", "a compensation event has an association, no sequence flow"
        yield _said(node.id, name, "compensation_flow", zh, en)


def _allowed(process: Process, node: Node) -> frozenset[EventKind]:
    """Of other starts than those of event sub-processes `gate.events` speaks."""
    if node.kind is not NodeKind.START:
        return _ALLOWED[node.kind]
    scope = process.nodes.get(node.scope)
    return _HANDLED if scope is not None and scope.triggered_by_event else frozenset(EventKind)


def _gateway(process: Process, node: Node) -> Iterator[Finding]:
    """Nothing leads to one that starts cases; receive tasks and message events are not mixed behind one (10.6.6)."""
    name = name_of(node)
    if node.instantiate and node.incoming:
        zh, en = "启动流程的事件网关不能有入口", "nothing can lead to a gateway that starts cases"
        yield _said(node.id, name, "gateway_led_to", zh, en)
    targets = [process.nodes[process.flows[flow].target] for flow in node.outgoing]
    receives = [target for target in targets if target.kind is NodeKind.RECEIVE]
    if receives and any(event.kind is EventKind.MESSAGE for target in targets for event in target.events):
        zh, en = "接收任务和消息事件不能混用", "receive tasks and message events can't be mixed behind it"
        yield _said(node.id, name, "gateway_mixed", zh, en)
    hosts = {one.attached_to for one in process.nodes.values() if one.attached_to} if receives else set()
    for target in receives:
        if target.id in hosts:
            zh, en = "事件网关后的接收任务不能有边界事件", "behind an event gateway it can have no boundary events"
            yield _said(target.id, name_of(target), "gateway_boundary", zh, en)


def _adhoc(process: Process, node: Node) -> Iterator[Finding]:
    inside = [one for one in process.nodes.values() if one.scope == node.id]
    if not any(one.kind in ACTIVITY_KINDS for one in inside):
        yield _said(node.id, name_of(node), "adhoc_empty", "里面没有任何活动", "there is no activity inside")
    for one in inside:
        if one.kind in {NodeKind.START, NodeKind.END}:
            zh, en = "临时子流程里不能有开始和结束事件", "an ad-hoc sub-process has neither start nor end events"
            yield _said(one.id, name_of(one), "adhoc_event", zh, en)


def _call(model: Model, node: Node) -> Iterator[Finding]:
    """A called process begins at a plain start event (10.5.2); without start events it begins by itself."""
    called = model.process(node.called or "")
    if called is None:
        return
    starts = [one for one in called.nodes.values() if one.kind is NodeKind.START and one.scope == called.id]
    if starts and all(one.events for one in starts):
        zh, en = "被调用的流程没有空开始事件", "the process it calls has no plain start event"
        yield _said(node.id, name_of(node), "call_start", zh, en)


def _conditions(process: Process, node: Node) -> Iterator[Finding]:
    """Conditions belong on ways out of deciding gateways, and of activities with another way out (7.6.1, 10.6)."""
    flows = [process.flows[flow] for flow in node.outgoing]
    conditional = [flow for flow in flows if flow.condition is not None]
    if not conditional or node.kind in _CHOOSING:
        return
    if node.kind in ACTIVITY_KINDS:
        if len(flows) == 1:
            zh, en = "唯一的出口不能带条件", "the only way out can't have a condition"
            yield _said(flows[0].id, flow_name(process, flows[0]), "condition_alone", zh, en)
        return
    severity: Severity = "warning" if node.kind is NodeKind.PARALLEL else "error"
    for flow in conditional:
        yield _unread(process, flow, severity)


def _unread(process: Process, flow: Flow, severity: Severity) -> Finding:
    zh, en = "此处的条件不起作用", "a condition has no effect here"
    if severity == "error":
        zh, en = "事件的出口不能带条件", "a way out of an event can't have a condition"
    return _said(flow.id, flow_name(process, flow), "condition_unread", zh, en, severity)
