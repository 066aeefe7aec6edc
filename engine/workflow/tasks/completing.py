"""Completing a user task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.feel.values import Value, from_python
from engine.kernel.errors import Conflict, UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.interpreter.commands import CompleteTask
from engine.workflow.runner.session import Session
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import reopening, signing
from engine.workflow.tasks.held import Held, clean, hold, outcomes_of, require_distinct, require_handler

Choice = Mapping[str, Sequence[str]]


def complete(
    tx: Tx,
    task_id: UUID,
    outcome: str | None = None,
    values: Mapping[str, Any] | None = None,
    comment: str = "",
    choose: Choice | None = None,
) -> tuple[UUID, ...]:
    """Finish the task with an outcome; the instance moves on in the same transaction.

    Returns the tasks this opened for the actor himself: what he may go on with.

    outcome: may be left out when the task has only one. choose: node id → users for later tasks whose people the
    previous handler names. Raises: NotFound; Forbidden; Conflict when somebody was faster; UserError for the form.
    """
    held = hold(tx, task_id)
    require_handler(held)
    require_distinct(held, tx.actor.id)
    if held.task.delegated_by:
        raise Conflict(
            "task_delegated",
            Text("这是委派给您的任务，请“办结交回”", "This task was delegated to you; resolve it to hand it back"),
        )
    chosen = pick_outcome(held, outcome)
    text = clean(comment)
    if chosen.comment == "required" and not text:
        raise UserError("comment_required", fields={"comment": Text("请填写意见", "Please give a comment")})
    checked = runtime_of(tx).forms.check(held, from_python(dict(values or {})))
    if choose:
        held.row.chosen |= _chosen(held, choose)
    return decide(held, chosen, dict(checked), text)


def pick_outcome(held: Held, name: str | None) -> Outcome:
    """The outcome of that name. Raises: UserError when there is none, or none was named and there are several."""
    outcomes = outcomes_of(held.extension)
    if name is None and len(outcomes) == 1:
        return outcomes[0]
    found = next((outcome for outcome in outcomes if outcome.name == name), None)
    if found is None:
        names = "、".join(outcome.name for outcome in outcomes)
        raise UserError(
            "unknown_outcome", fields={"outcome": Text(f"请选择以下结果之一：{names}", f"Choose one of: {names}")}
        )
    return found


def decide(held: Held, outcome: Outcome, values: dict[str, Value], comment: str) -> tuple[UUID, ...]:
    """Write the decision: a signer's goes to the task he was added to, the task's own moves the instance."""
    if held.task.kind != "task":
        signing.decide_as_signer(held, outcome, values, comment)
        return ()
    if signing.wait_for_signers(held, outcome, values, comment):
        return ()
    actor = held.tx.actor
    return move_on(held, outcome.name, values, comment, (actor.id, actor.name), held.acting_for)


def move_on(
    held: Held, outcome: str, values: Mapping[str, Value], comment: str, by: tuple[str, str], acting_for: str | None
) -> tuple[UUID, ...]:
    """Tell the interpreter, with vote and task row in the step's statement; the tasks it opened for the actor."""
    task, tx = held.task, held.tx
    session = Session(tx, held.row)
    session.writes.done[task.id] = done_row(outcome, comment, by)
    if held.is_alone:
        session.writes.settled.add(task.activation)
    session.writes.votes.append(vote_row(held, outcome, comment, by, acting_for))
    data = {"node": task.node_id, "outcome": outcome, "comment": comment, "acting_for": acting_for}
    session.cause, session.told = ("task:completed", ("task", task.id)), data
    before = session.state
    session.run(CompleteTask(task.activation, values, outcome, comment, by[0], by[1]))
    following = session.tasks_for(tx.actor.id)
    decided = reopening.snapshot(held, before, session.state)
    session.save()
    reopening.keep(held, decided)
    return following


def done_row(outcome: str, comment: str, by: tuple[str, str]) -> dict[str, Any]:
    """What the task's row gets when it is done."""
    return {"outcome": outcome, "comment": comment, "completed_by": by[0], "completed_by_name": by[1]}


def vote_row(held: Held, outcome: str, comment: str, by: tuple[str, str], acting_for: str | None) -> dict[str, Any]:
    """One natural person's decision."""
    return {
        "id": new_id(),
        "task_id": held.task.id,
        "node_id": held.task.node_id,
        "user_id": by[0],
        "user_name": by[1],
        "person": held.directory.person(by[0]),
        "acting_for": acting_for,
        "acting_for_person": held.directory.person(acting_for) if acting_for else None,
        "outcome": outcome,
        "comment": comment,
    }


def _chosen(held: Held, choose: Choice) -> dict[str, list[str]]:
    unknown = [node for node in choose if node not in held.loaded.process.nodes]
    if unknown:
        raise UserError("unknown_node", Text(f"流程中没有节点 {unknown[0]}", f"The process has no node {unknown[0]}"))
    return {node: list(held.directory.existing(list(users))) for node, users in choose.items()}
