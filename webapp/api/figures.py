"""Figures for Prometheus: requests to this process, and what database and queue tell when asked."""

import time
from collections.abc import Iterable, Iterator, Sequence

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis import RedisError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from engine.kernel.actor import SYSTEM
from engine.workflow import health
from webapp import timings
from webapp.composition import Platform

# When a series began would be one more gauge for each, of no use beside a counter that resets.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type there
_REGISTRY = CollectorRegistry()
_SECONDS = Histogram(
    "schoolflow_request_seconds",
    "Time to answer, by endpoint; api_tasks.complete and inbox.complete are steps of processes",
    ("endpoint", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_REGISTRY,
)

# name, help, label names, SQL of (label values…, value); every query reads a partial index or is capped
_STATES: Sequence[tuple[str, str, tuple[str, ...], str]] = (
    (
        "schoolflow_outbox_messages",
        "Messages that are not settled, by channel and state",
        ("channel", "state"),
        "SELECT channel, state, count(*) FROM outbox"
        " WHERE state IN ('queued', 'sending', 'unknown', 'failed', 'dead') GROUP BY 1, 2",
    ),
    (
        "schoolflow_outbox_retries",
        "Messages that wait for another attempt, by channel",
        ("channel",),
        "SELECT channel, count(*) FROM outbox WHERE state = 'queued' AND attempts > 0 GROUP BY 1",
    ),
    (
        "schoolflow_inbox_events",
        "Inbound events that are not handled, by state",
        ("state",),
        "SELECT state, count(*) FROM inbox WHERE state <> 'done' GROUP BY 1",
    ),
    (
        "schoolflow_instances",
        "Cases that are not ended, by process",
        ("process",),
        "SELECT process_key, count(*) FROM instance WHERE ended_at IS NULL GROUP BY 1",
    ),
    (
        "schoolflow_open_tasks",
        "Open user tasks, by process",
        ("process",),
        "SELECT process_key, count(*) FROM user_task WHERE status = 'open' GROUP BY 1",
    ),
    (
        "schoolflow_open_incidents",
        "Failures that wait for a person, by kind",
        ("kind",),
        "SELECT kind, count(*) FROM incident WHERE resolved_at IS NULL GROUP BY 1",
    ),
    (
        "schoolflow_background_jobs",
        "Long work that is not finished, by state",
        ("state",),
        "SELECT state, count(*) FROM background_job WHERE state IN ('queued', 'running') GROUP BY 1",
    ),
    (
        "schoolflow_due_lag_seconds",
        "How long the oldest due row waits, by drain; 0 when none waits",
        ("drain",),
        "SELECT drain, greatest(0, coalesce(extract(epoch FROM now() - due), 0)) FROM (VALUES"
        " ('outbox', (SELECT min(next_at) FROM outbox WHERE state = 'queued')),"
        " ('inbox', (SELECT min(next_at) FROM inbox WHERE state = 'new')),"
        " ('timers', (SELECT min(due_at) FROM timer WHERE NOT is_paused)),"
        " ('steps', (SELECT min(next_at) FROM message WHERE status = 'new')),"
        " ('background', (SELECT min(created_at) FROM background_job WHERE state = 'queued'))) AS waiting (drain, due)",
    ),
)


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_STEPS = (
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname = 'instance'"
    " AND schemaname = current_schema()"
)

_RUNNER = (
    ("steps_last_minute", "runner_trail_rows_last_minute", "Rows that cases added to the history in the last minute"),
    ("messages_waiting", "runner_messages_waiting", "Messages that no case has taken yet"),
    ("message_lag_s", "runner_message_lag_seconds", "How long the oldest of them waits"),
    ("timers_due", "runner_timers_due", "Timers that are due"),
    ("timer_lag_s", "runner_timer_lag_seconds", "How late the oldest due timer is"),
    ("jobs_queued", "runner_jobs_queued", "Parked handlers that wait to run"),
    ("job_lag_s", "runner_job_lag_seconds", "How long the oldest of them waits"),
    ("retries", "runner_retries", "Messages, timers and handlers that failed and wait for another attempt"),
    ("incidents", "runner_incidents", "Failures that wait for a person"),
    ("stuck", "runner_stuck", "Messages and timers that are late by ten minutes: is a worker running?"),
)


def install(app: Flask) -> None:
    """Measures every request of the application."""

    def begin() -> None:
        g.begun_at = time.perf_counter()

    def end(response: Response) -> Response:
        begun = getattr(g, "begun_at", None)
        if begun is not None:
            method = request.method if request.method in _METHODS else "other"
            labels = (request.endpoint or "none", method, str(response.status_code))
            _SECONDS.labels(*labels).observe(time.perf_counter() - begun)
        return response

    app.before_request(begin)
    app.after_request(end)


def scraped(platform: Platform) -> bytes:
    """Everything as Prometheus text; what a server that is down would tell is left out, and it shows as down."""
    asked = CollectorRegistry()
    asked.register(_Asked(platform))
    return generate_latest(_REGISTRY) + generate_latest(asked)


class _Asked(Collector):
    """What database and queue know, read when asked."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of time: registering must not query."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Tables, runner, workers, and which server answered."""
        up = GaugeMetricFamily("schoolflow_server_up", "Whether the server answers", labels=("server",))
        for name, families in (("database", _of_database), ("queue", _of_queue)):
            try:
                found = families(self._platform)
            except (SQLAlchemyError, RedisError):
                up.add_metric([name], 0)
                continue
            up.add_metric([name], 1)
            yield from found
        yield up


def _of_database(platform: Platform) -> list[Metric]:
    with platform.engine.connect() as connection:
        found = [_state(connection, *one) for one in _STATES]
        stored = float(connection.execute(text(_STEPS)).scalar_one())
    steps = "Durable steps: writes of instances since the database's statistics were last reset"
    now = platform.boundary.run(SYSTEM, health.figures)
    runner = [
        GaugeMetricFamily(f"schoolflow_{name}", meaning, value=getattr(now, field)) for field, name, meaning in _RUNNER
    ]
    return [*found, CounterMetricFamily("schoolflow_steps", steps, value=stored), *runner]


def _state(connection: Connection, name: str, meaning: str, labels: tuple[str, ...], sql: str) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for row in connection.execute(text(sql)):
        family.add_metric([str(value) for value in row[:-1]], float(row[-1]))
    return family


def _of_queue(platform: Platform) -> list[Metric]:
    seconds = HistogramMetricFamily(
        "schoolflow_turn_seconds", "How long the workers' turns take that handle something, by drain", labels=("drain",)
    )
    rows = CounterMetricFamily("schoolflow_turn_rows", "Rows that the workers handled, by drain", labels=("drain",))
    for one in timings.read(platform.redis):
        seconds.add_metric([one.drain], one.buckets, one.seconds)
        rows.add_metric([one.drain], one.rows)
    return [seconds, rows]
