"""What can be said of the type of an expression without running it, and which types conform to which.

Functions are values whose results nobody has seen yet, so that ``instance of function<…> -> …`` needs both.
Source: DMN 1.5, 10.3.2.9.1 to 10.3.2.9.3 (lattice, equivalence and conformance of types).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.feel.syntax import (
    Arithmetic,
    Between,
    Compare,
    Descendants,
    Entries,
    For,
    Function,
    If,
    In,
    InstanceOf,
    Interval,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Quantified,
    TypeName,
)
from engine.feel.values import kind

ANY = TypeName("Any")
UNKNOWN = TypeName("?")
"""Nothing is known: it conforms to every type and every type to it."""
Known = Mapping[str, TypeName]
_Asked = set[tuple[int, int]]
_BOOLEAN = TypeName("boolean")


def function_type(parameters: Sequence[TypeName], result: TypeName) -> TypeName:
    """``function<parameters> -> result``."""
    return TypeName("function", (*parameters, result), ("->",))


def parts_of(function: TypeName) -> tuple[tuple[TypeName, ...], TypeName]:
    """The parameters and the result of a function type; a result that is not named is Any."""
    if "->" in function.members:
        return function.arguments[:-1], function.arguments[-1]
    return function.arguments, ANY


def is_conforming(found: TypeName, wanted: TypeName, asked: _Asked | None = None) -> bool:
    """Does every value of the type ``found`` conform to ``wanted``? ``asked`` are the pairs of parts that were looked
    at before: types share parts, and the first that does not conform ends the whole question."""
    if found is wanted or UNKNOWN in (found, wanted) or wanted.name == "Any" or found.name == "Null":
        return True
    if found.name != wanted.name:
        return False
    asked = set() if asked is None else asked
    pair = (id(found), id(wanted))
    if pair in asked or not (wanted.arguments or wanted.members):
        return True
    asked.add(pair)
    if wanted.name == "context":
        parts = dict(zip(found.members, found.arguments, strict=True))
        pairs = zip(wanted.members, wanted.arguments, strict=True)
        return all(name in parts and is_conforming(parts[name], part, asked) for name, part in pairs)
    if wanted.name == "function":
        return _functions_conform(found, wanted, asked)
    return is_conforming(found.arguments[0] if found.arguments else ANY, wanted.arguments[0], asked)


def _functions_conform(found: TypeName, wanted: TypeName, asked: _Asked) -> bool:
    """Parameters conform the other way round: a function may take more than it is asked to."""
    (takes, gives), (given, expected) = parts_of(found), parts_of(wanted)
    if len(takes) != len(given) or not is_conforming(gives, expected, asked):
        return False
    return all(is_conforming(offered, taken, asked) for offered, taken in zip(given, takes, strict=True))


def joined(types: Sequence[TypeName]) -> TypeName:
    """One type for all, as a list literal has one: equal parts stay, others are Any. UNKNOWN for none."""
    if not types or UNKNOWN in types:
        return UNKNOWN
    first = types[0]
    if all(one is first or _is_same(one, first) for one in types):
        return first
    if all(one.name == "function" for one in types) and len({len(one.arguments) for one in types}) == 1:
        parts = zip(*((*parts_of(one)[0], parts_of(one)[1]) for one in types), strict=True)
        *parameters, result = (joined(part) for part in parts)
        return function_type(parameters, result)
    return ANY


def _is_same(one: TypeName, other: TypeName) -> bool:
    return is_conforming(one, other) and is_conforming(other, one)


def type_of(node: Node, known: Known) -> TypeName:
    """The type of the expression where names have the types ``known``; UNKNOWN when only running it would tell."""
    reader = _READERS.get(node.__class__)
    return reader(node, known) if reader is not None else UNKNOWN


def _literal(node: Literal, known: Known) -> TypeName:
    return UNKNOWN if node.value is None else TypeName(kind(node.value))


def _entries(node: Entries, known: Known) -> TypeName:
    inner = dict(known)
    for key, value in node.entries:
        inner[key] = type_of(value, inner)
    keys = tuple(key for key, _ in node.entries)
    return TypeName("context", tuple(inner[key] for key in keys), keys)


def _items(node: Items, known: Known) -> TypeName:
    return TypeName("list", (joined([type_of(item, known) for item in node.items]),))


def _interval(node: Interval, known: Known) -> TypeName:
    bounds = [type_of(bound, known) for bound in (node.start, node.end) if bound is not None]
    return TypeName("range", (joined(bounds),))


def _arithmetic(node: Arithmetic, known: Known) -> TypeName:
    left, right = type_of(node.left, known).name, type_of(node.right, known).name
    if left == right and (left == "number" or (left == "string" and node.operator == "+")):
        return TypeName(left)
    return UNKNOWN


def _for(node: For, known: Known) -> TypeName:
    inner = {**known, **{one.name: UNKNOWN for one in node.iterators}, "partial": UNKNOWN}
    return TypeName("list", (type_of(node.body, inner),))


def _function(node: Function, known: Known) -> TypeName:
    own = {parameter.name: parameter.type or ANY for parameter in node.parameters}
    names = {name: UNKNOWN if declared == ANY else declared for name, declared in own.items()}
    result = UNKNOWN if node.external else type_of(node.body, {**known, **names})
    return function_type(tuple(own.values()), result)


_READERS: dict[type[Node], Callable[[Any, Known], TypeName]] = {
    Literal: _literal,
    Name: lambda node, known: known.get(node.name, UNKNOWN),
    Entries: _entries,
    Items: _items,
    Descendants: lambda node, known: TypeName("list", (UNKNOWN,)),
    Interval: _interval,
    Arithmetic: _arithmetic,
    For: _for,
    Function: _function,
    If: lambda node, known: joined([type_of(node.then, known), type_of(node.otherwise, known)]),
    **dict.fromkeys((Compare, Logic, Between, In, InstanceOf, Quantified), lambda node, known: _BOOLEAN),
}
