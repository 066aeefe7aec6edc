"""What is thrown and what is caught: messages, signals, errors, escalations, compensation (BPMN 2.0.2 10.5.1, 10.7)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from engine.kernel.text import Text
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import SCOPE_KINDS, EventDefinition, EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings

_THROWING = frozenset({NodeKind.THROW, NodeKind.END})
_CATCHING = frozenset({NodeKind.CATCH, NodeKind.START, NodeKind.BOUNDARY, NodeKind.RECEIVE})
_OPEN = frozenset({NodeKind.SERVICE, NodeKind.SEND, NodeKind.USER, NodeKind.CALL, NodeKind.SCRIPT, NodeKind.RULE})
"""Whose handler, job, person or called process may throw any error."""


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Both directions, as far as the file tells."""
    yield from _unheard(process, model, surroundings)
    for node in process.nodes.values():
        for event in node.events:
            if event.kind in {EventKind.ERROR, EventKind.ESCALATION} and node.kind in _CATCHING:
                yield from _never_thrown(process, model, node, event)
            elif event.kind is EventKind.ESCALATION and node.kind in _THROWING:
                yield from _not_caught(process, model, node, event)
            elif event.kind is EventKind.COMPENSATE and node.kind in _THROWING:
                yield from _nothing_to_undo(process, node, event)


def _said(node: Node, rule: str, severity: Severity, text: Text, fix: Text | None = None) -> Finding:
    return Finding(
        node.id, f"thrown.{rule}", severity, Text(f"“{name_of(node)}”{text.zh}", f"{name_of(node)} {text.en}"), fix
    )


