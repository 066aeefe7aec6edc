"""What an operation would mean, found out by doing it in a savepoint that is undone: whom it reaches, what it sends.

Handlers write through `tx` only, so nothing of a rehearsal stays. What other cases do with messages comes after the
commit and is not part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.line import Rows
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.programs import load
from engine.workflow.runtime import runtime_of

_OPEN = """select id, name, assignee, array(select c.user_id from task_candidate c where c.task_id = t.id and c.is_open
 order by c.user_id limit 50) from user_task t where instance_id = %(id)s and status = 'open' order by id limit 1000"""
_CASE = "select status, starter, starter_kind, version_id from instance where id = %(id)s"
_SENT = """select distinct on (channel, node) channel, split_part(coalesce(activity_id, ''), ':', 1) as node,
 count(*) over (partition by channel, split_part(coalesce(activity_id, ''), ':', 1))
 from outbox where instance_id = %(id)s and created_at = %(now)s and not id = any(%(known)s)
 order by channel, node limit 100"""
_TRAIL = """select data->'trail' from history where instance_id = %(id)s and at = %(now)s and data ? 'trail'
 and not id = any(%(known)s) order by id"""
_FAILED = """select node_id, kind = 'stranded' from incident where instance_id = %(id)s and created_at = %(now)s
 and resolved_at is null and not id = any(%(known)s) order by id limit 100"""
_KNOWN = """select array(select id from history where instance_id = %(id)s and at = %(now)s),
 array(select id from outbox where instance_id = %(id)s and created_at = %(now)s),
 array(select id from incident where instance_id = %(id)s and created_at = %(now)s)"""
Why = Literal["opened", "closed", "ended"]


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody whose inbox changes. `why`: he gets the task, it leaves his box, or the case he started is over."""

    user: str
    name: str
    why: Why
    task: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """Messages that would go out. `step`: the name of the step that sends them; `count`: to how many."""

    channel: str
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`runs`: automatic steps done at once; `fails`: steps that end in an incident; `ends`: the case is over.

    `strands`: joins that would wait for ever.
    """

    told: tuple[Told, ...] = ()
    sends: tuple[Sending, ...] = ()
    runs: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class _Before:
    """What there is already: open tasks with name and people, ids of rows of this very moment."""

    tasks: Mapping[UUID, tuple[str, tuple[str, ...]]]
    trail: Sequence[object]
    sent: Sequence[object]
    failed: Sequence[object]


class _Seen(Exception):
    """Leaves the savepoint."""

    def __init__(self, found: Rehearsal) -> None:
        self.found = found


def rehearse(tx: Tx, instance_id: UUID, act: Callable[[], object]) -> Rehearsal:
    """Does `act` for the instance, looks, and undoes it all. Raises: whatever `act` raises."""
    memo, before = dict(tx.memo), _before(tx, instance_id)
    try:
        with tx.savepoint():
            act()
            raise _Seen(_look(tx, instance_id, before))
    except _Seen as seen:
        return seen.found
    finally:
        tx.memo.clear()
        tx.memo.update(memo)


def _before(tx: Tx, instance_id: UUID) -> _Before:
    trail, sent, failed = tx.query(_KNOWN, {"id": instance_id, "now": tx.now})[0]
    return _Before(_open_tasks(tx, instance_id), trail, sent, failed)


def _open_tasks(tx: Tx, instance_id: UUID) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    """Name and people of each open task, by its id."""
    found = tx.query(_OPEN, {"id": instance_id})
    return {row[0]: (row[1], (row[2],) if row[2] else tuple(row[3])) for row in found}


def _look(tx: Tx, instance_id: UUID, before: _Before) -> Rehearsal:
    status, starter, kind, version_id = tx.query(_CASE, {"id": instance_id})[0]
    process, ends, after = load(tx, version_id).process, status != "active", _open_tasks(tx, instance_id)
    reached = [(user, "opened", after[one][0]) for one in after if one not in before.tasks for user in after[one][1]]
    reached += [
        (user, "closed", task) for one, (task, users) in before.tasks.items() if one not in after for user in users
    ]
    reached += [(starter, "ended", "")] if ends and kind == ActorKind.USER else []

    def new(sql: str, known: Sequence[object]) -> Rows:
        return tx.query(sql, {"id": instance_id, "now": tx.now, "known": known})

    stopped = new(_FAILED, before.failed)
    return Rehearsal(
        told=_told(tx, reached),
        sends=tuple(Sending(row[0], _name(process, row[1]), row[2]) for row in new(_SENT, before.sent)),
        runs=tuple(dict.fromkeys(_run(process, [one for row in new(_TRAIL, before.trail) for one in row[0]]))),
        fails=tuple(dict.fromkeys(_name(process, row[0]) for row in stopped if not row[1])),
        strands=tuple(dict.fromkeys(_name(process, row[0]) for row in stopped if row[1])),
        ends=ends,
    )


def _told(tx: Tx, reached: Sequence[tuple[str, Any, str]]) -> tuple[Told, ...]:
    """Each once, but not the actor for a task he gives away by the operation itself."""
    names = runtime_of(tx).directory(tx).names(sorted({one[0] for one in reached}))
    others = [one for one in dict.fromkeys(reached) if one[1] != "closed" or one[0] != tx.actor.id]
    return tuple(Told(user, names.get(user, user), why, task) for user, why, task in others)


def _run(process: Process, trail: Sequence[Sequence[Any]]) -> list[str]:
    nodes = [process.nodes.get(entry[1]) for entry in trail if entry[0] == "completed"]
    return [node.name or node.id for node in nodes if node is not None and node.handler is not None]


def _name(process: Process, node_id: str | None) -> str:
    node = process.nodes.get(node_id or "")
    return (node.name or node.id) if node is not None else node_id or ""
