"""Event definitions resolved to names, codes and compiled expressions (BPMN 2.0.2 10.5.5)."""

from __future__ import annotations

from engine.workflow.bpmn.compiling import Compiling
from engine.workflow.bpmn.expressions import Literal, Source
from engine.workflow.bpmn.model import EventDefinition, EventKind, MultiInstance, Node, NodeKind, Process
from engine.workflow.bpmn.program import Event, Mappings
from engine.workflow.bpmn.timers import TimerError, parse_timer

_THROWING = frozenset({NodeKind.THROW, NodeKind.END, NodeKind.SEND})


def compile_event(work: Compiling, node: Node, event: EventDefinition) -> Event:
    """One definition of one event."""
    if event.kind is EventKind.MESSAGE:
        return message_event(work, node, event.reference)
    model = work.model
    name, code, source = event.name or "", None, None
    if event.kind is EventKind.SIGNAL:
        signal = model.signals.get(event.reference or "")
        name = signal.name if signal is not None else (event.reference or default_signal(work.process, node) or node.id)
        name, source = named(work, node, name)
    elif event.kind in {EventKind.ERROR, EventKind.ESCALATION}:
        table = model.errors if event.kind is EventKind.ERROR else model.escalations
        found = table.get(event.reference or "")
        if found is not None and (found.code or node.kind in _THROWING):
            code, source = named(work, node, found.code or found.name or found.id)
        elif found is not None:
            name = found.name or found.id
    return Event(
        kind=event.kind,
        name=name,
        code=code,
        form=event.timer.form if event.timer is not None else "",
        time=_time(work, node, event),
        condition=work.expression(node.id, event.condition),
        activity=event.reference if event.kind is EventKind.COMPENSATE else None,
        wait=event.wait_for_completion,
        code_variable=event.code_variable,
        message_variable=event.message_variable,
        named=source,
    )


def named(work: Compiling, node: Node, text: str) -> tuple[str, Source | None]:
    """A name or code as written, and what computes it when it is FEEL.

    The standard knows fixed names only (8.4.11, 10.5.5); other engines let expressions make them.
    """
    return text, work.feel(node.id, text) if text.startswith("=") else None


def throws_default(multi: MultiInstance | None) -> bool:
    """Its behaviour throws an event at the end of an instance but names none: the default signal (10.3.8).

    It carries the runtime attributes; boundary signal events of the activity that name no signal catch it.
    """
    if multi is None:
        return False
    return {"None": multi.none_event, "One": multi.one_event}.get(multi.behavior, multi) is None


def default_signal(process: Process, node: Node) -> str:
    """The activity whose default signal this boundary event catches, which is that signal's name; else empty."""
    host = process.nodes.get(node.attached_to or "")
    return host.id if host is not None and throws_default(host.multi) else ""


def message_event(work: Compiling, node: Node, reference: str | None) -> Event:
    """A message by its definition, by the message flow at the node, or by the node's own id."""
    message = work.model.messages.get(reference or "")
    name = message.name if message is not None else work.flow_messages.get(node.id, node.id)
    name, source = named(work, node, name)
    declared = node.keys or (message.keys if message is not None else ())
    keys: Mappings = work.mappings(node.id, declared)
    retrieve: Mappings = ()
    if not keys and reference:
        keys = _standard_keys(work, node, reference)
        retrieve = _retrieval(work, node, reference)
    bound = {ref for item in work.process.correlations for ref in item.bindings}
    shared = {ref for key in work.model.correlation_keys.values() for ref in key.properties} - bound
    properties = work.model.correlation_properties
    conversation = any(reference in properties[ref].by_message for ref in shared if ref in properties)
    return Event(
        kind=EventKind.MESSAGE,
        name=name,
        keys=keys,
        retrieve=retrieve,
        conversation=conversation and bool(retrieve),
        named=source,
    )


def _retrieval(work: Compiling, node: Node, message: str) -> Mappings:
    """Per correlation property of the message, how it is read from the payload (8.4.2)."""
    return tuple(
        (prop.name, source)
        for prop in work.model.correlation_properties.values()
        if (source := work.expression(node.id, prop.by_message.get(message))) is not None
    )


def _standard_keys(work: Compiling, node: Node, message: str) -> Mappings:
    """Context-based correlation: the subscription's data paths when waiting, the message's paths when throwing.

    Source: BPMN 2.0.2 8.4.2.
    """
    properties = work.model.correlation_properties
    if node.kind in _THROWING:
        return _retrieval(work, node, message)
    bindings = {ref: path for item in work.process.correlations for ref, path in item.bindings.items()}
    return tuple(
        (prop.name, source)
        for identity, prop in properties.items()
        if message in prop.by_message and (source := work.expression(node.id, bindings.get(identity))) is not None
    )


def _time(work: Compiling, node: Node, event: EventDefinition) -> Source | None:
    """A timer's text: ISO 8601 as it stands, else FEEL giving a text or a temporal value."""
    if event.timer is None:
        return None
    text = event.timer.expression.text.strip()
    if text.startswith("="):
        return work.feel(node.id, text)
    try:
        parse_timer(text, event.timer.form)
    except TimerError:
        return work.expression(node.id, event.timer.expression)
    return Literal(text)
