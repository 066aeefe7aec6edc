"""The inbox: to do, claimable, done, copied, started. Every box is one index walked in its order."""

# ruff: noqa: S608 - the texts are made of constants of this module only

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.runner.people import represented
from engine.workflow.tasks.rows import COLUMNS, TaskRow

Box = Literal["todo", "candidate", "done", "cc", "started"]
BOXES: tuple[Box, ...] = ("todo", "candidate", "done", "cc", "started")
MAX_LIMIT = 200
COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """A page of a box. `order`: `newest`, or `due` (todo only; earliest first, without a due time last)."""

    box: Box = "todo"
    search: str = ""
    process_key: str | None = None
    order: Literal["newest", "due"] = "newest"
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class StartedRow:
    """An instance the actor started."""

    instance_id: UUID
    process_key: str
    title: str
    status: str
    suspended: bool
    started_at: datetime
    ended_at: datetime | None
    open_tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """What an operation on many tasks needs of each."""

    id: UUID
    process_key: str
    node_id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    """`next`: what to give as `after` for the next page; None at the end."""

    items: tuple[TaskRow | StartedRow, ...]
    next: str | None


_AWAY = """select distinct on (user_id, process_key) user_id, substitute_id, process_key from substitution
 where starts_at <= %(now)s and ends_at > %(now)s order by user_id, process_key, id desc"""
_FILTER = """(%(process)s::text is null or t.process_key = %(process)s)
 and (%(search)s::text is null or t.title ilike %(search)s)"""
_EACH = "from unnest(%(users)s::text[], %(of)s::text[]) u(id, process) cross join lateral"
_SHARE = """(u.process is null or t.process_key = u.process)
 and (u.process is not null or not (u.id || '|' || t.process_key) = any(%(barred)s::text[]))"""

_TODO = f"""select {COLUMNS}, t.id::text from (select t.* {_EACH} (select t.* from user_task t where t.assignee = u.id
 and t.status = 'open' and (%(after_id)s::uuid is null or t.id < %(after_id)s) and {_FILTER} and {_SHARE}
 order by t.id desc limit %(limit)s) t) t order by t.id desc limit %(limit)s"""
_DUE = f"""select {COLUMNS}, t.id::text from (select t.* {_EACH} (select t.* from user_task t where t.assignee = u.id
 and t.status = 'open' and (%(after_id)s::uuid is null or (coalesce(t.due_at, 'infinity'), t.id) >
 (%(after_at)s::timestamptz, %(after_id)s::uuid)) and {_FILTER} and {_SHARE}
 order by t.due_at, t.id limit %(limit)s) t) t order by t.due_at, t.id limit %(limit)s"""
_CANDIDATE = f"""select {COLUMNS}, t.id::text from (select distinct c.task_id {_EACH} (select c.task_id
 from task_candidate c join user_task t on t.id = c.task_id where c.user_id = u.id and c.is_open and t.status = 'open'
 and (%(after_id)s::uuid is null or c.task_id < %(after_id)s) and {_FILTER} and {_SHARE}
 order by c.task_id desc limit %(limit)s) c order by c.task_id desc limit %(limit)s) c
 join user_task t on t.id = c.task_id order by t.id desc"""
_DONE = f"""select {COLUMNS}, t.id::text from user_task t where t.completed_by = %(me)s and t.status = 'done'
 and (%(after_id)s::uuid is null or (t.completed_at, t.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
 and {_FILTER} order by t.completed_at desc, t.id desc limit %(limit)s"""
_CC = f"""select {COLUMNS}, c.id::text from task_cc c join user_task t on t.id = c.task_id where c.user_id = %(me)s
 and (%(after_id)s::uuid is null or c.id < %(after_id)s) and {_FILTER} order by c.id desc limit %(limit)s"""
_STARTED = """select i.id, i.process_key, i.title, i.status, i.suspended, i.started_at, i.ended_at,
 coalesce((select array_agg(t.name order by t.id) from user_task t where t.instance_id = i.id and t.status = 'open'),
 '{}') from instance i where i.starter = %(me)s and i.parent_id is null
 and (%(after_id)s::uuid is null or i.id < %(after_id)s)
 and (%(process)s::text is null or i.process_key = %(process)s)
 and (%(search)s::text is null or i.title ilike %(search)s) order by i.id desc limit %(limit)s"""
_TEXTS: Mapping[str, str] = {"todo": _TODO, "candidate": _CANDIDATE, "done": _DONE, "cc": _CC}

