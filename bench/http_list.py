"""Lists of many leads over HTTP with access rules on: pages, filters, order, search, counts, the board; and the export.

`python -m bench.http_list [--leads 100000] [--requests 40]`. The floor of each figure is the very statement the request
runs, executed bare on a connection of its own in the same run.
"""

import argparse
import io
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import event, text

from bench.school import Client, Running, analyze, running_school, told
from engine.kernel.actor import SYSTEM, Actor
from engine.metadata import directory, exporting
from engine.metadata.query import Query

_FILL = """INSERT INTO lead (id, branch_id, owner_id, stage, version, created_at, updated_at, custom, search, sort_name,
  name, phone, guardian_name, source, intent, next_follow_up_at, pooled_at)
  SELECT uuidv7(-i * interval '1 minute'), p.branch_id, p.owner_id, p.stage, 1, now() - i * interval '1 minute', now(),
  '{}', replace(p.search, p.phone, '139' || lpad(i::text, 8, '0')), p.sort_name, p.name, '139' || lpad(i::text, 8, '0'),
  p.guardian_name, (array['web', 'phone', 'ad', 'event'])[1 + i % 4], (array['a', 'b', 'c'])[1 + i % 3],
  CASE WHEN i % 5 = 0 THEN now() + (i % 900) * interval '1 hour' END, p.pooled_at
  FROM generate_series(1, :count) AS i
  JOIN (SELECT row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many, * FROM lead) AS p
    ON p.place = 1 + i % p.many"""

_QUESTIONS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("newest 50", "/records/lead", {"sort": "-created_at", "limit": "50"}),
    ("by name", "/records/lead", {"sort": "name", "limit": "50"}),
    ("one source of four", "/records/lead", {"filter": 'source = "web"', "sort": "-created_at", "limit": "50"}),
    ("follow-ups due", "/records/lead", {"filter": "next_follow_up_at != null", "sort": "next_follow_up_at"}),
    ("two filters", "/records/lead", {"filter": 'source = "ad" and intent = "a"', "sort": "-created_at"}),
    ("search by phone", "/records/lead", {"search": "13900012345"}),
    ("search by two characters", "/records/lead", {"search": "梓涵"}),
    ("count, capped", "/records/lead/count", {}),
)
_PEOPLE = ("hq_manager", "east_principal", "east_sales1")


class Statements:
    """The SQL that reads leads, as requests run it."""

    def __init__(self, school: Running) -> None:
        self.engine = school.platform.engine
        self.last: tuple[str, Any] = ("SELECT 1", {})
        event.listen(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if 'FROM "lead" AS t1' in statement:
            self.last = (statement, parameters)

    def floor(self, requests: int) -> list[float]:
        """Seconds of the last such statement, bare."""
        sql, parameters = self.last
        with self.engine.connect() as connection:
            return timed(lambda: connection.exec_driver_sql(sql, parameters).all(), requests)


def main() -> None:
    """Prints p50 and p95 of each question for each person, then the export."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    wanted = parser.parse_args()
    with running_school() as school:
        with school.platform.engine.begin() as connection:
            connection.execute(text(_FILL), {"count": wanted.leads})
        analyze(school, "lead")
        statements = Statements(school)
        print(f"lists over HTTP, {wanted.leads:,} leads in two branches, access rules on")
        for person in _PEOPLE:
            _lists(school.client(person), person, statements, wanted.requests)
        _export(school)


def _lists(client: Client, person: str, statements: Statements, requests: int) -> None:
    for name, path, query in _QUESTIONS:
        seconds = timed(partial(client.call, "GET", path, **query), requests)
        print("  " + told(f"{person}, {name}", seconds, statements.floor(requests)), flush=True)


def _export(school: Running) -> None:
    run = school.platform.boundary.run
    user = run(SYSTEM, lambda tx: directory.user_by_username(tx, "hq_manager"))
    actor = run(SYSTEM, lambda tx: directory.user_actor(tx, user)) if user else None
    assert isinstance(actor, Actor)
    kinds: tuple[exporting.Format, ...] = ("csv", "xlsx")
    for kind in kinds:
        before, begun = _peak(), time.perf_counter()
        sink = io.BytesIO()
        rows = run(actor, partial(exporting.export, query=Query("lead"), format=kind, sink=sink))
        spent = time.perf_counter() - begun
        grown = _peak() - before - sink.tell() / 2**20
        print(f"  export of {rows:,} rows as {kind}: {rows / spent:,.0f} rows/s, {max(grown, 0):.0f} MB more at most")


def timed(once: Callable[[], object], requests: int) -> list[float]:
    """Seconds of each run."""
    seconds = []
    for _ in range(requests):
        begun = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - begun)
    return seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
