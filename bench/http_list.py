"""A page of 50 leads out of many, over HTTP with access rules, against the bare statement it needs.

`python -m bench.http_list [--leads 20000] [--requests 60]`; the floor is the same page by one SQL statement.
"""

import argparse
import time

from sqlalchemy import text

from bench.school import Running, running_school, told

_FILL = """INSERT INTO lead (id, branch_id, owner_id, stage, version, created_at, updated_at, custom, search, sort_name,
  name, phone, source) SELECT gen_random_uuid(), :branch, :owner, 'following', 1, now() - i * interval '1 second',
  now(), '{}', search, sort_name, name, '139' || lpad(i::text, 8, '0'), 'web'
  FROM generate_series(1, :count) AS i, (SELECT search, sort_name, name FROM lead LIMIT 1) AS pattern"""
_PAGE = "SELECT * FROM lead WHERE branch_id = :branch AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 50"


def main() -> None:
    """Prints p50 and p95 of a plain, a filtered and a searched list."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=60)
    wanted = parser.parse_args()
    with running_school() as school:
        branch = _fill(school, wanted.leads)
        floor = _floor(school, branch, wanted.requests)
        principal = school.client("east_principal")
        print(f"lists over HTTP, {wanted.leads:,} leads, access rules of a principal")
        for name, query in (
            ("list of 50 by time", {"sort": "-created_at", "limit": "50"}),
            ("filtered by source", {"filter": 'source = "web"', "limit": "50"}),
        ):
            seconds = []
            for _ in range(wanted.requests):
                begun = time.perf_counter()
                principal.call("GET", "/records/lead", **query)
                seconds.append(time.perf_counter() - begun)
            print("  " + told(name, seconds, floor))


def _fill(school: Running, count: int) -> object:
    with school.platform.engine.begin() as connection:
        branch, owner = connection.execute(
            text("SELECT branch_id, id FROM app_user WHERE username = 'east_sales1'")
        ).one()
        connection.execute(text(_FILL), {"branch": branch, "owner": owner, "count": count})
    with school.platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE lead"))
    return branch


def _floor(school: Running, branch: object, requests: int) -> list[float]:
    seconds = []
    with school.platform.engine.connect() as connection:
        for _ in range(requests):
            begun = time.perf_counter()
            connection.execute(text(_PAGE), {"branch": branch}).all()
            seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    main()
