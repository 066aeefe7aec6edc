"""Expressions that are words for people: FEEL reads `the customer is happy` as one name, which nothing ever sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.compile_tasks import FUNCTION_FORMATS
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, Process
from engine.workflow.gate.known import Known
from engine.workflow.gate.surroundings import Surroundings

_COMPARES = re.compile(r"[大小等低高]于|[超不]过|不足|至少|至多|以[上下]")
_ANSWERS = frozenset(
    {"yes", "no", "y", "n", "ok", "else", "otherwise", "default", "是", "否", "有", "无", "同意", "不同意", "通过"}
    | {"不通过", "未通过", "拒绝", "驳回", "其他", "否则", "成功", "失败", "继续", "结束"}
)
_FIX = Text(
    "写成 FEEL 表达式，例如 金额 > 100，或让人选择",
    "Write it in FEEL, for example amount > 100, or let a person choose",
)


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """A name with spaces, with a comparison and a number in it, or an answer, that nothing in the model is called."""
    known = Known(_names(process) | model.data_names)
    for element, text, label in texts(process, model):
        for name in known.unknown(text):
            if _is_sentence(name) or _is_label(name, text, label):
                yield _finding(element, name)


def _is_sentence(name: str) -> bool:
    return " " in name or (_COMPARES.search(name) is not None and any(sign.isdigit() for sign in name))


def _is_label(name: str, text: str, label: str) -> bool:
    """The answer that the flow is labelled with, which some tools also write as its condition."""
    said = name.casefold()
    return name == text.strip() and said in _ANSWERS and said == label.strip().casefold()


def _finding(element: str, name: str) -> Finding:
    text = Text(
        f"“{name[:80]}”是一句话，不是表达式：没有叫这个名字的数据",
        f"{name[:80]!r} is worded for people, not an expression: no data has that name",
    )
    return Finding(element, "expression.wording", "error", text, _FIX)


def _names(process: Process) -> set[str]:
    """Everything the model itself gives a name that may have spaces in it."""
    names = {one.name for one in process.extension.variables} if process.extension is not None else set()
    for node in process.nodes.values():
        names |= set(node.properties) | {one.name for one in (*node.mapped_in, *node.mapped_out)}
        for association in (*node.data_inputs, *node.data_outputs):
            names |= {*association.sources, association.target or ""}
        if node.multi is not None:
            names |= {node.multi.item or "", node.multi.output_collection or ""}
            names |= {one.text for one in (node.multi.collection, node.multi.output_item) if one is not None}
        if node.decision is not None:
            names |= {node.decision.result, node.decision.ref}
        names |= {node.id, node.result_variable or ""}
    return names - {""}


def texts(process: Process, model: Model) -> Iterator[tuple[str, str, str]]:
    """(element id, expression, label of its flow) of everything that decides, counts or waits."""
    for flow in process.flows.values():
        if flow.condition is not None:
            yield flow.id, flow.condition.text, flow.name
    for node in process.nodes.values():
        for text in _of_node(node):
            yield node.id, text, ""
    for prop in model.correlation_properties.values():
        for path in prop.by_message.values():
            yield prop.id, path.text, ""


def _of_node(node: Node) -> Iterator[str]:
    for event in node.events:
        if event.condition is not None:
            yield event.condition.text
        if event.timer is not None:
            yield event.timer.expression.text
    if node.script and (node.script_format or "").strip().lower() not in FUNCTION_FORMATS:
        yield node.script
    parts = [node.activation_condition]
    if node.loop is not None:
        parts.append(node.loop.condition)
    if node.multi is not None:
        parts += [
            node.multi.cardinality,
            node.multi.completion,
            *(one.condition for one in node.multi.complex_behaviors),
        ]
    if node.adhoc is not None:
        parts.append(node.adhoc.completion)
    yield from (part.text for part in parts if part is not None)
