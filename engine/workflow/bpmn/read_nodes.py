"""Flow nodes: one element to one `Node` (BPMN 2.0.2 chapter 10)."""

from __future__ import annotations

from typing import Any

from engine.kernel.text import Text
from engine.workflow.bpmn import read_data, read_extensions, read_foreign, xml
from engine.workflow.bpmn.model import ACTIVITY_KINDS, AdHoc, Node, NodeKind
from engine.workflow.bpmn.read_events import read_definitions
from engine.workflow.bpmn.read_loops import read_loop, read_multi
from engine.workflow.bpmn.reading import Reading, expression

_HOSTS = frozenset(kind.value for kind in ACTIVITY_KINDS)
_TAGS = {kind.value: kind for kind in NodeKind}
GLOBAL_TASKS = {
    "globalTask": NodeKind.TASK,
    "globalUserTask": NodeKind.USER,
    "globalManualTask": NodeKind.MANUAL,
    "globalScriptTask": NodeKind.SCRIPT,
    "globalBusinessRuleTask": NodeKind.RULE,
}


def kind_of(element: xml.Element) -> NodeKind | None:
    """The node kind of a BPMN element; None for anything that is not a flow node."""
    return _TAGS.get(xml.local(element)) if xml.is_bpmn(element) else None


def read_node(reading: Reading, element: xml.Element, kind: NodeKind, identity: str, scope: str) -> Node:
    """The node without its flows, which the caller knows. `identity`: the id used for it."""
    read_extensions.check_known(reading, element)
    parts: dict[str, Any] = {
        "id": identity,
        "kind": kind,
        "scope": scope,
        "name": xml.attribute(element, "name"),
        "line": xml.line(element),
        "default_flow": xml.reference(element.get("default")),
        "documentation": xml.text(xml.child(element, "documentation")),
        "title": _text_of(element, "title", "text"),
        "stage": _text_of(element, "stage", "value"),
        "keys": read_extensions.mapped_extensions(element, "key"),
        "foreign": read_foreign.leftovers(element),
        "handler": read_extensions.handler(reading, element),
        "send": read_extensions.send(element),
        "mapped_in": read_extensions.mapped_extensions(element, "input") + read_foreign.mapping(element, "input"),
        "mapped_out": read_extensions.mapped_extensions(element, "output") + read_foreign.mapping(element, "output"),
    }
    parts |= read_data.associations(reading, element)
    if kind.value.endswith("Event"):
        parts |= _event(reading, element, kind)
    elif kind.value.endswith("Gateway"):
        parts |= _gateway(element)
    else:
        parts |= _activity(reading, element) | _ACTIVITIES.get(kind, _nothing)(reading, element)
    return Node(**parts)


def _text_of(element: xml.Element, name: str, attribute: str) -> str | None:
    found = read_extensions.school(element, name)
    return found.get(attribute) if found is not None else None


def _nothing(reading: Reading, element: xml.Element) -> dict[str, Any]:
    return {}


def _event(reading: Reading, element: xml.Element, kind: NodeKind) -> dict[str, Any]:
    interrupting = xml.is_true(element, "isInterrupting", True) and xml.is_true(element, "cancelActivity", True)
    attached = xml.reference(element.get("attachedToRef")) if kind is NodeKind.BOUNDARY else None
    if kind is NodeKind.BOUNDARY and reading.kind_of(attached) not in _HOSTS:
        reading.report(
            element,
            "boundary.host_missing",
            Text("边界事件没有依附的活动", "The boundary event is attached to no activity"),
            Text("请把它放到一个活动的边上", "Place it on the border of an activity"),
        )
    is_thrown = kind in {NodeKind.THROW, NodeKind.END}
    return {
        "job": (read_extensions.job(reading, element) or read_foreign.job(element)) if is_thrown else None,
        "events": read_definitions(reading, element),
        "parallel_multiple": xml.is_true(element, "parallelMultiple"),
        "interrupting": interrupting,
        "attached_to": attached,
    }


