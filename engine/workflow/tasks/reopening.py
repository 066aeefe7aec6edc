"""A countersign that is decided, as it stood before its last vote: kept with that vote, so that it can be taken back.

What the interpreter knows of a running countersign (its counters, votes, places) goes with it when it is decided. The
row of the deciding task keeps it in `result`; taking the vote back puts it into the instance again, under the same
activation, with the task of the voter and those that the decision had cut off open once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.state import State
from engine.workflow.runner.assignment import item_key
from engine.workflow.runner.session import Session
from engine.workflow.tasks import rows
from engine.workflow.tasks.held import Held
from engine.workflow.tasks.rows import TaskRow

_KEEP = "update user_task set result = %(result)s where id = %(id)s"
_KEPT = "select result from user_task where id = %(id)s"
_DECIDER = """select completed_by_name from user_task where instance_id = %(id)s and host = %(host)s and status = 'done'
 and kind = 'task' and result is not null and annulled_at is null order by completed_at desc, id desc limit 1"""
_VOTERS = "t.instance_id = %(id)s and t.host = %(host)s and t.kind = 'task'"


@dataclass(frozen=True, slots=True)
class Decided:
    """`facts`: the countersign's counters before the deciding vote; `items`: the variables of its open places."""

    host: int
    facts: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]

    def as_resume(self) -> Mapping[str, Any]:
        """What `MoveToken.resume` takes."""
        return {"host": self.host, "facts": dict(self.facts), "items": [dict(one) for one in self.items]}


def keep(held: Held, before: State, after: State) -> None:
    """After a vote that decided its countersign: what it was before goes with the vote. Both states are of one step."""
    host = before.tokens.get(held.task.host or 0)
    if host is None or host.id in after.tokens:
        return
    items = [token.vars or {} for token in before.tokens.values() if token.parent == host.id]
    held.tx.post(_KEEP, {"id": held.task.id, "result": codec.pack([host.data or {}, items])})


def kept(held: Held) -> Decided | None:
    """What the held vote decided; None when it was not the deciding one."""
    result = held.tx.query(_KEPT, {"id": held.task.id})[0][0]
    if result is None or held.task.host is None:
        return None
    facts, items = codec.unpack(bytes(result))
    return Decided(held.task.host, facts, tuple(items))


def decider(tx: Tx, instance_id: UUID, host: int) -> str | None:
    """The name of whose vote decided the countersign; None when no vote did (time, a voter taken out)."""
    found = tx.query(_DECIDER, {"id": instance_id, "host": host})
    return found[0][0] if found else None


def prefer_former(held: Held, session: Session, decided: Decided) -> None:
    """Each place that opens again goes to who had it."""
    for task in rows.find(held.tx, _VOTERS, {"id": held.row.id, "host": decided.host}):
        user = _former(held, task)
        if task.item is not None and user is not None and session.directory.existing([user]):
            session.prefer[item_key(task.node_id, decided.host, task.item)] = user


def _former(held: Held, task: TaskRow) -> str | None:
    return held.task.completed_by if task.id == held.task.id else task.delegated_by or task.assignee
