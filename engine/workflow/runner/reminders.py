"""Timers of a task: reminders, escalation, approval or rejection when time runs out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.workflow.bpmn.extensions import Reminder, TaskExtension
from engine.workflow.calendar import DueError, due_at
from engine.workflow.runner.writes import Json

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session


def reminder_rows(session: Session, task: TaskExtension, due: datetime | None) -> list[Json]:
    """Timer rows of the task's reminders; `reference` is the reminder's number."""
    rows: list[Json] = []
    for number, reminder in enumerate(task.reminders):
        at = _first(session, reminder, due)
        if at is not None:
            rows.append({"reference": str(number), "due_at": at, "data": {"round": 1}})
    return rows


def _first(session: Session, reminder: Reminder, due: datetime | None) -> datetime | None:
    now = session.tx.now
    try:
        if reminder.after:
            return due_at(reminder.after, now, session.calendar)
        if reminder.before_due and due is not None:
            length = due_at(reminder.before_due, now, session.calendar) - now
            return max(now, due - length)
    except DueError:
        return None
    return None
