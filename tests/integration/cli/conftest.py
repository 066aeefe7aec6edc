"""Data folders that the embedded servers' account can reach, and one demo school for all tests of the command line."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.console import Console, Running, await_none_of


@pytest.fixture
def console() -> Iterator[Console]:
    """A terminal with an empty data folder."""
    yield from _console()


@pytest.fixture(scope="session")
def demo() -> Iterator[Console]:
    """A terminal with the demo school, made by its first ``run --demo``; nothing of it runs."""
    for console in _console():
        first = Running(console, "--demo")
        seconds = first.await_ready()
        assert first.interrupt() == 0, first.lines
        print(f"\nfirst start: {seconds:.1f} s")
        yield console


def _console() -> Iterator[Console]:
    folder = Path(tempfile.mkdtemp(prefix="sf-cli-"))
    folder.chmod(0o711)
    yield Console(folder / "home")
    left = await_none_of(folder / "home", 5)
    shutil.rmtree(folder, ignore_errors=True)
    assert left == []
