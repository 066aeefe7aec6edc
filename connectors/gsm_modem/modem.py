"""AT commands over a serial port: one command at a time, unsolicited lines kept apart, its own line buffer.

Source: 3GPP TS 27.005 (SMS commands), 27.007 9.2 (errors).
"""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field

from engine.kernel.connector import BadConfig, SerialPort, Unavailable

LINE_CAP = 1024
CTRL_Z, ESCAPE = b"\x1a", b"\x1b"
_FAILURE = re.compile(r"ERROR|\+CM[ES] ERROR: ?(.*)|NO CARRIER|BUSY|NO DIALTONE")
_ARRIVED = re.compile(r'\+CMTI: ?"(\w+)", ?(\d+)')
_CALLER = re.compile(r'\+CLIP: ?"([^"]*)"')
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")


class CommandFailed(Exception):
    """The modem answered with an error; `code` is the CMS/CME number or text, empty for a bare ERROR."""

    def __init__(self, command: str, code: str) -> None:
        super().__init__(f"{command}: {code or 'ERROR'}")
        self.code = code


class NoAnswer(Exception):
    """The modem did not answer in time."""


@dataclass(slots=True)
class News:
    """What the modem said unasked: memory places of new messages, receipts (PDUs), callers."""

    arrived: list[int] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)


class Modem:
    """One open port. Raises `OSError` when it is unplugged."""

    def __init__(self, port: SerialPort) -> None:
        self._port = port
        self._buffer = bytearray()
        self._lines: deque[str] = deque()
        self._receipt_follows = False
        self.news = News()

    def set_up(self, pin: str, memory: str) -> None:
        """Bring the modem into PDU mode with receipts and caller numbers.

        Raises:
            BadConfig: the SIM wants a PIN that is not given, or is locked.
            Unavailable: no answer, or no SIM.
        """
        try:
            self.command("ATZ", timeout_s=5)
            self.command("ATE0")
            self.command("AT+CMEE=1")
            self._unlock(pin)
            self.command("AT+CMGF=0")
            self.command(f'AT+CPMS="{memory}","{memory}","{memory}"', timeout_s=10)
            self.command("AT+CNMI=2,1,0,1,0")
        except NoAnswer:
            raise Unavailable("modem_silent", "the modem does not answer") from None
        except CommandFailed as fault:
            raise Unavailable("modem_setup", str(fault)) from None
        try:
            self.command("AT+CLIP=1")
        except (CommandFailed, NoAnswer):
            return

    def _unlock(self, pin: str) -> None:
        state = " ".join(self.command("AT+CPIN?", timeout_s=10))
        if "SIM PIN" in state:
            if not pin:
                raise BadConfig("sim_pin", "the SIM card wants its PIN")
            self.command(f'AT+CPIN="{pin}"', timeout_s=20)
        elif "READY" not in state:
            raise BadConfig("sim_locked", state[:60])

    def command(self, line: str, *, timeout_s: float = 5) -> list[str]:
        """Run one command; returns its information lines.

        Raises:
            CommandFailed: the modem refused.
            NoAnswer: it did not answer in time.
        """
        self._write_line(line)
        return self._answer(line, timeout_s)

    def send_pdu(self, pdu: str, octets: int, *, timeout_s: float) -> int:
        """Send one SUBMIT; returns the modem's message reference.

        Raises:
            CommandFailed: refused before or after the text was handed over.
            Unavailable: the modem gave no prompt, so nothing was sent.
            NoAnswer: the text was handed over and nothing came back: it may have been sent.
        """
        command = f"AT+CMGS={octets}"
        self._write_line(command)
        if not self._prompt(command, 10):
            self._port.write(ESCAPE)
            raise Unavailable("modem_prompt", "the modem did not ask for the text")
        self._port.write(pdu.encode("ascii") + CTRL_Z)
        for line in self._answer(command, timeout_s):
            found = re.fullmatch(r"\+CMGS: ?(\d+)\b.*", line)
            if found:
                return int(found[1]) & 0xFF
        raise NoAnswer(command)

    def listen(self, wait_s: float) -> News:
        """Wait a moment for unsolicited lines and hand over all that came since the last call."""
        until_s = time.monotonic() + wait_s
        while True:
            while self._lines:
                self._lines.popleft()
            news = self.news
            if news.arrived or news.receipts or news.callers or time.monotonic() >= until_s:
                break
            self._read()
        self.news = News()
        return news

    def close(self) -> None:
        self._port.close()

    def _write_line(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise BadConfig("at_command", "a command must not contain control characters")
        self._lines.clear()
        self._port.write(line.encode("ascii", "replace") + b"\r")

    def _answer(self, command: str, timeout_s: float) -> list[str]:
        until_s = time.monotonic() + timeout_s
        information: list[str] = []
        while time.monotonic() < until_s:
            while self._lines:
                line = self._lines.popleft()
                if line == "OK":
                    return information
                failure = _FAILURE.fullmatch(line)
                if failure:
                    raise CommandFailed(command.partition("=")[0], (failure[1] or "").strip())
                if line != command:
                    information.append(line)
            self._read()
        raise NoAnswer(command.partition("=")[0])

    def _prompt(self, command: str, timeout_s: float) -> bool:
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            if self._buffer.strip() == b">":
                self._buffer.clear()
                return True
            while self._lines:
                failure = _FAILURE.fullmatch(self._lines.popleft())
                if failure:
                    raise CommandFailed(command.partition("=")[0], (failure[1] or "").strip())
            self._read()
        return False

    def _read(self) -> None:
        """Take what is there (waiting at most the port's timeout) and cut it into lines."""
        first = self._port.read(1)
        if not first:
            return
        self._buffer += first + self._port.read(self._port.in_waiting)
        *lines, rest = re.split(rb"[\r\n]+", bytes(self._buffer))
        self._buffer = bytearray(rest[-LINE_CAP:])
        for line in lines:
            if line.strip():
                self._sort(line.decode("ascii", "replace").strip())

    def _sort(self, line: str) -> None:
        """An unsolicited line goes to the news, any other to the running command."""
        if self._receipt_follows:
            self._receipt_follows = False
            self.news.receipts.append(line)
        elif line.startswith("+CDS:"):
            self._receipt_follows = True
        elif arrived := _ARRIVED.fullmatch(line):
            self.news.arrived.append(int(arrived[2]))
        elif caller := _CALLER.match(line):
            self.news.callers.append(caller[1])
        elif line != "RING":
            self._lines.append(line)
