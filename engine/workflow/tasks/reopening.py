"""A countersign that is decided, as it stood before: kept with what decided it, so that votes can be taken back.

What the interpreter knows of a running countersign (its counters, votes, places) goes with it when it is decided. The
row of the task that decided it keeps that in `result`: of the deciding vote, of a place that time decided, of the voter
who was taken out, or of the one whose turn it was when those after him were. Taking a vote back puts it into the
instance again, under the same activation, with the task of the voter and those that the decision had cut off open once
more, their drafts in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.items import arranged, taken_out
from engine.workflow.interpreter.state import State, Token
from engine.workflow.runner.assignment import item_key
from engine.workflow.runner.session import Session
from engine.workflow.tasks import rows
from engine.workflow.tasks.held import Held
from engine.workflow.tasks.rows import TaskRow

_KEEP = "update user_task set result = %(result)s where id = %(id)s"
_KEPT = """select t.id, t.result, t.completed_by_name, exists (select 1 from task_vote v where v.task_id = t.id)
 from user_task t where t.instance_id = %(id)s and t.host = %(host)s and t.kind = 'task' and t.result is not null
 and t.status in ('done', 'cancelled') and t.annulled_at is null order by t.completed_at desc, t.id desc"""
_VOTERS = "t.instance_id = %(id)s and t.host = %(host)s and t.kind = 'task'"
_CUT_OFF = """select item, draft from user_task where instance_id = %(id)s and host = %(host)s and kind = 'task'
 and status in ('open', 'waiting') and draft is not null and activation <> %(own)s"""
_DRAFTS = """update user_task t set draft = r.draft
 from jsonb_to_recordset(%(drafts)s::jsonb) as r(item int, draft jsonb)
 where t.instance_id = %(id)s and t.host = %(host)s and t.item = r.item and t.kind = 'task' and t.status = 'open'"""


@dataclass(frozen=True, slots=True)
class Decided:
    """`facts`: the countersign's counters before it was decided; `items`: the variables of its open places.

    `drafts`: what those cut off had noted, by place. `records`: how many records it left for compensation. `task_id`,
    `by_name`, `by_person`: what decided it, and whether that was a vote. `recall`: (place, user) of an earlier vote
    that is taken back, where none decided.
    """

    host: int
    facts: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]
    drafts: Mapping[int, Any]
    records: int
    task_id: UUID
    by_name: str | None
    by_person: bool
    recall: tuple[int, str] | None = None

    def as_resume(self) -> Mapping[str, Any]:
        """What `MoveToken.resume` takes."""
        items = [dict(one) for one in self.items]
        found = {"host": self.host, "facts": dict(self.facts), "items": items, "records": self.records}
        return found if self.recall is None else {**found, "recall": list(self.recall)}


def snapshot(
    held: Held, before: State, after: State, *, is_removal: bool = False, order: Sequence[int] | None = None
) -> bytes | None:
    """The countersign of the held task before the step that decided it, for `keep`; None when it goes on.

    To be called before the step is written. is_removal: the voter of the held task was taken out. order: numbers of
    those whose turn has yet to come, where others of them were taken out.
    """
    host = before.tokens.get(held.task.host or 0)
    if host is None or host.id in after.tokens:
        return None
    facts = dict(host.data or {})
    items = [token for token in before.tokens.values() if token.parent == host.id]
    if is_removal:
        facts = taken_out(facts, before.tokens[held.task.activation])
        items = [token for token in items if token.id != held.task.activation]
    elif order is not None:
        facts = arranged(facts, [number - 1 for number in order])
    is_vote = not is_removal and order is None
    own = held.task.activation if is_vote else 0
    parameters = {"id": held.row.id, "host": host.id, "own": own}
    drafts = {row[0]: row[1] for row in held.tx.query(_CUT_OFF, parameters)}
    return codec.pack([facts, [one.vars or {} for one in items], drafts, _recorded(host, before, after, is_vote)])


def _recorded(host: Token, before: State, after: State, is_vote: bool) -> int:
    """How many records for compensation its scope got; all it can have left when the scope is over too."""
    old, new = before.scopes[host.scope], after.scopes.get(host.scope)
    if new is None:
        return int((host.data or {}).get("done", 0)) + is_vote
    return len([one for one in new.undo if one[0] == host.node]) - len([one for one in old.undo if one[0] == host.node])


def keep(held: Held, result: bytes | None) -> None:
    """Keep it with the held task, whose row the step has written."""
    if result is not None:
        held.tx.post(_KEEP, {"id": held.task.id, "result": result})


def kept(held: Held) -> Decided | None:
    """How the countersign of the held vote was decided; None when that cannot be told."""
    host = held.task.host or 0
    for task_id, result, name, by_person in held.tx.query(_KEPT, {"id": held.row.id, "host": host}):
        found = codec.unpack(bytes(result))
        if isinstance(found, list):
            facts, items, *more = found
            drafts, records = more or ({}, 0)
            return Decided(host, facts, tuple(items), drafts, records, task_id, name, by_person)
    return None


def give_drafts_back(held: Held, decided: Decided) -> None:
    """Those who vote after all find what they had noted; to be called when the countersign runs again."""
    if decided.drafts:
        drafts = dumps([{"item": item, "draft": draft} for item, draft in decided.drafts.items()])
        held.tx.post(_DRAFTS, {"id": held.row.id, "host": decided.host, "drafts": drafts})


def prefer_former(held: Held, session: Session, decided: Decided) -> None:
    """Each place that opens again goes to who had it."""
    for task in rows.find(held.tx, _VOTERS, {"id": held.row.id, "host": decided.host}):
        user = _former(held, task)
        if task.item is not None and user is not None and session.directory.existing([user]):
            session.prefer[item_key(task.node_id, decided.host, task.item)] = user


def _former(held: Held, task: TaskRow) -> str | None:
    return held.task.completed_by if task.id == held.task.id else task.delegated_by or task.assignee
