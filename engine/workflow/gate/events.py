"""Events where BPMN does not allow them, or where they can never happen (BPMN 2.0.2 10.5, 13.5)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings

_AT_ONCE = frozenset({NodeKind.TASK, NodeKind.SCRIPT, NodeKind.RULE, NodeKind.SEND})
_WAITED_FOR = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL})
_ALWAYS_INTERRUPT = frozenset({EventKind.ERROR, EventKind.CANCEL})
_BEHIND_GATEWAY = frozenset({NodeKind.CATCH, NodeKind.RECEIVE})
_LEADS_IN = Text("删除通向它的连线，或改为普通的等待事件", "Delete the flow into it, or make it a catch event")
_FIXES = {
    "gateway_shared": Text("让它只由这个网关通向", "Let only this gateway lead to it"),
    "link_twice": Text("给它们不同的名称，或只保留一个", "Give them different names, or keep one"),
    "start_led_to": _LEADS_IN,
    "boundary_led_to": _LEADS_IN,
    "end_leads_on": Text(
        "删除它后面的连线，或改为中间事件", "Delete the flow behind it, or make it an intermediate event"
    ),
    "always_interrupts": Text("改为中断活动", "Let it interrupt the activity"),
    "cancel_outside": Text("放进事务，或改为普通结束事件", "Put it into a transaction, or make it a plain end"),
    "gateway_target": Text("在中间放一个等待事件", "Put a catch event in between"),
    "handler_flows": Text("删除它的连线：它由事件启动", "Delete its flows: an event starts it"),
    "handler_plain_start": Text("给它一个消息、定时器、错误等定义", "Give it a message, timer, error … definition"),
    "handler_starts": Text("只保留一个开始事件", "Keep one start event"),
    "link_missing": Text(
        "加一个同名的链接接收点，或改正名称", "Add a link of that name to catch it, or correct the name"
    ),
}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Starts, ends, borders, event sub-processes, event gateways, links, transactions."""
    for node in process.nodes.values():
        if node.kind is NodeKind.START:
            yield from _start(process, node)
        elif node.kind is NodeKind.END and node.outgoing:
            yield _said(node, "end_leads_on", "error", "结束事件不能有出口", "nothing can follow an end event")
        elif node.kind is NodeKind.BOUNDARY:
            yield from _boundary(process, node)
        elif node.kind is NodeKind.EVENT_BASED:
            yield from _gateway(process, node)
        if node.triggered_by_event:
            yield from _handler(process, node)
        yield from _cancels(process, node)
    yield from _links(process)


def _said(node: Node, rule: str, severity: Severity, zh: str, en: str, fix: Text | None = None) -> Finding:
    text = Text(f"“{name_of(node)}”：{zh}", f"{name_of(node)}: {en}")
    return Finding(node.id, f"events.{rule}", severity, text, fix if fix is not None else _FIXES.get(rule))


def _start(process: Process, node: Node) -> Iterator[Finding]:
    if node.incoming:
        yield _said(node, "start_led_to", "error", "开始事件不能有入口", "nothing can lead to a start event")
    scope = process.nodes.get(node.scope)
    if scope is not None and not scope.triggered_by_event and node.events:
        zh, en = "普通子流程的开始事件不等待任何事件", "the start of an ordinary sub-process waits for nothing"
        fix = Text("改为空开始事件，或改为事件子流程", "Make it a plain start, or the sub-process an event sub-process")
        yield _said(node, "start_in_subprocess", "error", zh, en, fix)
    if scope is None and any(event.kind not in _WAITED_FOR for event in node.events):
        zh, en = (
            "流程只能由消息、定时器、条件或信号启动",
            "only messages, timers, conditions and signals start a process",
        )
        yield _said(node, "start_kind", "error", zh, en, Text("放进事件子流程", "Put it into an event sub-process"))


def _boundary(process: Process, node: Node) -> Iterator[Finding]:
    host = process.nodes.get(node.attached_to or "")
    if node.incoming:
        yield _said(node, "boundary_led_to", "error", "边界事件不能有入口", "nothing can lead to a boundary event")
    if host is None:
        return
    if host.scope != node.scope:
        zh, en = (
            f"所依附的“{name_of(host)}”在另一层",
            f"{name_of(host)}, which it is attached to, stands on another level",
        )
        yield _said(
            node, "boundary_elsewhere", "error", zh, en, Text("移到活动所在的层", "Move it to the activity's level")
        )
    if host.triggered_by_event:
        zh, en = "事件子流程上不能有边界事件", "an event sub-process has no boundary events"
        yield _said(
            node, "boundary_on_handler", "error", zh, en, Text("放到里面的活动上", "Put it on an activity inside")
        )
    kinds = {event.kind for event in node.events}
    if kinds & _ALWAYS_INTERRUPT and not node.interrupting:
        zh, en = "错误和取消总是中断活动", "errors and cancels always interrupt the activity"
        yield _said(node, "always_interrupts", "error", zh, en)
    if EventKind.CANCEL in kinds and host.kind is not NodeKind.TRANSACTION:
        zh, en = "取消事件只能放在事务上", "a cancel event belongs on a transaction"
        yield _said(node, "cancel_outside", "error", zh, en)
    if EventKind.COMPENSATE in kinds and not _has_handler(process, node):
        zh, en = "补偿事件没有关联补偿活动", "no compensation activity is connected to it"
        fix = Text("用关联线连到一个补偿活动", "Connect it to a compensation activity with an association")
        yield _said(node, "compensation_unbound", "error", zh, en, fix)
    if _never_happens(host, node):
        zh = f"“{name_of(host)}”瞬间完成，这个边界事件永远不会发生"
        en = f"{name_of(host)} is done at once: this event can never happen"
        yield _said(node, "boundary_dead", "warning", zh, en, Text("删除它，或换一个位置", "Delete it or move it"))


