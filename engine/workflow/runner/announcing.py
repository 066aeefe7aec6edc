"""After the step's statement: people hear of their new tasks, and get the task's fields of its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.workflow.runtime import runtime_of

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session
    from engine.workflow.tasks.rows import TaskRow

_CLOSED = """select id from user_task where instance_id = %(id)s and activation = any(%(closed)s)"""


def announce(session: Session) -> None:
    """Tell people of new tasks; open the record's fields to assignees, end those of closed tasks."""
    tx, runtime = session.tx, runtime_of(session.tx)
    for activation, row in session.writes.tasks.items():
        task = _task(session, activation, row)
        users = [task.assignee] if task.assignee else session.writes.candidates.get(activation, [])
        runtime.notices.tell(tx, "opened", users, task)
        if task.assignee and task.record_id is not None:
            runtime.access.grant_task(tx, task, task.assignee)
    if session.writes.closed_tasks and session.row.record_id is not None:
        runtime.access.tasks_ended(tx, _ended(session))


def _ended(session: Session) -> list[UUID]:
    """Tasks this step closed: those done are known by id."""
    found = dict.fromkeys(session.writes.done)
    rest = sorted(session.writes.closed_tasks.keys() - session.writes.settled)
    if rest:
        rows = session.tx.query(_CLOSED, {"id": session.row.id, "closed": rest})
        found.update(dict.fromkeys(row[0] for row in rows))
    return list(found)


def _task(session: Session, activation: int, row: dict[str, Any]) -> TaskRow:
    """The row as it was just written. The package of operations imports the runner, so it is imported when needed."""
    from engine.workflow.tasks.rows import TaskRow

    return TaskRow(
        id=row["id"],
        instance_id=session.row.id,
        activation=activation,
        host=row["host"],
        item=row["item"],
        node_id=row["node_id"],
        process_key=session.row.process_key,
        kind="task",
        parent_id=None,
        position=0,
        status="open",
        title=row["title"],
        name=row["name"],
        form=row["form"],
        branch_id=row["branch_id"],
        object=row["object"],
        record_id=row["record_id"],
        assignee=row["assignee"],
        delegated_by=None,
        acting_for=row["acting_for"],
        priority=row["priority"],
        due_at=row["due_at"],
        created_at=session.tx.now,
        claimed_at=None,
        urged_at=None,
        outcome=None,
        comment=None,
        completed_at=None,
        completed_by=None,
        completed_by_name=None,
    )
