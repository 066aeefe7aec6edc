"""A worker that is told to stop in the middle of much work finishes what it has begun and leaves the rest to others."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from engine.kernel.actor import SYSTEM
from engine.workflow.invariants import violations
from tests.integration.cli.console import ROOT
from tests.integration.webapp.api.school import School, checked
from webapp.demo.leads_sheet import write_leads_sheet

LEADS = "FROM lead l LEFT JOIN instance i ON i.record_id = l.id WHERE l.phone LIKE '15_6000%'"
BEGUN = f"SELECT count(i.id) AS n {LEADS}"
NOT_ONCE = f"SELECT l.id {LEADS} GROUP BY l.id HAVING count(i.id) <> 1"


def await_that(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come to hold")


def begun(school: School) -> int:
    return int(school.rows(BEGUN)[0]["n"])


def test_worker_told_to_stop_leaves_no_case_half_done(school: School, tmp_path: Path) -> None:
    facts = write_leads_sheet(tmp_path / "leads.xlsx", rows=500, known_phones=[])
    sales, settings = school.person("east_sales1"), school.platform.settings
    file = {"file": (io.BytesIO((tmp_path / "leads.xlsx").read_bytes()), "线索.xlsx")}
    checked(sales.call("POST", "/records/lead/import?dry_run=false", data=file), 202)
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SCHOOLFLOW_HOME": str(settings.home),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "webapp.cli.program", "worker"]
    working = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    await_that(lambda: begun(school) > 20)
    working.send_signal(signal.SIGTERM)
    _, said = working.communicate(timeout=40)
    stopped_at = begun(school)
    assert (working.returncode, "Traceback" in said) == (0, False), said
    assert 20 < stopped_at < facts.rows - facts.bad - facts.repeated
    assert school.platform.boundary.run(SYSTEM, violations) == []
    school.clock.advance(datetime.now(UTC) - school.clock.now())  # where the worker's clock stands
    school.drain()
    assert begun(school) > facts.rows * 0.9
    assert school.rows(NOT_ONCE) == []
