"""The one statement of a step: a CTE that writes everything the step changed, checked by the row's version.

Only the parts that have rows are in the text; texts are cached by their parts, so the server plans each once.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from engine.kernel import history
from engine.kernel.canonical import plain
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.runner.keys import key_text
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.writes import Json, Writes, moment

_UPDATE = """update instance set state = %(state)s, lock_version = lock_version + 1, status = %(status)s,
 title = %(title)s, updated_at = %(now)s, ended_at = %(ended_at)s, chosen = %(chosen)s::jsonb,
 version_id = %(version_id)s, open_incidents = greatest(0, %(open_incidents)s)
 where id = %(id)s and lock_version = %(lock_version)s returning id"""

_INSERT = """insert into instance (id, version_id, process_key, status, suspended, state, lock_version, title,
 branch_id, record_object, record_id, lifecycle, root_id, parent_id, parent_activation, starter, starter_kind,
 starter_name, pinned, chosen, open_incidents, started_at, updated_at, ended_at)
 values (%(id)s, %(version_id)s, %(process_key)s, %(status)s, false, %(state)s, 1, %(title)s, %(branch_id)s,
 %(record_object)s, %(record_id)s, %(lifecycle)s, %(root_id)s, %(parent_id)s, %(parent_activation)s, %(starter)s,
 %(starter_kind)s, %(starter_name)s, %(pinned)s::jsonb, %(chosen)s::jsonb, %(open_incidents)s, %(now)s, %(now)s,
 %(ended_at)s) returning id"""

_PARTS: dict[str, str] = {
    "tasks": """insert into user_task (id, instance_id, activation, host, item, node_id, process_key, kind, status,
 title, name, form, branch_id, object, record_id, assignee, acting_for, priority, due_at, created_at)
 select id, %(id)s, activation, host, item, node_id, %(process_key)s, 'task', 'open', title, name, form, branch_id,
 object, record_id, assignee, acting_for, priority, due_at, %(now)s from jsonb_to_recordset(%(tasks)s::jsonb)
 as r(id uuid, activation bigint, host bigint, item int, node_id text, title text, name text, form text,
 branch_id uuid, object text, record_id uuid, assignee text, acting_for jsonb, priority smallint,
 due_at timestamptz)""",
    "candidates": """insert into task_candidate (user_id, task_id, is_open)
 select user_id, task_id, is_open from jsonb_to_recordset(%(candidates)s::jsonb)
 as r(user_id text, task_id uuid, is_open boolean)""",
    "done": """update user_task t set status = 'done', outcome = r.outcome, comment = r.comment,
 completed_at = %(now)s, completed_by = r.completed_by, completed_by_name = r.completed_by_name, draft = null,
 result = null, assignee = coalesce(t.assignee, r.completed_by) from jsonb_to_recordset(%(done)s::jsonb)
 as r(id uuid, outcome text, comment text, completed_by text, completed_by_name text) where t.id = r.id""",
    "closed": """update user_task t set status = r.status, completed_at = %(now)s,
 outcome = coalesce(t.outcome, r.outcome), draft = null from jsonb_to_recordset(%(closed)s::jsonb)
 as r(activation bigint, status text, outcome text) where t.instance_id = %(id)s and t.activation = r.activation
 and t.status in ('open', 'waiting') and not t.id = any(%(done_ids)s::uuid[])""",
    "closed_candidates": """update task_candidate c set is_open = false from user_task t
 where t.instance_id = %(id)s and t.activation = any(%(closed_ids)s::bigint[]) and c.task_id = t.id and c.is_open""",
    "disarmed": """delete from timer where instance_id = %(id)s and activation = any(%(disarmed)s::bigint[])""",
    "timers": """insert into timer (id, instance_id, activation, kind, reference, task_id, due_at, data)
 select id, %(id)s, activation, kind, reference, task_id, due_at, data
 from jsonb_to_recordset(%(timers)s::jsonb) as r(id uuid, activation bigint, kind text, reference text, task_id uuid,
 due_at timestamptz, data jsonb)""",
    "unsubscribed": """delete from subscription where instance_id = %(id)s
 and activation = any(%(unsubscribed)s::bigint[])""",
    "subscriptions": """insert into subscription (instance_id, activation, kind, name, key, node_id)
 select %(id)s, activation, kind, name, key, node_id from jsonb_to_recordset(%(subscriptions)s::jsonb)
 as r(activation bigint, kind text, name text, key text, node_id text)""",
    "cancelled_jobs": """delete from workflow_job where instance_id = %(id)s
 and activation = any(%(cancelled_jobs)s::bigint[])""",
    "jobs": """insert into workflow_job (id, instance_id, activation, node_id, kind, type, status, attempts,
 max_attempts, next_at, inputs) select id, %(id)s, activation, node_id, 'external', type, 'queued', attempts,
 max_attempts, next_at, decode(inputs, 'hex') from jsonb_to_recordset(%(jobs)s::jsonb) as r(id uuid,
 activation bigint, node_id text, type text, attempts int, max_attempts int, next_at timestamptz, inputs text)
 on conflict (instance_id, activation) do update set status = 'queued', attempts = excluded.attempts,
 next_at = excluded.next_at, lease_until = null, worker = null, inputs = excluded.inputs""",
    "resolved": """update incident set resolved_at = %(now)s, resolved_by = %(actor)s, resolution = 'resolved'
 where instance_id = %(id)s and resolved_at is null
 and (%(is_over)s or activation = any(%(resolved)s::bigint[]))""",
    "incidents": """insert into incident (id, instance_id, activation, node_id, branch_id, process_key, kind,
 message_zh, message_en, detail, created_at) select id, %(id)s, activation, node_id, %(branch_id)s, %(process_key)s,
 kind, message_zh, message_en, detail, %(now)s from jsonb_to_recordset(%(incidents)s::jsonb)
 as r(id uuid, activation bigint, node_id text, kind text, message_zh text, message_en text, detail text)""",
    "messages": """insert into message (id, kind, name, keys, payload, status, source_instance_id, target_instance_id,
 activation, branch_id, record_object, record_id, actor_kind, actor_id, actor_name, created_at, expires_at, next_at)
 select id, kind, name, keys, decode(payload, 'hex'), 'new', %(id)s, target, activation, %(branch_id)s,
 %(record_object)s, %(record_id)s, %(actor_kind)s, %(actor)s, %(actor_name)s, %(now)s, null, %(now)s
 from jsonb_to_recordset(%(messages)s::jsonb) as r(id uuid, kind text, name text, keys jsonb, payload text,
 target uuid, activation bigint)""",
    "votes": """insert into task_vote (id, instance_id, task_id, node_id, user_id, user_name, person, acting_for,
 acting_for_person, outcome, comment, at) select id, %(id)s, task_id, node_id, user_id, user_name, person, acting_for,
 acting_for_person, outcome, comment, %(now)s from jsonb_to_recordset(%(votes)s::jsonb) as r(id uuid, task_id uuid,
 node_id text, user_id text, user_name text, person text, acting_for text, acting_for_person text, outcome text,
 comment text)""",
    "event": history.insert_text("event_"),
    "turns": """insert into task_turn (process_key, node_id, user_id, turn)
 select %(process_key)s, node_id, user_id, turn from jsonb_to_recordset(%(turns)s::jsonb)
 as r(node_id text, user_id text, turn bigint)
 on conflict (process_key, node_id, user_id) do update set turn = excluded.turn""",
}


def write(tx: Tx, row: InstanceRow, state: bytes, writes: Writes, *, is_new: bool) -> None:
    """Post the step. Its version can't have moved under the lock; if it had, statement and commit would fail."""
    parts = _parts(tx, row, writes)
    parameters: dict[str, Any] = {
        "id": row.id, "version_id": row.version_id, "process_key": row.process_key, "status": row.status,
        "state": state, "lock_version": row.lock_version, "title": row.title[:500], "branch_id": row.branch_id,
        "record_object": row.record_object, "record_id": row.record_id, "now": tx.now,
        "ended_at": None if row.status == "active" else tx.now, "chosen": _json(row.chosen),
        "open_incidents": _incident_count(row, writes), "actor": tx.actor.id, "actor_kind": str(tx.actor.kind),
        "actor_name": tx.actor.name, "is_over": row.status != "active",
    }  # fmt: skip
    if is_new:
        parameters |= {
            "lifecycle": row.lifecycle, "root_id": row.root_id, "parent_id": row.parent_id,
            "parent_activation": row.parent_activation, "starter": row.starter, "starter_kind": row.starter_kind,
            "starter_name": row.starter_name, "pinned": _json(row.pinned),
        }  # fmt: skip
    if "closed" in parts:
        parts["done_ids"] = list(writes.done)
    sql = _text(is_new, tuple(name for name in _PARTS if name in parts))
    tx.post(sql, parameters | parts)
    row.lock_version += 1


