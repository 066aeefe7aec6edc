"""A task locked for an operation, together with its instance; who may act on it."""

# ruff: noqa: S608 - the texts are made of constants of this module only

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.errors import Conflict, Forbidden, NotFound
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.assignees import Directory
from engine.workflow.bpmn.extensions import Outcome, TaskExtension
from engine.workflow.bpmn.model import Node, NodeKind
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import people
from engine.workflow.runner.assignment import NO_TASK
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.step import ensure_running
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks.rows import COLUMNS, TaskRow

_INSTANCE = [field.name for field in fields(InstanceRow)]
_WIDTH = len(fields(TaskRow))
_AWAY = people.SUBSTITUTES_SQL.replace("%(key)s", "i.process_key")
_HOLD = (
    f"select {COLUMNS}, {', '.join(f'i.{name}' for name in _INSTANCE)},"
    f" array({_AWAY})"
    " from user_task t join instance i on i.id = t.instance_id where t.id = %(id)s for update of i, t"
)
_HANGING = """select exists (select 1 from user_task c where c.parent_id = %(id)s and c.status in ('open', 'waiting')),
 exists (select 1 from user_task t join timer m on m.instance_id = t.instance_id and m.activation = t.activation
 where t.id = %(id)s)"""
"""Asked in the same trip, but by a statement of its own: one that waits for a lock goes on with what it saw before."""
DONE = (Outcome("done", "完成", "Done", "primary"),)


