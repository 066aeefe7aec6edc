"""The demonstration school's devices: which simulators run, where, and the connectors that use them.

The composition root starts `programs` beside the web and the worker and creates the connectors of `connections` once.
All paths lie in one folder, `<data folder>/simulators`.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.kernel.text import Text

TERMINAL_SERIAL = "SIM0000000001"


@dataclass(frozen=True, slots=True)
class Program:
    """A simulator to run as a process of its own until SIGTERM; `control.tell` reaches it at `control`."""

    name: str
    command: tuple[str, ...]
    control: Path


@dataclass(frozen=True, slots=True)
class Connection:
    """A connector to create for a simulated device: for `check_config` and `connector_store.create`."""

    kind: str
    name: Text
    config: Mapping[str, Any]


def control_path(folder: Path, name: str) -> Path:
    """Where a simulator listens for `tell`: `card_reader`, `gsm_modem`, `email` or `zk_push`."""
    return folder / f"{name}.control"


def programs(folder: Path, url: str) -> list[Program]:
    """The simulators of the folder; the terminal pushes to `url`, the web's address.

    The reader takes `swipe CARD`; the terminal `swipe PERSON`; the modem `receive PHONE TEXT` and `ring PHONE`; the
    mail server `reply TEXT`. Sent messages land in `sms.jsonl` and `email.jsonl`.
    """
    smtp_port, pop3_port = mail_ports(folder)
    return [
        _serving(folder, "card_reader", "--link", str(folder / "card_reader.tty")),
        _serving(folder, "gsm_modem", "--link", str(folder / "gsm_modem.tty"), "--sent", str(folder / "sms.jsonl")),
        _serving(
            folder, "email", "--sent", str(folder / "email.jsonl"), "--smtp-port", str(smtp_port),
            "--pop3-port", str(pop3_port),
        ),
        Program(
            "zk_push",
            (sys.executable, "-m", "connectors.zk_push.simulator", "--url", url, "--sn", TERMINAL_SERIAL, "run",
             "--control", str(control_path(folder, "zk_push"))),
            control_path(folder, "zk_push"),
        ),
    ]  # fmt: skip


def connections(folder: Path) -> list[Connection]:
    """The connectors that use the simulators."""
    smtp_port, pop3_port = mail_ports(folder)
    mail = {
        "from_address": "school@qiming.example", "from_name": "启明教育", "plus_addresses": True,
        "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_security": "none",
        "pop3_host": "127.0.0.1", "pop3_port": pop3_port, "pop3_security": "none", "pop3_user": "school",
        "pop3_password": "demo", "poll_s": 5,
    }  # fmt: skip
    terminal = {"sn": TERMINAL_SERIAL, "name": "模拟考勤机", "addresses": ["127.0.0.1"]}
    return [
        Connection(
            "card_reader",
            Text("前台读卡器（模拟）", "Front desk reader (simulated)"),
            {"port": str(folder / "card_reader.tty"), "device": "前台读卡器"},
        ),
        Connection(
            "gsm_modem",
            Text("短信猫（模拟）", "GSM modem (simulated)"),
            {"port": str(folder / "gsm_modem.tty"), "signature": "启明教育"},
        ),
        Connection("email", Text("邮箱（模拟）", "Mailbox (simulated)"), mail),
        Connection("zk_push", Text("考勤机（模拟）", "Attendance terminal (simulated)"), {"devices": [terminal]}),
    ]


def mail_ports(folder: Path) -> tuple[int, int]:
    """SMTP and POP3 port of the simulated mail server: chosen once, then kept, since the connector names them."""
    kept = folder / "mail-ports.json"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_free_ports(2)), encoding="utf-8")
    smtp_port, pop3_port = json.loads(kept.read_text(encoding="utf-8"))
    return int(smtp_port), int(pop3_port)


def _serving(folder: Path, name: str, *arguments: str) -> Program:
    control = control_path(folder, name)
    command = (sys.executable, "-m", f"connectors.{name}.simulator", "serve", "--control", str(control), *arguments)
    return Program(name, command, control)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
