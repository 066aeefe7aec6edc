"""What a user task lets its holder see and write of its one bound record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from engine.kernel import canonical
from engine.kernel.line import Parameters
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.grants import forbids_of
from engine.metadata.levels import highest_level, is_readable
from engine.metadata.profile import Profile

_READABLE = "update task_grant set expires_at = %(until)s where task_id = %(task)s"
_END = "delete from task_grant where task_id = %(task)s"
_GRANTED = """select fields, expires_at from task_grant where user_id = %(user)s and object = %(object)s
 and record_id = %(record)s"""
_GRANT = """insert into task_grant (task_id, user_id, object, record_id, fields)
 values (%(task)s, %(user)s, %(object)s, %(record)s, %(fields)s::jsonb)
 on conflict (task_id, user_id) do update set object = excluded.object, record_id = excluded.record_id,
 fields = excluded.fields, expires_at = null"""


def grant_task(
    tx: Tx, task_id: UUID, user_id: UUID, object_key: str, record_id: UUID, fields: Mapping[str, str]
) -> None:
    """From claim on: the user has these levels (`read`, `write`) on these fields of this record."""
    values = {"task": task_id, "user": user_id, "object": object_key, "record": record_id}
    tx.post(_GRANT, values | {"fields": canonical.dumps(dict(fields))})


def end_task(tx: Tx, task_id: UUID, readable_until: datetime | None = None) -> None:
    """The task is done: what it granted becomes read-only until then (None: ends at once)."""
    sql = _END if readable_until is None else _READABLE
    tx.post(sql, {"task": task_id, "until": readable_until})


def task_levels(tx: Tx, profile: Profile, object_key: str, record_id: UUID) -> dict[str, str]:
    """Field -> level that the actor's tasks give on the record; empty when none."""
    if profile.user_id is None:
        return {}
    rows = tx.query(_GRANTED, _whose(profile.user_id, object_key, record_id))
    found: dict[str, str] = {}
    for fields, expires_at in rows:
        if expires_at is not None and expires_at <= tx.now:
            continue
        for key, level in fields.items():
            given = level if expires_at is None or not is_readable(level) else "read"
            found[key] = highest_level((found.get(key, "none"), given))
    forbidden = {field for rule in forbids_of(snapshot.load(tx), profile, object_key) for field in rule.fields}
    return {key: level for key, level in found.items() if key not in forbidden}


def foresee_grants(tx: Tx, user_id: UUID, object_key: str, record_id: UUID) -> None:
    """Ask along with the next query what ``task_levels`` asks."""
    tx.foresee(_GRANTED, _whose(user_id, object_key, record_id))


def _whose(user_id: UUID, object_key: str, record_id: UUID) -> Parameters:
    return {"user": user_id, "object": object_key, "record": record_id}
