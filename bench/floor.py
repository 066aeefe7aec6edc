"""The floor of a durable step: exactly the rows that a step of ours writes, already computed, as one bare statement.

A case is completed by the runner once and what each of its steps wrote is read back; the floor then writes the same
values, in the same tables, for other cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from engine.kernel.ids import new_id
from engine.kernel.uow import Tx

Row = dict[str, Any]

_TASK = (
    "id", "instance_id", "activation", "node_id", "process_key", "kind", "status", "title", "name", "form", "branch_id",
    "created_at", "assignee", "acting_for", "priority",
)  # fmt: skip
_VOTE = ("id", "instance_id", "task_id", "node_id", "user_id", "user_name", "person", "outcome", "comment", "at")
_HISTORY = (
    "id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_kind", "subject_id", "branch_id",
    "instance_id", "data", "hash",
)  # fmt: skip
_INSTANCE = """update instance set state = %(state)s, lock_version = lock_version + 1, updated_at = %(now)s
 where id = %(instance)s returning id"""
_DONE = """update user_task set status = 'done', outcome = 'done', comment = '', completed_at = %(now)s,
 completed_by = 'ann', completed_by_name = 'Ann' where id = %(task)s"""


@dataclass(frozen=True, slots=True)
class Written:
    """What one step wrote: the state after it, the tasks it opened, its vote and its history, by column."""

    state: bytes
    tasks: Sequence[Row]
    vote: Row
    history: Row


def read(tx: Tx, instance: UUID, known: Sequence[UUID]) -> Written:
    """The last step of a case; `known`: its tasks before."""
    connection = tx.connection
    parameters = {"id": instance, "known": list(known)}

    def rows(sql: str) -> list[Row]:
        return [dict(row._mapping) for row in connection.exec_driver_sql(sql, parameters)]

    state = rows("select state from instance where id = %(id)s")[0]["state"]
    tasks = rows(f"select {', '.join(_TASK)} from user_task where instance_id = %(id)s and not id = any(%(known)s)")
    vote = rows(f"select {', '.join(_VOTE)} from task_vote where instance_id = %(id)s order by id desc limit 1")[0]
    history = rows(f"select {', '.join(_HISTORY)} from history where instance_id = %(id)s order by id desc limit 1")[0]
    return Written(bytes(state), tasks, vote, history)


def statement(number: int, state: str = _INSTANCE) -> str:
    """The text for a step that opens so many tasks; `state`: the update of the case."""
    parts = [f"with a as ({state}), b as ({_DONE})", f"c as ({_insert('task_vote', _VOTE, 'vote')})"]
    parts.append(f"d as ({_insert('history', _HISTORY, 'event')})")
    for place in range(number):
        parts.append(f"e{place} as ({_insert('user_task', _TASK, f'task{place}')})")
        values = f"'ann', %(task{place}_id)s, false"
        parts.append(f"f{place} as (insert into task_candidate values ({values}))")
    return f"{', '.join(parts)} select count(*) from a"


def parameters(written: Written, instance: UUID, task: UUID, opened: Sequence[UUID]) -> Row:
    """The same values with the keys of another case: it completes `task` and opens `opened`."""
    now = datetime.now(UTC)
    own = {"instance_id": instance}
    found: Row = {"state": written.state, "now": now, "instance": instance, "task": task}
    found |= _prefixed("vote", written.vote | own | {"id": new_id(), "task_id": task, "at": now})
    event = {"id": new_id(), "at": now, "subject_id": str(task), "data": Jsonb(written.history["data"])}
    found |= _prefixed("event", written.history | own | event)
    for place, (key, row) in enumerate(zip(opened, written.tasks, strict=True)):
        changed = {"id": key, "created_at": now, "acting_for": Jsonb(row["acting_for"])}
        found |= _prefixed(f"task{place}", row | own | changed)
    return found


def computed(steps: Sequence[Written], case: tuple[UUID, UUID]) -> list[tuple[str, Row]]:
    """Statement and parameters of each step of a case: (instance, its open task)."""
    instance, first = case
    todo, found = [first], list[tuple[str, Row]]()
    for written in steps:
        opened = [new_id() for _ in written.tasks]
        found.append((statement(len(opened)), parameters(written, instance, todo.pop(0), opened)))
        todo += opened
    return found


def _prefixed(name: str, row: Mapping[str, Any]) -> Row:
    return {f"{name}_{column}": value for column, value in row.items()}


def _insert(table: str, columns: Sequence[str], prefix: str) -> str:
    places = ", ".join(f"%({prefix}_{column})s" for column in columns)
    return f"insert into {table} ({', '.join(columns)}) values ({places})"
