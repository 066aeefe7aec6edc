"""The network to the database swallows everything: no process hangs, nothing is lost or doubled, locks are let go."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from .test_faults import ROOT, WORKER, booked, booking
from .test_torn import book

PROGRAM = Path(__file__).with_name("cut_network_process.py")
OWN_NETWORK = ["unshare", "--net"]
OWN_NETWORK_AS_USER = ["unshare", "--user", "--map-current-user", "--keep-caps", "--net"]


@contextmanager
def cut(world: Any, url: str, case: UUID, point: str, seconds: float) -> Iterator[dict[str, Any]]:
    """What a person is told whose web process loses its network at the point; the process still stands."""
    places = f"{ROOT}:{WORKER.parent}"
    environment = {**os.environ, "KILL_AT": point, "CUT_S": str(seconds), "PYTHONPATH": places}
    command = [*(OWN_NETWORK_AS_USER if os.getuid() else OWN_NETWORK), sys.executable, str(PROGRAM)]
    arguments = [url, world.clock.now().isoformat(), str(world.open(case)["ask"].id)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, *arguments], env=environment, stdin=pipe, stdout=pipe, text=True) as running:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())
        running.communicate()


@pytest.mark.parametrize(
    ("point", "cut_s", "told", "is_saved"),
    [
        ("in_handler", 0.5, "done", True),  # shorter than the patience: nobody notices
        ("in_handler", 4, "done", True),  # run again on a new connection
        ("before_commit", 4, "unavailable", False),  # committed or not: the person is told that nobody knows
    ],
)
def test_network_that_swallows_everything(
    world: Any, database_url: str, point: str, cut_s: float, told: str, is_saved: bool
) -> None:
    world.add("book", lambda tx, inputs: {})
    world.deploy(booking(world))
    case = world.start(n=1)
    with cut(world, database_url, case, point, cut_s) as outcome:
        assert outcome["told"] == told, outcome
    world.check()
    assert (set(world.open(case)), booked(world)) == (set() if is_saved else {"ask"}, int(is_saved))


def test_dead_machine_keeps_no_lock(world: Any, database_url: str) -> None:
    world.add("book", book)
    world.deploy(booking(world))
    case = world.start(n=1)
    with cut(world, database_url, case, "before_commit", 3600) as outcome:
        assert outcome["told"] == "unavailable"
        world.done("ann", case, "ask")  # waits until the server has given up the dead one's transaction
    assert (set(world.open(case)), booked(world)) == (set(), 1)
