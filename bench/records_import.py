"""Importing a sheet of leads: rows per second of the records alone, and until every lead has its person.

`python -m bench.records_import [--rows 500] [--many 5000]`. The floors of the same run: reading the sheet alone, and
the bare COPY of as many rows as were stored.
"""

import argparse
import tempfile
import time
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from bench.school import Running, running_school
from engine.kernel import background
from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.uow import Drain, Tx
from engine.metadata import directory, importing
from engine.metadata.sheets import read_rows
from webapp.demo.leads_sheet import write_leads_sheet
from webapp.screens.records import sheets


def main() -> None:
    """Prints rows per second and the whole time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--many", type=int, default=5_000)
    wanted = parser.parse_args()
    with running_school() as school:
        run = school.platform.boundary.run
        user = run(SYSTEM, lambda tx: directory.user_by_username(tx, "east_principal"))
        actor = run(SYSTEM, lambda tx: directory.user_actor(tx, user)) if user else None
        assert isinstance(actor, Actor)
        _both(school, actor, wanted.rows)
        _records_alone(school, actor, wanted.many)


def _both(school: Running, actor: Actor, rows: int) -> None:
    content = _sheet(rows)
    begun = time.perf_counter()
    created = _import(school, actor, content)
    stored = time.perf_counter()
    drains = school.platform.drains
    while drains[Drain.STEPS]():
        pass
    done = time.perf_counter()
    print(f"import of {rows:,} leads, {created:,} of them new, until each has its person: {done - begun:.1f} s")
    print(f"  cases begun {created / (done - stored):,.0f}/s, as one worker's thread does it after the records")


def _records_alone(school: Running, actor: Actor, rows: int) -> None:
    content = _sheet(rows, seed=7)
    begun = time.perf_counter()
    list(read_rows("leads.xlsx", content))
    reading = time.perf_counter() - begun
    begun = time.perf_counter()
    created = _import(school, actor, content)
    spent = time.perf_counter() - begun
    bare = _copy(school, created)
    print(f"import of {rows:,} leads, records alone: validated, matched with all branches, written, in the history")
    print(f"  {rows / spent:,.0f} rows/s; reading the sheet alone {rows / reading:,.0f} rows/s;"
          f" bare COPY of the {created:,} stored rows {created / bare:,.0f} rows/s")  # fmt: skip


def _import(school: Running, actor: Actor, content: bytes) -> int:
    """Runs the job as a worker does; the leads it made."""
    run = school.platform.boundary.run
    mapping = run(actor, lambda tx: importing.preview(tx, "lead", "leads.xlsx", content).mapping)

    def start(tx: Tx) -> UUID:
        return sheets.start_import(tx, "lead", "leads.xlsx", content, mapping, duplicates="create", dry_run=False)

    job_id = run(actor, start)
    school.platform.drains[Drain.BACKGROUND]()
    job = run(actor, lambda tx: background.get(tx, job_id))
    assert job.state == "done" and job.result is not None, job.error
    return int(job.result["created"])


def _copy(school: Running, rows: int) -> float:
    """Seconds of a COPY of the newest leads into a table like theirs, indexes and all, committed."""
    with school.platform.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE TEMP TABLE lead_copy (LIKE lead INCLUDING INDEXES)"))
        connection.execute(
            text("CREATE TEMP TABLE newest AS SELECT * FROM lead ORDER BY id DESC LIMIT :n"), {"n": rows}
        )
        driver = connection.connection.cursor()
        with driver.copy("COPY newest TO STDOUT") as out:
            lines = b"".join(bytes(part) for part in out)
        begun = time.perf_counter()
        with driver.copy("COPY lead_copy FROM STDIN") as load:
            load.write(lines)
        return time.perf_counter() - begun


def _sheet(rows: int, seed: int = 1) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.xlsx"
        write_leads_sheet(path, rows=rows, seed=seed)
        return path.read_bytes()


if __name__ == "__main__":
    main()
