"""The one statement of a step: a CTE that writes everything the step changed, checked by the row's version.

Only the parts that have rows are in the text; texts are cached by their parts, so the server plans each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from engine.kernel import history
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.runner.inserts import FEW, Insert, to_json
from engine.workflow.runner.keys import key_text
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.writes import Json, Writes

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

DONE = ("outcome", "comment", "completed_by", "completed_by_name")

_INSERTS: dict[str, Insert] = {
    "tasks": Insert(
        "user_task",
        {
            "id": "uuid", "activation": "bigint", "host": "bigint", "item": "int", "node_id": "text", "title": "text",
            "name": "text", "form": "text", "branch_id": "uuid", "object": "text", "record_id": "uuid",
            "assignee": "text", "acting_for": "jsonb", "priority": "smallint", "due_at": "timestamptz",
        },
        {
            "instance_id": "%(id)s", "process_key": "%(process_key)s", "kind": "'task'", "status": "'open'",
            "created_at": "%(now)s",
        },
    ),
    "candidates": Insert("task_candidate", {"user_id": "text", "task_id": "uuid", "is_open": "boolean"}),
    "timers": Insert(
        "timer",
        {
            "id": "uuid", "activation": "bigint", "kind": "text", "reference": "text", "task_id": "uuid",
            "due_at": "timestamptz", "data": "jsonb",
        },
        {"instance_id": "%(id)s"},
    ),
    "subscriptions": Insert(
        "subscription",
        {"activation": "bigint", "kind": "text", "name": "text", "key": "text", "node_id": "text"},
        {"instance_id": "%(id)s"},
    ),
    "jobs": Insert(
        "workflow_job",
        {
            "id": "uuid", "activation": "bigint", "node_id": "text", "type": "text", "attempts": "int",
            "max_attempts": "int", "next_at": "timestamptz", "inputs": "hex",
        },
        {"instance_id": "%(id)s", "kind": "'external'", "status": "'queued'"},
        """ on conflict (instance_id, activation) do update set status = 'queued', attempts = excluded.attempts,
 next_at = excluded.next_at, lease_until = null, worker = null, inputs = excluded.inputs""",
    ),
    "incidents": Insert(
        "incident",
        {
            "id": "uuid", "activation": "bigint", "node_id": "text", "kind": "text", "message_zh": "text",
            "message_en": "text", "detail": "text",
        },
        {
            "instance_id": "%(id)s", "branch_id": "%(branch_id)s", "process_key": "%(process_key)s",
            "created_at": "%(now)s",
        },
    ),
    "messages": Insert(
        "message",
        {
            "id": "uuid", "kind": "text", "name": "text", "keys": "jsonb", "payload": "hex",
            "target_instance_id": "uuid", "activation": "bigint",
        },
        {
            "status": "'new'", "source_instance_id": "%(id)s", "branch_id": "%(branch_id)s",
            "record_object": "%(record_object)s", "record_id": "%(record_id)s", "actor_kind": "%(actor_kind)s",
            "actor_id": "%(actor)s", "actor_name": "%(actor_name)s", "created_at": "%(now)s", "next_at": "%(now)s",
        },
    ),
    "votes": Insert(
        "task_vote",
        {
            "id": "uuid", "task_id": "uuid", "node_id": "text", "user_id": "text", "user_name": "text",
            "person": "text", "acting_for": "text", "acting_for_person": "text", "outcome": "text", "comment": "text",
        },
        {"instance_id": "%(id)s", "at": "%(now)s"},
    ),
    "turns": Insert(
        "task_turn",
        {"node_id": "text", "user_id": "text", "turn": "bigint"},
        {"process_key": "%(process_key)s"},
        " on conflict (process_key, node_id, user_id) do update set turn = excluded.turn",
    ),
    "stores": Insert(
        "data_store",
        {"branch_id": "uuid", "name": "text", "content": "hex"},
        {"version": "1", "updated_at": "%(now)s", "instance_id": "%(id)s"},
        """ on conflict (branch_id, name) do update set content = excluded.content, version = data_store.version + 1,
 updated_at = excluded.updated_at, instance_id = excluded.instance_id""",
    ),
}  # fmt: skip
_INSERTS["round_tasks"] = _INSERTS["tasks"].with_columns({"rounds": "bigint[]"})

_DONE = """update user_task t set status = 'done', outcome = {outcome}, comment = {comment}, completed_at = %(now)s,
 completed_by = {completed_by}, completed_by_name = {completed_by_name}, draft = null, result = null,
 assignee = coalesce(t.assignee, {completed_by})"""
_DONE_ONE = f"{_DONE.format(**{name: f'%(done_{name})s' for name in DONE})} where t.id = %(done_id)s"
_DONE_MANY = (
    f"{_DONE.format(**{name: f'r.{name}' for name in DONE})} from jsonb_to_recordset(%(done)s::jsonb)"
    f" as r(id uuid, {', '.join(f'{name} text' for name in DONE)})"
    " where t.id = r.id and t.id = any(%(done_ids)s::uuid[])"
)
_CHANGES: dict[str, str] = {
    "done": _DONE_ONE,
    "done_many": _DONE_MANY,
    "closed": """update user_task t set status = r.status, completed_at = %(now)s,
 outcome = coalesce(t.outcome, r.outcome), draft = null from jsonb_to_recordset(%(closed)s::jsonb)
 as r(activation bigint, status text, outcome text) where t.instance_id = %(id)s and t.activation = r.activation
 and t.status in ('open', 'waiting') and not t.id = any(%(done_ids)s::uuid[])""",
    "closed_candidates": """update task_candidate c set is_open = false from user_task t
 where t.instance_id = %(id)s and t.activation = any(%(closed_ids)s::bigint[]) and c.task_id = t.id and c.is_open""",
    "disarmed": """delete from timer where instance_id = %(id)s and activation = any(%(disarmed)s::bigint[])""",
    "unsubscribed": """delete from subscription where instance_id = %(id)s
 and activation = any(%(unsubscribed)s::bigint[])""",
    "cancelled_jobs": """delete from workflow_job where instance_id = %(id)s
 and activation = any(%(cancelled_jobs)s::bigint[])""",
    "resolved": """update incident set resolved_at = %(now)s, resolved_by = %(actor)s, resolution = 'resolved'
 where instance_id = %(id)s and resolved_at is null
 and (%(is_over)s or activation = any(%(resolved)s::bigint[]))""",
    "event": history.insert_text("event_"),
}


def write(tx: Tx, row: InstanceRow, state: bytes, writes: Writes, *, is_new: bool) -> None:
    """Post the step. Its version can't have moved under the lock; if it had, statement and commit would fail."""
    parameters: dict[str, Any] = {
        "id": row.id, "version_id": row.version_id, "status": row.status, "state": state,
        "lock_version": row.lock_version, "title": row.title[:500], "now": tx.now,
        "ended_at": None if row.status == "active" else tx.now, "chosen": to_json(row.chosen),
        "open_incidents": _incident_count(row, writes), "process_key": row.process_key, "branch_id": row.branch_id,
        "record_object": row.record_object, "record_id": row.record_id, "actor": tx.actor.id,
        "actor_kind": str(tx.actor.kind), "actor_name": tx.actor.name, "is_over": row.status != "active",
    }  # fmt: skip
    if is_new:
        parameters |= {
            "lifecycle": row.lifecycle, "root_id": row.root_id, "parent_id": row.parent_id,
            "parent_activation": row.parent_activation, "starter": row.starter, "starter_kind": row.starter_kind,
            "starter_name": row.starter_name, "pinned": to_json(row.pinned),
        }  # fmt: skip
    parts = _changes(row, writes, parameters)
    for name, rows in _new_rows(tx, writes).items():
        if rows:
            parts.append((name, min(len(rows), FEW + 1)))
            parameters |= _INSERTS[name].parameters(name, rows)
    tx.post(_text(is_new, tuple(parts)), parameters)
    row.lock_version += 1


