"""Tree to closures: every node becomes a function of the scope, so that evaluation is only calls.

Source: DMN 1.5, 10.3.2 (semantics). What cannot be evaluated gives null, never an exception.
"""

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from engine.feel.arithmetic import DECIMAL_OPERATORS, OPERATORS, negate
from engine.feel.builtins import BUILTINS
from engine.feel.comparing import PLAIN, compare, equal, holds, in_value
from engine.feel.members import descendants, member
from engine.feel.runtime import Run, Scope
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Compare,
    Descendants,
    Entries,
    If,
    In,
    InstanceOf,
    Interval,
    Items,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    OperatorTest,
    Path,
    TestGroup,
)
from engine.feel.types import conforms
from engine.feel.values import RAW, Range, Value, from_python, kind

Closure = Callable[[Scope], Value]
Coerce = Callable[[Value, str, Run], tuple[bool, Value]]
"""(fits, value) for a value and the name of a type."""
_MISSING: Any = object()
_LONG = 1_000
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Static:
    """The names that the scopes around a node add; None stands for a filter, which may add any name. ``coerce`` makes
    arguments fit parameters of a named type."""

    def __init__(self, frames: tuple[frozenset[str] | None, ...] = (), coerce: Coerce | None = None) -> None:
        self.frames = frames
        self.coerce = coerce

    def inner(self, names: frozenset[str] | None) -> "Static":
        """With one more scope."""
        return Static((*self.frames, names), self.coerce)

    def may_be_local(self, name: str) -> bool:
        """Can a scope between here and the root have this name?"""
        return any(frame is None or name in frame for frame in self.frames)

    def is_local(self, name: str) -> bool:
        """Does a scope between here and the root surely have this name?"""
        return any(frame is not None and name in frame for frame in self.frames)


def compile_node(node: Node, static: Static) -> Closure:
    """The closure of one node."""
    return COMPILERS[node.__class__](node, static)


def _literal(node: Literal, static: Static) -> Closure:
    value = node.value
    return lambda scope: value


def _name(node: Name, static: Static) -> Closure:
    name = node.name
    fallback = BUILTINS.get(name)
    default = fallback.value if fallback is not None else None

    def read_root(scope: Scope) -> Value:
        value = scope.root.get(name, default)
        return from_python(value) if value.__class__ in RAW else value

    if not static.may_be_local(name):
        return read_root

    def read(scope: Scope) -> Value:
        at: Scope | None = scope
        while at is not None:
            value = at.names.get(name, _MISSING)
            if value is not _MISSING:
                return from_python(value) if value.__class__ in RAW else value
            at = at.outer
        return read_root(scope)

    return read


def _path(node: Path, static: Static) -> Closure:
    base, name = compile_node(node.base, static), node.name

    def read(scope: Scope) -> Value:
        value = base(scope)
        if value.__class__ is dict:
            found = value.get(name)
            return from_python(found) if found.__class__ in RAW else found
        return member(value, name, scope.run)

    return read


def _descendants(node: Descendants, static: Static) -> Closure:
    base, name = compile_node(node.base, static), node.name
    return lambda scope: list(descendants(base(scope), name, scope.run))


def _negate(node: Negate, static: Static) -> Closure:
    operand = compile_node(node.operand, static)
    return lambda scope: negate(operand(scope))


def _arithmetic(node: Arithmetic, static: Static) -> Closure:
    left, right = compile_node(node.left, static), compile_node(node.right, static)
    fast, general = DECIMAL_OPERATORS[node.operator], OPERATORS[node.operator]

    def calculate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        try:
            if a.__class__ is Decimal and b.__class__ is Decimal:
                return fast(a, b)
            value = general(a, b)
        except (ArithmeticError, ValueError):
            return None
        if value.__class__ is str:
            scope.run.spend(len(value) >> 6)
        return value

    return calculate


def _compare(node: Compare, static: Static) -> Closure:
    left, right = compile_node(node.left, static), compile_node(node.right, static)
    return _comparison(node.operator, left, right)


