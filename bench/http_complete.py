"""Completing user tasks over HTTP, durably, through real web processes, against the smallest durable commit.

`python -m bench.http_complete [--tasks 500] [--processes 2] [--clients 8]`: leads are accepted through the API (bearer
token, rights, form, handler, next task, timers, history, synchronous commit). First as fast as the clients can, then 50
a second, each answer timed from the moment it was due. Targets: 150/s, p95 below 50 ms. Floor: one committed update.
"""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from queue import Empty, SimpleQueue

from sqlalchemy import text

from bench import cpu
from bench.school import Client, Running, running_school, told

PACE = 50.0
WARM = 24
Task = tuple[str, str]


def main() -> None:
    """Prints completions per second at full load, p50 and p95 at 50 a second."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--clients", type=int, default=8)
    wanted = parser.parse_args()
    with running_school() as school, web_processes(school, wanted.processes) as (ports, processes):
        tasks = _open(school, wanted.tasks)
        tokens = {name: school.client(name).token for name in {owner for owner, _ in tasks}}
        load = _Load(ports, tokens, wanted.clients)
        load.run(tasks[:WARM], None)
        half = WARM + (len(tasks) - WARM) * 3 // 5
        begun, used = time.perf_counter(), _used(school, processes)
        full = load.run(tasks[WARM:half], None)
        rate = len(full) / (time.perf_counter() - begun)
        web, server = (
            (after - before) / len(full) for before, after in zip(used, _used(school, processes), strict=True)
        )
        paced = load.run(tasks[half:], PACE)
        floor = _floor(school, 100)
    print(f"completing a task over HTTP (accept a lead), {wanted.processes} web processes, {wanted.clients} clients")
    print(f"  full load: {rate:.0f} completions/s (target ≥ 150); CPU of one: web {web * 1e3:.1f} ms,", end="")
    print(f" database {server * 1e3:.1f} ms")
    print("  " + told(f"at {PACE:.0f}/s (target p95 < 50 ms)", paced, floor))


class _Load:
    """Clients that complete tasks, each on a kept connection of its own."""

    def __init__(self, ports: Sequence[int], tokens: dict[str, str], clients: int) -> None:
        self._ports, self._tokens, self._clients = ports, tokens, clients

    def run(self, tasks: Sequence[Task], pace: float | None) -> list[float]:
        """Seconds of each answer: since it was due (`pace` tasks a second), or since it was asked for."""
        waiting: SimpleQueue[tuple[float | None, Task]] = SimpleQueue()
        begun = time.perf_counter()
        for number, task in enumerate(tasks):
            waiting.put((None if pace is None else begun + number / pace, task))
        seconds: list[float] = []
        failed: list[BaseException] = []

        def work(port: int) -> None:
            try:
                self._work(port, waiting, seconds.append)
            except BaseException as error:
                failed.append(error)

        threads = [
            threading.Thread(target=work, args=(self._ports[number % len(self._ports)],))
            for number in range(self._clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return seconds

    def _work(
        self, port: int, waiting: "SimpleQueue[tuple[float | None, Task]]", note: Callable[[float], None]
    ) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        people = {name: Client(connection, token) for name, token in self._tokens.items()}
        while True:
            try:
                due, (owner, task) = waiting.get_nowait()
            except Empty:
                return
            now = time.perf_counter()
            if due is not None and due > now:
                time.sleep(due - now)
            begun = due or now
            people[owner].call("POST", f"/tasks/{task}/complete", {"outcome": "accept"})
            note(time.perf_counter() - begun)


@contextmanager
def web_processes(school: Running, number: int) -> Iterator[tuple[list[int], list[int]]]:
    """So many `schoolflow web` on free ports, on the school's database: their ports and their numbers."""
    settings = school.platform.settings
    ports = [_free_port() for _ in range(number)]
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SCHOOLFLOW_HOME": str(settings.home),
    }
    command = [sys.executable, "-c", "from webapp.cli import main; main()", "web"]
    processes = [subprocess.Popen(command, env={**environment, "SCHOOLFLOW_PORT": str(port)}) for port in ports]
    try:
        for port in ports:
            _await(port)
        yield ports, [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def _used(school: Running, processes: Sequence[int]) -> tuple[float, float]:
    """CPU seconds so far: of the web processes, of the database."""
    return sum(cpu.of_tree(pid) for pid in processes), cpu.of_tree(school.postmaster)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int) -> None:
    for attempt in count():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if attempt > 600:
                raise
            time.sleep(0.1)
        else:
            return


def _open(school: Running, number: int) -> list[Task]:
    """So many leads given to people of the east branch: (whose, task)."""
    principal = school.client("east_principal")
    branch = principal.call("GET", "/me")["branch_id"]
    for each in range(number):
        values = {"name": f"测试{each}", "phone": f"138{each:08d}", "region": "东城区", "branch_id": branch}
        principal.call("POST", "/records/lead", values)
    statement = text(
        "SELECT u.username, t.id FROM user_task t JOIN app_user u ON u.id::text = t.assignee"
        " WHERE t.node_id = 'accept_lead' AND t.status = 'open' AND u.username LIKE 'east%' LIMIT :count"
    )
    with school.platform.engine.connect() as connection:
        return [(row[0], str(row[1])) for row in connection.execute(statement, {"count": number})]


def _floor(school: Running, number: int) -> list[float]:
    seconds = []
    for _ in range(number):
        begun = time.perf_counter()
        with school.platform.engine.begin() as connection:
            connection.execute(text("UPDATE lead SET version = version WHERE id = (SELECT id FROM lead LIMIT 1)"))
        seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    main()
