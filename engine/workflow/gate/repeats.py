"""Loops and multi-instance activities that contradict themselves, quantities that never fill.

Source: BPMN 2.0.2 13.3.2 (quantities), 13.3.6 (loops), 13.3.7 (multi-instance).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.feel import FeelError, compile_expression
from engine.feel import syntax as fs
from engine.kernel.text import Text
from engine.workflow.bpmn.compile_events import throws_default
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import GATEWAY_KINDS, EventKind, Model, MultiInstance, Node, NodeKind, Process
from engine.workflow.gate.loops import circles
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings

_EVENTS = {"None": "none_event", "One": "one_event", "Complex": "complex_behaviors"}
_SPLITS = GATEWAY_KINDS - {NodeKind.EXCLUSIVE}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every repeated activity, and every one that collects tokens."""
    for node in process.nodes.values():
        if node.multi is not None:
            yield from _multi(process, node, node.multi)
        if node.loop is not None and node.loop.maximum == 0:
            text = Text("循环上限为 0，一次也不会执行", "The loop's maximum is 0: it never runs")
            yield remark(node, "repeats.maximum", text, Text("填写 1 或更大", "Enter 1 or more"), "warning")
        if node.start_quantity > 1 and not _multiplies(process, node.scope):
            number = node.start_quantity
            text = Text(
                f"要到达 {number} 次才开始，但只会到达一次，会永远等下去",
                f"It begins when reached {number} times, but is reached once: it would wait for ever",
            )
            yield remark(node, "repeats.quantity", text, Text("把起始数量改为 1", "Make its start quantity 1"))


def _multi(process: Process, node: Node, multi: MultiInstance) -> Iterator[Finding]:
    if multi.cardinality is not None and multi.collection is not None:
        text = Text("同时给了次数和列表，以列表为准", "It has a number and a list: the list is what counts")
        yield remark(node, "repeats.twofold", text, Text("删除次数", "Delete the number"), "warning")
    number = _number(multi.cardinality.text) if multi.cardinality is not None else None
    if number is not None and (number < 0 or number != int(number)):
        text = Text("次数必须是不小于 0 的整数", "Its number has to be a whole number, 0 or more")
        yield remark(node, "repeats.number", text, Text("填写整数，如 3", "Enter a whole number such as 3"))
    wanted = _EVENTS.get(multi.behavior)
    if throws_default(multi):
        yield from _default_signal(process, node)
    elif wanted is not None and not getattr(multi, wanted):
        behavior = multi.behavior
        text = Text(f"多实例行为 {behavior} 没有说明触发什么事件", f"Its behaviour {behavior} names no event to throw")
        yield remark(node, "repeats.event_missing", text, Text("选择事件，或改为 All", "Choose an event, or All"))


def _default_signal(process: Process, node: Node) -> Iterator[Finding]:
    """A boundary signal event that names no signal catches it (10.3.8)."""
    if any(
        event.kind is EventKind.SIGNAL and event.reference is None
        for one in process.nodes.values()
        if one.attached_to == node.id
        for event in one.events
    ):
        return
    text = Text(
        "每个实例结束时发出的默认信号没有人接收",
        "Nobody catches the signal that it throws at the end of its instances",
    )
    fix = Text(
        "在它的边上放一个不指定信号的信号事件，或选择要触发的事件，或改为 All",
        "Put a signal event that names no signal on its border, choose an event to throw, or All",
    )
    yield remark(node, "repeats.signal_unheard", text, fix, "warning")


def _number(text: str) -> Decimal | None:
    """The value of a number as it stands, also a negative one; None for anything else."""
    try:
        node = compile_expression(text.strip().removeprefix("=")).node
    except FeelError:
        return None
    sign = 1
    while isinstance(node, fs.Negate):
        sign, node = -sign, node.operand
    return sign * node.value if isinstance(node, fs.Literal) and isinstance(node.value, Decimal) else None


def _multiplies(process: Process, scope: str) -> bool:
    """Something in the scope can make two tokens of one, or bring one twice."""
    inside = {node.id: node for node in process.nodes.values() if node.scope == scope}
    if any(_splits(process, node) for node in inside.values()):
        return True
    targets = {key: tuple(process.flows[flow].target for flow in node.outgoing) for key, node in inside.items()}
    return next(circles(targets), None) is not None


def _splits(process: Process, node: Node) -> bool:
    if node.kind is NodeKind.BOUNDARY and not node.interrupting:
        return True
    many = len(node.outgoing) > 1 and (node.kind in _SPLITS or node.kind not in GATEWAY_KINDS)
    return many or node.completion_quantity > 1 or node.triggered_by_event