def _comparison(operator: str, left: Closure, right: Closure) -> Closure:
    if operator in ("=", "!="):
        wanted = operator == "="

        def check_equal(scope: Scope) -> bool | None:
            a, b = left(scope), right(scope)
            if a.__class__ is b.__class__ and a.__class__ in PLAIN:
                if a.__class__ is str and len(a) > _LONG:
                    scope.run.spend(len(a) >> 10)
                return (a == b) is wanted
            same = equal(a, b, scope.run)
            return None if same is None else same is wanted

        return check_equal
    below, level, above = operator[0] == "<", "=" in operator, operator[0] == ">"
    order_of = _ORDERS[operator]

    def check_order(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        if a.__class__ is Decimal and b.__class__ is Decimal:
            return bool(order_of(a, b))
        order = compare(a, b)
        if order is None:
            return None
        if a.__class__ is str and len(a) > _LONG:
            scope.run.spend(len(a) >> 10)
        return below if order < 0 else above if order > 0 else level

    return check_order


def _logic(node: Logic, static: Static) -> Closure:
    closures = tuple(compile_node(operand, static) for operand in node.operands)
    decisive: bool = node.operator == "or"
    if len(closures) == 2:
        first, second = closures

        def decide_two(scope: Scope) -> bool | None:
            a = first(scope)
            if a is decisive:
                return bool(a)
            b = second(scope)
            if b is decisive:
                return bool(b)
            return (not decisive) if a.__class__ is bool and b.__class__ is bool else None

        return decide_two

    def decide(scope: Scope) -> bool | None:
        answer: bool | None = not decisive
        for closure in closures:
            value = closure(scope)
            if value is decisive:
                return bool(value)
            if value.__class__ is not bool:
                answer = None
        return answer

    return decide


def _between(node: Between, static: Static) -> Closure:
    operand, low, high = (compile_node(part, static) for part in (node.operand, node.low, node.high))

    def check(scope: Scope) -> bool | None:
        value = operand(scope)
        above, below = holds(">=", value, low(scope)), holds("<=", value, high(scope))
        if above is False or below is False:
            return False
        return True if above and below else None

    return check


def compile_test(node: Node, static: Static) -> Callable[[Value, Scope], bool | None]:
    """One test of a value, as on the right side of ``in``."""
    if isinstance(node, OperatorTest):
        operand, operator = compile_node(node.operand, static), node.operator
        return lambda value, scope: holds(operator, value, operand(scope), scope.run)
    target = compile_node(node, static)
    if isinstance(node, Interval) and not node.operator:
        return _interval_test(node, target, static)
    return lambda value, scope: in_value(value, target(scope), scope.run)


def _interval_test(node: Interval, target: Closure, static: Static) -> Callable[[Value, Scope], bool | None]:
    """``e in [a..b]`` means ``e >= a and e <= b``. Source: DMN 1.5, table 54."""
    low = (">=" if node.start_included else ">", compile_node(node.start, static)) if node.start else None
    high = ("<=" if node.end_included else "<", compile_node(node.end, static)) if node.end else None

    def check(value: Value, scope: Scope) -> bool | None:
        if value.__class__ is Range:
            return equal(value, target(scope))
        above = holds(low[0], value, low[1](scope)) if low is not None else True
        below = holds(high[0], value, high[1](scope)) if high is not None else True
        if above is False or below is False:
            return False
        return True if above and below else None

    return check


def _in(node: In, static: Static) -> Closure:
    operand = compile_node(node.operand, static)
    tests = tuple(compile_test(test, static) for test in node.tests)
    if len(tests) == 1:
        only = tests[0]
        return lambda scope: only(operand(scope), scope)

    def check(scope: Scope) -> bool | None:
        value = operand(scope)
        answer: bool | None = False
        for test in tests:
            result = test(value, scope)
            if result is True:
                return True
            if result is None:
                answer = None
        return answer

    return check


def _interval(node: Interval, static: Static) -> Closure:
    start = compile_node(node.start, static) if node.start is not None else None
    end = compile_node(node.end, static) if node.end is not None else None
    marks = node.start_included, node.end_included, node.operator

    def build(scope: Scope) -> Range | None:
        low = start(scope) if start is not None else None
        high = end(scope) if end is not None else None
        if start is None or end is None:
            bound = high if start is None else low
            return Range(low, high, *marks) if compare(bound, bound) == 0 else None
        order = compare(low, high) if kind(low) == kind(high) else None
        return None if order is None else Range(low, high, *marks)

    return build


def _items(node: Items, static: Static) -> Closure:
    closures = tuple(compile_node(item, static) for item in node.items)
    return lambda scope: [closure(scope) for closure in closures]


def _entries(node: Entries, static: Static) -> Closure:
    keys = [key for key, _ in node.entries]
    if len(set(keys)) < len(keys):
        return lambda scope: None
    inner = static.inner(frozenset(keys))
    closures = tuple((key, compile_node(value, inner)) for key, value in node.entries)

    def build(scope: Scope) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        within = scope.inner(entries)
        for key, closure in closures:
            entries[key] = closure(within)
        return entries

    return build


def _if(node: If, static: Static) -> Closure:
    condition, then, otherwise = (compile_node(part, static) for part in (node.condition, node.then, node.otherwise))
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


def _instance_of(node: InstanceOf, static: Static) -> Closure:
    operand, expected = compile_node(node.operand, static), node.type
    return lambda scope: conforms(operand(scope), expected, scope.run)


def _test_group(node: TestGroup, static: Static) -> Closure:
    return lambda scope: None


COMPILERS: dict[type[Node], Callable[[Any, Static], Closure]] = {
    Literal: _literal,
    Name: _name,
    Path: _path,
    Descendants: _descendants,
    Negate: _negate,
    Arithmetic: _arithmetic,
    Compare: _compare,
    Logic: _logic,
    Between: _between,
    In: _in,
    Interval: _interval,
    Items: _items,
    Entries: _entries,
    If: _if,
    InstanceOf: _instance_of,
    TestGroup: _test_group,
}
"""Filled up by ``engine.feel.compiler_loops`` and ``engine.feel.compiler_calls``."""
