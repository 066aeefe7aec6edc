"""Rounds of loops and multi-instance sub-processes an activation stands in: other rounds decide the same nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.interpreter.state import ROOT, State

Rounds = tuple[int, ...]

_OF_TASKS = "select id, rounds from user_task where instance_id = %(id)s and rounds <> '{}'"


def rounds_of(state: State, scope_id: int) -> Rounds:
    """Activations of the rounds around a scope, innermost first; of an instance without repeated bodies: none."""
    found: list[int] = []
    while scope_id != ROOT:
        scope = state.scopes.get(scope_id)
        owner = state.tokens.get(scope.owner) if scope is not None else None
        if owner is None:
            break
        if owner.parent:
            found.append(owner.id)
        scope_id = owner.scope
    return tuple(found)


def of_tasks(tx: Tx, instance_id: UUID) -> Mapping[UUID, Rounds]:
    """The rounds of the instance's tasks; a task that stands in none is not in it."""
    return {row[0]: tuple(row[1]) for row in tx.query(_OF_TASKS, {"id": instance_id})}


def holds(around: Collection[int], rounds: Rounds) -> bool:
    """Whether a task of these rounds may stand within `around`; of tasks older than the column nothing is known."""
    return not rounds or set(around) <= set(rounds)
