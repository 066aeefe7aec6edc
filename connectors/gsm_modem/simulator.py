"""A GSM modem without hardware: answers AT commands in PDU mode on a pseudo-terminal.

`python -m connectors.gsm_modem.simulator serve --link PORT --control SOCKET --sent FILE` runs it; sent messages are
appended to FILE as JSON lines `{"at", "to", "text", "parts"}`. Tell it more with
`… receive --control SOCKET PHONE TEXT` (an incoming message), `ring PHONE`, `next ERROR` (the next message fails with
that CMS error), `silent` (the next message gets no answer), `unplug`, `plug`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from connectors.gsm_modem.network_pdu import encode_deliver, encode_status
from connectors.gsm_modem.pdu import Submit, decode_submit
from connectors.gsm_modem.segments import text_of
from connectors.simulators import control
from connectors.simulators.pty_port import PtyPort
from engine.kernel.connector import BadInput

SLOTS = 30


class SimulatedModem:
    """The modem's state: stored messages, parts on their way, what to do wrong next."""

    def __init__(self, port: PtyPort, sent: Path) -> None:
        self._port, self._sent = port, sent
        self._lock = threading.RLock()
        self._stored: dict[int, str] = {}
        self._parts: dict[tuple[str, int, int], dict[int, Submit]] = {}
        self._reference = 0
        self._next_error = ""
        self._is_silent = False
        self._buffer = b""
        self._awaits_pdu = False

    def run(self, stop: threading.Event) -> None:
        """Answer commands until told to stop."""
        while not stop.is_set():
            data = self._port.read(0.1)
            if not data:
                stop.wait(0.01)
                continue
            with self._lock:
                self._buffer += data
                self._work()

    def receive(self, words: list[str]) -> str:
        """A message arrives."""
        with self._lock:
            for pdu in encode_deliver(words[0], words[1], datetime.now(UTC), reference=len(self._stored) + 1):
                index = next(number for number in range(1, SLOTS + 1) if number not in self._stored)
                self._stored[index] = pdu
                self._say(f'+CMTI: "SM",{index}')
        return "ok"

    def ring(self, words: list[str]) -> str:
        """Somebody calls."""
        with self._lock:
            self._say("RING")
            self._say(f'+CLIP: "{words[0]}",129,"",,"",0')
        return "ok"

    def fail_next(self, words: list[str]) -> str:
        """The next message is refused with a CMS error."""
        self._next_error = words[0]
        return "ok"

    def be_silent(self, words: list[str]) -> str:
        """The next message is taken and never answered."""
        self._is_silent = True
        return "ok"

    def _work(self) -> None:
        while True:
            if self._awaits_pdu:
                found = re.match(rb"([^\x1a\x1b]*)([\x1a\x1b])", self._buffer, re.DOTALL)
                if found is None:
                    return
                self._buffer = self._buffer[found.end() :]
                self._awaits_pdu = False
                if found[2] == b"\x1a":
                    self._submit(found[1].decode("ascii", "replace").strip())
                continue
            line, end, rest = self._buffer.partition(b"\r")
            if not end:
                return
            self._buffer = rest
            self._command(line.strip(b"\n\x1b ").decode("ascii", "replace"))

    def _command(self, line: str) -> None:
        if not line:
            return
        if line.startswith("AT+CMGS="):
            self._awaits_pdu = True
            self._port.write(b"\r\n> ")
        elif line.startswith("AT+CMGD="):
            self._stored.pop(int(line[8:].partition(",")[0]), None)
            self._say("OK")
        elif line.startswith("AT+CMGL"):
            for index, pdu in sorted(self._stored.items()):
                self._say(f"+CMGL: {index},1,,{len(pdu) // 2 - 1}\r\n{pdu}")
            self._say("OK")
        elif line.startswith("AT"):
            self._information(line)
            self._say("OK")
        else:
            self._say("ERROR")

    def _information(self, line: str) -> None:
        known = {"AT+CPIN?": "+CPIN: READY", "AT+CSQ": "+CSQ: 23,0", "AT+CREG?": "+CREG: 0,1"}
        if line in known:
            self._say(known[line])

    def _submit(self, pdu: str) -> None:
        if self._next_error:
            self._say(f"+CMS ERROR: {self._next_error}")
            self._next_error = ""
            return
        try:
            submit = decode_submit(pdu)
        except (BadInput, KeyError):
            self._say("+CMS ERROR: 304")
            return
        self._reference = (self._reference + 1) % 256
        reference = self._reference
        self._keep(submit)
        if self._is_silent:
            self._is_silent = False
            return
        self._say(f"+CMGS: {reference}")
        self._say("OK")
        if submit.wants_receipt:
            threading.Timer(0.2, self._deliver_receipt, (reference, submit.recipient)).start()

    def _deliver_receipt(self, reference: int, recipient: str) -> None:
        pdu = encode_status(reference, recipient, datetime.now(UTC), 0)
        with self._lock:
            self._say(f"+CDS: {len(pdu) // 2 - 1}\r\n{pdu}")

    def _keep(self, submit: Submit) -> None:
        """Write a message to the sent list once all its parts are there."""
        concat = submit.concat
        key = (submit.recipient, concat.reference if concat else -1, concat.total if concat else 1)
        parts = self._parts.setdefault(key, {})
        parts[concat.number if concat else 1] = submit
        if len(parts) < key[2]:
            return
        del self._parts[key]
        units = [unit for number in sorted(parts) for unit in parts[number].units]
        text = text_of(submit.alphabet, units)
        entry = {"at": datetime.now(UTC).isoformat(), "to": submit.recipient, "text": text, "parts": key[2]}
        with self._sent.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _say(self, line: str) -> None:
        self._port.write(f"\r\n{line}\r\n".encode("ascii"))


def serve(link: Path, control_path: Path, sent: Path) -> None:
    """Run until SIGTERM or SIGINT."""
    control.block_stop()
    port = PtyPort(link)
    modem = SimulatedModem(port, sent)
    actions: dict[str, control.Action] = {
        "receive": modem.receive,
        "ring": modem.ring,
        "next": modem.fail_next,
        "silent": modem.be_silent,
        "unplug": lambda words: _done(port.unplug),
        "plug": lambda words: _done(port.plug),
        "ping": lambda words: "ok",
    }
    stop = threading.Event()
    thread = threading.Thread(target=modem.run, args=(stop,), daemon=True)
    thread.start()
    server = control.serve(control_path, actions)
    control.wait_for_stop()
    stop.set()
    thread.join(2)
    server.close()
    port.unplug()
    control_path.unlink(missing_ok=True)


def _done(action: Callable[[], None]) -> str:
    action()
    return "ok"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.gsm_modem.simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("serve")
    running.add_argument("--link", type=Path, required=True)
    running.add_argument("--control", type=Path, required=True)
    running.add_argument("--sent", type=Path, required=True)
    for name in ("receive", "ring", "next", "silent", "unplug", "plug"):
        one = commands.add_parser(name)
        one.add_argument("--control", type=Path, required=True)
        one.add_argument("words", nargs="*")
    told = parser.parse_args()
    if told.command == "serve":
        serve(told.link, told.control, told.sent)
        return 0
    answer = control.tell(told.control, told.command, *told.words)
    sys.stdout.write(answer + "\n")
    return 0 if answer.startswith("ok") else 1


if __name__ == "__main__":
    sys.exit(main())
