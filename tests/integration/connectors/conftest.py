"""A connector row to hang messages and events on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.simulators import control
from engine.kernel import connector_store
from engine.kernel.actor import Actor
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.secrets import Vault
from engine.kernel.uow import Boundary
from tests.integration.connectors.peers import wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def vault() -> Vault:
    return Vault(["a key for tests"])


@pytest.fixture
def sms_row(boundary: Boundary, vault: Vault, actor_system: Actor) -> ConnectorRow:
    """An enabled connector of channel sms."""
    draft = ConnectorDraft(kind="gsm_modem", channel="sms", name="短信", config={}, secrets={})
    return boundary.run(actor_system, lambda tx: connector_store.create(tx, vault, draft))


@pytest.fixture
def run_simulator(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Start a simulator as a process of its own; returns its control socket once it answers."""
    running: list[subprocess.Popen[bytes]] = []

    def start(module: str, *arguments: str) -> Path:
        socket = tmp_path / f"c{len(running)}"
        command = [
            sys.executable,
            "-m",
            f"connectors.{module}.simulator",
            "serve",
            "--control",
            str(socket),
            *arguments,
        ]
        running.append(subprocess.Popen(command, cwd=ROOT))
        wait_until(lambda: socket.exists() and control.tell(socket, "ping") == "ok")
        return socket

    yield start
    for process in running:
        process.terminate()
        process.wait(10)
