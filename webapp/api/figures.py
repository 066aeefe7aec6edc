"""Figures for Prometheus: how long requests take in this process, and what the tables hold when asked."""

import time
from collections.abc import Iterable, Iterator, Sequence

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, text

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


def install(app: Flask) -> None:
    """Measures every request of the application."""

    def begin() -> None:
        g.begun_at = time.perf_counter()

    def end(response: Response) -> Response:
        begun = getattr(g, "begun_at", None)
        if begun is not None:
            labels = (request.endpoint or "none", request.method, str(response.status_code))
            _SECONDS.labels(*labels).observe(time.perf_counter() - begun)
        return response

    app.before_request(begin)
    app.after_request(end)


def scraped(connection: Connection) -> bytes:
    """Everything as Prometheus text."""
    states = CollectorRegistry()
    states.register(_States(connection))
    return generate_latest(_REGISTRY) + generate_latest(states)


class _States(Collector):
    """The states of the tables, read when asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing ahead of time: registering must not query."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a query."""
        for name, meaning, labels, sql in _STATES:
            family = GaugeMetricFamily(name, meaning, labels=labels)
            for row in self._connection.execute(text(sql)):
                family.add_metric([str(value) for value in row[:-1]], float(row[-1]))
            yield family
