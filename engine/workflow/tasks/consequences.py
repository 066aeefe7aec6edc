"""What going back, moving or ending a case means: tasks that are cancelled, what has already left the house."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Node, Process
from engine.workflow.interpreter.state import State
from engine.workflow.programs import Loaded
from engine.workflow.tasks.rows import TaskRow

_SENT = """select channel || ' ' || split_part(coalesce(activity_id, ''), ':', 1), created_at from outbox
 where instance_id = %(id)s and created_at >= %(since)s and state not in ('suppressed', 'expired')
 order by created_at limit 100"""
_TRAIL = """select at, data->'trail' from history where instance_id = %(id)s and data ? 'trail'
 and at >= %(since)s order by id limit 1000"""
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that has already left: a message sent, a handler run.

    `undone_by`: the step of the model that undoes it when the case goes back over it; empty: it stays as it is.
    """

    kind: str
    name: str
    at: datetime
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`cancels`: open tasks that will be cancelled; `reopens`: nodes that begin again; `ends`: the case ends.

    `reopened`: the names of those nodes.
    """

    cancels: tuple[TaskRow, ...]
    reopens: tuple[str, ...]
    already_done: tuple[Done, ...]
    ends: bool = False
    reopened: tuple[str, ...] = ()


def already_done(
    tx: Tx, instance_id: UUID, loaded: Loaded, since: datetime | None, undone: Collection[str] = ()
) -> tuple[Done, ...]:
    """Messages already sent and handlers already run, of the whole case or since a moment. undone: nodes that the
    case goes back over."""
    parameters = {"id": instance_id, "since": since or _EVER}
    found = [Done("sent", name, at) for name, at in tx.query(_SENT, parameters)]
    found += [
        Done("posted", node.name or node.id, at, _undone_by(loaded, node) if node.id in undone else "")
        for at, entries in tx.query(_TRAIL, parameters)
        for node in _posted(loaded.process, entries)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def _posted(process: Process, entries: list[list[Any]]) -> Iterator[Node]:
    for kind, element, *_ in entries:
        node = process.nodes.get(element)
        if kind == "completed" and node is not None and node.handler is not None:
            yield node


def _undone_by(loaded: Loaded, node: Node) -> str:
    handler = loaded.node(loaded.program.ops[node.id].undo or "")
    return (handler.name or handler.id) if handler is not None else ""


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
