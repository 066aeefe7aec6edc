"""The tree that the parser builds. ``at`` is the 0-based offset in the text."""

from collections.abc import Iterator as Iterates
from dataclasses import dataclass
from typing import NamedTuple

from engine.feel.values import Value


@dataclass(slots=True)
class Node:
    """Any node."""

    at: int


@dataclass(slots=True)
class Literal(Node):
    value: Value


@dataclass(slots=True)
class Name(Node):
    name: str


@dataclass(slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(slots=True)
class Descendants(Node):
    """``base...name``: all values of this name, however deep."""

    base: Node
    name: str


@dataclass(slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(slots=True)
class Call(Node):
    callee: Node
    arguments: list[Node]
    names: list[str] | None


@dataclass(slots=True)
class Negate(Node):
    operand: Node


@dataclass(slots=True)
class Arithmetic(Node):
    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Compare(Node):
    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Logic(Node):
    """``and`` / ``or`` over two or more operands."""

    operator: str
    operands: list[Node]


@dataclass(slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(slots=True)
class OperatorTest(Node):
    """``< e`` as a unary test: the left side is the tested value."""

    operator: str
    operand: Node


@dataclass(slots=True)
class TestGroup(Node):
    """``(a, < b)`` on the right of ``in``."""

    tests: list[Node]


@dataclass(slots=True)
class In(Node):
    """``operand in tests``: true when one of them holds."""

    operand: Node
    tests: list[Node]


@dataclass(slots=True)
class Interval(Node):
    start: Node | None
    end: Node | None
    start_included: bool
    end_included: bool
    operator: str = ""


@dataclass(slots=True)
class Items(Node):
    items: list[Node]


@dataclass(slots=True)
class Entries(Node):
    entries: list[tuple[str, Node]]


class TypeName(NamedTuple):
    """``list<number>`` is ``TypeName("list", (TypeName("number"),))``; context members and parameters are named."""

    name: str
    arguments: tuple["TypeName", ...] = ()
    members: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"TypeName({self.name!r})"


class Parameter(NamedTuple):
    """``reference`` is the name of the type when it is one of those given to the parser."""

    name: str
    type: TypeName | None
    reference: str = ""


@dataclass(slots=True)
class Function(Node):
    parameters: list[Parameter]
    body: Node
    external: bool


@dataclass(slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


class Iterator(NamedTuple):
    name: str
    source: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    iterators: list[Iterator]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    every: bool
    iterators: list[Iterator]
    condition: Node


@dataclass(slots=True)
class InstanceOf(Node):
    operand: Node
    type: TypeName


@dataclass(slots=True)
class UnaryTests(Node):
    """``tests`` is None for ``-``: everything passes."""

    tests: list[Node] | None
    negated: bool


def mentions(node: Node, name: str) -> bool:
    """Does this name stand anywhere in the tree?"""
    return name in names_in(node)


def names_in(node: Node) -> Iterates[str]:
    """The names that stand anywhere in the tree, those of functions that are called included."""
    pending: list[object] = [node]
    while pending:
        at = pending.pop()
        if isinstance(at, Name):
            yield at.name
        elif isinstance(at, Node):
            pending.extend(getattr(at, slot) for slot in at.__dataclass_fields__)
        elif isinstance(at, list | tuple) and not isinstance(at, TypeName):
            pending.extend(at)
