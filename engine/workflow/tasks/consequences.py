"""What going back, moving or ending a case means: tasks that are cancelled, what has already left the house."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.interpreter.state import State
from engine.workflow.tasks.rows import TaskRow

_SENT = """select channel || ' ' || coalesce(activity_id, ''), created_at from outbox where instance_id = %(id)s
 and created_at >= %(since)s and state not in ('suppressed', 'expired') order by created_at limit 100"""
_TRAIL = """select at, data->'trail' from history where instance_id = %(id)s and data ? 'trail'
 and at >= %(since)s order by id limit 1000"""
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that has already left: a message sent, a handler run. It is not undone by going back."""

    kind: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """`cancels`: open tasks that will be cancelled; `reopens`: nodes that begin again; `ends`: the case ends."""

    cancels: tuple[TaskRow, ...]
    reopens: tuple[str, ...]
    already_done: tuple[Done, ...]
    ends: bool = False


def already_done(tx: Tx, instance_id: UUID, process: Process, since: datetime | None) -> tuple[Done, ...]:
    """Messages already sent and handlers already run, of the whole case or since a moment."""
    parameters = {"id": instance_id, "since": since or _EVER}
    found = [Done("sent", name, at) for name, at in tx.query(_SENT, parameters)]
    found += [
        Done("posted", name, at) for at, entries in tx.query(_TRAIL, parameters) for name in _posted(process, entries)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def _posted(process: Process, entries: list[list[Any]]) -> Iterator[str]:
    for kind, element, *_ in entries:
        node = process.nodes.get(element)
        if kind == "completed" and node is not None and node.handler is not None:
            yield node.name or node.id


def below(state: State, activations: tuple[int, ...]) -> set[int]:
    """These activations with all they own."""
    found = set(activations)
    changed = True
    while changed:
        owners = {scope.id for scope in state.scopes.values() if scope.owner in found}
        more = {t.id for t in state.tokens.values() if t.parent in found or t.scope in owners} - found
        found |= more
        changed = bool(more)
    return found
