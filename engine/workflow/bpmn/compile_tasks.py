"""What an activity does: which action, with which inputs and outputs."""

from __future__ import annotations

from typing import Any

from engine.workflow.bpmn.compile_events import message_event
from engine.workflow.bpmn.compiling import Compiling
from engine.workflow.bpmn.model import EventKind, Node, NodeKind

HANDLER, SEND, JOB, DECISION, FUNCTION, SCRIPT, FEEL, MESSAGE = (
    "handler",
    "send",
    "job",
    "decision",
    "function",
    "script",
    "feel",
    "message",
)
_ACTORS = frozenset({NodeKind.SERVICE, NodeKind.SEND, NodeKind.RULE, NodeKind.SCRIPT, NodeKind.THROW, NodeKind.END})
FUNCTION_FORMATS = frozenset({"function", "python", "application/x-python", "text/x-python"})


def script_format(text: str | None) -> str:
    """The format of a script task as formats are compared; empty when it names none."""
    return (text or "").strip().lower()


def parts(work: Compiling, node: Node) -> dict[str, Any]:
    """The keyword arguments of `Op` that depend on the node's kind."""
    found = _parts(work, node)
    name = found.get("action_name") or ""
    is_computed = name.startswith("=") and (found.get("action") in {JOB, DECISION} or node.kind is NodeKind.CALL)
    return found | {"named": work.optional(node.id, name)} if is_computed else found


def _parts(work: Compiling, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"title": work.optional(node.id, node.title), "result": node.result_variable}
    if node.kind in _ACTORS:
        found |= _action(work, node)
    if node.kind in {NodeKind.USER, NodeKind.MANUAL} and node.task is not None:
        found |= {
            "due": work.optional(node.id, node.task.due),
            "priority": work.optional(node.id, node.task.priority),
        }
    elif node.kind is NodeKind.CALL:
        found |= _call(work, node)
    elif node.kind is NodeKind.ADHOC and node.adhoc is not None:
        found |= {
            "completion": work.expression(node.id, node.adhoc.completion),
            "active_elements": work.expression(node.id, node.adhoc.active_elements),
        }
    return found


def _action(work: Compiling, node: Node) -> dict[str, Any]:
    if node.handler is not None:
        return {
            "action": HANDLER,
            "action_name": node.handler.name,
            "action_inputs": work.mappings(node.id, node.handler.inputs),
            "action_outputs": work.mappings(node.id, node.handler.outputs),
            "retries": node.handler.retries,
        }
    if node.send is not None:
        return {
            "action": SEND,
            "action_name": node.send.connector,
            "action_inputs": work.mappings(node.id, node.send.inputs),
            "to": work.optional(node.id, node.send.to),
            "expires": work.optional(node.id, node.send.expires),
            "ordering": work.optional(node.id, node.send.ordering),
        }
    if node.decision is not None:
        return {
            "action": DECISION,
            "action_name": node.decision.ref,
            "action_inputs": work.mappings(node.id, node.decision.inputs),
            "result": node.decision.result or None,
        }
    return _unbound(work, node)


def _unbound(work: Compiling, node: Node) -> dict[str, Any]:
    if node.kind is NodeKind.SCRIPT and node.job is None:
        return _script(work, node)
    if node.job is not None:
        return {"action": JOB, "action_name": node.job.type or node.id, "retries": node.job.retries}
    if node.kind is NodeKind.SEND:
        return {"action": MESSAGE, "message": message_event(work, node, node.message)}
    if node.kind in {NodeKind.SERVICE, NodeKind.RULE}:
        return {"action": JOB, "action_name": node.id}
    messages = [event for event in node.events if event.kind is EventKind.MESSAGE]
    return {"action": MESSAGE} if messages else {}


def _script(work: Compiling, node: Node) -> dict[str, Any]:
    text = (node.script or "").strip()
    if not text:
        return {}
    language = script_format(node.script_format)
    if language in work.scripts:
        return {"action": SCRIPT, "action_name": language}
    if language in FUNCTION_FORMATS:
        return {"action": FUNCTION, "action_name": text}
    return {"action": FEEL, "script": work.feel(node.id, text)}


def _call(work: Compiling, node: Node) -> dict[str, Any]:
    call = node.call
    if call is None:
        return {"action_name": node.called or "", "copy_in": True, "copy_out": True}
    return {
        "action_name": node.called or "",
        "action": call.binding,
        "action_inputs": work.mappings(node.id, call.inputs),
        "action_outputs": work.mappings(node.id, call.outputs),
        "copy_in": call.all_inputs,
        "copy_out": call.all_outputs,
    }
