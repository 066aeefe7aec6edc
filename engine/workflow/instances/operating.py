"""Suspend, resume, cancel, move, retry, skip, pass a join, change variables: each says why, each is on the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.feel.values import to_json
from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx
from engine.workflow.instances import passing
from engine.workflow.instances.access import is_operator, require_operator, require_visible
from engine.workflow.interpreter.commands import Command, MoveToken, PassJoin, Retry, SetVariables, Skip
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import cancelling, people
from engine.workflow.runner.calls import values_of
from engine.workflow.runner.row import InstanceRow, lock
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import ensure_running
from engine.workflow.runtime import PASS_APPROVAL, runtime_of
from engine.workflow.tasks import rows
from engine.workflow.tasks.consequences import Preview, already_done, below
from engine.workflow.tasks.rows import TaskRow


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What moving or skipping cancels and where the case goes on.

    `passes_approval`: it leaves approvals undecided; `approvals`: their node ids. `target`: empty for a skip.
    """

    cancels: tuple[TaskRow, ...]
    target: str
    passes_approval: bool
    approvals: tuple[str, ...] = ()


def suspend(tx: Tx, instance_id: UUID, reason: str) -> None:
    """Nothing moves until `resume`: tasks can be looked at, timers stand still, messages wait."""
    row = _operate(tx, instance_id)
    _set_suspended(tx, row, True)
    _record(tx, row, "instance:suspended", reason)


def resume(tx: Tx, instance_id: UUID, reason: str = "") -> None:
    """Go on; what became due meanwhile is done now. Raises: Conflict when it is not suspended."""
    row = lock(tx, instance_id)
    require_operator(tx, row)
    if not row.suspended or row.status != "active":
        raise Conflict("not_suspended", Text("该流程未挂起", "The process instance is not suspended"))
    _set_suspended(tx, row, False)
    tx.connection.exec_driver_sql(
        "update message_delivery set next_at = %(now)s where instance_id = %(id)s and done_at is null",
        {"id": instance_id, "now": tx.now},
    )
    tx.wake(Drain.TIMERS)
    tx.wake(Drain.STEPS)
    _record(tx, row, "instance:resumed", reason)


def cancel(tx: Tx, instance_id: UUID, reason: str, dry_run: bool = False) -> Preview:
    """撤销: by the starter (not for money processes once somebody decided) or an operator; a suspended one too.

    Raises: Forbidden; Conflict when it has ended, or what the case holds cannot be given back.
    """
    row = lock(tx, instance_id)
    require_visible(tx, row)
    if row.status != "active":
        ensure_running(row)
    if not is_operator(tx, row):
        _require_own(tx, row)
    session = Session(tx, row)
    live = [task for task in rows.of_instance(tx, instance_id) if task.status in ("open", "waiting")]
    preview = Preview(tuple(live), (), already_done(tx, row.id, session.loaded, None), ends=True)
    if dry_run:
        return preview
    row.suspended = False
    cancelling.cancel(session, reason)
    session.save()
    tx.connection.exec_driver_sql("update instance set suspended = false where id = %(id)s", {"id": row.id})
    _record(tx, row, "instance:cancelled", reason)
    return preview


def move(
    tx: Tx,
    instance_id: UUID,
    cancel: Sequence[int],
    target: str,
    reason: str,
    dry_run: bool = False,
) -> MovePreview:
    """Cancel these activations and begin at `target`.

    Raises: Forbidden without the right, and always when a money process would pass an undecided approval.
    """
    row = _operate(tx, instance_id)
    session = Session(tx, row)
    loaded = session.loaded
    if loaded.node(target) is None:
        raise _unknown_node(target)
    unknown = [activation for activation in cancel if activation not in session.state.tokens]
    if unknown:
        raise Conflict("activation_gone", Text(f"环节 {unknown[0]} 已不在", f"Activation {unknown[0]} has gone"))
    approvals = _passed_by_move(tx, session, cancel, target)
    if approvals and not dry_run:
        _require_passing(tx, row, loaded)
    preview = MovePreview(_tasks_below(session, cancel), target, bool(approvals), approvals)
    if not dry_run:
        _need(reason)
        session.run(MoveToken(tuple(cancel), target, reason=reason))
        session.save()
        _record(tx, row, "instance:moved", reason, {"cancel": list(cancel), "target": target})
    return preview


def retry(tx: Tx, instance_id: UUID, activation: int) -> None:
    """Do again what ended in an incident."""
    row = _operate(tx, instance_id)
    _run(tx, row, Retry(activation))
    _record(tx, row, "instance:retried", "", {"activation": activation})


def skip(tx: Tx, instance_id: UUID, activation: int, reason: str, dry_run: bool = False) -> MovePreview:
    """Go on as if the activity were done. Approvals of money processes, also inside it, cannot be skipped."""
    row = _operate(tx, instance_id)
    session = Session(tx, row)
    token = session.state.tokens.get(activation)
    if token is None:
        raise Conflict("activation_gone", Text("该环节已不在", "The activation has gone"))
    approvals = passing.passed_by_skip(session.loaded.process, token.node)
    preview = MovePreview(_tasks_below(session, [activation]), "", bool(approvals), approvals)
    if dry_run:
        return preview
    _need(reason)
    if approvals:
        _require_passing(tx, row, session.loaded)
    session.run(Skip(activation, reason))
    session.save()
    _record(tx, row, "instance:skipped", reason, {"activation": activation, "node": token.node})
    return preview