@lru_cache(maxsize=4096)
def _text(is_new: bool, parts: tuple[tuple[str, int], ...]) -> str:
    head = f"with step as ({_INSERT if is_new else _UPDATE})"
    texts = (_INSERTS[name].text(name, number) if number else _CHANGES[name] for name, number in parts)
    tail = "".join(f", part_{place} as ({text})" for place, text in enumerate(texts))
    return f"{head}{tail} select 1 / count(*) from step"  # noqa: S608 - constant parts only


def _new_rows(tx: Tx, writes: Writes) -> dict[str, list[Json]]:
    """Rows to insert, by part. Timers name their tasks, so tasks come first."""
    return {
        "tasks": [row for row in writes.tasks.values() if "rounds" not in row],
        "round_tasks": [row for row in writes.tasks.values() if "rounds" in row],
        "candidates": _candidates(writes),
        "timers": _timers(writes),
        "subscriptions": _subscriptions(writes),
        "jobs": _jobs(tx, writes),
        "incidents": _incidents(writes),
        "messages": writes.messages,
        "votes": writes.votes,
        "turns": writes.turns,
        "stores": [{**row, "content": codec.pack(row["content"])} for row in writes.stores.values()],
    }


def _changes(row: InstanceRow, writes: Writes, parameters: dict[str, Any]) -> list[tuple[str, int]]:
    """The parts that change or delete rows; what they ask for goes into the parameters."""
    closed = sorted(writes.closed_tasks.keys() - writes.settled)
    asked: dict[str, dict[str, Any]] = {}
    if writes.done:
        asked |= _done(writes.done)
    if closed:
        rows = [_closed(activation, writes.closed_tasks[activation]) for activation in closed]
        asked["closed"] = {"closed": to_json(rows), "done_ids": list(writes.done)}
        asked["closed_candidates"] = {"closed_ids": closed}
    if disarmed := sorted(writes.disarmed | set(closed)):
        asked["disarmed"] = {"disarmed": disarmed}
    if writes.unsubscribed:
        asked["unsubscribed"] = {"unsubscribed": sorted(writes.unsubscribed)}
    if writes.cancelled_jobs:
        asked["cancelled_jobs"] = {"cancelled_jobs": sorted(writes.cancelled_jobs)}
    if writes.resolved or (row.status != "active" and row.open_incidents):
        asked["resolved"] = {"resolved": sorted(writes.resolved)}
    if writes.event is not None:
        asked["event"] = {f"event_{name}": value for name, value in writes.event.items()}
    for found in asked.values():
        parameters |= found
    return [(name, 0) for name in asked]


