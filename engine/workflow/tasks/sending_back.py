"""退回, 驳回: a case goes back, with a preview of what that undoes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter.commands import MoveToken
from engine.workflow.interpreter.state import State
from engine.workflow.runner.cancelling import cancel
from engine.workflow.runner.session import Session
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import completing, mending, rows
from engine.workflow.tasks.annulling import annul_after, undone
from engine.workflow.tasks.consequences import Preview, already_done, below
from engine.workflow.tasks.held import (
    Held,
    clean,
    hold,
    outcomes_of,
    require_handler,
    require_operation,
)
from engine.workflow.tasks.returning import Plan, around, plan, settle_joins
from engine.workflow.tasks.rows import TaskRow

STARTER = "starter"
END = "end"


@dataclass(frozen=True, slots=True)
class ReturnTarget:
    """An earlier user task the case can go back to, with who did it last."""

    node_id: str
    name: str
    by: str | None
    by_name: str | None
    at: datetime | None


def return_targets(tx: Tx, task_id: UUID) -> tuple[ReturnTarget, ...]:
    """Earlier user tasks in reach: done in this case, in a scope that is still open. Newest last."""
    held = hold(tx, task_id)
    require_handler(held)
    session = Session(tx, held.row)
    return _targets(held, session.state)


def return_to(
    tx: Tx, task_id: UUID, target: str, comment: str = "", dry_run: bool = False, *, direct: bool = False
) -> Preview:
    """退回 to an earlier user task's node, to the `starter`, or `end` the case.

    direct: the case stays; who did the target mends it, and it comes straight back here (退回后直达).
    Raises: Forbidden, Conflict, UserError when the target is not in reach or the comment is missing.
    """
    held = hold(tx, task_id)
    require_handler(held)
    require_operation(held, "return")
    if held.task.kind != "task" or held.task.delegated_by:
        raise Conflict(
            "cannot_return", Text("加签或委派任务不能退回", "A signer's or delegated task cannot be returned")
        )
    text = clean(comment)
    if not dry_run and not text:
        raise UserError("comment_required", fields={"comment": Text("请填写退回意见", "Please say why it goes back")})
    if target == END:
        return _end(held, text, dry_run)
    if target == STARTER:
        return _to_starter(held, text, dry_run, direct)
    session = Session(tx, held.row)
    known = {one.node_id: one for one in _targets(held, session.state)}
    if target not in known:
        raise UserError("bad_target", Text("不能退回到该环节", "The case cannot go back to that step"))
    if direct:
        return _ask(held, target, known[target].by, text, dry_run)
    return _go_back(held, session, target, known[target].by, text, dry_run, "returned")


def reject(tx: Tx, task_id: UUID, comment: str = "", dry_run: bool = False) -> Preview:
    """驳回: the task's refusing outcome where the model has one, else the case ends."""
    held = hold(tx, task_id)
    require_handler(held)
    refusing = [one for one in outcomes_of(held.extension) if one.style == "danger" or one.name == "reject"]
    if not refusing:
        return return_to(tx, task_id, END, comment, dry_run)
    if not dry_run:
        completing.complete(tx, task_id, refusing[0].name, {}, comment)
    return Preview((), (), ())


def _targets(held: Held, state: State) -> tuple[ReturnTarget, ...]:
    newest: dict[str, TaskRow] = {}
    for task in rows.of_instance(held.tx, held.task.instance_id):
        if task.status == "done" and task.kind == "task" and task.node_id != held.task.node_id:
            newest[task.node_id] = task
    process = held.loaded.process
    return tuple(
        ReturnTarget(task.node_id, task.name, task.completed_by, task.completed_by_name, task.completed_at)
        for task in sorted(newest.values(), key=lambda one: one.id)
        if task.node_id in process.nodes
        and task.outcome != "skipped"
        and plan(process, state, held.task.activation, task.node_id) is not None
        and _comes_before(held, task.node_id)
    )


