"""依次会签: who comes after whom, and changing that while it runs: other turns, a signer taken out before his."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import Conflict, Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.commands import ArrangeItems
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.items import upcoming
from engine.workflow.interpreter.state import Token, Wait
from engine.workflow.runner.assignment import people_of
from engine.workflow.runner.session import Session
from engine.workflow.runtime import OPERATE, runtime_of
from engine.workflow.tasks import reopening, rows
from engine.workflow.tasks.held import Held, hold, require_operation
from engine.workflow.tasks.rows import TaskRow

MAX_TURNS = 100
_MEMBERS = """t.instance_id = %(id)s and t.host = %(host)s and t.kind = 'task' and t.status <> 'cancelled'
 and (t.assignee = %(me)s or t.completed_by = %(me)s)"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A signer whose turn has yet to come. `item`: his number in the countersign; `users`: who will be asked."""

    item: int
    users: tuple[str, ...]
    names: tuple[str, ...]


def turns(held: Held) -> tuple[Turn, ...]:
    """Who signs after the task at hand, in order; at most 100. Empty where nobody waits for a turn."""
    multi = held.node.multi
    if multi is None or not multi.sequential or held.task.host is None or held.row.status != "active":
        return ()
    session = Session(held.tx, held.row)
    host = session.state.tokens.get(held.task.host)
    if host is None or host.wait != Wait.ITEMS:
        return ()
    asked = {place + 1: _asked(session, host, place) for place in upcoming(host.data or {})[:MAX_TURNS]}
    names = held.directory.names(sorted({user for users in asked.values() for user in users}))
    return tuple(Turn(item, users, tuple(names.get(user, user) for user in users)) for item, users in asked.items())


def arrange_signers(tx: Tx, task_id: UUID, order: Sequence[int], comment: str = "") -> None:
    """Those who sign after this task do so in this order; whoever is left out does not sign (减签).

    order: numbers (`Turn.item`). By a member of the countersign or an operator. Raises: Forbidden; Conflict when the
    turns have changed meanwhile.
    """
    held = hold(tx, task_id)
    if held.task.host is None or held.task.kind != "task":
        raise Conflict("no_countersign", Text("该任务不是会签任务", "The task is not a countersign"))
    if not may_arrange(held):
        raise Forbidden("not_signer", Text("只有会签成员或流程管理员可以调整", "Only countersigners or operators may"))
    before = turns(held)
    left = [turn for turn in before if turn.item not in order]
    require_operation(held, "remove_signer" if left else "add_signer")
    session = Session(tx, held.row)
    standing = session.state
    session.run(ArrangeItems(held.task.host, tuple(order)))
    decided = reopening.snapshot(held, standing, session.state, order=order)
    session.save()
    reopening.keep(held, decided)
    users = {turn.item: list(turn.users) for turn in before}
    data: dict[str, Any] = {"users": [user for item in order for user in users.get(item, ())]}
    held.note("signers_arranged", comment, data | {"removed": [user for turn in left for user in turn.users]})


def may_arrange(held: Held) -> bool:
    """Whether tx.actor is a member of the countersign, or an operator."""
    tx = held.tx
    if runtime_of(tx).access.may(tx, OPERATE, held.row.branch_id):
        return True
    members: list[TaskRow] = rows.find(tx, _MEMBERS, {"id": held.row.id, "host": held.task.host, "me": tx.actor.id})
    return bool(members)


def _asked(session: Session, host: Token, place: int) -> tuple[str, ...]:
    """Who would be asked at that place now."""
    loop = session.loaded.program.ops[host.node].loop
    items = (host.data or {}).get("items")
    local = {loop.item: codec.unpack(items[place])} if loop is not None and loop.item and items else {}
    effect = OpenTask(host.id, host.node, host.id, place + 1, local, None, None, None)
    found = people_of(session, effect)
    return (found.assignee,) if found.assignee else tuple(found.candidates)
