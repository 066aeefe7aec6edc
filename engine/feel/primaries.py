"""The parts of an expression that a word or a bracket starts. Source: DMN 1.5, 10.3.1.2."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from engine.feel.cursor import KEY_SYMBOLS, Cursor
from engine.feel.keywords import KEYWORDS
from engine.feel.syntax import (
    Entries,
    For,
    Function,
    If,
    Interval,
    Items,
    Iterator,
    Literal,
    Name,
    Node,
    OperatorTest,
    Parameter,
    Quantified,
    TestGroup,
    TypeName,
)
from engine.feel.typenames import read_reference
from engine.kernel.text import Text

T = TypeVar("T")
_CONSTANTS = {"null": None, "true": True, "false": False}
_BOUNDS = frozenset(["<", "<=", ">", ">=", "=", "!="])


class Primaries(Cursor, ABC):
    """Reads what a keyword, a name or a bracket starts; the parser adds the operators."""

    def __init__(self, text: str, names: Iterable[str], members: Iterable[str], types: Mapping[str, TypeName]) -> None:
        super().__init__(text, names, members, types)
        self.in_interval = False
        self.group_allowed = False

    @abstractmethod
    def expression(self, power: int = 1) -> Node:
        """An expression of operators that bind at least as tightly as ``power``."""

    @abstractmethod
    def test(self) -> Node:
        """One positive unary test."""

    def inside(self, read: Callable[[], T]) -> T:
        """Read something between brackets, where the open end of an outer interval has no say."""
        before, self.in_interval = self.in_interval, False
        result = read()
        self.in_interval = before
        return result

    def word(self) -> Node:
        """A name, a constant or one of the forms that a keyword starts."""
        token, self.group_allowed, self.height = self.token, False, 1
        if self.names.match(self.tokens, self.index) is None:
            word = token.text
            if word in _CONSTANTS:
                self.advance()
                return Literal(token.at, _CONSTANTS[word])
            form = _FORMS.get(word)
            if form is not None:
                self.advance()
                node = self.inside(lambda: form(self, token.at))
                self.grow(self.height + 1)
                return node
            if word in KEYWORDS:
                self.fail(Text("应为一个值", "Expected a value"))
        return Name(token.at, self.read_name())

    def bracketed(self, group_allowed: bool) -> Node:
        """``( … )``, ``[ … ]``, ``{ … }`` or an interval."""
        token = self.token
        if token.kind == "symbol":
            if token.text == "{":
                return self.inside(self._entries)
            if token.text == "(":
                return self.inside(lambda: self._parenthesis(group_allowed))
            if token.text == "[":
                return self.inside(self._items)
            if token.text == "]":
                self.advance()
                return self._interval_from(token.at, self.inside(self.expression), False)
        return self.fail(Text("应为一个值", "Expected a value"))

    def open_range(self) -> Node:
        """``>= 5`` as a value: the range without an end. Source: DMN 1.5, 10.3.2.7."""
        return _bound_interval(self.test())

    def _parenthesis(self, group_allowed: bool) -> Node:
        at = self.advance().at
        if self.token.kind == "symbol" and self.token.text in _BOUNDS:
            first = self.test()
            if not group_allowed and not self.at_symbol(","):
                self.expect(")")
                return _bound_interval(first)
        else:
            first = self.expression()
        if self.at_symbol(".."):
            return self._interval_from(at, first, False)
        if not (group_allowed and (self.at_symbol(",") or isinstance(first, OperatorTest))):
            self.expect(")")
            return first
        tests, height = [first], self.height
        while self.accept(","):
            tests.append(self.test())
            height = max(height, self.height)
        self.expect(")")
        self.grow(height + 1)
        return TestGroup(at, tests)

    def _items(self) -> Node:
        at = self.advance().at
        items: list[Node] = []
        height = 1
        if not self.at_symbol("]"):
            items.append(self.expression())
            if self.at_symbol(".."):
                return self._interval_from(at, items[0], True)
            height = self.height
            while self.accept(","):
                items.append(self.expression())
                height = max(height, self.height)
        self.expect("]")
        self.grow(height + 1)
        return Items(at, items)

    def _interval_from(self, at: int, start: Node, start_included: bool) -> Node:
        height = self.height
        self.expect("..")
        before, self.in_interval = self.in_interval, True
        end = self.expression()
        self.in_interval = before
        if self.token.kind != "symbol" or self.token.text not in (")", "]", "["):
            self.fail(Text("区间应以 ) ] 或 [ 结束", "Expected ), ] or [ at the end of the interval"))
        end_included = self.advance().text == "]"
        self.grow(max(height, self.height) + 1)
        return Interval(at, start, end, start_included, end_included)

    def _entries(self) -> Node:
        at = self.advance().at
        entries: list[tuple[str, Node]] = []
        height = 1
        while not self.at_symbol("}"):
            is_name = self.token.kind != "string"
            key = self.read_key()
            self.expect(":")
            if is_name:
                self.names.add((key,))
            entries.append((key, self.expression()))
            height = max(height, self.height)
            if not self.accept(","):
                break
        self.expect("}")
        self.grow(height + 1)
        return Entries(at, entries)

    def arguments(self) -> tuple[list[Node], list[str] | None]:
        """The arguments of a call after its opening parenthesis, with their names when they are named."""
        return self.inside(self._arguments)

    def _arguments(self) -> tuple[list[Node], list[str] | None]:
        nodes: list[Node] = []
        names: list[str] = []
        height = 1
        named = self._at_named_argument()
        while not self.at_symbol(")"):
            if named:
                names.append(self.read_key())
                self.expect(":")
            nodes.append(self.expression())
            height = max(height, self.height)
            if not self.accept(","):
                break
        self.expect(")")
        self.height = height
        return nodes, names if named else None

    def _at_named_argument(self) -> bool:
        index = self.index
        if self.tokens[index].kind != "name":
            return False
        while self.tokens[index].kind in ("name", "number") or self.tokens[index].text in KEY_SYMBOLS:
            index += 1
        return self.tokens[index].text == ":" and self.tokens[index].kind == "symbol"

    def iterators(self) -> list[Iterator]:
        """``x in e, y in a..b``"""
        found: list[Iterator] = []
        while True:
            name = self.read_name()
            self.names.add((name,))
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            found.append(Iterator(name, source, end))
            if not self.accept(","):
                return found

    def parameters(self) -> list[Parameter]:
        """``(a, b: number)``"""
        self.expect("(")
        found: list[Parameter] = []
        while not self.at_symbol(")"):
            name = self.read_name()
            self.names.add((name,))
            found.append(Parameter(name, *(read_reference(self) if self.accept(":") else (None, ""))))
            if not self.accept(","):
                break
        self.expect(")")
        return found


def _bound_interval(test: Node) -> Node:
    """``(< 5)`` as a value. Source: DMN 1.5, 10.3.2.7."""
    if not isinstance(test, OperatorTest):
        return TestGroup(test.at, [test])
    operator, operand, at = test.operator, test.operand, test.at
    if operator in ("=", "!="):
        return Interval(at, operand, operand, operator == "=", operator == "=", operator)
    if operator[0] == "<":
        return Interval(at, None, operand, False, operator == "<=")
    return Interval(at, operand, None, operator == ">=", False)


def _read_if(parser: Primaries, at: int) -> Node:
    condition = parser.expression()
    height = parser.height
    parser.expect("then")
    then = parser.expression()
    height = max(height, parser.height)
    parser.expect("else")
    otherwise = parser.expression()
    parser.grow(max(height, parser.height))
    return If(at, condition, then, otherwise)


def _read_for(parser: Primaries, at: int) -> Node:
    iterators = parser.iterators()
    height = parser.height
    parser.expect("return")
    body = parser.expression()
    parser.grow(max(height, parser.height) + len(iterators))
    return For(at, iterators, body)


def _read_quantified(parser: Primaries, at: int, every: bool) -> Node:
    iterators = parser.iterators()
    height = parser.height
    parser.expect("satisfies")
    condition = parser.expression()
    parser.grow(max(height, parser.height) + len(iterators))
    return Quantified(at, every, iterators, condition)


def _read_function(parser: Primaries, at: int) -> Node:
    parameters = parser.parameters()
    external = parser.at_word("external")
    if external:
        parser.advance()
    return Function(at, parameters, parser.expression(), external)


_FORMS: dict[str, Callable[[Primaries, int], Node]] = {
    "if": _read_if,
    "for": _read_for,
    "some": lambda parser, at: _read_quantified(parser, at, False),
    "every": lambda parser, at: _read_quantified(parser, at, True),
    "function": _read_function,
}
