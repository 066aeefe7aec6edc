"""Expressions whose value can't be of the needed type, as far as the text and the declared variables tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.feel import FeelError, compile_expression
from engine.feel import syntax as fs
from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import EventKind, Expression, Model, Process
from engine.workflow.gate.surroundings import Surroundings

_DECLARED = {
    **dict.fromkeys(("text",), "string"),
    **dict.fromkeys(("number", "money", "hours"), "number"),
    "boolean": "boolean",
    "date": "date",
    "dateTime": "date time",
    "list": "list",
}

Types = Mapping[str, str]


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Conditions are true or false, and numbers are numbers."""
    declared = process.extension.variables if process.extension is not None else ()
    known = {one.name: kind for one in declared if (kind := _DECLARED.get(one.type)) is not None}
    names = tuple(one.name for one in declared)
    for element, expression, wanted in _needed(process):
        node = _parsed(expression.text, names)
        if node is None:
            continue
        found = kind_of(node, known)
        if found is not None and found not in {wanted, "null"}:
            yield _wrong(element, expression.text, wanted, found)


def _parsed(text: str, names: tuple[str, ...]) -> fs.Node | None:
    try:
        return compile_expression(text.strip().removeprefix("="), names=names).node
    except FeelError:
        return None


def _needed(process: Process) -> Iterator[tuple[str, Expression, str]]:
    """(element, expression, the type it has to have)."""
    for flow in process.flows.values():
        if flow.condition is not None:
            yield flow.id, flow.condition, "boolean"
    for node in process.nodes.values():
        for event in node.events:
            if event.kind is EventKind.CONDITIONAL and event.condition is not None:
                yield node.id, event.condition, "boolean"
        if node.loop is not None and node.loop.condition is not None:
            yield node.id, node.loop.condition, "boolean"
        if node.multi is not None and node.multi.completion is not None:
            yield node.id, node.multi.completion, "boolean"
        if node.multi is not None and node.multi.cardinality is not None and node.multi.collection is None:
            yield node.id, node.multi.cardinality, "number"
        if node.adhoc is not None and node.adhoc.completion is not None:
            yield node.id, node.adhoc.completion, "boolean"


def kind_of(node: fs.Node, known: Types) -> str | None:
    """The FEEL type an expression must have; None when it cannot be told."""
    if isinstance(node, fs.Literal):
        return _literal(node.value)
    if isinstance(node, fs.Name):
        return known.get(node.name)
    if isinstance(node, fs.Arithmetic):
        return _arithmetic(node, known)
    if isinstance(node, fs.If):
        kinds = {kind_of(node.then, known), kind_of(node.otherwise, known)} - {"null"}
        return kinds.pop() if len(kinds) == 1 else None
    return next((kind for shape, kind in _SHAPES.items() if isinstance(node, shape)), None)


_SHAPES: Mapping[type[fs.Node], str] = {
    fs.Compare: "boolean",
    fs.Logic: "boolean",
    fs.Between: "boolean",
    fs.In: "boolean",
    fs.Quantified: "boolean",
    fs.InstanceOf: "boolean",
    fs.Items: "list",
    fs.Entries: "context",
    fs.Function: "function",
    fs.For: "list",
}


def _literal(value: object) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    return {str: "string", Decimal: "number"}.get(type(value))


def _arithmetic(node: fs.Arithmetic, known: Types) -> str | None:
    sides = {kind_of(node.left, known), kind_of(node.right, known)}
    return sides.pop() if len(sides) == 1 and sides <= {"number", "string"} else None


def _wrong(element: str, text: str, wanted: str, found: str) -> Finding:
    return Finding(
        element,
        "types.wrong",
        "error",
        Text(f"{text[:80]} 的结果是 {found}，这里需要 {wanted}", f"{text[:80]} gives {found}, but {wanted} is needed"),
        Text("写成比较式，例如 金额 > 100", "Write a comparison, for example amount > 100")
        if wanted == "boolean"
        else Text("写成一个数", "Give a number"),
    )
