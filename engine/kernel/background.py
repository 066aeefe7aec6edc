"""Long work in the background with progress: imports, exports, bulk changes.

The row is the truth: a worker claims it with a lease, works in units of work of its own, and reports progress; a worker
that dies leaves a lease that runs out, and the job is taken up again by the next one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Uuid, insert, text
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.database import metadata
from engine.kernel.errors import NotFound, SchoolflowError
from engine.kernel.ids import new_id
from engine.kernel.uow import Boundary, Drain, Tx

background_job = Table(
    "background_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", TextColumn, nullable=False),
    Column("actor_kind", TextColumn, nullable=False),
    Column("actor_id", TextColumn, nullable=False),
    Column("actor_name", TextColumn, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("state", TextColumn, nullable=False),  # queued running done failed cancelled
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer),
    Column("result", JSONB(none_as_null=True)),
    Column("error", JSONB(none_as_null=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("cancel_requested", Boolean, nullable=False, server_default="false"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Index("ix_background_job_due", "created_at", postgresql_where=text("state IN ('queued', 'running')")),
    Index("ix_background_job_actor", "actor_id", "id"),
    info={"room": "kernel"},
)

LEASE = timedelta(minutes=2)
_ATTEMPTS = 3


@dataclass(frozen=True)
class Job:
    """A job as its owner sees it. ``total`` is None until known."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    created_at: datetime
    parameters: Mapping[str, Any]


class Cancelled(Exception):
    """The owner asked the job to stop."""


class Progress:
    """What a running job reports to. Each report also renews the lease."""

    def __init__(self, boundary: Boundary, actor: Actor, job_id: UUID) -> None:
        self._boundary = boundary
        self._actor = actor
        self._job_id = job_id

    def report(self, done: int, total: int | None) -> None:
        """Stores the figures. Raises: Cancelled when the owner asked to stop."""
        row = self._boundary.run(
            self._actor,
            lambda tx: tx.execute(
                text(
                    "UPDATE background_job SET done = :done, total = :total, lease_until = :until"
                    " WHERE id = :id RETURNING cancel_requested"
                ),
                {"done": done, "total": total, "until": tx.now + LEASE, "id": self._job_id},
            ).one(),
        )
        if row.cancel_requested:
            raise Cancelled


class JobHandler(Protocol):
    """Does the work of one kind, in units of work of its own; may be run again after a crash."""

    def __call__(
        self, boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress
    ) -> Mapping[str, object]:
        """The result as JSON."""


def enqueue(tx: Tx, kind: str, parameters: Mapping[str, object]) -> UUID:
    """Puts a job down for the acting person; it starts after the commit."""
    job_id = new_id()
    tx.execute(
        insert(background_job).values(
            id=job_id,
            kind=kind,
            actor_kind=str(tx.actor.kind),
            actor_id=tx.actor.id,
            actor_name=tx.actor.name,
            parameters=parameters,
            state="queued",
            created_at=tx.now,
        )
    )
    tx.wake(Drain.BACKGROUND)
    return job_id


def get(tx: Tx, job_id: UUID) -> Job:
    """The acting person's own job. Raises: NotFound, also for somebody else's."""
    row = tx.execute(
        text("SELECT * FROM background_job WHERE id = :id AND actor_id = :actor"),
        {"id": job_id, "actor": tx.actor.id},
    ).one_or_none()
    if row is None:
        raise NotFound
    return _job(row)


def listing(tx: Tx, limit: int = 50) -> list[Job]:
    """The acting person's latest jobs, newest first."""
    rows = tx.execute(
        text("SELECT * FROM background_job WHERE actor_id = :actor ORDER BY id DESC LIMIT :limit"),
        {"actor": tx.actor.id, "limit": limit},
    )
    return [_job(row) for row in rows]


def cancel(tx: Tx, job_id: UUID) -> Job:
    """Asks a job to stop; a queued one ends at once."""
    get(tx, job_id)
    tx.execute(
        text(
            "UPDATE background_job SET cancel_requested = true,"
            " finished_at = CASE WHEN state = 'queued' THEN :now ELSE finished_at END,"
            " state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END"
            " WHERE id = :id AND state IN ('queued', 'running')"
        ),
        {"id": job_id, "now": tx.now},
    )
    return get(tx, job_id)


def drain(boundary: Boundary, handlers: Mapping[str, JobHandler], actor: Actor, limit: int = 100) -> int:
    """Runs due jobs one after the other; how many."""
    for count in range(limit):
        claimed = boundary.run(actor, _claim)
        if claimed is None:
            return count
        _run_one(boundary, handlers, actor, claimed)
    return limit


def is_due(tx: Tx) -> bool:
    """True when a job waits, or one was left behind by a worker that died."""
    return bool(
        tx.execute(
            text(
                "SELECT EXISTS (SELECT 1 FROM background_job"
                " WHERE state = 'queued' OR (state = 'running' AND lease_until < :now))"
            ),
            {"now": tx.now},
        ).scalar_one()
    )


def _claim(tx: Tx) -> Any:
    return tx.execute(
        text(
            "UPDATE background_job SET state = 'running', attempts = attempts + 1, lease_until = :until"
            " WHERE id = (SELECT id FROM background_job WHERE state = 'queued'"
            "   OR (state = 'running' AND lease_until < :now) ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " RETURNING *"
        ),
        {"now": tx.now, "until": tx.now + LEASE},
    ).one_or_none()


def _run_one(boundary: Boundary, handlers: Mapping[str, JobHandler], worker: Actor, row: Any) -> None:
    owner = Actor(ActorKind(row.actor_kind), row.actor_id, row.actor_name)
    outcome: dict[str, object]
    if row.attempts > _ATTEMPTS:
        outcome = {"state": "failed", "error": _internal("interrupted"), "result": None}
    else:
        try:
            result = handlers[row.kind](boundary, owner, row.parameters, Progress(boundary, worker, row.id))
            outcome = {"state": "done", "result": dict(result), "error": None}
        except Cancelled:
            outcome = {"state": "cancelled", "result": None, "error": None}
        except SchoolflowError as error:
            outcome = {"state": "failed", "result": None, "error": _explained(error)}
    boundary.run(worker, lambda tx: _finish(tx, row.id, outcome))


def _explained(error: SchoolflowError) -> dict[str, object]:
    return {"code": error.code, "zh": error.message.zh, "en": error.message.en}


def _internal(code: str) -> dict[str, object]:
    return {"code": code, "zh": "任务多次中断，未能完成", "en": "The job was interrupted several times"}


def _finish(tx: Tx, job_id: UUID, outcome: Mapping[str, object]) -> None:
    tx.execute(
        background_job.update()
        .where(background_job.c.id == job_id)
        .values(**outcome, finished_at=tx.now, lease_until=None)
    )


def _job(row: Any) -> Job:
    return Job(row.id, row.kind, row.state, row.done, row.total, row.result, row.error, row.created_at, row.parameters)