@lru_cache(maxsize=4096)
def _text(is_new: bool, parts: tuple[str, ...]) -> str:
    head = f"with step as ({_INSERT if is_new else _UPDATE})"
    tail = "".join(f", part_{number} as ({_PARTS[name]})" for number, name in enumerate(parts))
    return f"{head}{tail} select 1 / count(*) from step"  # noqa: S608 - constant parts only


def _parts(tx: Tx, row: InstanceRow, writes: Writes) -> dict[str, Any]:
    closed = sorted(writes.closed_tasks.keys() - writes.settled)
    found: dict[str, Any] = {
        "tasks": list(writes.tasks.values()),
        "candidates": _candidates(writes),
        "done": [{"id": str(key), **value} for key, value in writes.done.items()],
        "closed": [_closed(activation, writes.closed_tasks[activation]) for activation in closed],
        "timers": _timers(writes),
        "subscriptions": _subscriptions(writes),
        "jobs": _jobs(tx, writes),
        "incidents": _incidents(writes),
        "messages": writes.messages,
        "votes": writes.votes,
        "turns": writes.turns,
    }
    parts: dict[str, Any] = {name: _json(rows) for name, rows in found.items() if rows}
    if disarmed := sorted(writes.disarmed | set(closed)):
        parts["disarmed"] = disarmed
    if closed:
        parts["closed_candidates"] = None
        parts["closed_ids"] = closed
    if writes.unsubscribed:
        parts["unsubscribed"] = sorted(writes.unsubscribed)
    if writes.cancelled_jobs:
        parts["cancelled_jobs"] = sorted(writes.cancelled_jobs)
    if writes.event is not None:
        parts |= {f"event_{name}": value for name, value in writes.event.items()} | {"event": None}
    if writes.resolved or (row.status != "active" and row.open_incidents):
        parts["resolved"] = sorted(writes.resolved)
    return parts


