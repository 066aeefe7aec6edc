"""Expressions of the usual forms, answered by looking at the values: no scope, no budget, no step in between.

`amount > 5000`, `check.outcome = "approved"`, `is_new`, `not(...)`, and these joined by `and` or `or`: what most
gateways of most processes ask. `amount`, `check.comment`, `"mail"`: what most mappings say. Where a value is null or
not of the very type the form expects, None says that the closures of `compiler`, which define what every expression
means, have to answer.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from engine.feel.syntax import Between, Call, Compare, In, Literal, Logic, Name, Node, Path
from engine.feel.values import RAW, FeelFunction, Value

Context = Mapping[str, Value]
Condition = Callable[[Context], bool | None]
Read = Callable[[Context], Value]
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_LONGEST = 100
"""Characters of a text that may be compared without counting as work."""


def glance_of(node: Node) -> Read | None:
    """The answer at a glance, or None for an expression of another form."""
    if isinstance(node, Literal):
        value = node.value
        return None if value is None else lambda context: value
    read = _reader(node)
    if read is None:
        return condition_of(node)
    return lambda context: None if (found := read(context)).__class__ in RAW else found


def condition_of(node: Node) -> Condition | None:
    """Whether it holds, at a glance; None for an expression of another form."""
    make = _FORMS.get(node.__class__)
    return make(node) if make is not None else None


def _truth(node: Name | Path) -> Condition | None:
    read = _reader(node)
    if read is None:
        return None

    def is_true(context: Context) -> bool | None:
        value = read(context)
        return value if value is True or value is False else None

    return is_true


def _not(node: Call) -> Condition | None:
    """Unless somebody has a function of that name."""
    callee = node.callee
    if not (isinstance(callee, Name) and callee.name == "not" and len(node.arguments) == 1 and node.names is None):
        return None
    inner = condition_of(node.arguments[0])
    if inner is None:
        return None

    def is_false(context: Context) -> bool | None:
        value = inner(context)
        return None if value is None or context.get("not").__class__ is FeelFunction else not value

    return is_false


def _logic(node: Logic) -> Condition | None:
    parts = [condition_of(operand) for operand in node.operands]
    conditions = [part for part in parts if part is not None]
    if len(conditions) < len(parts):
        return None
    decisive = node.operator == "or"

    def decide(context: Context) -> bool | None:
        for condition in conditions:
            value = condition(context)
            if value is not (not decisive):
                return value
        return not decisive

    return decide


def _compare(node: Compare) -> Condition | None:
    """A value of the context beside a literal, or two of the context."""
    if isinstance(node.right, Literal):
        return _beside(node.operator, node.left, node.right.value)
    if isinstance(node.left, Literal):
        return _beside(_MIRRORED[node.operator], node.right, node.left.value)
    left, right, holds = _reader(node.left), _reader(node.right), _ORDERS[node.operator]
    if left is None or right is None:
        return None

    def check(context: Context) -> bool | None:
        a, b = left(context), right(context)
        return holds(a, b) if a.__class__ is Decimal and b.__class__ is Decimal else None

    return check


def _beside(operator: str, node: Node, value: Value) -> Condition | None:
    read, holds, kind = _reader(node), _ORDERS[operator], value.__class__
    if read is None:
        return None
    if value is None and operator in ("=", "!="):
        return _beside_null(read, is_null=operator == "=")
    if kind is not Decimal and not (operator in ("=", "!=") and (kind is bool or _is_short(value))):
        return None
    if not isinstance(node, Name):
        return lambda context: holds(found, value) if (found := read(context)).__class__ is kind else None
    name = node.name
    return lambda context: holds(found, value) if (found := context.get(name)).__class__ is kind else None


def _is_short(value: Value) -> bool:
    return value.__class__ is str and len(value) <= _LONGEST


def _beside_null(read: Read, *, is_null: bool) -> Condition:
    """Null itself is left alone: a name nobody gave a value may be that of a function."""
    return lambda context: None if (found := read(context)) is None or found.__class__ in RAW else not is_null


def _between(node: Between) -> Condition | None:
    """A number between two."""
    read, low, high = _reader(node.operand), node.low, node.high
    if read is None or not (isinstance(low, Literal) and isinstance(high, Literal)):
        return None
    least, most = low.value, high.value
    if least.__class__ is not Decimal or most.__class__ is not Decimal:
        return None
    return lambda context: least <= found <= most if (found := read(context)).__class__ is Decimal else None


def _in(node: In) -> Condition | None:
    """One of several short texts."""
    read = _reader(node.operand)
    values = frozenset(test.value for test in node.tests if isinstance(test, Literal) and _is_short(test.value))
    if read is None or len(values) < len(node.tests):
        return None
    return lambda context: found in values if (found := read(context)).__class__ is str else None


def _reader(node: Node) -> Read | None:
    """A variable, or a member of one; whatever else there is reads as something no form expects."""
    if isinstance(node, Name):
        name = node.name
        return lambda context: context.get(name)
    if isinstance(node, Path) and isinstance(node.base, Name):
        base, member = node.base.name, node.name
        return lambda context: found.get(member) if (found := context.get(base)).__class__ is dict else None
    return None


_FORMS: dict[type[Node], Callable[[Any], Condition | None]] = {
    Between: _between,
    Call: _not,
    Compare: _compare,
    In: _in,
    Logic: _logic,
    Name: _truth,
    Path: _truth,
}
