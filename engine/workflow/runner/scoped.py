"""The variables an activation sees: the process's, then those of sub-processes and rounds around it, then its own."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.values import Value
from engine.workflow.interpreter.large import merged
from engine.workflow.interpreter.state import ROOT, State


def variables_at(state: State, activation: int) -> dict[str, Value]:
    """By name, inner ones first; of an activation that has gone, the process's."""
    token = state.tokens.get(activation)
    if token is None or (token.scope == ROOT and not token.parent and not token.vars):
        return state.variables
    found: list[Mapping[str, Value]] = []
    while token is not None:
        found.append(token.vars or {})
        if token.parent:
            token = state.tokens.get(token.parent)
            continue
        scope = state.scopes.get(token.scope)
        if scope is None or scope.id == ROOT:
            break
        found.append(scope.vars)
        token = state.tokens.get(scope.owner)
    return merged(state.variables, *reversed(found))
