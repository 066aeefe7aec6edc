"""What each effect means for the rows of a step. Some answer with further commands for the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.feel.values import to_json
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.workflow.assignees.policy import Outcome
from engine.workflow.interpreter import codec, effects
from engine.workflow.interpreter.commands import CompleteTask, Skip
from engine.workflow.runner import outbound
from engine.workflow.runner.assignment import Opened, open_task
from engine.workflow.runner.keys import plain_keys
from engine.workflow.runtime import runtime_of

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

Caused = CompleteTask | Skip
CALL_STARTED = "call_started"
CALL_ENDED = "call_ended"
CALL_CANCELLED = "call_cancelled"
CALL_ESCALATED = "call_escalated"


def apply(session: Session, effect: effects.Effect) -> Sequence[Caused]:
    """Fold one effect into the step's rows; commands it causes."""
    action = _ACTIONS[type(effect)]
    return action(session, effect) or ()


def tell_caller(session: Session) -> None:
    """A called instance that ended says so to the activity that waits for it."""
    row, ended = session.row, session.writes.ended
    if ended is None or row.parent_id is None or row.parent_activation is None:
        return
    error = ended.error if ended.status == "error" else None
    if ended.status == "cancelled":
        error = "cancelled"
    payload: dict[str, Any] = {"variables": dict(ended.variables), "error": error, "message": ended.message}
    if ended.undo:
        payload |= {"undo": list(ended.undo), "version": pinned_version(row.version_id, row.overlay_id)}
    _message(session, "internal", CALL_ENDED, {}, payload, row.parent_id, row.parent_activation)


def pinned_version(version_id: UUID, overlay_id: UUID | None) -> str:
    """What a called instance ran, for the one that compensates it later: its version as its branch had changed it."""
    return f"{version_id}+{overlay_id}" if overlay_id is not None else str(version_id)


def _history(session: Session, effect: effects.HistoryEvent) -> None:
    entry: list[Any] = [effect.kind, effect.element_id, effect.activation]
    if effect.data:
        entry.append({name: to_json(value) for name, value in effect.data.items()})
    session.writes.trail.append(entry)


def _open_task(session: Session, effect: effects.OpenTask) -> Sequence[Caused]:
    opened = open_task(session, effect)
    outcome = opened.assignment.outcome
    if outcome is Outcome.SKIP:
        return [Skip(effect.activation, f"rule:{opened.assignment.reason}")]
    if outcome is Outcome.APPROVE:
        return [_approved_by_rule(session, effect, opened)]
    session.writes.open_task(effect.activation, opened.row, opened.candidates, opened.reminders)
    if outcome is Outcome.FAIL:
        text = Text(
            f"任务“{opened.row['name']}”没有可办理的人，请管理员指定办理人",
            f"Nobody may handle “{opened.row['name']}”; an administrator has to name somebody",
        )
        incident = effects.RaiseIncident(effect.activation, effect.node, "no_assignee", text, "")
        session.writes.incidents[effect.activation] = incident
    return ()


def _approved_by_rule(session: Session, effect: effects.OpenTask, opened: Opened) -> CompleteTask:
    user = opened.assignment.assignee or ""
    name = session.directory.names([user]).get(user, user)
    node = session.loaded.process.nodes[effect.node]
    outcomes = node.task.outcomes if node.task else ()
    outcome = next((o.name for o in outcomes if o.style == "primary"), outcomes[0].name if outcomes else "done")
    return CompleteTask(effect.activation, {}, outcome, "（同一审批人，自动通过）", user, name)


def _close_task(session: Session, effect: effects.CloseTask) -> None:
    incident = session.writes.incidents.get(effect.activation)
    if incident is not None and incident.code == "no_assignee":
        session.writes.resolve(effect.activation)
    session.writes.close_task(effect.activation, effect.reason)


def _send(session: Session, effect: effects.SendOutbound) -> None:
    outbound.send(session.tx, session.row, effect)


def _throw_message(session: Session, effect: effects.ThrowMessage) -> None:
    _message(session, "message", effect.name, effect.keys, effect.payload, None, effect.activation)


def _throw_signal(session: Session, effect: effects.ThrowSignal) -> None:
    _message(session, "signal", effect.name, {}, effect.payload, None, effect.activation)


def _start_called(session: Session, effect: effects.StartCalledInstance) -> None:
    payload = {"process": effect.process, "binding": effect.binding, "variables": dict(effect.variables)}
    if effect.undo:
        payload["undo"] = list(effect.undo)
    _message(session, "internal", CALL_STARTED, {}, payload, None, effect.activation)


def _cancel_called(session: Session, effect: effects.CancelCalledInstance) -> None:
    _message(session, "internal", CALL_CANCELLED, {}, {}, None, effect.activation)


def _escalate(session: Session, effect: effects.EscalateToCaller) -> None:
    row = session.row
    if row.parent_id is not None and row.parent_activation is not None:
        payload = {"code": effect.code, "payload": effect.payload, "variables": dict(effect.variables)}
        _message(session, "internal", CALL_ESCALATED, {}, payload, row.parent_id, row.parent_activation)


def _set_stage(session: Session, effect: effects.SetStage) -> None:
    row = session.row
    if row.record_object is None or row.record_id is None:
        return
    with session.tx.acting_as(session.principal):
        runtime_of(session.tx).records.set_stage(session.tx, row.record_object, row.record_id, effect.value)
    session.records.forget()


def _write_store(session: Session, effect: effects.WriteStore) -> None:
    session.stores.put(effect.store, effect.value)
    row = {"branch_id": session.stores.home(effect.store), "name": effect.store, "content": effect.value}
    session.writes.stores[effect.store] = row


def _ended(session: Session, effect: effects.InstanceEnded) -> None:
    session.writes.ended = effect


def _message(
    session: Session, kind: str, name: str, keys: Any, payload: Any, target: UUID | None, activation: int
) -> None:
    session.writes.messages.append(
        {
            "id": new_id(),
            "kind": kind,
            "name": name,
            "keys": plain_keys(keys or {}),
            "payload": codec.pack(payload),
            "target_instance_id": target,
            "activation": activation,
        }
    )


def _set(table: str) -> Callable[[Session, Any], None]:
    def keep(session: Session, effect: Any) -> None:
        getattr(session.writes, table)[effect.activation] = effect

    return keep


_Action = Callable[["Session", Any], Sequence[Caused] | None]
_ACTIONS: dict[type[Any], _Action] = {
    effects.HistoryEvent: _history,
    effects.OpenTask: _open_task,
    effects.CloseTask: _close_task,
    effects.ArmTimer: _set("timers"),
    effects.DisarmTimer: lambda session, effect: session.writes.disarm(effect.activation),
    effects.Subscribe: _set("subscriptions"),
    effects.Unsubscribe: lambda session, effect: session.writes.unsubscribe(effect.activation),
    effects.ThrowMessage: _throw_message,
    effects.ThrowSignal: _throw_signal,
    effects.EnqueueJob: lambda session, effect: session.writes.enqueue(effect),
    effects.CancelJob: lambda session, effect: session.writes.cancel_job(effect.activation),
    effects.SendOutbound: _send,
    effects.StartCalledInstance: _start_called,
    effects.CancelCalledInstance: _cancel_called,
    effects.EscalateToCaller: _escalate,
    effects.SetStage: _set_stage,
    effects.RaiseIncident: _set("incidents"),
    effects.ResolveIncident: lambda session, effect: session.writes.resolve(effect.activation),
    effects.WriteStore: _write_store,
    effects.InstanceEnded: _ended,
}
