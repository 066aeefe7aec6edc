"""Figures of the runner for `/metrics` and the health page: one query, all by partial indexes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.kernel.uow import Tx

STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Figures:
    """Lags in seconds, 0 when nothing is late. `retries`: rows that failed and wait; `stuck`: late by ten minutes."""

    steps_last_minute: int
    messages_waiting: int
    message_lag_s: float
    timers_due: int
    timer_lag_s: float
    jobs_queued: int
    job_lag_s: float
    retries: int
    incidents: int
    stuck: int


_SELECT = """select
 (select count(*) from history where id >= %(minute)s::uuid and instance_id is not null),
 m.waiting, m.lag, t.due, t.lag, j.queued, j.lag, m.retries + t.retries + j.retries,
 (select count(*) from incident where resolved_at is null), m.stuck + t.stuck
 from (select count(*) as waiting, extract(epoch from %(now)s - min(next_at)) as lag,
  count(*) filter (where attempts > 0) as retries, count(*) filter (where next_at < %(stuck)s) as stuck
  from message where status = 'new') m,
 (select count(*) filter (where due_at <= %(now)s) as due, extract(epoch from %(now)s - min(due_at)) as lag,
  count(*) filter (where attempts > 0) as retries, count(*) filter (where due_at < %(stuck)s) as stuck
  from timer where not is_paused and (due_at <= %(now)s or attempts > 0)) t,
 (select count(*) as queued, extract(epoch from %(now)s - min(next_at)) as lag,
  count(*) filter (where attempts > 0) as retries from workflow_job where status = 'queued') j"""


def figures(tx: Tx) -> Figures:
    """How the runner is doing now. Rights are the caller's affair."""
    minute = int((tx.now - timedelta(minutes=1)).timestamp() * 1000) << 80
    parameters = {"now": tx.now, "stuck": tx.now - STUCK_AFTER, "minute": f"{minute:032x}"}
    row = tx.query(_SELECT, parameters)[0]
    steps, waiting, message_lag, due, timer_lag, queued, job_lag, *rest = row
    lags = [max(0.0, float(lag or 0)) for lag in (message_lag, timer_lag, job_lag)]
    return Figures(steps, waiting, lags[0], due, lags[1], queued, lags[2], *rest)
