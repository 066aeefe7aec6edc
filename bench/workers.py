"""Workers of a benchmark: as many connections as asked for, in processes with one or several threads.

What a program is asked for is the same number of connections at work; how they are spread over processes is its own
affair, so that each is measured in its best form.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import cpu
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.uow import Boundary, SilentWaker

WARM = 36  # the server plans a statement anew five times before it keeps the plan


@dataclass(frozen=True, slots=True)
class Shape:
    """How many processes with how many threads each; a thread is a worker with a connection of its own."""

    processes: int
    threads: int

    @property
    def workers(self) -> int:
        """How many there are in all."""
        return self.processes * self.threads


def shapes(workers: int) -> list[Shape]:
    """One process a worker, one for every two, one for all."""
    numbers = dict.fromkeys((workers, max(1, workers // 2), 1))
    return [Shape(number, workers // number) for number in numbers if workers % number == 0]


@dataclass(frozen=True, slots=True)
class Run:
    """Steps per second of all workers; CPU of a step in µs, the worker's and the server's; bytes of log of a step."""

    shape: Shape
    rate: float
    worker_us: float
    server_us: float
    wal_bytes: float

    @property
    def cpu(self) -> float:
        """µs of a step on both sides."""
        return self.worker_us + self.server_us


Work = Callable[[Boundary, int, int], None]
"""What a worker does: (its boundary, its number, how many steps)."""


def timed(server: PostgresServer, boundary: Boundary, shape: Shape, steps: int, work: Work) -> Run:
    """Every worker does `work(boundary, worker, steps)` after a warm-up."""
    context = multiprocessing.get_context("fork")
    ready, start = context.Barrier(shape.processes + 1), context.Barrier(shape.processes + 1)
    spans: multiprocessing.Queue[tuple[float, float, float]] = context.Queue()

    def run(first: int) -> None:
        boundary = Boundary(open_engine(server.url), SystemClock(), SilentWaker())
        workers = range(first, first + shape.threads)
        _each(workers, lambda worker: work(boundary, worker, min(WARM, steps)))
        ready.wait()
        start.wait()
        begun, used = time.perf_counter(), time.process_time()
        _each(workers, lambda worker: work(boundary, worker, steps))
        spans.put((begun, time.perf_counter(), time.process_time() - used))

    firsts = range(0, shape.workers, shape.threads)
    processes = [context.Process(target=run, args=(first,)) for first in firsts]
    for process in processes:
        process.start()
    ready.wait()
    before = _position(boundary), cpu.of_tree(_postmaster(server))
    start.wait()
    found = [spans.get() for _ in processes]
    after = _position(boundary), cpu.of_tree(_postmaster(server))
    for process in processes:
        process.join()
    done = shape.workers * steps
    seconds = max(end for _, end, _ in found) - min(begun for begun, _, _ in found)
    used_us = [1e6 * sum(own for _, _, own in found) / done, 1e6 * (after[1] - before[1]) / done]
    return Run(shape, done / seconds, used_us[0], used_us[1], (after[0] - before[0]) / done)


def _each(workers: range, work: Callable[[int], None]) -> None:
    """All of them at once, each in a thread when there are several."""
    if len(workers) == 1:
        work(workers[0])
        return
    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(work, worker) for worker in workers]:
            done.result()


def best(measure: Callable[[Shape], Run], workers: int) -> Run:
    """The fastest of its shapes."""
    return max((measure(shape) for shape in shapes(workers)), key=lambda run: run.rate)


def _postmaster(server: PostgresServer) -> int:
    assert server.child is not None
    return server.child.pid


def _position(boundary: Boundary) -> int:
    """Bytes of the write-ahead log so far."""
    sql = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
    return boundary.run(SYSTEM, lambda tx: int(tx.connection.exec_driver_sql(sql).scalar_one()))
