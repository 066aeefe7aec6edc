"""The figures: who may read them, and that they are Prometheus text with what an operator needs."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from engine.kernel.actor import SYSTEM
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.settings import Settings
from engine.kernel.uow import Drain
from tests.integration.webapp.api.school import School
from webapp import worker
from webapp.app import create_app

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(client: FlaskClient, **options: str) -> Samples:
    """Name and labels to value, read by Prometheus' own grammar."""
    answer = client.get("/metrics", **options)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[(f"schoolflow_{name}", frozenset(labels.items()))]


def test_metrics_tell_requests_states_and_lag(school: School) -> None:
    school.person("admin").get("/me")
    later = OutboxMessage(
        channel="sms",
        recipient="+8613800138000",
        payload={"to": "+8613800138000", "text": "明天停课"},
        idempotency_key="metrics:1",
    )
    school.platform.boundary.run(SYSTEM, lambda tx: enqueue(tx, later))
    found = samples(school.anybody)
    assert value(found, "request_seconds_count", endpoint="api_auth.me", method="GET", status="200") >= 1
    assert value(found, "open_tasks", process="refund") >= 1
    assert value(found, "outbox_messages", channel="sms", state="queued") >= 1
    for drain in ("outbox", "inbox", "timers", "steps", "background"):
        assert value(found, "due_lag_seconds", drain=drain) >= 0
    assert (value(found, "server_up", server="database"), value(found, "server_up", server="queue")) == (1, 1)


def test_metrics_tell_how_the_runner_does(school: School) -> None:
    found = samples(school.anybody)
    for name in ("messages_waiting", "message_lag_seconds", "timers_due", "timer_lag_seconds", "jobs_queued",
                 "job_lag_seconds", "retries", "incidents", "stuck", "trail_rows_last_minute"):  # fmt: skip
        assert value(found, f"runner_{name}") >= 0
    assert "schoolflow_steps_total" in {name for name, _ in found}


def test_worker_turns_are_added_up_for_all_workers(school: School) -> None:
    school.person("admin").post("/records/lead/export", {}, status=202)
    assert worker.drain_all(school.platform, Drain.BACKGROUND) == 1
    assert worker.drain_all(school.platform, Drain.BACKGROUND) == 0
    found = samples(school.anybody)
    assert value(found, "turn_rows_total", drain="background") == 1
    assert value(found, "turn_seconds_count", drain="background") == 1
    assert value(found, "turn_seconds_bucket", drain="background", le="+Inf") == 1
    assert value(found, "turn_seconds_sum", drain="background") > 0


def test_invented_methods_and_addresses_make_no_series_of_their_own(school: School) -> None:
    for number in range(3):
        school.anybody.open(f"/nowhere/{number}", method=f"FOO{number}")
    found = samples(school.anybody)
    assert value(found, "request_seconds_count", endpoint="none", method="other", status="404") == 3
    assert not any("FOO" in str(labels) for _, labels in found)


def test_metrics_stay_when_the_queue_is_down(school: School) -> None:
    down = replace(school.platform, redis=Redis.from_url("redis://127.0.0.1:1"))
    found = samples(create_app(down).test_client())
    assert (value(found, "server_up", server="database"), value(found, "server_up", server="queue")) == (1, 0)
    assert value(found, "open_tasks", process="refund") >= 1


@pytest.fixture
def guarded(school: School) -> Iterator[FlaskClient]:
    """A school whose figures need a token, except on its own machine and in one network."""
    settings: Settings = replace(
        school.platform.settings, metrics_token="scrape-me", metrics_allow=(ip_network("10.1.0.0/16"),)
    )
    yield create_app(replace(school.platform, settings=settings)).test_client()


def test_strangers_may_not_read_the_figures(school: School) -> None:
    refused = school.anybody.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert (refused.status_code, refused.mimetype) == (403, "text/plain")
    assert "SCHOOLFLOW_METRICS_TOKEN" in refused.text
    assert "schoolflow_" not in refused.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_does_not_open_the_figures(school: School, header: str) -> None:
    assert school.anybody.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "shown", "status"),
    [
        ("10.1.2.3", "", 200),
        ("::ffff:10.1.2.3", "", 200),
        ("10.2.0.1", "", 401),
        ("127.0.0.1", "", 401),
        ("203.0.113.9", "Bearer scrape-me", 200),
        ("203.0.113.9", "Bearer scrape-m", 401),
        ("203.0.113.9", "Bearer ", 401),
        ("203.0.113.9", "Bearer 刮", 401),
    ],
)
def test_token_or_allowed_address_opens_the_figures(
    guarded: FlaskClient, address: str, shown: str, status: int
) -> None:
    headers = {"Authorization": shown.encode().decode("latin-1")} if shown else {}
    answer = guarded.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
