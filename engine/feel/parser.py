"""Tokens to tree: a Pratt parser. Source: DMN 1.5, 10.3.1.2 (grammar), 10.3.2.13 (intervals and tests)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.feel.cursor import MAX_NESTING, Cursor
from engine.feel.lexer import string_value
from engine.feel.primaries import Primaries
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Compare,
    Descendants,
    Filter,
    In,
    InstanceOf,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    OperatorTest,
    Path,
    TestGroup,
    TypeName,
    UnaryTests,
)
from engine.feel.temporal_literals import parse_at_literal
from engine.feel.typenames import read_type
from engine.feel.values import number
from engine.kernel.text import Text

_POWER = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "between": 3, "in": 3, "instance": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "**": 7, ".": 9, "...": 9, "[": 9, "(": 9,
}  # fmt: skip
NO_TYPES: Mapping[str, TypeName] = {}
_ADDITIVE = 5
_NEGATION = 8
_OPEN_RANGES = frozenset(["<", "<=", ">", ">="])
_SLIPS = frozenset(["<>", "=>", "=<"])
_TESTS = frozenset(["<", "<=", ">", ">=", "=", "!="])
_CANNOT_START = frozenset(
    [")", "]", "}", ",", ":", "..", "=", "!=", "<", "<=", ">", ">=", "*", "/", "+", "**", ".", "..."]
)
_CANNOT_START_WORDS = frozenset(["and", "or", "then", "else", "return", "satisfies", "in", "between"])


class Parser(Primaries):
    """One text being read."""

    def whole_expression(self) -> Node:
        """The text as one expression. Raises: FeelError."""
        node = self.expression()
        if self.token.kind != "end":
            self.fail(Text("表达式应在此结束", "Expected the end of the expression"))
        return node

    def whole_tests(self) -> UnaryTests:
        """The text as the unary tests of a decision table cell. Raises: FeelError."""
        at = self.token.at
        if self.at_symbol("-") and self.peek().kind == "end":
            return UnaryTests(at, None, False)
        negated = self._is_negated()
        if negated:
            self.advance(2)
        tests = self._cell_tests()
        while self.accept(","):
            tests += self._cell_tests()
        if negated:
            self.expect(")")
        if self.token.kind != "end":
            self.fail(Text("条件应在此结束", "Expected the end of the tests"))
        return UnaryTests(at, tests, negated)

    def _cell_tests(self) -> list[Node]:
        """One test, or several in brackets."""
        self.group_allowed = self.at_symbol("(")
        found = self.test()
        return found.tests if isinstance(found, TestGroup) else [found]

    def _is_negated(self) -> bool:
        """Does one ``not( … )`` cover the whole text?"""
        if not (self.at_word("not") and self.peek().text == "("):
            return False
        depth = 0
        for position in range(self.index + 1, len(self.tokens) - 1):
            token = self.tokens[position]
            if token.kind == "symbol":
                depth += (token.text == "(") - (token.text == ")")
            if depth == 0:
                return self.tokens[position + 1].kind == "end"
        return False

    def test(self) -> Node:
        """One positive unary test."""
        if self.token.kind == "symbol" and self.token.text in _TESTS:
            operator = self.advance()
            return OperatorTest(operator.at, operator.text, self.expression(_ADDITIVE))
        return self.expression()

    def expression(self, power: int = 1) -> Node:
        """An expression of operators that bind at least as tightly as ``power``."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.too_deep()
        left = self._prefix()
        while True:
            kind, operator = self.token.kind, self.token.text
            binding = _POWER.get(operator, 0) if kind in ("symbol", "name") else 0
            if binding < power or (operator == "[" and self.closing_bracket()):
                break
            if operator == "instance" and not self.at_instance_of():
                break
            left = self._infix(left, operator, binding)
        self.nesting -= 1
        return left

    def closing_bracket(self) -> bool:
        """In ``[1..5[`` the bracket closes: nothing that can start an expression follows it."""
        if not self.in_interval:
            return False
        following = self.peek()
        if following.kind == "symbol":
            return following.text in _CANNOT_START
        return following.kind == "end" or following.text in _CANNOT_START_WORDS

    def _infix(self, left: Node, operator: str, binding: int) -> Node:
        height = self.height
        at = self.advance().at
        if operator in ("and", "or"):
            return self._logic(left, operator, binding, at, height)
        node: Node
        if operator == "[":
            node = Filter(at, left, self.inside(self.expression))
            self.expect("]")
        elif operator == "(":
            node = Call(at, left, *self.arguments())
        elif operator == ".":
            node, self.height = Path(at, left, self.read_member()), 1
        elif operator == "...":
            node = Descendants(at, left, self.read_member())
        elif operator == "between":
            low = self.expression(_ADDITIVE)
            height = max(height, self.height)
            self.expect("and")
            node = Between(at, left, low, self.expression(_ADDITIVE))
        elif operator == "in":
            node = In(at, left, self._in_tests())
        elif operator == "instance":
            self.advance()
            node, self.height = InstanceOf(at, left, read_type(self)), 1
        elif binding == 3:
            node = Compare(at, operator, left, self.expression(binding + 1))
        else:
            node = Arithmetic(at, operator, left, self.expression(binding + 1))
        self.grow(max(height, self.height) + 1)
        return node

    def _logic(self, left: Node, operator: str, binding: int, at: int, height: int) -> Node:
        operands = [left, self.expression(binding + 1)]
        height = max(height, self.height)
        while self.at_word(operator):
            self.advance()
            operands.append(self.expression(binding + 1))
            height = max(height, self.height)
        self.grow(height + 1)
        return Logic(at, operator, operands)

    def _in_tests(self) -> list[Node]:
        if self.token.kind == "symbol" and self.token.text in _TESTS:
            return [self.test()]
        self.group_allowed = self.at_symbol("(")
        found = self.expression(_ADDITIVE)
        return found.tests if isinstance(found, TestGroup) else [found]

    def _prefix(self) -> Node:
        token = self.token
        if token.kind == "name" or (token.kind == "symbol" and self.names.match(self.tokens, self.index)):
            return self.word()
        group_allowed, self.group_allowed = self.group_allowed, False
        self.height = 1
        if token.kind == "number":
            self.advance()
            return Literal(token.at, self._number(token.text))
        if token.kind == "string":
            self.advance()
            return Literal(token.at, string_value(token.text))
        if token.kind == "at":
            self.advance()
            return Literal(token.at, parse_at_literal(string_value(token.text[1:].lstrip())))
        if token.text == "-":
            self.advance()
            operand = self.expression(_NEGATION)
            if isinstance(operand, Literal) and isinstance(operand.value, Decimal):
                return Literal(token.at, operand.value and operand.value.copy_negate())
            self.grow(self.height + 1)
            return Negate(token.at, operand)
        if token.text == "?":
            self.advance()
            return Name(token.at, "?")
        if token.kind == "symbol" and token.text in _OPEN_RANGES:
            if self._is_slip():
                self.fail(Text("应为一个值", "Expected a value"))
            return self.open_range()
        return self.bracketed(group_allowed)

    def _is_slip(self) -> bool:
        """``<>``, ``=>`` and ``=<`` without a space are meant as one operator, not as a comparison with a range."""
        before = self.tokens[self.index - 1]
        return self.index > 0 and before.end == self.token.at and before.text + self.token.text in _SLIPS

    def _number(self, text: str) -> Decimal | None:
        try:
            return number(text)
        except ArithmeticError:
            return None


def parse_expression(
    text: str,
    names: Iterable[str] = (),
    members: Iterable[str] = (),
    types: Mapping[str, TypeName] = NO_TYPES,
) -> Node:
    """The tree of one expression. Raises: FeelError."""
    return Parser(text, names, members, types).whole_expression()


def parse_unary_tests(
    text: str,
    names: Iterable[str] = (),
    members: Iterable[str] = (),
    types: Mapping[str, TypeName] = NO_TYPES,
) -> UnaryTests:
    """The tree of the unary tests of one cell. Raises: FeelError."""
    return Parser(text, names, members, types).whole_tests()


__all__ = ["Cursor", "Parser", "parse_expression", "parse_unary_tests"]
