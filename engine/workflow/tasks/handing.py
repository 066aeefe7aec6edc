"""Claim, give back, save, transfer, delegate, resolve, copy, urge: operations that leave the instance where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.errors import Conflict, Forbidden, TooManyRequests
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.runtime import OPERATE, runtime_of
from engine.workflow.tasks import drafts
from engine.workflow.tasks.held import (
    Held,
    clean,
    hold,
    require_distinct,
    require_handler,
    require_operation,
    require_user,
)
from engine.workflow.tasks.view import require_part

URGE_PAUSE_S = 600
_ACTS_FOR = "update user_task set acting_for = %(named)s::jsonb where id = %(id)s"


def claim(tx: Tx, task_id: UUID) -> None:
    """Take the task out of the candidates' boxes. Claiming one's own task again does nothing.

    Raises: NotFound; Forbidden; Conflict when somebody was faster.
    """
    held = hold(tx, task_id)
    require_operation(held, "claim")
    if held.task.assignee == tx.actor.id:
        return
    if held.task.assignee is not None:
        name = held.directory.names([held.task.assignee]).get(held.task.assignee, held.task.assignee)
        raise Conflict("task_claimed", Text(f"该任务已被 {name} 签收", f"The task was already claimed by {name}"))
    require_handler(held)
    require_distinct(held, tx.actor.id)
    _assign(held, tx.actor.id, claimed=True)
    if held.acting_for:
        named = dumps({**held.task.acting_for, tx.actor.id: held.acting_for})
        tx.post(_ACTS_FOR, {"id": task_id, "named": named})
    held.note("claimed")


def unclaim(tx: Tx, task_id: UUID) -> None:
    """Give a claimed task back to its candidates. Raises: Conflict when it was assigned, not claimed."""
    held = hold(tx, task_id)
    require_handler(held)
    sql = "select count(*) from task_candidate where task_id = %(id)s"
    candidates = tx.connection.exec_driver_sql(sql, {"id": task_id}).scalar_one()
    if held.task.claimed_at is None or candidates < 2:
        raise Conflict("not_claimed", Text("该任务不是签收来的，不能退回", "The task was not claimed from candidates"))
    tx.connection.exec_driver_sql(
        "update user_task set assignee = null, claimed_at = null, delegated_by = null where id = %(id)s",
        {"id": task_id},
    )
    tx.connection.exec_driver_sql("update task_candidate set is_open = true where task_id = %(id)s", {"id": task_id})
    held.note("unclaimed")


def save(tx: Tx, task_id: UUID, values: Mapping[str, Any], comment: str = "") -> None:
    """Keep the form's values and the comment as tx.actor's own draft; nothing is checked yet. Nothing at all drops it.

    Raises: Forbidden; Conflict; UserError for more than 1 MB.
    """
    held = hold(tx, task_id)
    require_handler(held)
    require_operation(held, "save")
    drafts.keep(tx, task_id, values, clean(comment))


def transfer(tx: Tx, task_id: UUID, to: str, comment: str = "") -> None:
    """转办: the task is somebody else's from now on. An operator of the process may transfer any task."""
    held = hold(tx, task_id)
    if not _is_operator(held):
        require_handler(held)
        require_operation(held, "transfer")
    user = require_user(held, to)
    _not_myself(held, user)
    require_distinct(held, user)
    _assign(held, user)
    tx.connection.exec_driver_sql("update user_task set delegated_by = null where id = %(id)s", {"id": task_id})
    settle_missing_assignee(held)
    held.note("transferred", comment, {"to": user, "from": held.task.assignee})
    runtime_of(tx).notices.tell(tx, "opened", [user], held.task)


def delegate(tx: Tx, task_id: UUID, to: str, comment: str = "") -> None:
    """委派: somebody else works on it and hands it back; the decision stays here."""
    held = hold(tx, task_id)
    require_handler(held)
    require_operation(held, "delegate")
    if held.task.delegated_by:
        raise Conflict("already_delegated", Text("该任务已经是委派来的", "The task has been delegated already"))
    user = require_user(held, to)
    _not_myself(held, user)
    require_distinct(held, user)
    owner = held.task.assignee or tx.actor.id
    _assign(held, user)
    sql = "update user_task set delegated_by = %(owner)s where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": task_id, "owner": owner})
    held.note("delegated", comment, {"to": user})
    runtime_of(tx).notices.tell(tx, "opened", [user], held.task)


