"""The shape of the graph: where it begins, what can be reached, whether gateways can decide. BPMN 2.0.2 10.5, 10.6."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import ACTIVITY_KINDS, EventKind, Flow, Model, Node, NodeKind, Process
from engine.workflow.gate.surroundings import Surroundings

_DECIDING = {NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE}
_SPLITTING = {*_DECIDING, NodeKind.COMPLEX}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Reachability and decisions."""
    if not process.nodes:
        yield Finding(process.id, "structure.empty", "error", Text("流程里没有任何步骤", "The process has no steps"))
        return
    reached = _reached(process)
    for node in process.nodes.values():
        if node.id not in reached:
            yield _unreachable(node)
        yield from _decides(process, node)
        yield from _waits(node)


def shown(name: str) -> str:
    """A name in one line of at most 60 signs."""
    line = " ".join(name.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def name_of(node: Node) -> str:
    """What people call it: its name, else its id."""
    return shown(node.name) or node.id


def flow_name(process: Process, flow: Flow) -> str:
    """A flow by its name, else by where it leads."""
    target = process.nodes.get(flow.target)
    return shown(flow.name) or f"→ {name_of(target) if target else flow.target}"


def _unreachable(node: Node) -> Finding:
    return Finding(
        node.id,
        "structure.unreachable",
        "error",
        Text(
            f"“{name_of(node)}”永远不会执行：没有任何路径通向它", f"{name_of(node)} can never run: no path leads to it"
        ),
        Text("用顺序流把它接入流程，或删除它", "Connect it with a sequence flow, or delete it"),
    )


def _reached(process: Process) -> set[str]:
    """Nodes that something can start: from starts, boundary events of reached hosts, links, handlers."""
    has_start = any(n.kind is NodeKind.START and n.scope == process.id for n in process.nodes.values())
    waiting = [node.id for node in process.nodes.values() if _is_entry(process, node, has_start=has_start)]
    following = _following(process)
    reached: set[str] = set()
    while waiting:
        current = waiting.pop()
        if current in reached:
            continue
        reached.add(current)
        waiting += following.get(current, ())
    return reached


def _is_entry(process: Process, node: Node, *, has_start: bool) -> bool:
    """Start events of the process, and what begins by itself where there is no start event."""
    if node.scope != process.id:
        return False
    if node.kind is NodeKind.START:
        return True
    begins = not node.incoming and node.kind is not NodeKind.BOUNDARY and not _is_link_catch(node)
    return begins and (node.triggered_by_event or node.instantiate or not has_start)


def _following(process: Process) -> dict[str, list[str]]:
    """Per node, what it can start: targets of its flows, its boundary events, its insides, its link, its handler."""
    found: dict[str, list[str]] = {}
    links: dict[str | None, list[str]] = {}
    started = {node.scope for node in process.nodes.values() if node.kind is NodeKind.START}
    for node in process.nodes.values():
        if _is_link_catch(node):
            links.setdefault(node.events[0].name, []).append(node.id)
    for node in process.nodes.values():
        mine = found.setdefault(node.id, [])
        mine += [process.flows[flow].target for flow in node.outgoing if flow in process.flows]
        if node.attached_to:
            found.setdefault(node.attached_to, []).append(node.id)
        if node.scope != process.id and _begins_inside(node, has_start=node.scope in started):
            found.setdefault(node.scope, []).append(node.id)
        if node.kind in {NodeKind.THROW, NodeKind.END}:
            mine += [to for event in node.events if event.kind is EventKind.LINK for to in links.get(event.name, ())]
    for link in process.associations:
        for end, other in ((link.source, link.target), (link.target, link.source)):
            known = process.nodes.get(end)
            if known is not None and known.kind is NodeKind.BOUNDARY and other in process.nodes:
                found[end].append(other)
    return found


def _begins_inside(node: Node, *, has_start: bool) -> bool:
    """Start events, event sub-processes, and what begins by itself where there is no start event (13.3.4)."""
    if node.kind is NodeKind.START or node.triggered_by_event:
        return True
    return not (has_start or node.incoming or node.kind is NodeKind.BOUNDARY or _is_link_catch(node))


def _is_link_catch(node: Node) -> bool:
    return node.kind is NodeKind.CATCH and any(event.kind is EventKind.LINK for event in node.events)


def _decides(process: Process, node: Node) -> Iterator[Finding]:
    """An exclusive or inclusive split needs a condition on every way but the default (BPMN 2.0.2 10.6.2, 10.6.3)."""
    flows = [process.flows[flow] for flow in node.outgoing if flow in process.flows]
    if node.kind in _DECIDING and len(flows) > 1:
        bare = [flow for flow in flows if flow.condition is None and flow.id != node.default_flow]
        for flow in bare:
            yield Finding(
                flow.id,
                "structure.condition_missing",
                "error",
                Text(
                    f"网关“{name_of(node)}”的出口“{flow_name(process, flow)}”没有条件，也不是默认出口",
                    f"The way {flow_name(process, flow)} out of {name_of(node)} has no condition and is no default",
                ),
                Text("填写条件，或把它设为默认流", "Give it a condition, or make it the default flow"),
            )
        if not bare and node.default_flow is None:
            yield _no_default(node)
    if node.kind in ACTIVITY_KINDS and len(flows) > 1 and not node.default_flow and all(f.condition for f in flows):
        yield _no_default(node)
    default = process.flows.get(node.default_flow or "")
    if default and default.condition is not None:
        yield Finding(
            default.id,
            "structure.default_condition",
            "warning",
            Text("默认流上的条件不起作用", "A condition on a default flow has no effect"),
            Text("删除条件，或取消默认", "Remove the condition, or the default"),
        )


def _no_default(node: Node) -> Finding:
    return Finding(
        node.id,
        "structure.default_missing",
        "warning",
        Text(
            f"“{name_of(node)}”没有默认出口：条件都不满足时流程会停下报异常",
            f"{name_of(node)} has no default way: when no condition holds, the case stops with an incident",
        ),
        Text("把其中一条流设为默认流", "Make one of its flows the default"),
    )


def _waits(node: Node) -> Iterator[Finding]:
    if node.kind is NodeKind.EVENT_BASED and len(node.outgoing) < 2:
        yield Finding(
            node.id,
            "structure.event_gateway",
            "error",
            Text(
                f"事件网关“{name_of(node)}”至少要有两个出口", f"The event-based gateway {name_of(node)} needs two ways"
            ),
            Text("再连一个等待事件，或删除网关", "Connect another catch event, or delete the gateway"),
        )
    if node.kind in {NodeKind.CATCH, NodeKind.BOUNDARY} and not node.events:
        yield Finding(
            node.id,
            "structure.event_missing",
            "error",
            Text(f"事件“{name_of(node)}”没有说明等待什么", f"The event {name_of(node)} does not say what it waits for"),
            Text("给它一个定时器、消息、错误等定义", "Give it a timer, message, error … definition"),
        )
