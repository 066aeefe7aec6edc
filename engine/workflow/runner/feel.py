"""FEEL of assignee rules, titles and record bindings, evaluated in the step's context."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.feel import Expression, FeelEnv, FeelError, compile_expression
from engine.feel.values import Value

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session


@lru_cache(maxsize=2048)
def compiled(text: str, names: tuple[str, ...]) -> Expression:
    """One expression, compiled once for a set of names. Raises: FeelError."""
    return compile_expression(text, names=names)


def evaluate(session: Session, text: str, context: Mapping[str, Value]) -> Value:
    """The value; null when the text cannot be compiled (the gate has said so at deploy)."""
    try:
        expression = compiled(text, tuple(sorted(context)))
    except FeelError:
        return None
    return expression.evaluate(context, FeelEnv(now=session.tx.now, zone=session.zone))


def path_value(session: Session, context: Mapping[str, Value], path: str) -> Value:
    """The value at a dotted path; a path that starts at no variable is one of the bound record."""
    first, *rest = path.split(".")
    if first in ("record", session.row.record_object) and first not in context:
        current: Value = session.record_values()
    else:
        current = context[first] if first in context else session.record_values().get(first)
    for part in rest:
        current = current.get(part) if isinstance(current, Mapping) else None
    return current
