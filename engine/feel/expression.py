"""The room's front door: text to compiled expression or unary tests."""

from collections.abc import Callable, Iterable, Mapping

from engine.feel import compiler_calls, compiler_loops
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Closure, Coerce, Static, compile_node, compile_test
from engine.feel.conditions import glance_of
from engine.feel.errors import error_at
from engine.feel.naming import unknown_name
from engine.feel.parser import NO_TYPES, parse_expression, parse_unary_tests
from engine.feel.references import Reference, References, UnknownName
from engine.feel.runtime import FeelEnv, Run, Scope, too_deep
from engine.feel.syntax import Compare, Logic, Node, OperatorTest, Quantified, TypeName, UnaryTests, mentions, names_in
from engine.feel.values import RAW, Value, from_python

COMPILER_PARTS = (compiler_calls, compiler_loops)
_NO_NAMES: Mapping[str, Value] = {}
_CONDITIONS = (Compare, Logic, Quantified)


class Expression:
    """A compiled expression.

    ``references`` are the paths it reads; ``unknown`` the free names that were not among ``names``.
    """

    __slots__ = ("_closure", "_glance", "node", "references", "text", "unknown")

    def __init__(self, text: str, node: Node, found: References, coerce: Coerce | None = None) -> None:
        self.text = text
        self.node = node
        self.references: frozenset[Reference] = frozenset(found.paths)
        self.unknown: tuple[UnknownName, ...] = tuple(found.unknown)
        self._closure: Closure = compile_node(node, Static(coerce=coerce))
        self._glance = glance_of(node)

    def evaluate(self, context: Mapping[str, Value], env: FeelEnv) -> Value:
        """The value in ``context``; names it lacks are null.

        Raises: FeelError when the budget of ``env`` is used up.
        """
        try:
            if self._glance is not None and (answer := self._glance(context)) is not None:
                return answer
            return self._closure(Scope(_NO_NAMES, None, context, Run(env)))
        except RecursionError:
            raise too_deep() from None

    def run(self, context: Mapping[str, Value], run: Run) -> Value:
        """The same inside an evaluation that is already going on."""
        try:
            return self._closure(Scope(_NO_NAMES, None, context, run))
        except RecursionError:
            raise too_deep() from None


class Tests:
    """The compiled unary tests of one decision table cell."""

    __slots__ = ("_tests", "negated", "node", "references", "text", "unknown")

    def __init__(self, text: str, node: UnaryTests, found: References, coerce: Coerce | None = None) -> None:
        self.text = text
        self.node = node
        self.references: frozenset[Reference] = frozenset(found.paths)
        self.unknown: tuple[UnknownName, ...] = tuple(found.unknown)
        self.negated = node.negated
        static = Static(coerce=coerce)
        self._tests = None if node.tests is None else tuple(_cell_test(test, static) for test in node.tests)

    def evaluate(self, value: Value, context: Mapping[str, Value], env: FeelEnv) -> bool | None:
        """Does ``value`` pass? Raises: FeelError when the budget is used up."""
        return self.run(value, context, Run(env))

    def run(self, value: Value, context: Mapping[str, Value], run: Run) -> bool | None:
        """The same inside an evaluation that is already going on."""
        if self._tests is None:
            return True
        if value.__class__ in RAW:
            value = from_python(value)
        try:
            result = self._any(value, Scope({"?": value}, None, context, run))
        except RecursionError:
            raise too_deep() from None
        if self.negated:
            return None if result is None else not result
        return result

    def position(self, value: Value, run: Run) -> int:
        """The place of the first test that passes, from 0; the number of tests when none does."""
        tests = self._tests or ()
        scope = Scope({"?": value}, None, _NO_NAMES, run)
        return next((place for place, test in enumerate(tests) if test(value, scope) is True), len(tests))

    def _any(self, value: Value, scope: Scope) -> bool | None:
        answer: bool | None = False
        for test in self._tests or ():
            result = test(value, scope)
            if result is True:
                return True
            if result is None:
                answer = None
        return answer


def _cell_test(node: Node, static: Static) -> Callable[[Value, Scope], bool | None]:
    """One test of a cell: with ``?`` it is a condition of its own; without, or after an operator, it is compared. What
    compares variables is taken for a condition too unless the input is true or false itself.

    Source: DMN 1.5, 7.3.3 and grammar rules 7 to 9.
    """
    within = static.inner(frozenset("?"))
    if mentions(node, "?") and not isinstance(node, OperatorTest):
        condition = compile_node(node, within)
        return lambda value, scope: _as_boolean(condition(scope))
    check = compile_test(node, within)
    if not isinstance(node, _CONDITIONS) or all(name in BUILTINS for name in names_in(node)):
        return check
    closure = compile_node(node, within)

    def check_condition(value: Value, scope: Scope) -> bool | None:
        if value.__class__ is bool:
            return check(value, scope)
        return _as_boolean(closure(scope))

    return check_condition


def _as_boolean(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def compile_expression(
    text: str,
    names: Iterable[str] = (),
    *,
    members: Iterable[str] = (),
    types: Mapping[str, TypeName] = NO_TYPES,
    coerce: Coerce | None = None,
    strict: bool = False,
) -> Expression:
    """Compile one expression.

    ``names`` are the variables in scope, ``members`` further names that may follow a dot or stand in a filter; both
    only matter for names with spaces or symbols, and for ``unknown``. ``types`` are named types for ``instance of`` and
    parameters; ``coerce`` converts an argument to a named type where that says more than its structure. ``strict``
    refuses unknown names.
    Raises: FeelError with line and column.
    """
    known = tuple(names)
    node = parse_expression(text, known, members, types)
    found = References(known)
    found.visit(node, {})
    _refuse_unknown(text, found, strict)
    return Expression(text, node, found, coerce)


def compile_unary_tests(
    text: str,
    names: Iterable[str] = (),
    *,
    members: Iterable[str] = (),
    types: Mapping[str, TypeName] = NO_TYPES,
    coerce: Coerce | None = None,
    strict: bool = False,
) -> Tests:
    """Compile the unary tests of a cell, such as ``-``, ``< 5``, ``[1..3], 7`` or ``not("a")``.

    Raises: FeelError with line and column.
    """
    known = tuple(names)
    node = parse_unary_tests(text, known, members, types)
    found = References(known)
    for test in node.tests or ():
        found.visit(test, {})
    _refuse_unknown(text, found, strict)
    return Tests(text, node, found, coerce)


def _refuse_unknown(text: str, found: References, strict: bool) -> None:
    if strict and found.unknown:
        name, at = found.unknown[0]
        raise error_at(text, at, unknown_name(name, found.known), "feel_unknown_name")
