"""What went to a substitute comes back when his time is over, early or not: as far as nobody has begun it."""

# ruff: noqa: S608 - the texts are made of constants of this module only

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks import rows
from engine.workflow.tasks.held import note

MAX_TASKS = 1000
_THEIRS = """from user_task t where status = 'open' and assignee = any(%(deputies)s::text[])
 and acting_for->>assignee = %(user)s and claimed_at is null and delegated_by is null and draft is null
 and (%(process)s::text is null or process_key = %(process)s)
 and not exists (select 1 from user_task c where c.parent_id = t.id) and not exists (select 1 from substitution s
 where s.user_id = %(user)s and s.process_key = t.process_key and s.starts_at <= %(now)s and s.ends_at > %(now)s)"""
_BACK = f"""with back as (select id {_THEIRS} order by id limit %(limit)s for update skip locked),
 gone as (delete from task_candidate c using back where c.task_id = back.id and c.user_id <> %(user)s),
 own as (insert into task_candidate (user_id, task_id, is_open) select %(user)s, id, false from back
 on conflict do nothing)
 update user_task t set assignee = %(user)s, acting_for = '{{}}' from back where t.id = back.id returning t.id"""
_LEFT = f"select exists (select 1 {_THEIRS})"


def give_back(tx: Tx, user: str, deputies: Collection[str], process_key: str | None) -> tuple[tuple[UUID, ...], bool]:
    """Open tasks his deputies have in his place are his again.

    (Their ids, at most 1,000; whether there are more, or some that another transaction holds.)
    """
    parameters = {"user": user, "deputies": sorted(deputies), "process": process_key, "limit": MAX_TASKS, "now": tx.now}
    ids = sorted(row[0] for row in tx.query(_BACK, parameters))
    for task in rows.find(tx, "t.id = any(%(ids)s::uuid[])", {"ids": ids}):
        runtime_of(tx).access.grant_task(tx, task, user)
        note(tx, task, "given_back", "", {"to": user})
    return tuple(ids), bool(tx.query(_LEFT, parameters)[0][0])
