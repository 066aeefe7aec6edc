"""Everything of a person who leaves goes to a colleague: his tasks, those he delegated, those that wait for signers."""

from __future__ import annotations

from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.errors import Forbidden, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.runner.row import InstanceRow, lock
from engine.workflow.runner.step import ensure_running
from engine.workflow.runtime import OPERATE, runtime_of
from engine.workflow.tasks import drafts
from engine.workflow.tasks.handing import settle_missing_assignee
from engine.workflow.tasks.held import hold_any, require_distinct, require_user

_TASKS = """select id from user_task where status in ('open', 'waiting')
 and (assignee = %(user)s or delegated_by = %(user)s) order by id limit %(limit)s"""
_CASES = """select id from instance where ended_at is null and chosen::text like %(like)s order by id limit %(limit)s"""
_ASSIGNEE = "update user_task set assignee = %(to)s where id = %(id)s"
_OWNER = "update user_task set delegated_by = nullif(%(to)s, assignee) where id = %(id)s"
_CHOSEN = "update instance set chosen = %(chosen)s::jsonb, lock_version = lock_version + 1 where id = %(id)s"


def belongings(tx: Tx, user: str, limit: int) -> tuple[list[UUID], list[UUID]]:
    """(tasks he has or has delegated, running cases that will ask him because somebody chose him)."""
    tasks = [row[0] for row in tx.query(_TASKS, {"user": user, "limit": limit})]
    cases = [row[0] for row in tx.query(_CASES, {"like": f'%"{user}"%', "limit": limit})]
    return tasks, cases


def take_over(tx: Tx, task_id: UUID, from_user: str, to: str, comment: str = "") -> None:
    """One task, whatever it waits for. Raises: NotFound; Forbidden; UserError when it is no longer his."""
    held = hold_any(tx, task_id)
    _require_right(tx, held.row, from_user)
    ensure_running(held.row)
    task = held.task
    if task.status not in ("open", "waiting") or from_user not in (task.assignee, task.delegated_by):
        raise UserError("not_his", Text("该任务已不在此人名下", "The task is not this person's any more"))
    user = require_user(held, to)
    if task.assignee == from_user:
        require_distinct(held, user)
        tx.post(_ASSIGNEE, {"id": task_id, "to": user})
        drafts.hand_on(tx, task_id, from_user, user)
        runtime_of(tx).access.grant_task(tx, task, user)
        settle_missing_assignee(held)
    if task.delegated_by in (from_user, user):
        tx.post(_OWNER, {"id": task_id, "to": user})
    held.note("transferred", comment, {"to": user, "from": from_user})
    runtime_of(tx).notices.tell(tx, "opened", [user], task)


def choose_instead(tx: Tx, instance_id: UUID, from_user: str, to: str) -> None:
    """Later tasks of a running case for which somebody chose him ask the colleague. Raises: NotFound; Forbidden."""
    row = lock(tx, instance_id)
    _require_right(tx, row, from_user)
    users = list(runtime_of(tx).directory(tx).existing([to]))
    chosen = {key: [users[0] if one == from_user else one for one in named] for key, named in row.chosen.items()}
    if users and row.status == "active" and chosen != row.chosen:
        tx.post(_CHOSEN, {"id": instance_id, "chosen": dumps(chosen)})


def _require_right(tx: Tx, row: InstanceRow, from_user: str) -> None:
    if tx.actor.id != from_user and not runtime_of(tx).access.may(tx, OPERATE, row.branch_id):
        raise Forbidden("not_operator", Text("只有流程管理员可以移交", "Only an operator may do this for others"))
