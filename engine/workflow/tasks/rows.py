"""A user task as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx


@dataclass(slots=True)
class TaskRow:
    """One row of `user_task`: what lists show; nobody changes it. `acting_for`: substitute → absent user.

    Not frozen: setting thirty frozen fields costs five times as much, twice in each step and once a line of a list.
    """

    id: UUID
    instance_id: UUID
    activation: int
    host: int | None
    item: int | None
    node_id: str
    process_key: str
    kind: str
    parent_id: UUID | None
    position: int
    status: str
    title: str
    name: str
    form: str
    branch_id: UUID | None
    object: str | None
    record_id: UUID | None
    assignee: str | None
    delegated_by: str | None
    acting_for: Mapping[str, str]
    priority: int
    due_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    urged_at: datetime | None
    outcome: str | None
    comment: str | None
    completed_at: datetime | None
    completed_by: str | None
    completed_by_name: str | None


COLUMNS = ", ".join(f"t.{field.name}" for field in fields(TaskRow))


def find(tx: Tx, where: str, parameters: Mapping[str, Any]) -> list[TaskRow]:
    """Tasks by a constant condition on `t`, oldest first."""
    sql = f"select {COLUMNS} from user_task t where {where} order by t.id"  # noqa: S608 - constant parts only
    return [TaskRow(*row) for row in tx.connection.exec_driver_sql(sql, dict(parameters))]


def one(tx: Tx, task_id: UUID) -> TaskRow:
    """The task. Raises: NotFound."""
    found = find(tx, "t.id = %(id)s", {"id": task_id})
    if not found:
        raise NotFound("task_not_found", Text("未找到该任务，或您无权查看", "No such task, or not visible to you"))
    return found[0]


def of_instance(tx: Tx, instance_id: UUID) -> list[TaskRow]:
    """All tasks of an instance, oldest first."""
    return find(tx, "t.instance_id = %(id)s", {"id": instance_id})
