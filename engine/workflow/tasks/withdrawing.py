"""撤回: whoever decided last takes it back, while nobody has acted on what followed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.interpreter.commands import RecallVote
from engine.workflow.interpreter.state import State, Wait
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import ensure_running
from engine.workflow.tasks import rows
from engine.workflow.tasks.annulling import annul, is_annulled, undone
from engine.workflow.tasks.consequences import Preview, below
from engine.workflow.tasks.held import Held, clean, ensure_open, hold_any, require_operation
from engine.workflow.tasks.returning import Plan, around, plan, reachable
from engine.workflow.tasks.rows import TaskRow
from engine.workflow.tasks.sending_back import execute


def withdraw(tx: Tx, task_id: UUID, comment: str = "", dry_run: bool = False) -> Preview:
    """撤回 by whoever completed the task last, while nobody has acted on what followed.

    A vote can be withdrawn while the countersign runs; in order, while the next voter has not touched his task.
    Raises: Conflict when somebody has acted, the case has ended, or the countersign is decided.
    """
    held = hold_any(tx, task_id)
    _require_withdrawable(held)
    session = Session(tx, held.row)
    if held.task.host is not None:
        return _withdraw_vote(held, session, clean(comment), dry_run)
    found = _plan_after(held, session.state)
    if found is None:
        raise _acted()
    _nobody_acted(held, session, found)
    return execute(held, session, found, held.task.node_id, tx.actor.id, clean(comment), dry_run, "withdrawn")


def _withdraw_vote(held: Held, session: Session, comment: str, dry_run: bool) -> Preview:
    tx, task = held.tx, held.task
    host = session.state.tokens.get(task.host or 0)
    if host is None or host.wait != Wait.ITEMS or task.item is None:
        raise Conflict("vote_counted", Text("会签已有结果，不能撤回意见", "The countersign is decided already"))
    following = _voter_in_turn(held)
    if following is not None and _is_touched(held, following):
        raise _acted()
    preview = Preview(() if following is None else (following,), (task.node_id,), (), reopened=(task.name,))
    if dry_run:
        return preview
    session.prefer[task.node_id] = tx.actor.id
    annul(tx, [task.id])
    session.run(RecallVote(host.id, task.item, task.completed_by or ""))
    session.save()
    held.note("withdrawn", comment, {"target": task.node_id, "cancelled": [str(one.id) for one in preview.cancels]})
    return preview


def _voter_in_turn(held: Held) -> TaskRow | None:
    """In a countersign in order: whoever has the task now."""
    multi = held.node.multi
    if multi is None or not multi.sequential:
        return None
    where = "t.instance_id = %(id)s and t.host = %(host)s and t.kind = 'task' and t.status in ('open', 'waiting')"
    return next(iter(rows.find(held.tx, where, {"id": held.row.id, "host": held.task.host})), None)


def _is_touched(held: Held, task: TaskRow) -> bool:
    sql = """select draft is not null or exists (select 1 from user_task c where c.parent_id = t.id)
 from user_task t where t.id = %(id)s"""
    has_work = held.tx.connection.exec_driver_sql(sql, {"id": task.id}).scalar_one()
    return bool(has_work or task.claimed_at or task.delegated_by)


def _require_withdrawable(held: Held) -> None:
    task = held.task
    if task.status in ("open", "waiting"):
        ensure_open(task)
        raise Conflict(
            "not_done", Text("该任务尚未办理，无需撤回", "The task is not done; there is nothing to withdraw")
        )
    if task.status != "done" or task.completed_by != held.tx.actor.id:
        raise Conflict("not_yours", Text("只能撤回您自己办理的任务", "You can withdraw only what you did yourself"))
    require_operation(held, "withdraw")
    ensure_running(held.row)
    if task.kind != "task":
        raise Conflict("vote_is_cast", Text("加签的意见不能撤回", "What a signer said cannot be withdrawn"))
    if is_annulled(held.tx, task.id):
        raise Conflict("withdrawn_already", Text("该意见已不再有效", "This decision counts no more"))


def _plan_after(held: Held, state: State) -> Plan | None:
    """The plan back to the task's own node; its activation has gone, so any activation after it stands for it."""
    process, target = held.loaded.process, held.task.node_id
    if target not in process.nodes:
        return None
    places = (process.nodes[target].scope, *(process.nodes[one].scope for one in around(process, target)))
    for place in places:
        for scope in [one for one in state.scopes.values() if one.node == place]:
            members = [token.id for token in state.tokens.values() if token.scope == scope.id and not token.parent]
            for activation in members:
                found = _without_bystanders(process, state, plan(process, state, activation, target))
                if found is not None:
                    return found
    return None


def _without_bystanders(process: Process, state: State, found: Plan | None) -> Plan | None:
    """The plan without the activation that stood in for the task's own; None when nothing followed the task."""
    if found is None:
        return None
    after = reachable(process, found.anchor)
    cancel = tuple(one for one in found.cancel if state.tokens[one].node in after)
    return replace(found, cancel=cancel) if cancel or found.arrivals else None


def _nobody_acted(held: Held, session: Session, found: Plan) -> None:
    """Raises: Conflict when a later task was done, or an open one was worked on."""
    since = held.task.completed_at
    later = [task for task in rows.of_instance(held.tx, held.row.id) if task.id != held.task.id]
    after = undone(held.loaded.process, held.task.node_id)
    inside = below(session.state, found.cancel)
    for task in later:
        is_later_done = task.status == "done" and task.completed_at and since and task.completed_at >= since
        if is_later_done and task.node_id in after and task.created_at >= (since or task.created_at):
            raise _acted()
        if task.activation in inside and (task.claimed_at or task.delegated_by or task.kind != "task"):
            raise _acted()
    sql = """select exists (select 1 from user_task where instance_id = %(id)s and activation = any(%(inside)s)
 and draft is not null)"""
    if held.tx.connection.exec_driver_sql(sql, {"id": held.row.id, "inside": sorted(inside)}).scalar_one():
        raise _acted()


def _acted() -> Conflict:
    return Conflict("already_acted", Text("后续环节已有人处理，不能撤回", "Somebody has acted on what followed"))