def _never_happens(host: Node, node: Node) -> bool:
    """An activity that is done within the step is never seen by a timer, message or signal."""
    kinds = {event.kind for event in node.events}
    at_once = host.kind in _AT_ONCE or (host.kind is NodeKind.SERVICE and host.handler is not None)
    if not at_once or host.job is not None or host.loop is not None or EventKind.CONDITIONAL in kinds:
        return False
    return bool(kinds) and kinds <= _WAITED_FOR and not (host.handler is not None and EventKind.TIMER in kinds)


def _has_handler(process: Process, node: Node) -> bool:
    ends = {link.target for link in process.associations if link.source == node.id}
    ends |= {link.source for link in process.associations if link.target == node.id}
    ends |= {process.flows[flow].target for flow in node.outgoing if flow in process.flows}
    return any(end in process.nodes for end in ends)


def _gateway(process: Process, node: Node) -> Iterator[Finding]:
    """Behind an event gateway stand catching events and receive tasks, led to by it alone (10.6.6)."""
    for flow in node.outgoing:
        target = process.nodes[process.flows[flow].target]
        if target.kind not in _BEHIND_GATEWAY:
            zh = f"事件网关后面只能是捕获事件或接收任务，不能是“{name_of(target)}”"
            en = f"only catching events and receive tasks can follow it, not {name_of(target)}"
            yield _said(node, "gateway_target", "error", zh, en)
        elif len(target.incoming) > 1:
            zh = f"“{name_of(target)}”只能由这个网关到达"
            en = f"{name_of(target)} can be reached from this gateway only"
            yield _said(node, "gateway_shared", "error", zh, en)


def _handler(process: Process, node: Node) -> Iterator[Finding]:
    """An event sub-process has exactly one start event, which waits, and no flows (10.3.5)."""
    starts = [one for one in process.nodes.values() if one.scope == node.id and one.kind is NodeKind.START]
    if node.incoming or node.outgoing:
        zh, en = "事件子流程不能有顺序流", "an event sub-process has no sequence flows"
        yield _said(node, "handler_flows", "error", zh, en)
    if len(starts) != 1:
        zh, en = "事件子流程要有且只有一个开始事件", "an event sub-process needs exactly one start event"
        yield _said(node, "handler_starts", "error", zh, en)
    for start in starts:
        kinds = {event.kind for event in start.events}
        if not kinds:
            zh, en = "事件子流程的开始事件要说明等待什么", "the start of an event sub-process says what it waits for"
            yield _said(start, "handler_plain_start", "error", zh, en)
        if EventKind.ERROR in kinds and not start.interrupting:
            zh, en = "错误总是中断所在的流程", "an error always interrupts what is around"
            yield _said(start, "always_interrupts", "error", zh, en)


def _cancels(process: Process, node: Node) -> Iterator[Finding]:
    """A cancel end event stands inside a transaction (10.5.5.2)."""
    if node.kind is not NodeKind.END or all(event.kind is not EventKind.CANCEL for event in node.events):
        return
    scope = process.nodes.get(node.scope)
    while scope is not None and scope.kind is not NodeKind.TRANSACTION:
        scope = process.nodes.get(scope.scope)
    if scope is None:
        zh, en = "取消结束事件只能在事务里", "a cancel end event belongs inside a transaction"
        yield _said(node, "cancel_outside", "error", zh, en)


def _links(process: Process) -> Iterator[Finding]:
    """Each throwing link has its one catching link in the same scope (10.5.5.9)."""
    catches: dict[tuple[str, str | None], list[Node]] = {}
    for node in process.nodes.values():
        if node.kind is NodeKind.CATCH:
            for event in node.events:
                if event.kind is EventKind.LINK:
                    catches.setdefault((node.scope, event.name), []).append(node)
    for node in process.nodes.values():
        for event in node.events:
            if event.kind is not EventKind.LINK or node.kind is NodeKind.CATCH:
                continue
            if (node.scope, event.name) not in catches:
                zh, en = f"没有名为“{event.name}”的链接接收点", f"there is no catching link named {event.name!r}"
                yield _said(node, "link_missing", "error", zh, en)
    for (_, name), nodes in catches.items():
        if len(nodes) > 1:
            zh, en = f"有多个名为“{name}”的链接接收点", f"several catching links are named {name!r}"
            yield _said(nodes[1], "link_twice", "error", zh, en)
