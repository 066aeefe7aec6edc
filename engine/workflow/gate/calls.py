"""Processes that call themselves without ever choosing not to (BPMN 2.0.2 10.3.6)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.compiler import begins_by_itself
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, NodeKind, Process
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings

_WAITS = frozenset({NodeKind.USER, NodeKind.MANUAL, NodeKind.RECEIVE, NodeKind.CATCH, NodeKind.SERVICE})
_INSIDES = frozenset({NodeKind.SUBPROCESS, NodeKind.TRANSACTION})
_CHOOSES = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.COMPLEX, NodeKind.EVENT_BASED})


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """A call that is certain to come back to this process; one that may is fine."""
    certain = {one.id: {node.called for node in _certain_calls(one)} for one in model.processes}
    for node in _certain_calls(process):
        if _comes_back(certain, node.called or "", process.id):
            text = Text(
                "流程必然再次调用自己，永远不会结束", "The process is certain to call itself again and never ends"
            )
            fix = Text("在调用之前加一个排他网关", "Decide at an exclusive gateway before the call")
            yield remark(node, "calls.endless", text, fix)


def _certain_calls(process: Process) -> list[Node]:
    """Call activities every case reaches at once: no choice and no waiting on the way from the start."""
    found: list[Node] = []
    waiting = _beginnings(process, process.id)
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node.id in seen or node.kind in _CHOOSES or node.kind in _WAITS or node.multi or node.loop:
            continue
        seen.add(node.id)
        if node.kind is NodeKind.CALL:
            found.append(node)
            continue
        if node.kind in _INSIDES:
            waiting += _beginnings(process, node.id)
        flows = [process.flows[flow] for flow in node.outgoing]
        waiting += [process.nodes[flow.target] for flow in flows if flow.condition is None]
    return found


def _beginnings(process: Process, scope: str) -> list[Node]:
    """Where a scope begins: its plain starts, or all that nothing leads to (10.5.2)."""
    inside = [node for node in process.nodes.values() if node.scope == scope]
    starts = [node for node in inside if node.kind is NodeKind.START]
    return [node for node in starts if not node.events] if starts else [one for one in inside if begins_by_itself(one)]


def _comes_back(calls: dict[str, set[str | None]], at: str, home: str) -> bool:
    waiting, seen = [at], set[str]()
    while waiting:
        current = waiting.pop()
        if current == home:
            return True
        if current not in seen:
            seen.add(current)
            waiting += [one for one in calls.get(current, set()) if one]
    return False
