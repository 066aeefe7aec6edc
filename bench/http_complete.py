"""Completing user tasks over HTTP, durably, against the smallest durable commit.

`python -m bench.http_complete [--tasks 60]`: leads are accepted through the API; the floor is one committed update.
"""

import argparse
import time

from sqlalchemy import text

from bench.school import Running, running_school, told


def main() -> None:
    """Prints p50, p95 and completions per second."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=60)
    wanted = parser.parse_args()
    with running_school() as school:
        tasks = _open(school, wanted.tasks)
        clients = {name: school.client(name) for name in {owner for owner, _ in tasks}}
        floor = _floor(school, len(tasks))
        seconds = []
        for owner, task in tasks:
            begun = time.perf_counter()
            clients[owner].call("POST", f"/tasks/{task}/complete", {"outcome": "accept"})
            seconds.append(time.perf_counter() - begun)
        print("completing a task over HTTP (accept a lead: handler, next task, timers, history), synchronous commit")
        print("  " + told("complete", seconds, floor))
        print(f"  {len(seconds) / sum(seconds):.0f} completions/s on one connection")


def _open(school: Running, count: int) -> list[tuple[str, str]]:
    principal = school.client("east_principal")
    branch = principal.call("GET", "/me")["branch_id"]
    for number in range(count):
        values = {"name": f"测试{number}", "phone": f"138{number:08d}", "region": "东城区", "branch_id": branch}
        principal.call("POST", "/records/lead", values)
    statement = text(
        "SELECT u.username, t.id FROM user_task t JOIN app_user u ON u.id::text = t.assignee"
        " WHERE t.node_id = 'accept_lead' AND t.status = 'open' AND u.username LIKE 'east%' LIMIT :count"
    )
    with school.platform.engine.connect() as connection:
        return [(row[0], str(row[1])) for row in connection.execute(statement, {"count": count})]


def _floor(school: Running, count: int) -> list[float]:
    seconds = []
    for _ in range(count):
        begun = time.perf_counter()
        with school.platform.engine.begin() as connection:
            connection.execute(text("UPDATE lead SET version = version WHERE id = (SELECT id FROM lead LIMIT 1)"))
        seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    main()
