"""Long work in the background with progress: imports, exports, bulk changes.

The row is the truth: a worker claims it with a lease, works in units of work of its own, and reports progress; a worker
that dies leaves a lease that runs out, and the job is taken up again by the next one. A job in many units keeps what it
has done in the commit of each (`Progress.keep`), so that the next worker goes on behind it and does nothing twice.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Table,
    Uuid,
    and_,
    bindparam,
    insert,
    text,
)
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

LEASE = timedelta(minutes=1)
_ATTEMPTS = 3


@dataclass(frozen=True)
class Job:
    """A job as its owner sees it. ``total`` is None until known; before the end ``result`` is what is done so far."""

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


class Released(Exception):
    """The worker stops: the job goes back to the queue, for another one to go on."""


class Lost(Exception):
    """Another worker has taken the job over: this one's lease had run out."""


class Progress:
    """What a running job reports to. Each report also renews the lease.

    ``kept``: what an earlier worker kept of this job; None at its first start.
    """

    def __init__(self, boundary: Boundary, actor: Actor, claimed: Any, stop: threading.Event | None = None) -> None:
        self._boundary = boundary
        self._actor = actor
        self._job_id: UUID = claimed.id
        self._attempt: int = claimed.attempts
        self._stop = stop
        self.kept: Mapping[str, Any] | None = claimed.result

    def report(self, done: int, total: int | None) -> None:
        """Stores the figures. Raises: Cancelled when the owner asked to stop, Released when the worker has to."""
        self._boundary.run(self._actor, lambda tx: self._note(tx, done, total, None))

    def keep(self, tx: Tx, result: Mapping[str, object], done: int, total: int | None, *, is_end: bool = False) -> None:
        """Stores figures and what is done so far, in the caller's commit; at the end nothing stops the job any more.

        Raises: like ``report``; Lost as well.
        """
        self._note(tx, done, total, result, is_end=is_end)

    def _note(
        self, tx: Tx, done: int, total: int | None, result: Mapping[str, object] | None, *, is_end: bool = False
    ) -> None:
        if self._stop is not None and self._stop.is_set() and not is_end:
            raise Released
        change = ", result = :result" if result is not None else ""
        statement = text(
            f"UPDATE background_job SET done = :done, total = :total, lease_until = :until{change}"  # noqa: S608
            " WHERE id = :id AND attempts = :attempt AND state = 'running' RETURNING cancel_requested"
        ).bindparams(*([bindparam("result", type_=JSONB)] if result is not None else []))
        parameters = {"done": done, "total": total, "until": tx.now + LEASE, "id": self._job_id}
        found = {"result": dict(result)} if result is not None else {}
        row = tx.execute(statement, {**parameters, "attempt": self._attempt, **found}).one_or_none()
        if row is None:
            raise Lost
        if row.cancel_requested and not is_end:
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


def drain(
    boundary: Boundary,
    handlers: Mapping[str, JobHandler],
    actor: Actor,
    limit: int = 100,
    stop: threading.Event | None = None,
) -> int:
    """Runs due jobs one after the other; how many. ``stop``: when set, the running one goes back to the queue."""
    for count in range(limit):
        claimed = None if stop is not None and stop.is_set() else boundary.run(actor, _claim)
        if claimed is None:
            return count
        _run_one(boundary, handlers, actor, claimed, stop)
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


def _run_one(
    boundary: Boundary, handlers: Mapping[str, JobHandler], worker: Actor, row: Any, stop: threading.Event | None
) -> None:
    owner = Actor(ActorKind(row.actor_kind), row.actor_id, row.actor_name)
    outcome: dict[str, object]
    if row.attempts > _ATTEMPTS:
        outcome = {"state": "failed", "error": _internal("interrupted")}
    else:
        try:
            result = handlers[row.kind](boundary, owner, row.parameters, Progress(boundary, worker, row, stop))
            outcome = {"state": "done", "result": dict(result), "error": None}
        except Lost:
            return
        except Released:
            boundary.run(worker, lambda tx: _release(tx, row))
            return
        except Cancelled:
            outcome = {"state": "cancelled", "error": None}
        except SchoolflowError as error:
            outcome = {"state": "failed", "error": _explained(error)}
    boundary.run(worker, lambda tx: _finish(tx, row, outcome))


def _explained(error: SchoolflowError) -> dict[str, object]:
    return {"code": error.code, "zh": error.message.zh, "en": error.message.en}


def _internal(code: str) -> dict[str, object]:
    return {"code": code, "zh": "任务多次中断，未能完成", "en": "The job was interrupted several times"}


def _release(tx: Tx, row: Any) -> None:
    """Back to the queue; the interruption was orderly, so it does not count."""
    statement = background_job.update().where(_is_ours(row))
    tx.execute(statement.values(state="queued", attempts=row.attempts - 1, lease_until=None))
    tx.wake(Drain.BACKGROUND)


def _finish(tx: Tx, row: Any, outcome: Mapping[str, object]) -> None:
    tx.execute(background_job.update().where(_is_ours(row)).values(**outcome, finished_at=tx.now, lease_until=None))


def _is_ours(row: Any) -> ColumnElement[bool]:
    """The job while this worker has it."""
    return and_(
        background_job.c.id == row.id, background_job.c.attempts == row.attempts, background_job.c.state == "running"
    )


def _job(row: Any) -> Job:
    return Job(row.id, row.kind, row.state, row.done, row.total, row.result, row.error, row.created_at, row.parameters)
