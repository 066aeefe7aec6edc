"""What an expression reads: the paths of its free names, for permission checks, renames and gates.

A loop's name stands for the list it runs over, so ``for l in lines return l.amount`` reads ``lines.amount``.
Inside a filter a name that is not known outside belongs to the element: ``lines[amount > 5]`` reads ``lines.amount``.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import NamedTuple

from engine.feel.builtins import BUILTINS
from engine.feel.syntax import (
    Call,
    Entries,
    Filter,
    For,
    Function,
    Name,
    Node,
    Path,
    Quantified,
)

Reference = tuple[str, ...]
Locals = dict[str, Reference | None]


class UnknownName(NamedTuple):
    """A name that nothing declares; ``at`` is its 0-based offset."""

    name: str
    at: int


class References:
    """Collects the paths of one tree."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = frozenset(known)
        self.paths: set[Reference] = set()
        self.unknown: list[UnknownName] = []

    def visit(self, node: Node, local: Locals, item: Reference | None = None) -> None:
        """Collect the paths of ``node`` and below."""
        path = self._resolve(node, local, item)
        if path:
            self.paths.add(path)

    def _resolve(self, node: Node, local: Locals, item: Reference | None) -> Reference | None:
        """Collect below ``node``; gives the path that the node itself stands for, without collecting it."""
        if isinstance(node, Name):
            return self._name(node, local, item)
        if isinstance(node, Path):
            base = self._resolve(node.base, local, item)
            return (*base, node.name) if base else None
        if isinstance(node, Filter):
            base = self._resolve(node.base, local, item)
            self.visit(node.condition, {**local, "item": base}, base or ())
            return base
        if isinstance(node, For | Quantified):
            self._loop(node, local, item)
        else:
            self._other(node, local, item)
        return None

    def _loop(self, node: For | Quantified, local: Locals, item: Reference | None) -> None:
        inner: Locals = dict(local)
        sources: list[Reference] = []
        for iterator in node.iterators:
            source = self._resolve(iterator.source, inner, item)
            if source and iterator.end is None:
                sources.append(source)
            elif source:
                self.paths.add(source)
            if iterator.end is not None:
                self.visit(iterator.end, inner, item)
            inner[iterator.name] = source
        self.visit(node.body if isinstance(node, For) else node.condition, {**inner, "partial": None}, item)
        for source in sources:
            if not any(path[: len(source)] == source for path in self.paths):
                self.paths.add(source)

    def _name(self, node: Name, local: Locals, item: Reference | None) -> Reference | None:
        name = node.name
        if name in local:
            return local[name]
        if item is not None and name not in self.known and name not in BUILTINS:
            return (*item, name) if item else None
        if name == "?" or (name in BUILTINS and name not in self.known):
            return None
        if name not in self.known:
            self.unknown.append(UnknownName(name, node.at))
        if item:
            self.paths.add((*item, name))
        return (name,)

    def _other(self, node: Node, local: Locals, item: Reference | None) -> None:
        if isinstance(node, Entries):
            inner: Locals = {**local, **dict.fromkeys((key for key, _ in node.entries), None)}
            for _, value in node.entries:
                self.visit(value, inner, item)
        elif isinstance(node, Function):
            names = dict.fromkeys((parameter.name for parameter in node.parameters), None)
            self.visit(node.body, {**local, **names}, item)
        else:
            if isinstance(node, Call) and isinstance(node.callee, Name):
                self._callee(node.callee, local, item)
            for child in _children(node):
                self.visit(child, local, item)

    def _callee(self, callee: Name, local: Locals, item: Reference | None) -> None:
        if callee.name not in BUILTINS:
            self.visit(callee, local, item)


def _children(node: Node) -> Iterable[Node]:
    for field in fields(node):
        if isinstance(node, Call) and field.name == "callee" and isinstance(node.callee, Name):
            continue
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, Node))
