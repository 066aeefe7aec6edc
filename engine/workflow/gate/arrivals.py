"""What a condition of a complex gateway says of arrivals alone, while nobody knows the data (BPMN 2.0.2 10.6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.feel import Expression, FeelEnv, FeelError, compile_expression
from engine.feel.references import References
from engine.feel.syntax import Call, Logic, Name, Node

_AT = FeelEnv(now=datetime(2000, 1, 1, tzinfo=UTC))
_SEEN = ("activationCount", "waitingForStart")


class Arrivals:
    """A condition over the tokens of these flows."""

    def __init__(self, text: str, flows: Collection[str]) -> None:
        self._names = (*flows, *_SEEN)
        try:
            self._root: Node | None = compile_expression(text.strip().removeprefix("="), names=self._names).node
        except FeelError:
            self._root = None

    def holds(self, facts: Mapping[str, Any]) -> bool | None:
        """Of these tokens; None when that depends on data."""
        return None if self._root is None else self._verdict(self._root, facts)

    def _verdict(self, node: Node, facts: Mapping[str, Any]) -> bool | None:
        if isinstance(node, Logic):
            found = [self._verdict(one, facts) for one in node.operands]
            deciding = node.operator == "or"
            return deciding if deciding in found else None if None in found else not deciding
        if isinstance(node, Call) and isinstance(node.callee, Name) and node.callee.name == "not":
            inner = self._verdict(node.arguments[0], facts) if len(node.arguments) == 1 else None
            return None if inner is None else not inner
        return self._asked(node, facts)

    def _asked(self, node: Node, facts: Mapping[str, Any]) -> bool | None:
        read = References(self._names)
        read.visit(node, {})
        if read.unknown:
            return None
        try:
            return Expression("", node, read).evaluate(facts, _AT) is True
        except FeelError:
            return None
