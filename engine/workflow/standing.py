"""Cases in which nothing moves and nobody was told: their joins became stranded where no step of theirs looked.

A step looks when its case stands still, or when somebody moved it. What is left: cases that a version of the program
before this moved, and very large ones.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.uow import Boundary, Tx
from engine.workflow.instances import refitting
from engine.workflow.runner.row import try_lock

_SLICE = 100
_STILL = """select i.id from instance i where i.ended_at is null and not i.suspended and i.open_incidents = 0
 and i.id > %(after)s
 and not exists (select 1 from user_task t where t.instance_id = i.id and t.status in ('open', 'waiting'))
 and not exists (select 1 from timer t where t.instance_id = i.id)
 and not exists (select 1 from subscription s where s.instance_id = i.id)
 and not exists (select 1 from workflow_job j where j.instance_id = i.id)
 and not exists (select 1 from instance c where c.parent_id = i.id and c.ended_at is null)
 order by i.id limit %(limit)s"""


def tell_stranded(boundary: Boundary, actor: Actor = SYSTEM) -> int:
    """Looks at every case that waits for nobody, a slice in a transaction; how many incidents that opened."""
    told, after = 0, UUID(int=0)
    while True:
        more, last = boundary.run(actor, partial(_slice, after=after))
        told += more
        if last is None:
            return told
        after = last


def _slice(tx: Tx, after: UUID) -> tuple[int, UUID | None]:
    """Of the next cases; the last one of them, None when there are none. Those in use look themselves."""
    ids = [row[0] for row in tx.query(_STILL, {"after": after, "limit": _SLICE})]
    rows = [row for one in ids if (row := try_lock(tx, one)) is not None and row.status == "active"]
    return sum(refitting.look_again(tx, row) for row in rows), ids[-1] if ids else None
