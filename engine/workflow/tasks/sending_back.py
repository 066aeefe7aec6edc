"""退回, 驳回: a case goes back, with a preview of what that undoes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.errors import Conflict, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Node
from engine.workflow.interpreter.commands import MoveToken
from engine.workflow.interpreter.state import State
from engine.workflow.runner.cancelling import cancel
from engine.workflow.runner.rounds import Rounds, holds, of_tasks, rounds_of
from engine.workflow.runner.session import Session
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import completing, mending, reopening, rows
from engine.workflow.tasks.annulling import annul, annul_after, undone
from engine.workflow.tasks.consequences import Preview, already_done, below
from engine.workflow.tasks.held import (
    Held,
    clean,
    hold,
    outcomes_of,
    require_handler,
    require_operation,
)
from engine.workflow.tasks.reopening import Decided
from engine.workflow.tasks.returning import Plan, around, over_for_good, plan, settle_joins
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


@dataclass(frozen=True, slots=True)
class WayBack:
    """`user`: who gets the target's task. `kind`: the word of the trail. `decided`: the target is a countersign that
    goes on as it was before the vote at hand; of what was decided there only that one counts no more."""

    plan: Plan
    target: str
    user: str | None
    kind: str
    decided: Decided | None = None


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
        raise _out_of_reach(held, session.state, target)
    if direct:
        return _ask(held, target, known[target].by, text, dry_run)
    return _go_back(held, session, known[target], text, dry_run)


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
    rounds = of_tasks(held.tx, held.row.id)
    reach: dict[str, Rounds | None] = {}
    for task in rows.of_instance(held.tx, held.task.instance_id):
        node = task.node_id
        if task.status != "done" or task.kind != "task" or node == held.task.node_id:
            continue
        if node not in reach:
            reach[node] = _rounds_in_reach(held, state, node)
        around = reach[node]
        if around is not None and holds(around, rounds.get(task.id, ())):
            newest[node] = task
    return tuple(
        ReturnTarget(task.node_id, task.name, task.completed_by, task.completed_by_name, task.completed_at)
        for task in sorted(newest.values(), key=lambda one: one.id)
        if task.outcome != "skipped"
    )


def _rounds_in_reach(held: Held, state: State, target: str) -> Rounds | None:
    """The rounds around the place where the target would begin again; None when the case cannot go back to it."""
    process = held.loaded.process
    found = plan(process, state, held.task.activation, target) if target in process.nodes else None
    if found is None or not _comes_before(held, target):
        return None
    return rounds_of(state, found.scope_id)


def _comes_before(held: Held, target: str) -> bool:
    """The target leads forward to the task, or to the sub-process around it."""
    process = held.loaded.process
    return not undone(process, target).isdisjoint({held.task.node_id, *around(process, held.task.node_id)})


def _go_back(held: Held, session: Session, to: ReturnTarget, comment: str, dry_run: bool) -> Preview:
    process, target = held.loaded.process, to.node_id
    found = plan(process, session.state, held.task.activation, target)
    if found is None:
        raise UserError("bad_target", Text("不能退回到该环节", "The case cannot go back to that step"))
    user = None if process.nodes[target].multi is not None else to.by
    preview = consequences(held, session, found, target, to.at)
    if not dry_run:
        execute(held, session, WayBack(found, target, user, "returned"), comment, preview)
    return preview


def _out_of_reach(held: Held, state: State, target: str) -> UserError:
    over = over_for_good(held.loaded.process, state, held.task.activation, target)
    if over is None:
        return UserError("bad_target", Text("不能退回到该环节", "The case cannot go back to that step"))
    return UserError("round_over", round_over(over))


def round_over(over: Node) -> Text:
    """Why the case cannot go back into a sub-process that is over."""
    name = over.name or over.id
    if over.multi is None and over.loop is None:
        return Text(f"“{name}”已经结束，不能再退回到里面", f"“{name}” is over; the case cannot go back into it")
    zh = f"“{name}”是重复执行的，那一轮已经结束，不能单独再打开；可以退回到它前面的环节，让它整个重新执行"
    en = f"“{name}” repeats, and that round is over: it cannot be opened alone. Return to a step before all its rounds"
    return Text(zh, en)


def consequences(held: Held, session: Session, found: Plan, target: str, since: datetime | None) -> Preview:
    """What the plan means: tasks that end, and what has left the house since the target was done."""
    live = [task for task in rows.of_instance(held.tx, held.row.id) if task.status in ("open", "waiting")]
    inside, process = below(session.state, found.cancel), held.loaded.process
    return Preview(
        tuple(task for task in live if task.activation in inside),
        (target,),
        already_done(held.tx, held.row.id, held.loaded, since, undone(process, target)),
        reopened=(process.nodes[target].name or target,),
    )


def execute(held: Held, session: Session, back: WayBack, comment: str, preview: Preview) -> None:
    """Carry out the plan: tokens move, what was decided from the target on counts no more."""
    found, target, user, decided = back.plan, back.target, back.user, back.decided
    process, state = held.loaded.process, session.state
    annul_after(held, target, rounds_of(state, found.scope_id), with_target=decided is None)
    settle_joins(state, found)
    if decided is not None:
        annul(held.tx, [held.task.id, decided.task_id])
        reopening.prefer_former(held, session, decided)
    elif user is not None and session.directory.existing([user]):
        session.prefer[target] = user
    undo = undone(process, target) - ({target} if decided is not None else frozenset())
    resume = decided.as_resume() if decided is not None else None
    session.run(MoveToken(found.cancel, target, comment, {}, found.scope_id, undo, found.inside, resume))
    session.save()
    if decided is not None:
        reopening.give_drafts_back(held, decided)
    held.note(back.kind, comment, {"target": target, "cancelled": [str(task.id) for task in preview.cancels]})
    if user is not None:
        runtime_of(held.tx).notices.tell(held.tx, "returned", [user], held.task)


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
        return _go_back(held, session, own[0], comment, dry_run)
    return _ask(held, own[0].node_id if own else held.task.node_id, starter, comment, dry_run)
