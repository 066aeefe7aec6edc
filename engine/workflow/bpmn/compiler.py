"""Model → Program: names resolved, expressions compiled, handlers of boundary events and compensation bound."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.feel import FeelError
from engine.workflow.bpmn import compile_events, compile_tasks
from engine.workflow.bpmn.compile_loops import compile_loop
from engine.workflow.bpmn.compiling import Compiling
from engine.workflow.bpmn.data_model import DataStore
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import (
    ACTIVITY_KINDS,
    SCOPE_KINDS,
    EventKind,
    Model,
    Node,
    NodeKind,
    Process,
)
from engine.workflow.bpmn.program import Event, Op, Program, ScopeOp, Way
from engine.workflow.bpmn.reader import read
from engine.workflow.bpmn.xml import DEFAULT_LIMITS, Limits

__all__ = ["FeelError", "Library", "compile_model", "load"]


@dataclass(frozen=True, slots=True)
class Library:
    """All programs of one document, by process id, with the findings of reading and compiling it."""

    model: Model = field(repr=False)
    programs: Mapping[str, Program] = field(repr=False)
    findings: tuple[Finding, ...]


_Key = tuple[str, Limits, frozenset[str]]


@dataclass(slots=True)
class _Cache:
    size: int = 256
    entries: OrderedDict[_Key, Library] = field(default_factory=OrderedDict)

    def get(self, key: _Key) -> Library | None:
        found = self.entries.get(key)
        if found is not None:
            self.entries.move_to_end(key)
        return found

    def put(self, key: _Key, library: Library) -> None:
        self.entries[key] = library
        while len(self.entries) > self.size:
            self.entries.popitem(last=False)


_CACHE = _Cache()


def load(source: bytes | str, limits: Limits = DEFAULT_LIMITS, *, scripts: frozenset[str] = frozenset()) -> Library:
    """Read and compile a document; the same bytes are compiled once per process.

    `scripts`: formats of script tasks that the host runs itself, in lower case. Raises: XmlError.
    """
    data = source.encode() if isinstance(source, str) else source
    key = (hashlib.sha256(data).hexdigest(), limits, scripts)
    found = _CACHE.get(key)
    if found is None:
        model, findings = read(source, limits)
        found = compile_model(model, key[0], findings, scripts)
        _CACHE.put(key, found)
    return found


def compile_model(
    model: Model, key: str = "", findings: tuple[Finding, ...] = (), scripts: frozenset[str] = frozenset()
) -> Library:
    """All processes of the model compiled. Broken expressions become findings and fail only when evaluated."""
    programs: dict[str, Program] = {}
    remarks = list(findings)
    for process in model.processes:
        work = Compiling(model, process, scripts)
        programs[process.id] = _program(work, key)
        remarks += work.findings
    return Library(model, programs, tuple(remarks))


def _program(work: Compiling, key: str) -> Program:
    process = work.process
    bound = _boundaries(process)
    handlers = _undo_handlers(process)
    ops = {identity: _op(work, node, bound.get(identity, ()), handlers) for identity, node in process.nodes.items()}
    members: dict[str, list[Node]] = {}
    for node in process.nodes.values():
        members.setdefault(node.scope, []).append(node)
    inner = [process.id, *(identity for identity, node in process.nodes.items() if node.kind in SCOPE_KINDS)]
    scopes = {identity: _scope(process, identity, members.get(identity, []), handlers) for identity in inner}
    return Program(
        process=process.id,
        name=process.name,
        key=f"{key}#{process.id}",
        ops=ops,
        scopes=scopes,
        flows={identity: (flow.source, flow.target) for identity, flow in process.flows.items()},
        title=work.value(process.id, process.title) if process.title else None,
        stores={name: work.model.store_facts.get(name, DataStore()) for name in sorted(_stores(ops.values()))},
    )


def _stores(ops: Iterable[Op]) -> set[str]:
    """Names of the data stores that associations read or write."""
    found: set[str] = set()
    for op in ops:
        for item in (*op.data_inputs, *op.data_outputs):
            found.update(item.reads)
            if item.store and item.target is not None:
                found.add(item.target)
    return found


def _boundaries(process: Process) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in process.nodes.values():
        if node.kind is NodeKind.BOUNDARY and node.attached_to:
            found.setdefault(node.attached_to, []).append(node.id)
    return {host: tuple(events) for host, events in found.items()}


def _undo_handlers(process: Process) -> dict[str, str]:
    """Activity → compensation activity, by the association from its boundary event (BPMN 2.0.2 10.7.2)."""
    found: dict[str, str] = {}
    for node in process.nodes.values():
        if node.kind is NodeKind.BOUNDARY and any(event.kind is EventKind.COMPENSATE for event in node.events):
            ends = [link.target for link in process.associations if link.source == node.id]
            ends += [link.source for link in process.associations if link.target == node.id]
            ends += [process.flows[flow].target for flow in node.outgoing]
            handler = next((end for end in ends if end in process.nodes), None)
            if handler is not None and node.attached_to:
                found[node.attached_to] = handler
    return found


def _scope(process: Process, identity: str, members: list[Node], undo: Mapping[str, str]) -> ScopeOp:
    starts = [node for node in members if node.kind is NodeKind.START]
    none_starts = [node.id for node in starts if not node.events]
    handlers = tuple(
        (node.id, start.id)
        for node in members
        if node.triggered_by_event
        for start in process.nodes.values()
        if start.scope == node.id and start.kind is NodeKind.START
    )
    compensating = set(undo.values())
    implicit = tuple(node.id for node in members if begins_by_itself(node) and node.id not in compensating)
    return ScopeOp(
        id=identity,
        start=none_starts[0] if none_starts else None,
        implicit=() if starts else implicit,
        handlers=handlers,
        data=tuple(item.name for item in process.data_objects if item.scope == identity),
        members=tuple(node.id for node in members),
    )


def begins_by_itself(node: Node) -> bool:
    """Without a start event, every node without incoming flow begins (BPMN 2.0.2 10.5.2)."""
    if node.incoming or node.triggered_by_event or node.for_compensation:
        return False
    if node.kind in {NodeKind.START, NodeKind.BOUNDARY}:
        return False
    return not (node.kind is NodeKind.CATCH and any(event.kind is EventKind.LINK for event in node.events))


def _op(work: Compiling, node: Node, bound: tuple[str, ...], handlers: Mapping[str, str]) -> Op:
    nodes = work.process.nodes
    armed = tuple(
        identity
        for identity in bound
        if all(event.kind is not EventKind.COMPENSATE for event in nodes[identity].events)
    )
    ways = _ways(work, node)
    return Op(
        id=node.id,
        kind=node.kind,
        scope=node.scope,
        node=node,
        ways=ways,
        incoming=node.incoming,
        has_conditions=any(way.condition is not None for way in ways),
        is_activity=node.kind in ACTIVITY_KINDS,
        events=_events(work, node),
        boundary=armed,
        undo=handlers.get(node.id),
        esp=node.triggered_by_event,
        link=_link(work, node),
        loop=compile_loop(work, node),
        inputs=work.mappings(node.id, node.mapped_in),
        outputs=work.mappings(node.id, node.mapped_out),
        data_inputs=tuple(work.association(node, item) for item in node.data_inputs),
        data_outputs=tuple(work.association(node, item) for item in node.data_outputs),
        activation=work.expression(node.id, node.activation_condition),
        **compile_tasks.parts(work, node),
    )


def _events(work: Compiling, node: Node) -> tuple[Event, ...]:
    """An event's definitions; a receive task waits for its message like an event."""
    if node.kind is NodeKind.RECEIVE:
        return (compile_events.message_event(work, node, node.message),)
    return tuple(compile_events.compile_event(work, node, event) for event in node.events)


def _ways(work: Compiling, node: Node) -> tuple[Way, ...]:
    flows = [work.process.flows[identity] for identity in node.outgoing]
    return tuple(
        Way(
            flow.id,
            flow.target,
            None if flow.id == node.default_flow else work.expression(flow.id, flow.condition),
            flow.id == node.default_flow,
            flow.condition is not None and "waitingForStart" in flow.condition.text,
        )
        for flow in flows
    )


def _link(work: Compiling, node: Node) -> str | None:
    """The catching link event of the same name in the same scope (BPMN 2.0.2 10.5.5.9)."""
    throws = [event for event in node.events if event.kind is EventKind.LINK]
    if node.kind not in {NodeKind.THROW, NodeKind.END} or not throws:
        return None
    catchers = work.links.get(node.scope, {})
    return next((catchers[name] for event in throws if (name := event.name or "") in catchers), None)
