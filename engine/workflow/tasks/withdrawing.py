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
from engine.workflow.runner.rounds import holds, of_tasks, rounds_of
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import ensure_running
from engine.workflow.tasks import reopening, rows
from engine.workflow.tasks.annulling import annul, is_annulled, undone
from engine.workflow.tasks.consequences import Preview, below
from engine.workflow.tasks.held import Held, clean, ensure_open, hold_any, require_operation
from engine.workflow.tasks.reopening import Decided
from engine.workflow.tasks.returning import Plan, around, over_for_good, plan, reachable
from engine.workflow.tasks.rows import TaskRow
from engine.workflow.tasks.sending_back import WayBack, consequences, execute, round_over

_DRAFTS = """select id from user_task where instance_id = %(id)s and activation = any(%(inside)s::bigint[])
 and draft is not null"""


def withdraw(tx: Tx, task_id: UUID, comment: str = "", dry_run: bool = False) -> Preview:
    """撤回 by whoever completed the task last, while nobody has acted on what followed.

    A vote can be withdrawn while the countersign runs; in order, while the next voter has not touched his task. The
    vote that decided a countersign can be withdrawn like any task: the countersign then runs on without it; every vote
    can, where time decided or a voter was taken out.
    Raises: Conflict when somebody has acted (it names him), the case has ended, or another vote decided.
    """
    held = hold_any(tx, task_id)
    _require_withdrawable(held)
    session = Session(tx, held.row)
    if held.task.host is not None and held.task.host in session.state.tokens:
        return _withdraw_vote(held, session, clean(comment), dry_run)
    decided = _decided(held)
    found = _plan_after(held, session.state)
    if found is None:
        raise _no_way_back(held, session.state)
    target = held.task.node_id
    _nobody_acted(held, session, found)
    preview = consequences(held, session, found, target, held.task.completed_at)
    if not dry_run:
        user = tx.actor.id if decided is None else None
        execute(held, session, WayBack(found, target, user, "withdrawn", decided), clean(comment), preview)
    return preview


def _decided(held: Held) -> Decided | None:
    """The countersign as it stood before this vote; None for a plain task. Raises: Conflict when another vote decided.

    Where time decided or a voter was taken out, everybody who voted before may take his vote back.
    """
    task = held.task
    if task.host is None:
        return None
    found = reopening.kept(held)
    if found is None or task.item is None:
        raise Conflict("vote_counted", Text("会签已有结果，不能撤回意见", "The countersign is decided already"))
    if found.task_id == task.id:
        return found
    if not found.by_person:
        return replace(found, recall=(task.item, task.completed_by or ""))
    raise Conflict(
        "vote_counted",
        Text(
            f"会签已由 {found.by_name} 的意见得出结果，只有 TA 可以撤回",
            f"The vote of {found.by_name} decided; only that one can be withdrawn",
        ),
    )


def _withdraw_vote(held: Held, session: Session, comment: str, dry_run: bool) -> Preview:
    tx, task = held.tx, held.task
    host = session.state.tokens[task.host or 0]
    if host.wait != Wait.ITEMS or task.item is None:
        raise Conflict("vote_counted", Text("会签已有结果，不能撤回意见", "The countersign is decided already"))
    following = _voter_in_turn(held)
    if following is not None and _is_touched(held, following):
        raise _acted(held, following)
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
    if task.node_id not in held.loaded.process.nodes:
        text = Text("流程的新版本里已没有这一步，不能撤回", "The new version of the process has no such step any more")
        raise Conflict("step_gone", text)
    if task.kind != "task":
        raise Conflict("vote_is_cast", Text("加签的意见不能撤回", "What a signer said cannot be withdrawn"))
    if is_annulled(held.tx, task.id):
        raise Conflict("withdrawn_already", Text("该意见已不再有效", "This decision counts no more"))


def _plan_after(held: Held, state: State) -> Plan | None:
    """The plan back to the task's own node; its activation has gone, so any activation after it stands for it."""
    process, target = held.loaded.process, held.task.node_id
    if target not in process.nodes:
        return None
    rounds = of_tasks(held.tx, held.row.id).get(held.task.id, ())
    places = (process.nodes[target].scope, *(process.nodes[one].scope for one in around(process, target)))
    for place in places:
        for scope in [one for one in state.scopes.values() if one.node == place]:
            if not holds(rounds_of(state, scope.id), rounds):
                continue
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
    """Raises: Conflict when a later task was done, or an open one was worked on; it says by whom."""
    around_target = rounds_of(session.state, found.scope_id)
    rounds = of_tasks(held.tx, held.row.id)
    after = undone(held.loaded.process, held.task.node_id)
    inside = below(session.state, found.cancel)
    drafts = {row[0] for row in held.tx.query(_DRAFTS, {"id": held.row.id, "inside": sorted(inside)})}
    for task in rows.of_instance(held.tx, held.row.id):
        if task.id == held.task.id or (task.host is not None and task.host == held.task.host):
            continue
        if not holds(around_target, rounds.get(task.id, ())):
            continue
        is_begun = task.activation in inside and (task.claimed_at or task.delegated_by or task.kind != "task")
        if is_begun or task.id in drafts or (task.node_id in after and _is_done_since(held, task)):
            raise _acted(held, task)


def _is_done_since(held: Held, task: TaskRow) -> bool:
    since = held.task.completed_at
    if task.status != "done" or task.completed_at is None or since is None:
        return False
    return task.completed_at >= since and task.created_at >= since


def _no_way_back(held: Held, state: State) -> Conflict:
    over = over_for_good(held.loaded.process, state, held.task.activation, held.task.node_id)
    return _acted() if over is None else Conflict("round_over", round_over(over))


def _acted(held: Held | None = None, task: TaskRow | None = None) -> Conflict:
    name = _who(held, task) if held is not None and task is not None else ""
    if not name or task is None:
        return Conflict("already_acted", Text("后续环节已有人处理，不能撤回", "Somebody has acted on what followed"))
    return Conflict(
        "already_acted",
        Text(f"后续环节“{task.name}”已由 {name} 处理，不能撤回", f"{name} has acted on “{task.name}”, which followed"),
    )


def _who(held: Held, task: TaskRow) -> str:
    """Who did the task, or has begun it."""
    if task.completed_by_name:
        return task.completed_by_name
    user = task.delegated_by or task.assignee or ""
    return held.directory.names([user]).get(user, user) if user else ""
