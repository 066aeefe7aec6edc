"""加签 before and after a decision, 减签, and signers who decide.

Signers of a single task hang on it as rows of their own (`before`, `after`): the interpreter sees one activation, so
no branch, timer or sub-process around the task is touched. In a countersign, `parallel` adds one more voter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.commands import AddItem, RemoveItem
from engine.workflow.runner.assignment import item_key
from engine.workflow.runner.session import Session
from engine.workflow.runtime import OPERATE, runtime_of
from engine.workflow.tasks import mending, reopening, rows
from engine.workflow.tasks.held import (
    Held,
    hold,
    hold_any,
    require_distinct,
    require_handler,
    require_operation,
    require_user,
)
from engine.workflow.tasks.rows import TaskRow

_LIVE = "t.parent_id = %(parent)s and t.status in ('open', 'waiting')"
_ADD = """insert into user_task (id, instance_id, activation, host, item, node_id, process_key, kind, parent_id, status,
 title, name, form, branch_id, object, record_id, assignee, priority, due_at, created_at, rounds)
 select %(new)s, instance_id, activation, host, item, node_id, process_key, %(kind)s, id, %(status)s, title, name, form,
 branch_id, object, record_id, %(user)s, priority, due_at, %(now)s, rounds from user_task where id = %(id)s"""
_CHILD_DONE = """update user_task set status = 'done', outcome = %(outcome)s, comment = %(comment)s, draft = null,
 completed_at = %(now)s, completed_by = %(by)s, completed_by_name = %(name)s where id = %(id)s"""
_VOTE = """insert into task_vote (id, instance_id, task_id, node_id, user_id, user_name, person, acting_for,
 acting_for_person, outcome, comment, at) values (%(id)s, %(instance_id)s, %(task_id)s, %(node_id)s, %(user_id)s,
 %(user_name)s, %(person)s, %(acting_for)s, %(acting_for_person)s, %(outcome)s, %(comment)s, %(at)s)"""


def add_signer(tx: Tx, task_id: UUID, users: Sequence[str], when: str = "before", comment: str = "") -> None:
    """Ask more people: `before` the decision, `after` it, or in a countersign `parallel` (in order: at its end) or
    `next` (in order: right after this task).

    Raises: Forbidden, Conflict, NotFound, UserError for an unknown `when` or for nobody.
    """
    held = hold(tx, task_id)
    require_handler(held)
    require_operation(held, "add_signer")
    if when not in ("before", "after", "parallel", "next") or not users:
        raise UserError("bad_signers", Text("请选择加签方式和人员", "Choose how and whom to add"))
    chosen = list(dict.fromkeys(require_user(held, user) for user in users))
    for user in chosen:
        require_distinct(held, user)
    if when in ("parallel", "next"):
        _add_voters(held, chosen, is_next=when == "next")
    else:
        _add_children(held, chosen, when)
    held.note("signers_added", comment, {"users": chosen, "when": when})


def remove_signer(tx: Tx, signer_task_id: UUID, comment: str = "") -> None:
    """Take back a signer who has not decided: by whoever asked him, or by an operator of the process.

    Raises: Conflict when he has decided; Forbidden.
    """
    held = hold_any(tx, signer_task_id)
    if held.task.status not in ("open", "waiting"):
        raise Conflict("signer_done", Text("加签人已办理，不能减签", "The signer has already decided"))
    if held.task.kind == "task":
        _remove_voter(held)
    else:
        _remove_child(held)
    held.note("signer_removed", comment, {"user": held.task.assignee})


def wait_for_signers(held: Held, outcome: Outcome, values: dict[str, Value], comment: str) -> bool:
    """Keep the decision until the `after` signers have agreed; False when there are none."""
    tx, task = held.tx, held.task
    if not held.has_signers:
        return False
    waiting = [child for child in rows.find(tx, _LIVE, {"parent": task.id}) if child.kind == "after"]
    if not waiting or outcome.style == "danger":
        return False
    answer = {
        "outcome": outcome.name,
        "values": values,
        "comment": comment,
        "by": [tx.actor.id, tx.actor.name],
        "acting_for": held.acting_for,
    }
    sql = "update user_task set status = 'waiting', result = %(result)s, draft = null where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": task.id, "result": codec.pack(answer)})
    opened = "update user_task set status = 'open' where parent_id = %(id)s and kind = 'after' and status = 'waiting'"
    tx.connection.exec_driver_sql(opened, {"id": task.id})
    held.note("decided_awaiting_signers", comment, {"outcome": outcome.name})
    _tell(held, waiting)
    return True


def decide_as_signer(held: Held, outcome: Outcome, values: dict[str, Value], comment: str) -> None:
    """A signer's decision: the last one before gives the task back, an after signer agrees or overrules."""
    from engine.workflow.tasks.completing import vote_row

    tx, task = held.tx, held.task
    by = {"by": tx.actor.id, "name": tx.actor.name, "now": tx.now}
    tx.connection.exec_driver_sql(_CHILD_DONE, {"id": task.id, "outcome": outcome.name, "comment": comment, **by})
    vote = vote_row(held, outcome.name, comment, (tx.actor.id, tx.actor.name), held.acting_for)
    tx.connection.exec_driver_sql(_VOTE, vote | {"instance_id": task.instance_id, "at": tx.now})
    data = {"node": task.node_id, "outcome": outcome.name, "comment": comment, "signer": task.kind}
    tx.record(Event("task:completed", ("task", task.id), task.branch_id, data, instance_id=task.instance_id))
    if task.kind == "before":
        mending.keep(held, outcome, values, comment)
    _after_child(held, outcome, values, comment)