def resolve(tx: Tx, task_id: UUID, comment: str = "") -> None:
    """Hand a delegated task back to whoever delegated it. Raises: Conflict when it was not delegated."""
    held = hold(tx, task_id)
    require_handler(held)
    owner = held.task.delegated_by
    if owner is None:
        raise Conflict("not_delegated", Text("该任务不是委派任务", "The task was not delegated"))
    _assign(held, owner)
    tx.connection.exec_driver_sql("update user_task set delegated_by = null where id = %(id)s", {"id": task_id})
    held.note("resolved", comment, {"to": owner})
    runtime_of(tx).notices.tell(tx, "opened", [owner], held.task)


def cc(tx: Tx, task_id: UUID, users: Sequence[str], comment: str = "") -> None:
    """抄送: these people may look at the task and find it in their cc box."""
    held = hold(tx, task_id)
    require_handler(held)
    require_operation(held, "cc")
    chosen = list(dict.fromkeys(require_user(held, user) for user in users))
    sql = """insert into task_cc (id, task_id, instance_id, user_id, by_user, comment, at) values (%(id)s, %(task)s,
 %(instance)s, %(user)s, %(by)s, %(comment)s, %(at)s) on conflict (task_id, user_id) do nothing"""
    for user in chosen:
        parameters = {
            "id": new_id(), "task": task_id, "instance": held.task.instance_id, "user": user, "by": tx.actor.id,
            "comment": clean(comment), "at": tx.now,
        }  # fmt: skip
        tx.connection.exec_driver_sql(sql, parameters)
    held.note("copied", comment, {"users": chosen})
    runtime_of(tx).notices.tell(tx, "cc", chosen, held.task)


def urge(tx: Tx, task_id: UUID, comment: str = "") -> None:
    """催办: mark the task as urged and tell its people; at most once in ten minutes.

    Raises: Forbidden for people who have nothing to do with the case; TooManyRequests.
    """
    held = hold(tx, task_id)
    require_operation(held, "urge")
    require_part(held)
    last = held.task.urged_at
    if last is not None and (tx.now - last).total_seconds() < URGE_PAUSE_S:
        raise TooManyRequests("urged_recently", Text("刚刚已催办，请稍后再试", "It was urged a moment ago"))
    tx.connection.exec_driver_sql(
        "update user_task set urged_at = %(now)s where id = %(id)s", {"id": task_id, "now": tx.now}
    )
    held.note("urged", comment)
    runtime_of(tx).notices.tell(tx, "urged", handlers_of(held), held.task)


def handlers_of(held: Held) -> list[str]:
    """Who should act: the assignee, else the candidates."""
    if held.task.assignee:
        return [held.task.assignee]
    sql = "select user_id from task_candidate where task_id = %(id)s order by user_id"
    return [row[0] for row in held.tx.connection.exec_driver_sql(sql, {"id": held.task.id})]


def _assign(held: Held, user: str, *, claimed: bool = False) -> None:
    tx = held.tx
    sql = "update user_task set assignee = %(user)s, claimed_at = %(at)s where id = %(id)s"
    at = tx.now if claimed else held.task.claimed_at
    tx.connection.exec_driver_sql(sql, {"id": held.task.id, "user": user, "at": at})
    drafts.hand_on(tx, held.task.id, held.task.assignee or tx.actor.id, user)
    tx.connection.exec_driver_sql(
        "update task_candidate set is_open = false where task_id = %(id)s and is_open", {"id": held.task.id}
    )
    runtime_of(tx).access.grant_task(tx, held.task, user)


def _is_operator(held: Held) -> bool:
    return runtime_of(held.tx).access.may(held.tx, OPERATE, held.row.branch_id)


def _not_myself(held: Held, user: str) -> None:
    if user == held.task.assignee:
        raise Forbidden("same_assignee", Text("该任务已在此人名下", "The task is this person's already"))


def settle_missing_assignee(held: Held) -> None:
    """A task nobody could handle now has somebody: its incident is over."""
    sql = """with over as (update incident set resolved_at = %(now)s, resolved_by = %(by)s, resolution = 'assigned'
 where instance_id = %(id)s and activation = %(activation)s and kind = 'no_assignee' and resolved_at is null
 returning id) update instance set open_incidents = greatest(0, open_incidents - (select count(*) from over))
 where id = %(id)s and exists (select 1 from over)"""
    parameters = {
        "now": held.tx.now, "by": held.tx.actor.id, "id": held.row.id, "activation": held.task.activation,
    }  # fmt: skip
    held.tx.connection.exec_driver_sql(sql, parameters)
