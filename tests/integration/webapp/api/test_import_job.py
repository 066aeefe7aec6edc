"""Large imports: a worker killed in the middle, a wish to cancel; nothing twice, nothing half."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.kernel.uow import Drain
from tests.integration.webapp.api.school import School, checked
from webapp.demo.leads_sheet import write_leads_sheet
from webapp.screens.records import import_job

_WORKER = """
import sys
from engine.kernel.settings import load_settings
from engine.kernel.uow import Drain
from webapp.composition import compose
import os
platform = compose(load_settings(dict(os.environ)))
print("ready", flush=True)
sys.stdin.readline()
platform.drains[Drain.BACKGROUND]()
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """2,500 leads."""
    path = Path(tmp_path_factory.mktemp("sheet")) / "leads.xlsx"
    write_leads_sheet(path, rows=2_500)
    return path.read_bytes()


def upload(school: School, content: bytes) -> dict[str, object]:
    sales = school.person("east_sales1")
    data = {"file": (io.BytesIO(content), "线索.xlsx")}
    return checked(sales.call("POST", "/records/lead/import", query_string={"dry_run": "false"}, data=data), 202)


def leads(school: School) -> int:
    (row,) = school.rows("SELECT count(*) AS n, count(DISTINCT phone) AS phones FROM lead")
    return int(row["n"])


def test_a_killed_worker_leaves_nothing_half_and_the_next_one_goes_on(school: School, content: bytes) -> None:
    before = leads(school)
    started = upload(school, content)
    settings = school.platform.settings
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url.replace("+psycopg", "", 1),
        "REDIS_URL": settings.redis_url,
        "SCHOOLFLOW_HOME": str(settings.home),
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdin is not None and worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    worker.stdin.write("\n")
    worker.stdin.flush()
    while school.rows("SELECT done FROM background_job WHERE id = :id", id=started["job"])[0]["done"] < 500:
        assert worker.poll() is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.communicate()
    (job,) = school.rows("SELECT state, done, result FROM background_job WHERE id = :id", id=started["job"])
    assert (job["state"], job["done"] % 500) == ("running", 0)
    assert leads(school) == before + job["result"]["created"]
    school.rows("UPDATE background_job SET lease_until = '2026-01-01' WHERE id = :id RETURNING id", id=started["job"])
    school.platform.drains[Drain.BACKGROUND]()
    done = school.person("east_sales1").get(f"/jobs/{started['job']}")
    result = done["result"]
    assert (done["state"], done["done"], done["total"]) == ("done", 2_500, 2_500)
    assert result["created"] + result["skipped"] + result["failed"] == 2_500
    assert leads(school) == before + result["created"]
    (starts,) = school.rows(
        "SELECT count(*) AS n, count(DISTINCT record_id) AS leads FROM message WHERE keys->>'batch' = :batch",
        batch=result["batch"],
    )
    assert (starts["n"], starts["leads"]) == (result["created"], result["created"])
    (events,) = school.rows(
        "SELECT count(*) AS n FROM history WHERE action = 'records:imported' AND data->>'batch' = :batch",
        batch=result["batch"],
    )
    assert events["n"] == 1


def test_cancelling_keeps_whole_batches_and_says_so(
    school: School, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = leads(school)
    sales = school.person("east_principal")
    data = {"file": (io.BytesIO(content), "线索.xlsx")}
    options = {
        "dry_run": "false",
        "duplicates": "create",
        "mapping": json.dumps({"学生姓名": "name", "手机号": "phone"}),
    }
    started = checked(sales.call("POST", "/records/lead/import", query_string=options, data=data), 202)
    take = import_job.SheetImport.take

    def take_then_cancel(sheet, tx, batch):  # type: ignore[no-untyped-def]
        if batch[0][0] > 1_000:
            sales.post(f"/jobs/{started['job']}/cancel")
        return take(sheet, tx, batch)

    monkeypatch.setattr(import_job.SheetImport, "take", take_then_cancel)
    school.platform.drains[Drain.BACKGROUND]()
    job = sales.get(f"/jobs/{started['job']}")
    assert (job["state"], job["done"], job["result"]["rows"]) == ("cancelled", 1_000, 1_000)
    assert leads(school) == before + job["result"]["created"]
    (event,) = school.rows(
        "SELECT data FROM history WHERE action = 'records:imported' AND data->>'batch' = :batch",
        batch=job["result"]["batch"],
    )
    assert event["data"]["created"] == job["result"]["created"]