def _incident_count(row: InstanceRow, writes: Writes) -> int:
    if row.status != "active":
        return 0
    row.open_incidents = max(0, row.open_incidents + len(writes.incidents) - len(writes.resolved))
    return row.open_incidents


def _closed(activation: int, reason: str) -> Json:
    is_done = reason == "completed"
    return {
        "activation": activation,
        "status": "done" if is_done else "cancelled",
        "outcome": "skipped" if is_done else None,
    }


def _candidates(writes: Writes) -> list[Json]:
    return [
        {
            "user_id": user,
            "task_id": writes.tasks[activation]["id"],
            "is_open": not writes.tasks[activation]["assignee"],
        }
        for activation, users in writes.candidates.items()
        for user in users
    ]


def _timers(writes: Writes) -> list[Json]:
    rows: list[Json] = [
        {
            "id": str(new_id()),
            "activation": timer.activation,
            "kind": "event",
            "reference": timer.node,
            "due_at": moment(timer.due),
            "data": {},
        }
        for timer in writes.timers.values()
    ]
    for activation, reminders in writes.reminders.items():
        task_id = writes.tasks[activation]["id"]
        rows.extend(
            {"id": str(new_id()), "activation": activation, "kind": "reminder", "task_id": task_id, **reminder}
            for reminder in reminders
        )
    return rows


def _subscriptions(writes: Writes) -> list[Json]:
    return [
        {"activation": s.activation, "kind": s.kind, "name": s.name, "key": key_text(s.keys), "node_id": s.node}
        for s in writes.subscriptions.values()
    ]


def _jobs(tx: Tx, writes: Writes) -> list[Json]:
    return [
        {
            "id": str(new_id()),
            "activation": job.activation,
            "node_id": job.node,
            "type": job.type,
            "attempts": job.attempt - 1,
            "max_attempts": job.attempt + job.retries,
            "next_at": moment(job.not_before or tx.now),
            "inputs": codec.pack(dict(job.inputs)).hex(),
        }
        for job in writes.jobs.values()
    ]


def _incidents(writes: Writes) -> list[Json]:
    return [
        {
            "id": str(new_id()),
            "activation": incident.activation,
            "node_id": incident.node,
            "kind": incident.code,
            "message_zh": incident.text.zh,
            "message_en": incident.text.en,
            "detail": incident.detail[:2000],
        }
        for incident in writes.incidents.values()
    ]


def _json(value: object) -> str:
    """JSON; the database refuses NUL characters, so texts that hold one are written without it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if "\\u0000" not in text else json.dumps(plain(value), ensure_ascii=False)
