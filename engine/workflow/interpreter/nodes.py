"""Which nodes a state names, and giving them other names: for going over to another version of the process."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from engine.workflow.interpreter.state import State


def named(state: State, calls: Container[str]) -> list[str]:
    """Where tokens, armed events, joins and scopes stand, and what may still be compensated; each node once.

    calls: the call activities; what was completed behind them names nodes of another process.
    """
    nodes = [token.node for token in state.tokens.values()]
    nodes += [arm.node for arm in state.arms.values()]
    nodes += [gateway for scope in state.scopes.values() for gateway in scope.joins]
    nodes += [scope.node for scope in state.scopes.values() if scope.owner]
    nodes += [entry[place] for entry, place in _entries(state, calls)]
    return list(dict.fromkeys(nodes))


def rename(state: State, mapping: Mapping[str, str], calls: Container[str]) -> None:
    """Put everything that names an old node on the new one, in place."""
    entries = list(_entries(state, calls))
    for entry, place in entries:
        entry[place] = mapping.get(entry[place], entry[place])
    for token in state.tokens.values():
        token.node = mapping.get(token.node, token.node)
    for arm in state.arms.values():
        arm.node = mapping.get(arm.node, arm.node)
    for scope in state.scopes.values():
        scope.node = mapping.get(scope.node, scope.node)
        scope.joins = {mapping.get(gateway, gateway): flows for gateway, flows in scope.joins.items()}
        scope.left = _left(scope.left, mapping)


def _left(left: Mapping[str, list[Any]], mapping: Mapping[str, str]) -> dict[str, list[Any]]:
    return {mapping.get(node, node): [values, _left(inside, mapping)] for node, (values, inside) in left.items()}


def _entries(state: State, calls: Container[str]) -> Iterator[tuple[list[Any], int]]:
    """Every compensation record and every piece of a compensation's work, with the place of its node."""
    for scope in state.scopes.values():
        yield from _records(scope.undo, calls)
    for token in state.tokens.values():
        facts = token.data or {}
        for kind in ("undo", "inside", "kept"):
            yield from _records(facts.get(kind, ()), calls)
        for piece in facts.get("work", ()):
            yield piece, 1
            if piece[1] not in calls:
                yield from _records(piece[4] or (), calls)


def _records(records: Any, calls: Container[str]) -> Iterator[tuple[list[Any], int]]:
    for record in records:
        yield record, 0
        if record[0] not in calls:
            yield from _records(record[2] or (), calls)
