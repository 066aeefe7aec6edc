"""Processes that begin themselves again without ever choosing not to: by calls, or by what starts them.

Source: BPMN 2.0.2 10.3.6 (call activities), 10.5.2 (start events).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn.compiler import begins_by_itself
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings
from engine.workflow.gate.thrown import thrown_by

_WAITS = frozenset({NodeKind.USER, NodeKind.MANUAL, NodeKind.RECEIVE, NodeKind.CATCH, NodeKind.SERVICE})
_INSIDES = frozenset({NodeKind.SUBPROCESS, NodeKind.TRANSACTION})
_CHOOSES = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.COMPLEX, NodeKind.EVENT_BASED})
_TAKES = frozenset({NodeKind.RECEIVE, NodeKind.CATCH, NodeKind.BOUNDARY, NodeKind.START})

Beginning = tuple[str, str]
"""A process and the start event its case begins with; empty where nothing has to happen."""


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """A case that is certain to begin another one which comes back to it; one that may is fine."""
    starts = _starts(model)
    begun = {one: list(_begun(model, one, starts)) for one in _beginnings_of(model)}
    told: set[str] = set()
    for beginning in [one for one in begun if one[0] == process.id]:
        for node, following in begun[beginning]:
            if node.id not in told and _comes_back(begun, following, beginning):
                told.add(node.id)
                yield _endless(node)


def _endless(node: Node) -> Finding:
    if node.kind is NodeKind.CALL:
        text = Text("流程必然再次调用自己，永远不会结束", "The process is certain to call itself again and never ends")
        fix = Text("在调用之前加一个排他网关", "Decide at an exclusive gateway before the call")
        return remark(node, "calls.endless", text, fix)
    text = Text(
        "发出的事件必然再启动同样的流程，没有尽头", "What it throws is certain to start the same again, without end"
    )
    fix = Text(
        "在发出之前加一个排他网关，或换一个名称", "Decide at an exclusive gateway before it, or choose another name"
    )
    return remark(node, "thrown.endless", text, fix)


def _beginnings_of(model: Model) -> Iterator[Beginning]:
    for process in model.processes:
        yield process.id, ""
        for node in process.nodes.values():
            if node.kind is NodeKind.START and node.scope == process.id and node.events:
                yield process.id, node.id


def _starts(model: Model) -> dict[tuple[EventKind, str], list[Beginning]]:
    """What each message and signal starts, but for messages that a running case may take; one that is not named is
    none."""
    found: dict[tuple[EventKind, str], list[Beginning]] = {}
    taken: set[str | None] = set()
    for process in model.processes:
        for node in process.nodes.values():
            if node.kind is NodeKind.START and node.scope == process.id:
                for event in node.events:
                    if event.reference:
                        found.setdefault((event.kind, event.reference), []).append((process.id, node.id))
            elif node.kind in _TAKES:
                taken |= {node.message, *(event.reference for event in node.events)}
    return {key: where for key, where in found.items() if key[0] is EventKind.SIGNAL or key[1] not in taken}


def _begun(
    model: Model, beginning: Beginning, starts: Mapping[tuple[EventKind, str], list[Beginning]]
) -> Iterator[tuple[Node, Beginning]]:
    """The nodes every such case reaches at once that begin another one, and how that begins."""
    process = next(one for one in model.processes if one.id == beginning[0])
    first = [process.nodes[beginning[1]]] if beginning[1] else _beginnings(process, process.id)
    for node in _reached(process, first):
        if node.kind is NodeKind.CALL:
            yield node, (node.called or "", "")
        for kind, reference in thrown_by(node):
            for following in starts.get((kind, reference or ""), ()):
                yield node, following


def _reached(process: Process, waiting: list[Node]) -> Iterator[Node]:
    """The nodes every case comes to without a choice, a wait or a join on the way."""
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        is_join = node.kind is NodeKind.PARALLEL and len(node.incoming) > 1
        if node.id in seen or node.kind in _CHOOSES | _WAITS or is_join or node.multi or node.loop:
            continue
        seen.add(node.id)
        yield node
        if node.kind in _INSIDES:
            waiting += _beginnings(process, node.id)
        if node.kind is not NodeKind.CALL:
            flows = [process.flows[flow] for flow in node.outgoing]
            waiting += [process.nodes[flow.target] for flow in flows if flow.condition is None]


def _beginnings(process: Process, scope: str) -> list[Node]:
    """Where a scope begins: its plain starts, or all that nothing leads to (10.5.2)."""
    inside = [node for node in process.nodes.values() if node.scope == scope]
    starts = [node for node in inside if node.kind is NodeKind.START]
    return [node for node in starts if not node.events] if starts else [one for one in inside if begins_by_itself(one)]


def _comes_back(begun: Mapping[Beginning, list[tuple[Node, Beginning]]], at: Beginning, home: Beginning) -> bool:
    waiting, seen = [at], set[Beginning]()
    while waiting:
        current = waiting.pop()
        if current == home:
            return True
        if current not in seen:
            seen.add(current)
            waiting += [following for _, following in begun.get(current, ())]
    return False