def _gateway(element: xml.Element) -> dict[str, Any]:
    return {
        "gateway_direction": xml.attribute(element, "gatewayDirection", "Unspecified"),
        "instantiate": xml.is_true(element, "instantiate"),
        "event_gateway_parallel": xml.attribute(element, "eventGatewayType") == "Parallel",
        "activation_condition": expression(xml.child(element, "activationCondition")),
    }


def _activity(reading: Reading, element: xml.Element) -> dict[str, Any]:
    return {
        "for_compensation": xml.is_true(element, "isForCompensation"),
        "start_quantity": reading.integer(element, "startQuantity", 1),
        "completion_quantity": reading.integer(element, "completionQuantity", 1),
        "loop": read_loop(reading, element),
        "multi": read_multi(reading, element),
        "properties": tuple(
            reading.names[identity]
            for item in xml.children(element, "property")
            if (identity := xml.attribute(item, "id")) in reading.names
            and reading.names[identity] != "__targetRef_placeholder"
        ),
        "implementation": xml.attribute(element, "implementation") or None,
    }


def _user(reading: Reading, element: xml.Element) -> dict[str, Any]:
    return {"task": read_extensions.task(element) or read_foreign.task(element)}


def _service(reading: Reading, element: xml.Element) -> dict[str, Any]:
    job = read_extensions.job(reading, element) or read_foreign.job(element)
    return {"job": job, "result_variable": read_foreign.result_variable(element) or None}


def _message_task(reading: Reading, element: xml.Element) -> dict[str, Any]:
    message = reading.message_of(element)
    if message is not None and reading.kind_of(message) != "message":
        reading.report(
            element,
            "reference.missing",
            Text(f"引用的消息“{message}”不存在", f"Expected a message with id {message!r}, but there is none"),
            Text("请定义该消息", "Define the message"),
        )
        message = None
    return {"message": message, "instantiate": xml.is_true(element, "instantiate"), **_service(reading, element)}


def _script(reading: Reading, element: xml.Element) -> dict[str, Any]:
    feel, result = read_foreign.script(element)
    return {
        "script": feel or xml.text(xml.child(element, "script")) or None,
        "script_format": "feel" if feel else _script_format(element),
        "result_variable": result or read_foreign.attribute(element, "resultVariable") or None,
        "job": read_foreign.job(element),
    }


def _script_format(element: xml.Element) -> str | None:
    """`scriptFormat` of a task, `scriptLanguage` of a global task (10.3.3, 10.3.4)."""
    return xml.attribute(element, "scriptFormat") or xml.attribute(element, "scriptLanguage") or None


def _rule(reading: Reading, element: xml.Element) -> dict[str, Any]:
    decision = read_extensions.decision(element) or read_foreign.decision(element)
    return {"decision": decision, **_service(reading, element)}


def _call(reading: Reading, element: xml.Element) -> dict[str, Any]:
    process, foreign = read_foreign.call(element)
    named = (element.get("calledElement") or "").strip()
    called = process or (named if named.startswith("=") else xml.reference(named))
    return {"called": called, "call": read_extensions.call(element) or foreign}


def _adhoc(reading: Reading, element: xml.Element) -> dict[str, Any]:
    return {
        "adhoc": AdHoc(
            sequential=xml.attribute(element, "ordering") == "Sequential",
            completion=expression(xml.child(element, "completionCondition")),
            cancel_remaining=xml.is_true(element, "cancelRemainingInstances", default=True),
            active_elements=read_foreign.active_elements(element),
        )
    }


def _subprocess(reading: Reading, element: xml.Element) -> dict[str, Any]:
    return {"triggered_by_event": xml.is_true(element, "triggeredByEvent")}


_ACTIVITIES = {
    NodeKind.USER: _user,
    NodeKind.MANUAL: _user,
    NodeKind.SERVICE: _service,
    NodeKind.SEND: _message_task,
    NodeKind.RECEIVE: _message_task,
    NodeKind.SCRIPT: _script,
    NodeKind.RULE: _rule,
    NodeKind.CALL: _call,
    NodeKind.ADHOC: _adhoc,
    NodeKind.SUBPROCESS: _subprocess,
}
