"""The demonstration's devices: they start from their commands and their connectors can be created as they are."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.registry import kinds
from connectors.settings import check_config
from connectors.simulators import control, park
from tests.integration.connectors.peers import wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Deeper than the address of a Unix socket may be."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    return deep


@pytest.fixture
def running(folder: Path) -> Iterator[list[park.Program]]:
    programs = park.programs(folder, "http://127.0.0.1:1")
    processes = [subprocess.Popen(program.command, cwd=ROOT) for program in programs]
    yield programs
    for process in processes:
        process.terminate()
    assert [process.wait(10) for process in processes] == [0] * len(processes)


def test_every_simulator_runs_answers_and_stops_cleanly(running: list[park.Program]) -> None:
    for program in running:
        wait_until(lambda program=program: control.tell(program.control, "ping") == "ok")  # type: ignore[misc]
    assert [program.name for program in running] == ["card_reader", "gsm_modem", "email", "zk_push"]


def test_connectors_of_the_demonstration_are_valid(folder: Path) -> None:
    for connection in park.connections(folder):
        shown, _secrets = check_config(connection.kind, connection.config)
        assert kinds()[connection.kind].manifest.label.zh
        assert json.dumps(shown)


def test_mail_ports_are_kept(folder: Path) -> None:
    assert park.mail_ports(folder) == park.mail_ports(folder)


def test_simulator_survives_nonsense(running: list[park.Program]) -> None:
    reader = running[0].control
    wait_until(lambda: control.tell(reader, "ping") == "ok")
    assert control.tell(reader, "swipe", "nonsense").startswith("error")
    assert control.tell(reader, "no_such_command").startswith("error")
    assert control.tell(reader, "swipe", "0008075634") == "ok 007B3972"