def pass_join(tx: Tx, instance_id: UUID, node_id: str, reason: str, dry_run: bool = False) -> MovePreview:
    """Go on behind a join that waits for ever (an incident `stranded`) with what has come there.

    Raises: Conflict where more can come; Forbidden as for a move past what was to come.
    """
    row = _operate(tx, instance_id)
    session = Session(tx, row)
    if session.loaded.node(node_id) is None:
        raise _unknown_node(node_id)
    approvals = _passed_by_move(tx, session, (), node_id)
    preview = MovePreview((), node_id, bool(approvals), approvals)
    if dry_run:
        return preview
    _need(reason)
    if approvals:
        _require_passing(tx, row, session.loaded)
    session.run(PassJoin(node_id))
    session.save()
    _record(tx, row, "instance:join_passed", reason, {"target": node_id})
    return preview


def set_variables(tx: Tx, instance_id: UUID, variables: Mapping[str, Any], reason: str) -> None:
    """Change process variables; old and new values are on the trail."""
    row = _operate(tx, instance_id)
    _need(reason)
    session = Session(tx, row)
    before = dict(session.state.variables)
    values = values_of(variables)
    session.run(SetVariables(values))
    session.save()
    changes = [Change(name, to_json(before.get(name)), to_json(value), personal=True) for name, value in values.items()]
    subject = ("instance", row.id)
    data = {"reason": reason}
    tx.record(Event("instance:variables_set", subject, row.branch_id, data, changes, instance_id=row.id))


def _unknown_node(node_id: str) -> UserError:
    return UserError("unknown_node", Text(f"流程中没有节点 {node_id}", f"The process has no node {node_id}"))


def _operate(tx: Tx, instance_id: UUID) -> InstanceRow:
    """Lock for an operator. Raises: NotFound, Forbidden, Conflict."""
    row = lock(tx, instance_id)
    require_operator(tx, row)
    ensure_running(row)
    return row


def _run(tx: Tx, row: InstanceRow, *wanted: Command) -> None:
    session = Session(tx, row)
    session.run(*wanted)
    session.save()


def _set_suspended(tx: Tx, row: InstanceRow, value: bool) -> None:
    row.suspended = value
    sql = "update instance set suspended = %(value)s, lock_version = lock_version + 1 where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": row.id, "value": value})
    pause = "update timer set is_paused = %(value)s where instance_id = %(id)s"
    tx.connection.exec_driver_sql(pause, {"id": row.id, "value": value})


def _require_own(tx: Tx, row: InstanceRow) -> None:
    """The starter may cancel; for money only while nobody has decided anything."""
    if row.starter != tx.actor.id:
        raise Forbidden("not_starter", Text("只有发起人或管理员可以撤销", "Only the starter or an operator may cancel"))
    ensure_running(row)
    if load(tx, row.version_id).money:
        sql = "select exists (select 1 from task_vote where instance_id = %(id)s)"
        if tx.connection.exec_driver_sql(sql, {"id": row.id}).scalar_one():
            raise Forbidden(
                "money_decided", Text("已有审批意见，不能自行撤销", "Somebody has decided; ask an operator")
            )


def _passed_by_move(tx: Tx, session: Session, cancel: Sequence[int], target: str) -> tuple[str, ...]:
    tokens = session.state.tokens
    left = {tokens[one].node for one in below(session.state, tuple(cancel))}
    decided = {vote[0] for vote in people.votes(session) if not people.refuses(session, vote[0], vote[4])}
    return passing.passed_by_move(session.loaded.process, left, target, decided)


def _tasks_below(session: Session, activations: Sequence[int]) -> tuple[TaskRow, ...]:
    """Open tasks of these activations and of all they own."""
    inside = below(session.state, tuple(activations))
    live = rows.of_instance(session.tx, session.row.id)
    return tuple(task for task in live if task.activation in inside and task.status in ("open", "waiting"))


def _require_passing(tx: Tx, row: InstanceRow, loaded: Loaded) -> None:
    if loaded.money:
        raise Forbidden("money_approval", Text("资金流程的审批不能跳过", "Approvals about money cannot be passed over"))
    if not runtime_of(tx).access.may(tx, PASS_APPROVAL, row.branch_id):
        raise Forbidden("no_pass_right", Text("您没有越过审批的权限", "You may not pass over an approval"))


def _need(reason: str) -> None:
    if not reason.strip():
        raise UserError("reason_required", fields={"reason": Text("请填写原因", "Please give a reason")})


def _record(tx: Tx, row: InstanceRow, action: str, reason: str, data: Mapping[str, Any] | None = None) -> None:
    told = {"reason": reason, **(data or {})}
    tx.record(Event(action, ("instance", row.id), row.branch_id, told, instance_id=row.id))