def _comes_before(held: Held, target: str) -> bool:
    """The target leads forward to the task, or to the sub-process around it."""
    process = held.loaded.process
    return not undone(process, target).isdisjoint({held.task.node_id, *around(process, held.task.node_id)})


def _go_back(
    held: Held, session: Session, target: str, user: str | None, comment: str, dry_run: bool, kind: str
) -> Preview:
    found = plan(held.loaded.process, session.state, held.task.activation, target)
    if found is None:
        raise UserError("bad_target", Text("不能退回到该环节", "The case cannot go back to that step"))
    is_item = held.loaded.process.nodes[target].multi is not None
    return execute(held, session, found, target, None if is_item else user, comment, dry_run, kind)


def execute(
    held: Held, session: Session, found: Plan, target: str, user: str | None, comment: str, dry_run: bool, kind: str
) -> Preview:
    """Carry out the plan, or only show it: tokens move, what was decided from the target on counts no more."""
    tx, undo = held.tx, undone(held.loaded.process, target)
    live = [task for task in rows.of_instance(tx, held.row.id) if task.status in ("open", "waiting")]
    inside = below(session.state, found.cancel)
    preview = Preview(
        tuple(task for task in live if task.activation in inside),
        (target,),
        already_done(tx, held.row.id, held.loaded, _since(held, target), undo),
        reopened=(held.loaded.process.nodes[target].name or target,),
    )
    if dry_run:
        return preview
    settle_joins(session.state, found)
    if user is not None and session.directory.existing([user]):
        session.prefer[target] = user
    annul_after(tx, held, target)
    session.run(MoveToken(found.cancel, target, comment, {}, found.scope_id, undo, found.inside))
    session.save()
    told = {"target": target, "cancelled": [str(task.id) for task in preview.cancels]}
    held.note(kind, comment, told)
    if user is not None:
        runtime_of(tx).notices.tell(tx, "returned", [user], held.task)
    return preview


def _end(held: Held, comment: str, dry_run: bool) -> Preview:
    live = [task for task in rows.of_instance(held.tx, held.row.id) if task.status in ("open", "waiting")]
    preview = Preview(tuple(live), (), already_done(held.tx, held.row.id, held.loaded, None), ends=True)
    if not dry_run:
        held.note("ended", comment, {})
        session = Session(held.tx, held.row)
        cancel(session, comment)
        session.save()
    return preview


def _ask(held: Held, target: str, user: str | None, comment: str, dry_run: bool) -> Preview:
    """He mends the target's task while this one waits; nothing is cancelled."""
    node = held.loaded.process.nodes[target]
    if user is None or not held.directory.existing([user]):
        raise UserError("nobody_to_ask", Text("办理过该环节的人已不在职", "Who did that step is no longer active"))
    if node.multi is not None:
        raise UserError("bad_target", Text("会签不能退回后直达", "A countersign cannot be mended by one person"))
    if not dry_run:
        mending.ask(held, node, user)
        held.note("returned", comment, {"target": target, "direct": True})
    return Preview((), (target,), (), reopened=(node.name or target,))


def _to_starter(held: Held, comment: str, dry_run: bool, direct: bool) -> Preview:
    """The starter's own first task begins again; without one, he is asked before the decision goes on."""
    session = Session(held.tx, held.row)
    starter = session.starter_user
    if starter is None or not session.directory.existing([starter]):
        raise UserError("no_starter", Text("该流程不是由在职用户发起的", "No active user started this case"))
    own = [one for one in _targets(held, session.state) if one.by == starter]
    if own and not direct:
        return _go_back(held, session, own[0].node_id, starter, comment, dry_run, "returned")
    return _ask(held, own[0].node_id if own else held.task.node_id, starter, comment, dry_run)


def _since(held: Held, target: str) -> datetime | None:
    done = [
        task.completed_at
        for task in rows.of_instance(held.tx, held.row.id)
        if task.node_id == target and task.completed_at is not None
    ]
    return max(done) if done else None
