"""Running duties: claim, work and the note of it in one transaction; a failure is noted and tried again later."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from engine.kernel import canonical
from engine.kernel.actor import Actor
from engine.kernel.duties import Duty, Last, Occasion, OutsideDuty, Result
from engine.kernel.errors import SchoolflowError
from engine.kernel.uow import Boundary, Tx

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
_KEPT = timedelta(days=90)
_KEPT_INTERVALS = timedelta(days=2)

_CLAIM = text(
    "INSERT INTO duty_run (name, place, period, state, ran_at) VALUES (:name, :place, :period, 'done', :now)"
    " ON CONFLICT (name, place, period) DO UPDATE SET state = 'done', attempts = duty_run.attempts + 1,"
    " ran_at = excluded.ran_at, retry_at = NULL WHERE duty_run.state = 'failed' RETURNING 1"
)
_FINISH = text(
    "UPDATE duty_run SET result = CAST(:result AS jsonb) WHERE name = :name AND place = :place AND period = :period"
)
_FAIL = text(
    "INSERT INTO duty_run (name, place, period, state, ran_at, retry_at, result)"
    " VALUES (:name, :place, :period, 'failed', :now, :retry_at, CAST(:result AS jsonb))"
    " ON CONFLICT (name, place, period) DO UPDATE SET attempts = duty_run.attempts + 1, ran_at = excluded.ran_at,"
    " result = excluded.result,"
    " retry_at = CASE WHEN duty_run.attempts + 1 < :most THEN excluded.retry_at + duty_run.attempts * interval '5 min'"
    " END WHERE duty_run.state = 'failed'"
)
_LATEST = text("SELECT DISTINCT ON (name, place) * FROM duty_run ORDER BY name, place, period DESC")


@dataclass(frozen=True, slots=True)
class DutyRun:
    """One run as it is kept. ``result`` of a failed one tells why."""

    name: str
    place: str
    period: str
    is_done: bool
    attempts: int
    ran_at: datetime
    retry_at: datetime | None
    result: Mapping[str, Any]

    @property
    def violations(self) -> int:
        """How many things a check found wrong."""
        return int(self.result.get("violations", 0))

    @property
    def last(self) -> Last:
        """What the calendar needs of it."""
        return Last(self.period, self.is_done, self.retry_at)


def latest(tx: Tx) -> dict[tuple[str, str], DutyRun]:
    """The newest run of each duty and place."""
    return {(row.name, row.place): _run(row) for row in tx.execute(_LATEST)}


def perform(boundary: Boundary, actor: Actor, duty: Duty | OutsideDuty, occasion: Occasion) -> Result | None:
    """Does the duty for this occasion; None when another worker has done it already.

    A failure is noted with its reason, to be tried again in five minutes and later, at most five times.
    Raises: whatever went wrong, after it is noted.
    """
    keys = {"name": duty.name, "place": occasion.place, "period": occasion.period}
    try:
        if isinstance(duty, OutsideDuty):
            found = duty.act(occasion)
            return boundary.run(actor, lambda tx: _note(tx, keys, found))
        return boundary.run(actor, lambda tx: _once(tx, keys, duty, occasion))
    except Exception as error:
        log.exception("duty %s of %s failed", duty.name, occasion.period)
        reason = _reason(error)
        boundary.run(actor, lambda tx: _fail(tx, keys, reason))
        raise


def forget_old(tx: Tx) -> int:
    """Removes runs nobody asks for any more; the number removed."""
    result = tx.execute(
        text("DELETE FROM duty_run WHERE ran_at < CASE WHEN period LIKE '%T%' THEN :short ELSE :long END"),
        {"short": tx.now - _KEPT_INTERVALS, "long": tx.now - _KEPT},
    )
    return result.rowcount


def _once(tx: Tx, keys: Mapping[str, str], duty: Duty, occasion: Occasion) -> Result | None:
    if tx.execute(_CLAIM, {**keys, "now": tx.now}).one_or_none() is None:
        return None
    return _store(tx, keys, duty.work(tx, occasion))


def _note(tx: Tx, keys: Mapping[str, str], found: Result) -> Result:
    tx.execute(_CLAIM, {**keys, "now": tx.now})
    return _store(tx, keys, found)


def _store(tx: Tx, keys: Mapping[str, str], found: Result) -> Result:
    tx.execute(_FINISH, {**keys, "result": canonical.dumps(canonical.plain(dict(found)))})
    return found


def _fail(tx: Tx, keys: Mapping[str, str], reason: str) -> None:
    values = {"now": tx.now, "retry_at": tx.now + timedelta(minutes=5), "most": MOST_ATTEMPTS}
    tx.execute(_FAIL, {**keys, **values, "result": canonical.dumps({"error": reason})})


def _reason(error: Exception) -> str:
    if isinstance(error, SchoolflowError):
        return f"{error.code}: {error.message.en}"
    return type(error).__name__


def _run(row: Any) -> DutyRun:
    return DutyRun(
        row.name, row.place, row.period, row.state == "done", row.attempts, row.ran_at, row.retry_at, row.result
    )