@dataclass(slots=True)
class Held:
    """One task under lock. `acting_for`: the absent colleague the actor stands in for. `has_signers`: live ones.

    `is_alone`: neither signers nor timers nor open offers hang on the task, so that only its own row has to be closed.
    """

    tx: Tx
    task: TaskRow
    row: InstanceRow
    loaded: Loaded
    acting_for: str | None = None
    has_signers: bool = False
    is_alone: bool = False

    @property
    def node(self) -> Node:
        """The task's node; a bare one where the version the case has gone over to knows that step no more."""
        process, task = self.loaded.process, self.task
        return process.nodes.get(task.node_id) or Node(task.node_id, NodeKind.USER, process.id, task.name)

    @property
    def extension(self) -> TaskExtension:
        """What the model says about the task."""
        return self.node.task or NO_TASK

    @property
    def directory(self) -> Directory:
        """People."""
        return runtime_of(self.tx).directory(self.tx)

    def note(self, kind: str, comment: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Write the operation to the task's log and to the history."""
        note(self.tx, self.task, kind, comment, data or {})


def hold(tx: Tx, task_id: UUID) -> Held:
    """Lock the task and its instance. Raises: NotFound; Conflict when it is not open or the instance stands still."""
    held = hold_any(tx, task_id)
    ensure_open(held.task)
    ensure_running(held.row)
    return held


def hold_any(tx: Tx, task_id: UUID) -> Held:
    """Lock the task in whatever state. Raises: NotFound."""
    tx.foresee(_HANGING, {"id": task_id})
    rows = tx.query(_HOLD, {"id": task_id, "now": tx.now})
    if not rows:
        raise NotFound("task_not_found", Text("未找到该任务，或您无权查看", "No such task, or not visible to you"))
    found = rows[0]
    task, row = TaskRow(*found[:_WIDTH]), InstanceRow(*found[_WIDTH:-1])
    [(has_signers, has_timers)] = tx.query(_HANGING, {"id": task_id})
    tx.memo[people.SUBSTITUTES, row.process_key] = people.in_force(found[-1])
    is_alone = task.assignee is not None and not has_signers and not has_timers
    return Held(tx, task, row, load(tx, row.version_id, row.overlay_id), has_signers=has_signers, is_alone=is_alone)


def ensure_open(task: TaskRow) -> None:
    """Raises: Conflict that says who was faster."""
    if task.status == "done":
        name = task.completed_by_name or "—"
        raise Conflict("task_done", Text(f"该任务已由 {name} 办理", f"The task was already done by {name}"))
    if task.status == "cancelled":
        raise Conflict("task_cancelled", Text("该任务已取消", "The task has been cancelled"))
    if task.status == "waiting":
        raise Conflict("task_waiting", Text("该任务正在等待加签人处理", "The task is waiting for added signers"))


def require_handler(held: Held) -> None:
    """The actor must be the assignee, his substitute, or, while nobody claimed it, a candidate. Raises: Forbidden."""
    if not may_handle(held):
        task = held.task
        if task.assignee:
            name = held.directory.names([task.assignee]).get(task.assignee, task.assignee)
            raise Forbidden("task_of_other", Text(f"该任务由 {name} 办理", f"The task belongs to {name}"))
        raise Forbidden("not_candidate", Text("您不是该任务的办理人", "You are not a candidate of this task"))


def may_handle(held: Held) -> bool:
    """Whether the actor may act; sets whom he stands in for."""
    tx, task = held.tx, held.task
    if tx.actor.kind is not ActorKind.USER:
        return False
    me = tx.actor.id
    if task.assignee == me:
        held.acting_for = task.acting_for.get(me)
        return True
    absent = people.represented(people.substitutes(tx, task.process_key), me)
    if task.assignee is not None:
        held.acting_for = task.assignee if task.assignee in absent else None
        return held.acting_for is not None
    mine = candidate_among(tx, task.id, [me, *absent])
    if mine is None:
        return False
    held.acting_for = task.acting_for.get(me) if mine == me else mine
    return True


def candidate_among(tx: Tx, task_id: UUID, users: list[str]) -> str | None:
    """The first of these users who is a candidate of the task."""
    sql = "select user_id from task_candidate where task_id = %(task)s and user_id = any(%(users)s)"
    found = {row[0] for row in tx.query(sql, {"task": task_id, "users": users})}
    return next((user for user in users if user in found), None)


def require_operation(held: Held, operation: str) -> None:
    """The model must allow the operation on this task. Raises: Forbidden."""
    if operation not in held.extension.operations:
        raise Forbidden(
            "operation_not_allowed",
            Text("流程设计不允许对该任务进行此操作", "The process does not allow this operation on the task"),
        )


def require_distinct(held: Held, user: str) -> None:
    """Separation of duties over natural persons. Raises: Forbidden."""
    nodes = held.extension.distinct_from
    if not nodes:
        return
    sql = """select v.person, v.acting_for_person from task_vote v join user_task t on t.id = v.task_id
 and t.annulled_at is null where v.instance_id = %(id)s and v.node_id = any(%(nodes)s)"""
    rows = held.tx.query(sql, {"id": held.row.id, "nodes": list(nodes)})
    taken = {person for row in rows for person in row if person}
    mine = {held.directory.person(user)}
    if held.acting_for:
        mine.add(held.directory.person(held.acting_for))
    if taken & mine:
        raise Forbidden(
            "same_person",
            Text(
                "您已办理过本流程的前序环节，须由另一人办理",
                "You decided an earlier step; another person has to act here",
            ),
        )


def require_user(held: Held, user: str) -> str:
    """An active user by id or name. Raises: NotFound."""
    found = held.directory.existing([user])
    if not found:
        raise NotFound("user_not_found", Text(f"没有可用的用户 {user}", f"There is no active user {user}"))
    return found[0]


def outcomes_of(extension: TaskExtension) -> tuple[Outcome, ...]:
    """The task's buttons; one, `done`, when the model names none."""
    return extension.outcomes or DONE


def note(tx: Tx, task: TaskRow, kind: str, comment: str, data: Mapping[str, Any]) -> None:
    """One row of the task's log, and the same in the history."""
    sql = """insert into task_event (id, task_id, instance_id, kind, by_id, by_name, at, comment, data)
 values (%(id)s, %(task)s, %(instance)s, %(kind)s, %(by)s, %(name)s, %(at)s, %(comment)s, %(data)s::jsonb)"""
    from engine.kernel.canonical import dumps

    parameters = {
        "id": new_id(), "task": task.id, "instance": task.instance_id, "kind": kind, "by": tx.actor.id,
        "name": tx.actor.name, "at": tx.now, "comment": clean(comment), "data": dumps(dict(data)),
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
    told = {"node": task.node_id, "comment": clean(comment), **data}
    subject = ("task", task.id)
    tx.record(Event(f"task:{kind}", subject, task.branch_id, told, instance_id=task.instance_id))


def clean(comment: str) -> str:
    """A comment as the database takes it: no NUL, at most 4,000 characters."""
    return comment.replace("\x00", "").strip()[:4000]
