"""Data folders that the embedded servers' account can reach, and one demo school for all tests of the command line."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.kernel.servers.postgres import DATABASE, OWNER
from tests.integration.cli.console import Console, Running, await_none_of
from webapp.cli import unfinished


@pytest.fixture
def console() -> Iterator[Console]:
    """A terminal with an empty data folder."""
    yield from _console()


@pytest.fixture(scope="session")
def demo() -> Iterator[Console]:
    """A terminal with the demo school, made by ``run --demo`` after one that was killed midway; nothing of it runs."""
    for console in _console():
        _kill_midway(console)
        first = Running(console, "--demo")
        seconds = first.await_ready()
        assert first.interrupt() == 0, first.lines
        assert "Making the demo school was interrupted; it begins anew" in first.lines
        print(f"\nfirst start: {seconds:.1f} s")
        yield console


def _holds_people(home: Path) -> bool:
    """Whether the embedded database serves and holds users of the demo."""
    try:
        password = json.loads((home / "database-passwords.json").read_text("utf-8"))[OWNER]
        with psycopg.connect(
            host=str(home / "postgres" / "socket"), user=OWNER, password=password, dbname=DATABASE
        ) as connection:
            found = connection.execute("SELECT EXISTS (SELECT 1 FROM app_user WHERE is_demo)").fetchone()
    except (OSError, ValueError, KeyError, psycopg.Error):  # not there yet
        return False
    return found is not None and bool(found[0])


def _kill_midway(console: Console) -> None:
    """``kill -9`` when the school holds people already."""
    running = Running(console, "--demo")
    mark = unfinished.mark_in(console.home)
    deadline = time.monotonic() + 120
    while not (mark.exists() and _holds_people(console.home)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _holds_people(console.home), running.lines
    running.kill()
    assert mark.exists(), running.lines
    assert await_none_of(console.home) == {}


def _console() -> Iterator[Console]:
    folder = Path(tempfile.mkdtemp(prefix="sf-cli-"))
    folder.chmod(0o711)
    yield Console(folder / "home")
    left = await_none_of(folder / "home", 5)
    shutil.rmtree(folder, ignore_errors=True)
    assert left == {}
