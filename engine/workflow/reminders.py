"""What a task's reminder does when its time comes: urge, escalate, approve or reject."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.workflow.assignees.policy import deputy_of
from engine.workflow.bpmn.extensions import Outcome, Reminder
from engine.workflow.calendar import DueError, due_at
from engine.workflow.interpreter.commands import CompleteTask
from engine.workflow.programs import load
from engine.workflow.runner import people
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.session import Session
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import reopening, rows
from engine.workflow.tasks.handing import handlers_of
from engine.workflow.tasks.held import Held, note, outcomes_of

if TYPE_CHECKING:
    from engine.workflow.timers import TimerRow

MAX_ROUNDS = 100
_GOES_TO = """update user_task set assignee = %(user)s, claimed_at = null, delegated_by = null,
 acting_for = %(acting_for)s::jsonb where id = %(id)s"""


def remind(tx: Tx, row: InstanceRow, timer: TimerRow) -> None:
    """Carry out the reminder; the task may have been done meanwhile. The instance is locked."""
    if timer.task_id is None:
        return
    found = rows.find(tx, "t.id = %(id)s and t.status in ('open', 'waiting')", {"id": timer.task_id})
    if not found:
        return
    held = Held(tx, found[0], row, load(tx, row.version_id, row.overlay_id))
    reminders = held.extension.reminders
    number = int(timer.reference)
    if number >= len(reminders):
        return
    reminder = reminders[number]
    if reminder.action in ("approve", "reject"):
        _decide(held, reminder.action)
        return
    if reminder.action == "escalate":
        _escalate(held)
    else:
        _urge(held, reminder)
    _again(tx, row, timer, reminder)


def _urge(held: Held, reminder: Reminder) -> None:
    tx = held.tx
    users = handlers_of(held)
    if reminder.to == "superior":
        users = _superiors(held, users)
    tx.connection.exec_driver_sql(
        "update user_task set urged_at = %(now)s where id = %(id)s", {"id": held.task.id, "now": tx.now}
    )
    note(tx, held.task, "reminded", "", {"to": users})
    runtime_of(tx).notices.tell(tx, "overdue", users, held.task)


def _escalate(held: Held) -> None:
    """The task goes to the handler's superior; without one, to the administrators as candidates."""
    tx, task = held.tx, held.task
    users = _superiors(held, handlers_of(held))
    if not users:
        branch = held.row.branch_id or held.directory.headquarters()
        users = list(held.directory.administrators(branch))
    away = people.substitutes(tx, held.row.process_key)
    deputies = {deputy_of(away, user): user for user in users}
    users = [user for user in deputies if user != task.assignee]
    if not users:
        return
    assignee = users[0] if len(users) == 1 else None
    acting_for = {deputy: user for deputy, user in deputies.items() if deputy != user}
    tx.post(_GOES_TO, {"id": task.id, "user": assignee, "acting_for": dumps(acting_for)})
    tx.connection.exec_driver_sql("delete from task_candidate where task_id = %(id)s", {"id": task.id})
    for user in users:
        tx.connection.exec_driver_sql(
            "insert into task_candidate (user_id, task_id, is_open) values (%(user)s, %(task)s, %(open)s)",
            {"user": user, "task": task.id, "open": assignee is None},
        )
    note(tx, task, "escalated", "", {"to": users, "from": task.assignee})
    runtime_of(tx).notices.tell(tx, "opened", users, task)


def _decide(held: Held, action: str) -> None:
    """Time decides. It is no person's vote: separation of duties does not count it."""
    outcome = _outcome(held, action)
    if outcome is None or held.task.kind != "task":
        return
    tx, task = held.tx, held.task
    session = Session(tx, held.row)
    comment = "（超时自动处理）"
    session.writes.done[task.id] = {
        "outcome": outcome.name, "comment": comment, "completed_by": tx.actor.id, "completed_by_name": tx.actor.name,
    }  # fmt: skip
    note(tx, task, "decided_by_time", comment, {"outcome": outcome.name})
    before = session.state
    session.run(CompleteTask(task.activation, {}, outcome.name, comment, tx.actor.id, tx.actor.name))
    decided = reopening.snapshot(held, before, session.state)
    session.save()
    reopening.keep(held, decided)


def _outcome(held: Held, action: str) -> Outcome | None:
    outcomes = outcomes_of(held.extension)
    named = next((one for one in outcomes if one.name == action), None)
    if named is not None:
        return named
    is_refusal = action == "reject"
    return next((one for one in outcomes if (one.style == "danger") is is_refusal), None)


def _superiors(held: Held, users: list[str]) -> list[str]:
    above = (held.directory.superior(user, 1) for user in users)
    return list(dict.fromkeys(user for user in above if user))


def _again(tx: Tx, row: InstanceRow, timer: TimerRow, reminder: Reminder) -> None:
    """The next round, when the reminder repeats."""
    number = int(timer.data.get("round", 1)) + 1
    if not reminder.repeat or number > MAX_ROUNDS:
        return
    try:
        due = due_at(reminder.repeat, tx.now, runtime_of(tx).calendar(tx, row.branch_id))
    except DueError:
        return
    if due <= tx.now:
        return
    _insert(tx, row.id, timer, due, number)


def _insert(tx: Tx, instance_id: UUID, timer: TimerRow, due: datetime, number: int) -> None:
    sql = """insert into timer (id, instance_id, activation, kind, reference, task_id, due_at, data) values (%(id)s,
 %(instance)s, %(activation)s, 'reminder', %(reference)s, %(task)s, %(due)s, %(data)s::jsonb)"""
    parameters = {
        "id": new_id(), "instance": instance_id, "activation": timer.activation, "reference": timer.reference,
        "task": timer.task_id, "due": due, "data": dumps({"round": number}),
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
