"""退回后直达: who did an earlier task mends it while the case stays where it is, then it comes straight back.

Nothing is cancelled: the task that asks waits, beside it stands a signer's row with the node and form of the earlier
task. What is filled in there becomes variables, so that what follows reads the mended values.
"""

from __future__ import annotations

from engine.feel.values import Value
from engine.kernel.ids import new_id
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.bpmn.model import Node
from engine.workflow.interpreter.commands import SetVariables
from engine.workflow.runner.assignment import NO_TASK
from engine.workflow.runner.session import Session
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import rows
from engine.workflow.tasks.held import Held

_ASK = """insert into user_task (id, instance_id, activation, host, item, node_id, process_key, kind, parent_id, status,
 title, name, form, branch_id, object, record_id, assignee, priority, due_at, created_at, rounds)
 select %(new)s, instance_id, activation, host, item, %(node)s, process_key, 'before', id, 'open', title, %(name)s,
 %(form)s, branch_id, object, record_id, %(user)s, priority, null, %(now)s, rounds from user_task where id = %(id)s"""
_WAIT = "update user_task set status = 'waiting', assignee = %(user)s where id = %(id)s"
_CLOSE = "update task_candidate set is_open = false where task_id = %(id)s and is_open"


def ask(held: Held, node: Node, user: str) -> None:
    """The user does the node's task again; the task at hand waits for him."""
    tx, task = held.tx, held.task
    extension, child_id = node.task or NO_TASK, new_id()
    child = {
        "new": child_id, "id": task.id, "node": node.id, "name": (node.name or node.id)[:300], "form": extension.form,
        "user": user, "now": tx.now,
    }  # fmt: skip
    tx.post(_ASK, child)
    tx.post(_WAIT, {"id": task.id, "user": task.assignee or tx.actor.id})
    tx.post(_CLOSE, {"id": task.id})
    opened = rows.one(tx, child_id)
    runtime_of(tx).access.grant_task(tx, opened, user)
    runtime_of(tx).notices.tell(tx, "returned", [user], opened)


def keep(held: Held, outcome: Outcome, values: dict[str, Value], comment: str) -> None:
    """What somebody asked before the decision filled in becomes variables; a mended task's own context as well."""
    tx, task = held.tx, held.task
    found = dict(values)
    is_other_task = task.parent_id is not None and rows.one(tx, task.parent_id).node_id != task.node_id
    if is_other_task and outcome.style != "danger":
        by = {"by": tx.actor.id, "by_name": tx.actor.name, "at": tx.now}
        found[task.node_id] = {"outcome": outcome.name, "comment": comment, **by}
    if found:
        session = Session(tx, held.row)
        session.run(SetVariables(found))
        session.save()
