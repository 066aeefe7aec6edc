"""One task as its page shows it, and who may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.actor import ActorKind
from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.assignees.choosing import Choosable, by_handler
from engine.workflow.bpmn.extensions import FieldAccess, Outcome
from engine.workflow.instances.access import visible_variables
from engine.workflow.runner import apart, people
from engine.workflow.runner.scoped import variables_at
from engine.workflow.runtime import OPERATE, VIEW, runtime_of
from engine.workflow.tasks import drafts, rows
from engine.workflow.tasks.annulling import is_annulled
from engine.workflow.tasks.held import Held, candidate_among, hold_any, may_handle, outcomes_of
from engine.workflow.tasks.rows import TaskRow
from engine.workflow.tasks.turns import Turn, may_arrange, turns


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One line of the task's log. `kind`: claimed, transferred, delegated, urged, copied, returned …"""

    kind: str
    by: str
    by_name: str
    at: datetime
    comment: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """One person a copy went to. `read_at`: when he first opened the task; None: not yet."""

    user: str
    by: str
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with what the actor may do. `variables`: the instance's public ones and those named like form fields.

    `voters`: who still has to vote in the same countersign; `turns`: who comes after them, in order.
    `previous`: the instance's finished tasks, oldest first. `copies`: who was sent a copy of this one.
    `can_act`: the actor is its handler now. `draft`, `draft_comment`, `draft_at`: what he has filled in and not sent.
    `choices`: the next tasks whose people the handler names.
    """

    row: TaskRow
    instance_title: str
    form: str
    fields: tuple[FieldAccess, ...]
    outcomes: tuple[Outcome, ...]
    operations: tuple[str, ...]
    draft: Mapping[str, Any] | None
    draft_comment: str
    draft_at: datetime | None
    variables: Mapping[str, Value]
    events: tuple[TaskEvent, ...]
    signers: tuple[TaskRow, ...]
    voters: tuple[TaskRow, ...]
    turns: tuple[Turn, ...]
    previous: tuple[TaskRow, ...]
    copies: tuple[Copy, ...]
    candidates: tuple[str, ...]
    choices: tuple[Choosable, ...]
    can_act: bool
    acting_for: str | None


def get(tx: Tx, task_id: UUID) -> TaskView:
    """The task for tx.actor. Raises: NotFound, also when it is not visible to the actor."""
    held = hold_any(tx, task_id)
    require_visible(held)
    task = held.task
    is_handler = task.status == "open" and may_handle(held)
    to_come = turns(held) if task.status in ("open", "waiting") else ()
    related = rows.of_instance(tx, task.instance_id)
    draft = drafts.read(tx, task_id, tx.actor.id) if is_handler else None
    _mark_read(tx, task_id)
    return TaskView(
        row=task,
        instance_title=held.row.title,
        form=task.form,
        fields=held.extension.fields,
        outcomes=outcomes_of(held.extension),
        operations=(*_operations(held, is_handler), *_arranging(held, to_come)),
        draft=draft.values if draft else None,
        draft_comment=draft.comment if draft else "",
        draft_at=draft.at if draft else None,
        variables=_variables(held, is_handler),
        events=_events(tx, task_id),
        signers=tuple(row for row in related if row.parent_id == task.id),
        voters=tuple(row for row in related if _is_fellow_voter(row, task)),
        turns=to_come,
        previous=tuple(row for row in related if row.status == "done" and row.id != task.id),
        copies=_copies(tx, task_id),
        candidates=_candidates(tx, task_id),
        choices=by_handler(held.loaded.process, task.node_id) if is_handler and task.kind == "task" else (),
        can_act=is_handler,
        acting_for=held.acting_for,
    )


def require_visible(held: Held) -> None:
    """Whoever takes part, and those who look at all processes of the branch (auditors). Raises: NotFound."""
    if not (takes_part(held) or runtime_of(held.tx).access.may(held.tx, VIEW, held.row.branch_id)):
        raise _unknown()


def require_part(held: Held) -> None:
    """Raises: NotFound for everybody who does not take part, those who only look included."""
    if not takes_part(held):
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("task_not_found", Text("未找到该任务，或您无权查看", "No such task, or not visible to you"))


def takes_part(held: Held) -> bool:
    """Handlers, candidates, people who handled something here, cc, the starter, operators."""
    tx, task, row = held.tx, held.task, held.row
    me = tx.actor.id
    if tx.actor.kind is ActorKind.SYSTEM or me in (task.assignee, task.completed_by, task.delegated_by):
        return True
    if row.starter == me or runtime_of(tx).access.may(tx, OPERATE, row.branch_id):
        return True
    absent = people.represented(people.substitutes(tx, task.process_key), me)
    if task.assignee in absent or candidate_among(tx, task.id, [me, *absent]):
        return True
    sql = """select exists (select 1 from task_cc where task_id = %(task)s and user_id = %(me)s)
 or exists (select 1 from user_task where instance_id = %(instance)s
 and (completed_by = %(me)s or assignee = %(me)s or delegated_by = %(me)s))"""
    parameters = {"task": task.id, "me": me, "instance": task.instance_id}
    return bool(tx.connection.exec_driver_sql(sql, parameters).scalar_one())


def _is_fellow_voter(row: TaskRow, task: TaskRow) -> bool:
    is_same = task.host is not None and row.host == task.host and row.kind == "task"
    return is_same and row.id != task.id and row.status in ("open", "waiting")


def _operations(held: Held, is_handler: bool) -> tuple[str, ...]:
    """What the actor may do with the task now, by the names of the API."""
    task, allowed = held.task, set(held.extension.operations)
    if held.row.status != "active" or held.row.suspended:
        return ()
    found: list[str] = []
    if is_handler:
        found.append("resolve" if task.delegated_by else "complete")
        if task.assignee is None:
            found += ["claim"] if "claim" in allowed else []
        elif task.claimed_at is not None:
            found.append("unclaim")
        names = ("save", "transfer", "delegate", "add_signer", "remove_signer", "cc")
        found += [name for name in names if name in allowed and not (name == "delegate" and task.delegated_by)]
        if "return" in allowed and task.kind == "task" and not task.delegated_by:
            found += ["return", "reject"]
    elif task.status == "open" and "urge" in allowed and takes_part(held):
        found.append("urge")
    elif task.status == "waiting" and "remove_signer" in allowed and task.assignee == held.tx.actor.id:
        found.append("remove_signer")
    is_mine = task.status == "done" and task.completed_by == held.tx.actor.id
    if is_mine and task.kind == "task" and "withdraw" in allowed and not is_annulled(held.tx, task.id):
        found.append("withdraw")
    return tuple(found)


def _arranging(held: Held, to_come: tuple[Turn, ...]) -> tuple[str, ...]:
    """Turns change places where signers may be added, as soon as there are two of them."""
    is_open = held.task.status == "open" and held.task.kind == "task" and not held.row.suspended
    may = is_open and len(to_come) > 1 and "add_signer" in held.extension.operations and may_arrange(held)
    return ("arrange_signers",) if may else ()


def _variables(held: Held, is_handler: bool) -> dict[str, Value]:
    """Variables the actor may see: declared public ones; to the handler also those his form lists."""
    state = apart.decode(held.tx, held.row.id, held.row.state)
    names = set(visible_variables(held.tx, held.row, held.loaded.process.extension, state.variables))
    if is_handler:
        names |= {access.name for access in held.extension.fields if access.access != "hidden"}
    return {name: value for name, value in variables_at(state, held.task.activation).items() if name in names}


def _events(tx: Tx, task_id: UUID) -> tuple[TaskEvent, ...]:
    sql = """select kind, by_id, by_name, at, comment, data from task_event where task_id = %(id)s
 order by id desc limit 200"""
    return tuple(TaskEvent(*row) for row in tx.connection.exec_driver_sql(sql, {"id": task_id}))[::-1]


def _copies(tx: Tx, task_id: UUID) -> tuple[Copy, ...]:
    sql = "select user_id, by_user, at, read_at from task_cc where task_id = %(id)s order by id limit 200"
    return tuple(Copy(*row) for row in tx.connection.exec_driver_sql(sql, {"id": task_id}))


def _candidates(tx: Tx, task_id: UUID) -> tuple[str, ...]:
    sql = "select user_id from task_candidate where task_id = %(id)s order by user_id limit 200"
    return tuple(row[0] for row in tx.connection.exec_driver_sql(sql, {"id": task_id}))


def _mark_read(tx: Tx, task_id: UUID) -> None:
    sql = "update task_cc set read_at = %(now)s where task_id = %(id)s and user_id = %(me)s and read_at is null"
    tx.connection.exec_driver_sql(sql, {"id": task_id, "me": tx.actor.id, "now": tx.now})