def _after_child(held: Held, outcome: Outcome | None, values: dict[str, Value], comment: str) -> None:
    """What the parent does once a signer has decided or was removed."""
    tx = held.tx
    if held.task.parent_id is None:
        return
    parent = rows.one(tx, held.task.parent_id)
    left = [child for child in rows.find(tx, _LIVE, {"parent": parent.id}) if child.kind == held.task.kind]
    overruled = outcome is not None and outcome.style == "danger"
    if held.task.kind == "before":
        if not left:
            tx.connection.exec_driver_sql(
                "update user_task set status = 'open' where id = %(id)s and status = 'waiting'", {"id": parent.id}
            )
        return
    if (left and not overruled) or parent.status != "waiting":
        return
    _complete_parent(held, parent, outcome.name if overruled and outcome else None, values, comment)


def _complete_parent(
    held: Held, parent: TaskRow, overruling: str | None, values: dict[str, Value], comment: str
) -> None:
    from engine.workflow.tasks.completing import move_on

    sql = "select result from user_task where id = %(id)s"
    stored = held.tx.connection.exec_driver_sql(sql, {"id": parent.id}).scalar_one()
    if stored is None:
        return
    answer: dict[str, Any] = codec.unpack(bytes(stored))
    by = (answer["by"][0], answer["by"][1])
    outer = Held(held.tx, parent, held.row, held.loaded)
    merged = {**answer["values"], **values}
    text = comment if overruling else answer["comment"]
    move_on(outer, overruling or answer["outcome"], merged, text, by, answer["acting_for"])


def _add_children(held: Held, users: list[str], when: str) -> None:
    if held.task.kind != "task":
        raise Conflict("signer_of_signer", Text("加签任务不能再次加签", "A signer cannot add signers"))
    tx, task = held.tx, held.task
    known = {child.assignee for child in rows.find(tx, _LIVE, {"parent": task.id}) if child.kind == when}
    for user in users:
        if user not in known:
            parameters = {
                "new": new_id(), "id": task.id, "kind": when, "user": user, "now": tx.now,
                "status": "open" if when == "before" else "waiting",
            }  # fmt: skip
            tx.connection.exec_driver_sql(_ADD, parameters)
    assignee = task.assignee or tx.actor.id
    status = "waiting" if when == "before" else "open"
    sql = "update user_task set status = %(status)s, assignee = %(user)s where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": task.id, "status": status, "user": assignee})
    tx.connection.exec_driver_sql(
        "update task_candidate set is_open = false where task_id = %(id)s and is_open", {"id": task.id}
    )
    if when == "before":
        _tell(held, rows.find(tx, _LIVE, {"parent": task.id}))


def _add_voters(held: Held, users: list[str], *, is_next: bool) -> None:
    if held.task.host is None:
        raise Conflict("no_countersign", Text("该任务不是会签，不能并行加签", "The task is not a countersign"))
    if is_next and (held.node.multi is None or not held.node.multi.sequential):
        raise Conflict("not_in_order", Text("该会签不是依次进行的", "This countersign does not go in order"))
    session = Session(held.tx, held.row)
    for user in reversed(users) if is_next else users:
        place = session.state.tokens[held.task.host].data or {}
        number = place["n"] + len(place.get("gone", ())) + 1
        session.row.chosen[item_key(held.task.node_id, held.task.host, number)] = [user]
        session.run(AddItem(held.task.activation, user, is_next))
    session.save()


def _remove_voter(held: Held) -> None:
    if held.task.host is None:
        raise Conflict("no_countersign", Text("该任务不是会签，不能减签", "The task is not a countersign"))
    _require_sibling_or_operator(held)
    require_operation(held, "remove_signer")
    session = Session(held.tx, held.row)
    before = session.state
    session.run(RemoveItem(held.task.activation))
    decided = reopening.snapshot(held, before, session.state, is_removal=True)
    session.save()
    reopening.keep(held, decided)


def _require_sibling_or_operator(held: Held) -> None:
    tx = held.tx
    if runtime_of(tx).access.may(tx, OPERATE, held.row.branch_id):
        return
    siblings = "t.instance_id = %(id)s and t.host = %(host)s and t.assignee = %(me)s and t.id <> %(task)s"
    me = {"id": held.row.id, "host": held.task.host, "me": tx.actor.id, "task": held.task.id}
    if not rows.find(tx, siblings, me):
        raise Forbidden("not_signer", Text("只有会签成员或流程管理员可以减签", "Only countersigners or operators may"))


def _remove_child(held: Held) -> None:
    tx, task = held.tx, held.task
    parent = rows.one(tx, task.parent_id) if task.parent_id else None
    may = runtime_of(tx).access.may(tx, OPERATE, held.row.branch_id)
    if not may and (parent is None or parent.assignee != tx.actor.id):
        raise Forbidden("not_asker", Text("只有加签发起人可以减签", "Only the one who asked may take a signer back"))
    sql = "update user_task set status = 'cancelled', completed_at = %(now)s where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": task.id, "now": tx.now})
    _after_child(held, None, {}, "")


def _tell(held: Held, opened: Sequence[TaskRow]) -> None:
    for task in opened:
        if task.assignee:
            runtime_of(held.tx).notices.tell(held.tx, "opened", [task.assignee], task)
