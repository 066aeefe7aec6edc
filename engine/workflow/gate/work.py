"""Who does the work of each task: handlers and their parameters, senders, decisions, calls, timers."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.extensions import HandlerExtension
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.model import EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings
from engine.workflow.handlers import Handler, Parameter

_DOES_WORK = {NodeKind.SERVICE, NodeKind.SEND}
_TIMED = {"P", "R", "=", "@"}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every automatic step has something that does it, and so has the cancelling of a case that says so."""
    if process.extension is not None and process.extension.cancel is not None:
        yield from _called(process.id, process.name or process.id, process.extension.cancel, surroundings)
    sent = {flow.source for flow in model.message_flows if flow.message is not None}
    for node in process.nodes.values():
        if node.id not in sent:
            yield from _unbound(node, surroundings)
        yield from _empty(node, surroundings)
        if node.handler is not None:
            yield from _called(node.id, name_of(node), node.handler, surroundings)
        if node.kind is NodeKind.CALL and not node.called:
            yield _todo(node, "work.call_missing", Text("没有选择要调用的流程", "It names no process to call"))
        yield from _timers(node)
        yield from _repeats(node)


def _todo(node: Node, rule: str, text: Text, severity: Severity = "error") -> Finding:
    said = Text(f"“{name_of(node)}”：{text.zh}", f"{name_of(node)}: {text.en}")
    return Finding(node.id, rule, severity, said, Text("在属性面板中选择", "Choose one in the properties panel"))


def _empty(node: Node, surroundings: Surroundings) -> Iterator[Finding]:
    """BPMN leaves open what decides and what a script does (10.3.3): an embedder may do it, or have nothing done."""
    severity: Severity = "warning" if surroundings.work_is_outside else "error"
    is_job = node.job or node.handler or node.id in surroundings.functions
    if node.kind is NodeKind.RULE and node.decision is None and not is_job:
        yield _todo(node, "work.decision_missing", Text("规则任务没有选择决策表", "It names no decision"), severity)
    if node.kind is NodeKind.SCRIPT and not (node.script or "").strip():
        yield _todo(node, "work.script_missing", Text("脚本是空的", "Its script is empty"), severity)


def _unbound(node: Node, surroundings: Surroundings) -> Iterator[Finding]:
    if node.kind not in _DOES_WORK:
        return
    bound = node.handler or node.send or node.job or (node.message and node.kind is NodeKind.SEND)
    if not bound and node.id not in surroundings.functions:
        severity: Severity = "warning" if surroundings.work_is_outside else "error"
        yield _todo(node, "work.unbound", Text("没有说明由谁执行", "Nothing says what does the work"), severity)


def _called(element_id: str, name: str, call: HandlerExtension, surroundings: Surroundings) -> Iterator[Finding]:
    if surroundings.handlers is None:
        return
    handler = surroundings.handlers.get(call.name)
    if handler is None:
        yield Finding(
            element_id,
            "work.handler_unknown",
            "error",
            Text(f"没有名为 {call.name} 的处理器", f"There is no handler {call.name}"),
            Text("从列表中选择一个处理器", "Choose one from the list"),
        )
        return
    given = {one.name for one in call.inputs}
    for parameter in sorted(given - set(handler.inputs)):
        told = Text(f"处理器 {handler.name} 没有输入 {parameter}", f"{handler.name} takes no input {parameter}")
        yield _parameter(element_id, name, told)
    for parameter in sorted(set(handler.inputs) - given):
        if _is_required(handler, parameter):
            told = Text(f"处理器 {handler.name} 缺少输入 {parameter}", f"{handler.name} needs the input {parameter}")
            yield _parameter(element_id, name, told)


def _is_required(handler: Handler, name: str) -> bool:
    parameter = handler.inputs[name]
    return isinstance(parameter, Parameter) and parameter.required


def _parameter(element_id: str, name: str, text: Text) -> Finding:
    return Finding(element_id, "work.parameter", "error", Text(f"“{name}”：{text.zh}", f"{name}: {text.en}"))


def _timers(node: Node) -> Iterator[Finding]:
    for event in node.events:
        if event.kind is EventKind.TIMER and (event.timer is None or not event.timer.expression.text.strip()):
            yield Finding(
                node.id,
                "work.timer_missing",
                "error",
                Text(f"定时器“{name_of(node)}”没有时间", f"The timer {name_of(node)} has no time"),
                Text("填写时长如 P2D，或 FEEL 表达式", "Give a duration such as P2D, or a FEEL expression"),
            )


def _repeats(node: Node) -> Iterator[Finding]:
    """A multi-instance activity says how often, a loop says when it stops (BPMN 2.0.2 13.3.6, 13.3.7)."""
    if node.multi is not None and node.multi.cardinality is None and node.multi.collection is None:
        missing = Text("多实例没有次数，也没有集合", "Neither a number nor a list says how many instances there are")
        yield _todo(node, "work.multi_missing", missing)
    if node.loop is not None and node.loop.condition is None and node.loop.maximum is None:
        missing = Text("循环既没有条件也没有次数上限", "The loop has neither a condition nor a maximum")
        yield _todo(node, "work.loop_missing", missing)
    if node.start_quantity < 1 or node.completion_quantity < 1:
        yield _todo(node, "work.quantity", Text("起始和完成数量至少为 1", "Its quantities have to be at least 1"))
