"""Due timers: events of instances, reminders of tasks, start events. Each fires in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from engine.kernel.actor import Actor
from engine.kernel.uow import Boundary, Tx, Unavailable
from engine.workflow.bpmn.model import EventKind
from engine.workflow.deployments.activating import insert_start, next_start
from engine.workflow.interpreter.commands import FireTimer
from engine.workflow.programs import load
from engine.workflow.reminders import remind
from engine.workflow.runner.row import InstanceRow, try_lock, try_lock_all
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import Beginning, begin

log = logging.getLogger(__name__)

BATCH = 200
BUSY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One row of `timer`."""

    id: UUID
    instance_id: UUID | None
    activation: int | None
    kind: str
    reference: str
    task_id: UUID | None
    version_id: UUID | None
    due_at: datetime
    data: Mapping[str, Any]
    attempts: int


_COLUMNS = "id, instance_id, activation, kind, reference, task_id, version_id, due_at, data, attempts"
_DUE = f"""select {_COLUMNS} from timer where not is_paused and due_at <= %(now)s order by due_at, id
 limit %(limit)s for update skip locked"""  # noqa: S608 - constant parts only
_DELETE = "delete from timer where id = %(id)s"
_ONE = f"select {_COLUMNS} from timer where id = %(id)s for update skip locked"  # noqa: S608


def fire_due(boundary: Boundary, actor: Actor, limit: int) -> int:
    """Fire due timers in batches; how many. A batch that fails is done again one by one."""
    count = 0
    while count < limit:
        batch: list[UUID] = []
        try:
            size = boundary.run(actor, partial(_fire_batch, batch=batch, limit=min(BATCH, limit - count)))
        except Unavailable:
            raise
        except Exception:
            if not batch:
                raise
            log.exception("a batch of timers failed; going one by one")
            for timer_id in batch:
                _fire_alone(boundary, actor, timer_id)
            size = len(batch)
        if size == 0:
            break
        count += size
    return count


def _fire_batch(tx: Tx, batch: list[UUID], limit: int) -> int:
    found = [TimerRow(*row) for row in tx.query(_DUE, {"now": tx.now, "limit": limit})]
    batch[:] = [timer.id for timer in found]
    locked = try_lock_all(tx, {timer.instance_id for timer in found if timer.instance_id is not None})
    for timer in found:
        row = None if timer.instance_id is None else locked.pop(timer.instance_id, None)
        _fire(tx, timer, row)
    return len(found)


def _fire_alone(boundary: Boundary, actor: Actor, timer_id: UUID) -> None:
    def once(tx: Tx) -> None:
        row = tx.connection.exec_driver_sql(_ONE, {"id": timer_id}).one_or_none()
        if row is not None:
            _fire(tx, TimerRow(*row))

    def later(tx: Tx) -> None:
        sql = """update timer set attempts = attempts + 1,
 due_at = %(now)s + least(interval '10 minutes', interval '2 seconds' * power(2, attempts)) where id = %(id)s"""
        tx.connection.exec_driver_sql(sql, {"id": timer_id, "now": tx.now})

    try:
        boundary.run(actor, once)
    except Unavailable:
        raise
    except Exception:
        log.exception("timer %s failed", timer_id)
        boundary.run(actor, later)


def _fire(tx: Tx, timer: TimerRow, row: InstanceRow | None = None) -> None:
    """row: the instance, when the batch holds its lock and no timer of the batch has moved it yet."""
    if timer.kind == "start":
        _start(tx, timer)
        return
    if timer.instance_id is None or timer.activation is None:
        _delete(tx, timer.id)
        return
    row = row or try_lock(tx, timer.instance_id)
    if row is None:
        _postpone(tx, timer)
        return
    if row.suspended:
        tx.connection.exec_driver_sql("update timer set is_paused = true where id = %(id)s", {"id": timer.id})
        return
    if timer.kind == "reminder":
        if _delete(tx, timer.id) == 1 and row.status == "active":
            remind(tx, row, timer)
        return
    tx.post(_DELETE, {"id": timer.id})
    if row.status != "active":
        return
    session = Session(tx, row)
    if _is_armed(session, timer.activation):
        session.run(FireTimer(timer.activation))
        session.save()


def _is_armed(session: Session, activation: int) -> bool:
    return activation in session.state.arms or activation in session.state.tokens


def _delete(tx: Tx, timer_id: UUID) -> int:
    return tx.connection.exec_driver_sql(_DELETE, {"id": timer_id}).rowcount


def _postpone(tx: Tx, timer: TimerRow) -> None:
    """Somebody works on the instance: the order of due times is kept, the timer comes again in a second."""
    sql = "update timer set due_at = %(at)s where id = %(id)s"
    tx.connection.exec_driver_sql(sql, {"id": timer.id, "at": tx.now + BUSY})


def _start(tx: Tx, timer: TimerRow) -> None:
    """A timer start event: begin an instance, arm the next round."""
    _delete(tx, timer.id)
    if timer.version_id is None:
        return
    loaded = load(tx, timer.version_id)
    position, number = int(timer.data["position"]), int(timer.data["round"]) + 1
    event = loaded.program.ops[timer.reference].events[position]
    if event.kind is not EventKind.TIMER:
        return
    paused = "select is_paused from process where key = %(key)s"
    if not tx.connection.exec_driver_sql(paused, {"key": loaded.process_key}).scalar():
        begin(tx, Beginning(timer.version_id, tx.actor), {}, node=timer.reference, event=position)
    due, anchor = next_start(tx, event, number, datetime.fromisoformat(timer.data["anchor"]))
    if due is not None and anchor is not None:
        insert_start(tx, timer.version_id, timer.reference, position, due, anchor, number)
