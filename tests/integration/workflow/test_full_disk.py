"""The disk is full: nothing that was acknowledged is lost, nothing half done is kept, and there is a clear answer."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from engine.kernel import migrate
from engine.kernel.clock import FixedClock
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import APPLICATION, DATABASE, start_postgres
from engine.kernel.uow import Boundary, SilentWaker, Unavailable
from engine.workflow import drains, tasks

from .test_torn import book, booked, journey

LIMIT, PAGE, ROWS = 16 * 1024 * 1024, 8192, 4
FILL = """insert into task_vote (id, instance_id, task_id, node_id, user_id, user_name, person, outcome, comment, at)
 select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'x', 'x', 'x', 'x', 'x',
 repeat(md5(n::text), 60), now() from generate_series(1, %s) n"""


@contextmanager
def own_server(home: Path) -> Iterator[tuple[list[Any], str]]:
    """A durable PostgreSQL of this test's own, migrated."""
    home.chmod(0o711)
    server = start_postgres(home)
    owner = create_engine(server.owner_url)
    migrate.upgrade(owner, APPLICATION)
    owner.dispose()
    running = [server]
    yield running, server.url
    running[0].stop()


def restart_with_little_room(running: list[Any], home: Path) -> None:
    """The table of votes ends a page below the size to which the kernel lets a file of the server grow."""
    url = make_url(running[0].superuser_url).set(drivername="postgresql", database=DATABASE)
    with psycopg.connect(url.render_as_string(False), autocommit=True) as root:
        root.execute(FILL, [(LIMIT // PAGE - 1) * ROWS])
    running[0].stop()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    try:
        running[0] = start_postgres(home)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def work_until_full(world: Any, todo: dict[UUID, UUID]) -> list[UUID]:
    """Complete one task after the other; what was acknowledged before the first refusal."""
    acknowledged: list[UUID] = []
    for case, task_id in todo.items():
        try:
            world.run("ann", lambda tx, task_id=task_id: tasks.complete(tx, task_id))
        except (Unavailable, DBAPIError):
            break
        acknowledged.append(case)
    return acknowledged


def test_full_disk_keeps_what_was_acknowledged_and_goes_on_when_there_is_room(world: Any, server_home: Path) -> None:
    world.add("book", book)
    before, home = world.boundary, server_home / "full"
    home.mkdir()
    with own_server(home) as (running, url):
        world.clock = FixedClock(world.clock.now())
        world.boundary = boundary = Boundary(open_engine(url), world.clock, SilentWaker())
        world.deploy(journey(world))
        cases = [world.start(n=number) for number in range(80)]
        todo = {case: world.open(case)["ask"].id for case in cases}
        boundary.engine.dispose()
        restart_with_little_room(running, home)
        acknowledged = work_until_full(world, todo)
        boundary.engine.dispose()
        running[0].stop()
        running[0] = start_postgres(home)
        assert 0 < len(acknowledged) < 80
        assert all("ask" not in world.open(case) for case in acknowledged)
        world.check()
        for case in cases:
            if "ask" in world.open(case):
                world.done("ann", case, "ask")
        assert [booked(world, number) for number in range(80)] == [1] * 80
        assert drains.run_due(boundary) == 0
        boundary.engine.dispose()
    world.boundary = before


def test_refused_write_is_told_as_unavailable(world: Any) -> None:
    def refuse(tx: Any) -> None:
        tx.connection.exec_driver_sql("do $$ begin raise exception 'no space left' using errcode = '53100'; end $$")

    with pytest.raises(Unavailable):
        world.run("ann", refuse)
    with pytest.raises(DBAPIError):
        world.run("ann", lambda tx: tx.connection.exec_driver_sql("select 1 / 0"))
