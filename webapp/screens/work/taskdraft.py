"""What somebody has filled into a task's form and not sent: kept with the task, for him, on every device of his."""

from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow import tasks
from webapp.screens.work import taskpage


def keep(tx: Tx, task_id: UUID, comment: str) -> None:
    """The posted form as the actor's draft; none when it says what stands there anyway. Raises: UserError."""
    view = tasks.get(tx, task_id)
    opened = taskpage.open_task(tx, view)
    values = opened.checked(opened.submitted(tx), draft=True).values
    present = taskpage.present_values(tx, opened.form, view)
    changed = any(value != present.get(name) for name, value in values.items() if value not in (None, "", [], False))
    tasks.save(tx, task_id, values if changed else {}, comment)


def drop(tx: Tx, task_id: UUID) -> None:
    """He begins anew. Raises: UserError."""
    tasks.save(tx, task_id, {})