def _unheard(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Messages and signals nobody waits for; a message flow to a pool outside counts as heard."""
    caught = _caught(model) | (surroundings.caught or frozenset())
    computed = {kind for kind, name in caught if name.startswith("=")}
    heard_outside = {flow.source for flow in model.message_flows}
    for node in process.nodes.values():
        for kind, reference in thrown_by(node):
            table = model.messages if kind is EventKind.MESSAGE else model.signals
            named = table.get(reference or "")
            if named is None or (kind.value, named.name) in caught or node.id in heard_outside:
                continue
            if named.name.startswith("=") or kind.value in computed:
                continue
            word = Text("消息", "message") if kind is EventKind.MESSAGE else Text("信号", "signal")
            text = Text(
                f"发出的{word.zh}“{named.name}”没有人接收", f"throws the {word.en} {named.name}, which nobody catches"
            )
            yield _said(node, "unheard", "warning", text, Text("检查名称是否一致", "Check that the names agree"))


def thrown_by(node: Node) -> Iterator[tuple[EventKind, str | None]]:
    """The messages and signals a node throws by itself: kind and reference."""
    if node.send is not None or node.handler is not None or node.job is not None:
        return
    if node.kind is NodeKind.SEND:
        yield EventKind.MESSAGE, node.message
    elif node.kind in _THROWING:
        for event in node.events:
            if event.kind in {EventKind.MESSAGE, EventKind.SIGNAL}:
                yield event.kind, event.reference


@lru_cache(maxsize=256)
def caught_by(source: str) -> frozenset[tuple[str, str]]:
    """(`message` or `signal`, name) of everything the processes of a deployed file wait for."""
    return frozenset(_caught(load(source).model))


def _caught(model: Model) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for process in model.processes:
        for node in process.nodes.values():
            references = [(event.kind, event.reference) for event in node.events if node.kind in _CATCHING]
            references += [(EventKind.MESSAGE, node.message)] if node.kind is NodeKind.RECEIVE else []
            for kind, reference in references:
                named = (model.messages if kind is EventKind.MESSAGE else model.signals).get(reference or "")
                if named is not None:
                    found.add((kind.value, named.name))
    return found


def _code(model: Model, event: EventDefinition) -> str | None:
    """What is thrown: the code, or without one the name."""
    named = (model.errors if event.kind is EventKind.ERROR else model.escalations).get(event.reference or "")
    return (named.code or named.name) if named is not None else None


def _awaited(model: Model, event: EventDefinition) -> str | None:
    """The code that is caught; None catches all of them."""
    named = (model.errors if event.kind is EventKind.ERROR else model.escalations).get(event.reference or "")
    return (named.code or None) if named is not None else None


def _never_thrown(process: Process, model: Model, node: Node, event: EventDefinition) -> Iterator[Finding]:
    """A catcher whose activity or scope throws nothing of the kind, or not this code."""
    scope = node.attached_to if node.kind is NodeKind.BOUNDARY else _around(process, node)
    if scope is None:
        return
    inside = _inside(process, scope)
    if node.kind is not NodeKind.BOUNDARY:
        inside = [one for one in inside if one.scope != node.scope]
    if any(_may_throw(one, event.kind) for one in inside):
        return
    codes = {_code(model, e) for one in inside if one.kind in _THROWING for e in one.events if e.kind is event.kind}
    wanted = _awaited(model, event)
    if any((code or "=").startswith("=") for code in codes):
        return
    if codes and (wanted is None or wanted in codes):
        return
    word = Text("错误", "error") if event.kind is EventKind.ERROR else Text("升级", "escalation")
    text = Text(
        f"等待的{word.zh}{f'“{wanted}”' if wanted else ''}不会有人抛出",
        f"waits for an {word.en}{f' {wanted}' if wanted else ''} that nothing inside throws",
    )
    yield _said(node, "never_thrown", "warning", text, Text("检查代码是否一致，或删除它", "Check the code"))


def _around(process: Process, start: Node) -> str | None:
    """The scope an event sub-process's start event watches."""
    handler = process.nodes.get(start.scope)
    return handler.scope if handler is not None and handler.triggered_by_event else None


def _inside(process: Process, scope: str) -> list[Node]:
    """The node itself and everything within it."""
    wanted = {scope}
    growing = True
    while growing:
        more = {n.id for n in process.nodes.values() if n.scope in wanted and n.kind in SCOPE_KINDS} - wanted
        wanted |= more
        growing = bool(more)
    return [node for node in process.nodes.values() if node.id in wanted or node.scope in wanted]


def _may_throw(node: Node, kind: EventKind) -> bool:
    if kind is EventKind.ESCALATION:
        return node.kind in {NodeKind.USER, NodeKind.CALL} or (node.multi is not None and node.multi.behavior != "All")
    return node.kind in _OPEN or node.handler is not None or (node.multi is not None and node.multi.behavior != "All")


def _not_caught(process: Process, model: Model, node: Node, event: EventDefinition) -> Iterator[Finding]:
    """An escalation nobody catches is lost; one of a called process may be caught by its caller."""
    code = _code(model, event)
    if code is not None and code.startswith("="):
        return
    scopes = [node.scope]
    while scopes[-1] in process.nodes:
        scopes.append(process.nodes[scopes[-1]].scope)
    for other in process.nodes.values():
        watches = other.attached_to if other.kind is NodeKind.BOUNDARY else _around(process, other)
        if other.kind not in {NodeKind.BOUNDARY, NodeKind.START} or watches not in scopes:
            continue
        if any(e.kind is EventKind.ESCALATION and _awaited(model, e) in {None, code} for e in other.events):
            return
    text = Text(f"抛出的升级“{code}”在本流程内没有人处理", f"throws the escalation {code}, which nothing here catches")
    yield _said(node, "escalation_lost", "warning", text)


def _nothing_to_undo(process: Process, node: Node, event: EventDefinition) -> Iterator[Finding]:
    """Compensation needs handlers; what a called process can undo is known to itself only."""
    inside = _inside(process, event.reference) if event.reference else _inside(process, node.scope)
    handled = {
        other.attached_to
        for other in process.nodes.values()
        if any(e.kind is EventKind.COMPENSATE for e in other.events)
    }
    undoes = any(one.id in handled or one.triggered_by_event or one.kind is NodeKind.CALL for one in inside)
    if not undoes:
        text = Text("触发补偿，但没有任何补偿活动", "compensates, but nothing has a compensation activity")
        yield _said(node, "nothing_to_undo", "warning", text)
