"""The web process is killed with -9 in the middle of completing a task: whoever asks again gets one completion."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow.invariants import violations
from tests.conftest import NOW
from tests.integration.cli.console import ROOT, free_port
from tests.integration.webapp.api.school import API, Person, School

POINTS = ["before_statement", "after_statement", "before_commit", "after_commit"]
PROGRAM = Path(__file__).with_name("web_process.py")


@dataclass
class Web:
    """A process of gunicorn whose worker dies where it is told."""

    port: int
    mark: Path

    def post(self, path: str, token: str, body: Any, key: str | None) -> tuple[int, Any] | None:
        """Status and answer; None when the connection broke or nobody listens."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                "POST", API + path, json.dumps(body), headers | ({"Idempotency-Key": key} if key else {})
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def again(self, path: str, token: str, body: Any, key: str | None) -> tuple[int, Any]:
        """What a careful client does: ask until there is an answer."""
        for _ in range(300):
            if answer := self.post(path, token, body, key):
                return answer
            threading.Event().wait(0.1)
        raise AssertionError("no answer")


@pytest.fixture(scope="module")
def web(school: School, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    settings = school.platform.settings
    found = Web(free_port(), tmp_path_factory.mktemp("web") / "mark")
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SCHOOLFLOW_HOME": str(settings.home),
        "SCHOOLFLOW_PORT": str(found.port),
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(found.mark), NOW.isoformat()], env=environment)
    assert found.again("/auth/token", "", {"username": "nobody", "password": "wrong"}, None)[0] == 401
    yield found
    process.terminate()
    assert process.wait(30) == 0


def new_task(school: School, phone: str) -> tuple[Person, dict[str, Any]]:
    """Whoever the process gave a new lead to, and the task to accept it."""
    lead = {"name": "梁思齐", "phone": phone, "guardian_name": "梁女士", "source": "web"}
    made = school.person("east_sales1").post("/records/lead", lead, status=201)
    school.drain()
    for person in map(school.person, ("east_sales1", "east_sales2")):
        for task in person.get("/tasks", limit=200)["items"]:
            if (task["node_id"], task["record_id"]) == ("accept_lead", made["id"]):
                return person, task
    raise LookupError(phone)


@pytest.mark.parametrize("is_keyed", [True, False])
@pytest.mark.parametrize("point", POINTS)
def test_killed_web_process_completes_a_task_once(school: School, web: Web, point: str, is_keyed: bool) -> None:
    sales, task = new_task(school, f"139666600{len(POINTS) * is_keyed + POINTS.index(point):02}")
    path, body = f"/tasks/{task['id']}/complete", {"outcome": "accept"}
    key = f"accept {task['id']}" if is_keyed else None
    web.mark.write_text(point, "ascii")
    assert web.post(path, sales.token, body, key) is None
    assert not web.mark.exists()
    status, answer = web.again(path, sales.token, body, key)
    is_told_that_it_was_done = point == "after_commit" and not is_keyed
    assert (status, answer.get("code")) == ((409, "task_done") if is_told_that_it_was_done else (200, None))
    assert school.rows(
        "SELECT count(*) AS times FROM history h, jsonb_array_elements(h.data->'trail') t"
        " WHERE h.instance_id = CAST(:case AS uuid) AND t->>0 = 'completed' AND t->>1 = 'accept_lead'",
        case=task["instance_id"],
    ) == [{"times": 1}]
    assert school.platform.boundary.run(SYSTEM, violations) == []
