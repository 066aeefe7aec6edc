"""Texts of a model that yield values: FEEL, literals, and what a broken one becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol

from engine.feel import Expression, FeelEnv, FeelError, compile_expression
from engine.feel.syntax import Call, Node, Path, TypeName
from engine.feel.syntax import Literal as Constant
from engine.feel.syntax import Name as Called
from engine.feel.values import Value
from engine.kernel.text import Text


class Source(Protocol):
    """Something that yields a value in a context. Raises: FeelError."""

    def evaluate(self, context: Mapping[str, Value], env: FeelEnv) -> Value:
        """The value."""


class Literal:
    """A text that stands for itself."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def evaluate(self, context: Mapping[str, Value], env: FeelEnv) -> Value:
        """The value, whatever the context."""
        return self.value


class Name:
    """One variable, by a name FEEL need not be able to spell."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def evaluate(self, context: Mapping[str, Value], env: FeelEnv) -> Value:
        """The variable, or None."""
        return context.get(self.name)


class Broken:
    """An expression that cannot be parsed: harmless until evaluated (the gate refuses it before)."""

    __slots__ = ("error",)

    def __init__(self, error: FeelError) -> None:
        self.error = error

    def evaluate(self, context: Mapping[str, Value], env: FeelEnv) -> Value:
        """Never a value. Raises: FeelError."""
        raise FeelError(Text(self.error.message.zh, self.error.message.en), code=self.error.code)


@lru_cache(maxsize=20_000)
def feel(text: str, names: tuple[str, ...] = ()) -> Source:
    """The compiled FEEL text (a leading `=` is dropped), or what is broken about it."""
    try:
        return compile_expression(text.strip().removeprefix("=").strip(), names=names)
    except FeelError as error:
        return Broken(error)


def unknown_functions(source: Source) -> tuple[str, ...]:
    """Functions it calls that neither FEEL knows nor the text itself defines; data holds none."""
    if not isinstance(source, Expression):
        return ()
    free = {one.name for one in source.unknown}
    return tuple(sorted({name for name in _called(source.node) if name.partition(".")[0] in free}))


def _called(root: Node) -> Iterator[str]:
    """What it calls as functions, in no order: names, or paths of names; types are left out, for they share parts."""
    pending: list[object] = [root]
    while pending:
        at = pending.pop()
        if isinstance(at, Call) and (name := _dotted(at.callee)):
            yield name
        if isinstance(at, Node):
            pending.extend(getattr(at, slot) for slot in at.__dataclass_fields__)
        elif isinstance(at, list | tuple) and not isinstance(at, TypeName):
            pending.extend(at)


def _dotted(node: Node) -> str:
    parts: list[str] = []
    while isinstance(node, Path):
        parts.append(node.name)
        node = node.base
    return ".".join([node.name, *reversed(parts)]) if isinstance(node, Called) else ""


def spelled(text: str) -> str:
    """The text as it stands, of FEEL that is nothing but a text between quotes (`="paid"`) what is between them."""
    source = feel(text) if text.startswith("=") else None
    node = source.node if isinstance(source, Expression) else None
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else text


def value(text: str, names: tuple[str, ...] = ()) -> Source:
    """An extension's text: FEEL when it starts with `=`, else itself."""
    return feel(text, names) if text.lstrip().startswith("=") else Literal(text)