_BRIEF = "t.id, t.process_key, t.node_id, t.name, t.title"
_AMONG = "(%(ids)s::uuid[] is null or t.id = any(%(ids)s::uuid[]))"
_PICK = {
    box: _TEXTS[box].replace(f"{COLUMNS}, t.id::text", _BRIEF).replace(_FILTER, f"{_FILTER} and {_AMONG}")
    for box in ("todo", "candidate")
}
_COUNTS = {
    "todo": f"select count(*) from (select 1 {_EACH} (select 1 from user_task t where t.assignee = u.id"
    f" and t.status = 'open' and {_SHARE} limit %(cap)s) t limit %(cap)s) n",
    "candidate": f"select count(*) from (select distinct c.task_id {_EACH} (select o.task_id from task_candidate o"
    " where o.user_id = u.id and o.is_open and (u.process is null or exists (select 1 from user_task t"
    " where t.id = o.task_id and t.process_key = u.process)) limit %(cap)s) c limit %(cap)s) n",
    "cc": "select count(*) from (select 1 from task_cc where user_id = %(me)s and read_at is null limit %(cap)s) n",
}
_ALL_COUNTS = f"select {', '.join(f'({sql})' for sql in _COUNTS.values())}"


def inbox(tx: Tx, query: InboxQuery) -> InboxPage:
    """One page of tx.actor's box. Raises: UserError for an unknown box or a broken `after`."""
    if query.box not in BOXES:
        raise UserError("unknown_box", Text("没有这个收件箱", "There is no such box"))
    limit = max(1, min(query.limit, MAX_LIMIT))
    after_at, after_id = _after(query.after)
    parameters: dict[str, Any] = {
        "me": tx.actor.id, **_shares(tx), "limit": limit + 1, "after_at": after_at, "after_id": after_id,
        "process": query.process_key, "search": _pattern(query.search),
    }  # fmt: skip
    if query.box == "started":
        return _started(tx, parameters, limit)
    is_by_due = query.box == "todo" and query.order == "due"
    found = tx.connection.exec_driver_sql(_DUE if is_by_due else _TEXTS[query.box], parameters).all()
    items = tuple(TaskRow(*row[:-1]) for row in found[:limit])
    return InboxPage(items, _next(query, items[-1], found[limit - 1][-1], is_by_due) if len(found) > limit else None)


def pick(tx: Tx, query: InboxQuery, ids: Sequence[UUID] | None, limit: int) -> tuple[Picked, ...]:
    """Tasks of the box `todo` or `candidate` that the query finds, newest first, at most `limit`; of `ids` only, when
    given."""
    parameters = {
        **_shares(tx), "limit": limit, "after_at": None, "after_id": None, "process": query.process_key,
        "search": _pattern(query.search), "ids": None if ids is None else list(ids),
    }  # fmt: skip
    return tuple(Picked(*row) for row in tx.connection.exec_driver_sql(_PICK[query.box], parameters))


def counts(tx: Tx) -> dict[str, int]:
    """How many wait in `todo`, `candidate` and unread `cc`; 1,000 means 1,000 or more."""
    parameters = {"me": tx.actor.id, **_shares(tx), "cap": COUNT_CAP}
    return dict(zip(_COUNTS, tx.connection.exec_driver_sql(_ALL_COUNTS, parameters).one(), strict=True))


def _shares(tx: Tx) -> dict[str, list[Any]]:
    """The actor and everybody he stands in for: `users`, each in all processes or in the one of `of`.

    `barred`: `user|process` where another one stands in.
    """
    me, general, own = tx.actor.id, dict[str, str](), dict[str, dict[str, str]]()
    for user, deputy, process in tx.connection.exec_driver_sql(_AWAY, {"now": tx.now}):
        (general if process is None else own.setdefault(process, {}))[user] = deputy
    mine = represented(general, me)
    shares: list[tuple[str, str | None]] = [(me, None), *((user, None) for user in mine)]
    barred: list[str] = []
    for process, named in own.items():
        here = represented(general | named, me)
        shares += [(user, process) for user in here if user not in mine]
        barred += [f"{user}|{process}" for user in mine if user not in here]
    return {"users": [user for user, _ in shares], "of": [process for _, process in shares], "barred": barred}


def _started(tx: Tx, parameters: Mapping[str, Any], limit: int) -> InboxPage:
    found = tx.connection.exec_driver_sql(_STARTED, dict(parameters)).all()
    items = tuple(StartedRow(*(*row[:-1], tuple(row[-1]))) for row in found[:limit])
    return InboxPage(items, _pack("", str(items[-1].instance_id)) if len(found) > limit else None)


def _next(query: InboxQuery, last: TaskRow, key: str, is_by_due: bool) -> str:
    if is_by_due:
        return _pack(last.due_at.isoformat() if last.due_at else "infinity", key)
    if query.box == "done":
        return _pack(last.completed_at.isoformat() if last.completed_at else "", key)
    return _pack("", key)


def _pack(at: str, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at, key]).encode()).decode().rstrip("=")


def _after(text: str | None) -> tuple[str | None, UUID | None]:
    if not text:
        return None, None
    try:
        at, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if at and at != "infinity":
            datetime.fromisoformat(at)
        return at or None, UUID(key)
    except (ValueError, TypeError) as error:
        raise UserError("bad_page", Text("分页参数无效", "The page reference is not valid")) from error


def _pattern(search: str) -> str | None:
    words = search.replace("\x00", "").strip()[:100]
    if not words:
        return None
    for mark in ("\\", "%", "_"):
        words = words.replace(mark, f"\\{mark}")
    return f"%{words}%"
