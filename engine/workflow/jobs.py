"""External jobs: an outside worker fetches work of a type, and reports how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.commands import Command, CompleteJob, FailJob, ThrowError
from engine.workflow.runner.calls import values_of
from engine.workflow.runner.step import step

_FETCH = """update workflow_job j set status = 'leased', worker = %(worker)s, lease_until = %(until)s
 from (select w.id from workflow_job w join instance i on i.id = w.instance_id and not i.suspended
 where w.kind = 'external' and w.type = %(type)s and w.next_at <= %(now)s
 and (w.status = 'queued' or (w.status = 'leased' and w.lease_until < %(now)s))
 order by w.next_at, w.id limit %(limit)s for update of w skip locked) due
 where j.id = due.id returning j.id, j.instance_id, j.activation, j.node_id, j.type, j.attempts, j.inputs"""


@dataclass(frozen=True, slots=True)
class Job:
    """Work to do. `attempts`: tries before this one."""

    id: UUID
    instance_id: UUID
    activation: int
    node_id: str
    type: str
    attempts: int
    inputs: Mapping[str, Value]


def fetch(tx: Tx, job_type: str, worker: str, limit: int = 10, lease_s: float = 60.0) -> list[Job]:
    """Lease up to `limit` jobs; one not reported within the lease goes to the next who asks."""
    parameters = {
        "worker": worker[:200], "until": tx.now + timedelta(seconds=lease_s), "type": job_type, "now": tx.now,
        "limit": max(1, min(limit, 200)),
    }  # fmt: skip
    found = tx.connection.exec_driver_sql(_FETCH, parameters)
    return sorted((Job(*(*row[:-1], codec.unpack(bytes(row[-1])))) for row in found), key=lambda job: job.id)


def complete(tx: Tx, job_id: UUID, worker: str, result: Mapping[str, Any] | None = None) -> None:
    """The work is done. Raises: NotFound; Conflict when the lease went to another worker."""
    _report(tx, job_id, worker, lambda activation: CompleteJob(activation, values_of(result or {})))


def fail(
    tx: Tx, job_id: UUID, worker: str, message: str, retries: int | None = None, retry_at: datetime | None = None
) -> None:
    """It did not work: again later while retries are left, then an incident."""
    _report(tx, job_id, worker, lambda activation: FailJob(activation, message[:1000], retries, retry_at))


def error(tx: Tx, job_id: UUID, worker: str, code: str, message: str = "") -> None:
    """A business error: goes to the error boundary events."""
    _report(tx, job_id, worker, lambda activation: ThrowError(activation, code, message[:1000]))


def _report(tx: Tx, job_id: UUID, worker: str, command: Any) -> None:
    sql = "select instance_id, activation, worker, status from workflow_job where id = %(id)s"
    row = tx.connection.exec_driver_sql(sql, {"id": job_id}).one_or_none()
    if row is None:
        raise NotFound("job_not_found", Text("未找到该作业", "There is no such job"))
    if row[3] != "leased" or row[2] != worker:
        raise Conflict("job_not_leased", Text("该作业已被其他执行者领取", "The job is leased to another worker"))
    wanted: Command = command(row[1])
    step(tx, row[0], wanted)
