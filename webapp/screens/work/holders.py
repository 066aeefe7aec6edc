"""Who has open tasks: names by task, for pages that say who a case waits for."""

from collections.abc import Sequence
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow.tasks import TaskRow
from webapp.formats import listed
from webapp.i18n import gettext

_NAMES = 4


def holders(tx: Tx, tasks: Sequence[TaskRow]) -> dict[str, str]:
    """Names by task id: the assignee, else the first candidates."""
    offered: dict[str, list[str]] = {str(task.id): [task.assignee] for task in tasks if task.assignee}
    ids = [task.id for task in tasks if not task.assignee]
    sql = "select task_id, user_id from task_candidate where task_id = any(%(ids)s) order by task_id, user_id"
    for task_id, user_id in tx.connection.exec_driver_sql(sql, {"ids": ids}) if ids else ():
        offered.setdefault(str(task_id), []).append(user_id)
    known = directory.user_names(tx, frozenset(UUID(one) for users in offered.values() for one in users))
    return {task: _joined([known.get(UUID(one), one) for one in users]) for task, users in offered.items()}


def _joined(names: list[str]) -> str:
    shown = listed(names[:_NAMES])
    return gettext("%(names)s 等 %(n)s 人", names=shown, n=len(names)) if len(names) > _NAMES else shown