def _done(done: Mapping[UUID, Json]) -> dict[str, dict[str, Any]]:
    if len(done) > 1:
        rows = [{"id": key, **values} for key, values in done.items()]
        return {"done_many": {"done": to_json(rows), "done_ids": list(done)}}
    ((task_id, values),) = done.items()
    return {"done": {"done_id": task_id, **{f"done_{name}": value for name, value in values.items()}}}


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
            "id": new_id(),
            "activation": timer.activation,
            "kind": "event",
            "reference": timer.node,
            "due_at": timer.due,
            "data": {},
        }
        for timer in writes.timers.values()
    ]
    for activation, reminders in writes.reminders.items():
        task_id = writes.tasks[activation]["id"]
        rows.extend(
            {"id": new_id(), "activation": activation, "kind": "reminder", "task_id": task_id, **reminder}
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
            "id": new_id(),
            "activation": job.activation,
            "node_id": job.node,
            "type": job.type,
            "attempts": job.attempt - 1,
            "max_attempts": job.attempt + job.retries,
            "next_at": job.not_before or tx.now,
            "inputs": codec.pack(dict(job.inputs)),
        }
        for job in writes.jobs.values()
    ]


def _incidents(writes: Writes) -> list[Json]:
    return [
        {
            "id": new_id(),
            "activation": incident.activation or None,
            "node_id": incident.node,
            "kind": incident.code,
            "message_zh": incident.text.zh,
            "message_en": incident.text.en,
            "detail": incident.detail[:2000],
        }
        for incident in writes.incidents.values()
    ]
