"""A 中控 terminal without hardware: a client of the PUSH protocol.

`python -m connectors.zk_push.simulator --url http://127.0.0.1:8000 --sn 0316144680030 swipe 1001` pushes one record.
`… run --control SOCKET` introduces itself, polls for commands and carries them out until stopped;
`… tell --control SOCKET swipe 1001` lets the running terminal read a person.
"""

from __future__ import annotations

import argparse
import http.client
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.simulators import control

POLL_S = 2.0


class Terminal:
    """One terminal. What it could not deliver it keeps and sends again, as the real ones do."""

    def __init__(self, url: str, serial: str, zone: str = "Asia/Shanghai") -> None:
        self._parts, self._serial, self._zone = urlsplit(url), serial, ZoneInfo(zone)
        self._waiting: list[str] = []
        self._lock = threading.Lock()
        self.persons: dict[str, str] = {}

    def introduce(self) -> str:
        """Ask for the options."""
        return self._call("GET", "cdata", "&options=all&pushver=2.2.14&language=83")

    def swipe(self, person: str, at: datetime | None = None, verify: str = "4") -> str:
        """Read a person's card and push the record; kept for later when the server does not take it."""
        local = (at or datetime.now(UTC)).astimezone(self._zone)
        with self._lock:
            self._waiting.append(f"{person}\t{local:%Y-%m-%d %H:%M:%S}\t0\t{verify}\t0\t0\t0")
        return self.push()

    def push(self) -> str:
        """Send everything kept."""
        with self._lock:
            if not self._waiting:
                return "OK: 0"
            answer = self._call("POST", "cdata", "&table=ATTLOG&Stamp=9999", "\n".join(self._waiting) + "\n")
            if answer.startswith("OK"):
                self._waiting.clear()
            return answer

    def poll(self) -> list[str]:
        """Fetch commands, carry them out, report; returns the commands."""
        answer = self._call("GET", "getrequest")
        commands = re.findall(r"^C:([A-Za-z0-9]{1,16}):(.*)$", answer, re.MULTILINE)
        results = [f"ID={number}&Return={self._obey(command)}&CMD=DATA" for number, command in commands]
        if results:
            self._call("POST", "devicecmd", "", "\n".join(results))
        return [command for _number, command in commands]

    def _obey(self, command: str) -> int:
        person = re.search(r"PIN=([0-9A-Za-z]+)", command)
        if command.startswith("DATA UPDATE USERINFO") and person:
            self.persons[person[1]] = command.partition("Name=")[2].partition("\t")[0]
            return 0
        if command.startswith("DATA DELETE USERINFO") and person:
            self.persons.pop(person[1], None)
            return 0
        return 0 if command.startswith(("DATA QUERY", "VERIFY SUM")) else -1002

    def _call(self, method: str, name: str, query: str = "", body: str = "") -> str:
        link = http.client.HTTPConnection(self._parts.hostname or "", self._parts.port or 80, timeout=10)
        base = self._parts.path.rstrip("/")
        try:
            data = body.encode("utf-8") if method == "POST" else None
            link.request(method, f"{base}/iclock/{name}?SN={self._serial}{query}", data)
            reply = link.getresponse()
            text = reply.read().decode("utf-8", "replace")
        finally:
            link.close()
        return text if reply.status == 200 else f"error {reply.status}"


def run(terminal: Terminal, control_path: Path) -> None:
    """Poll until SIGTERM or SIGINT."""
    control.block_stop()
    stop = threading.Event()

    def work() -> None:
        introduced = False
        while not stop.is_set():
            try:
                introduced = introduced or terminal.introduce().startswith("GET OPTION")
                terminal.push()
                terminal.poll()
            except OSError:
                introduced = False
            stop.wait(POLL_S)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    listening = control.serve(
        control_path, {"swipe": lambda words: terminal.swipe(words[0]), "ping": lambda words: "ok"}
    )
    control.wait_for_stop()
    stop.set()
    thread.join(5)
    listening.close()
    control_path.unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.zk_push.simulator", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--sn", default="SIM0000000001")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("swipe").add_argument("person")
    running = commands.add_parser("run")
    running.add_argument("--control", type=Path, required=True)
    telling = commands.add_parser("tell")
    telling.add_argument("--control", type=Path, required=True)
    telling.add_argument("words", nargs="+")
    told = parser.parse_args()
    if told.command == "run":
        run(Terminal(told.url, told.sn), told.control)
        return 0
    try:
        answer = (
            control.tell(told.control, *told.words)
            if told.command == "tell"
            else Terminal(told.url, told.sn).swipe(told.person)
        )
    except OSError as fault:
        answer = f"error {fault}"
    sys.stdout.write(answer + "\n")
    return 0 if answer.startswith(("OK", "ok")) else 1


if __name__ == "__main__":
    sys.exit(main())
