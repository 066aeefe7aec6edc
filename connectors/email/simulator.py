"""A mail server for the demonstration school: takes mail by SMTP, keeps a visible sent list, serves replies by POP3.

`python -m connectors.email.simulator serve --control SOCKET --sent FILE [--smtp-port N] [--pop3-port N]` runs it on
loopback; sent mail is appended to FILE as JSON lines `{"at", "from", "to", "subject", "text"}`.
`… reply --control SOCKET TEXT` answers the mail sent last, `… ports` prints the two ports.
"""

from __future__ import annotations

import argparse
import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from connectors.email.parse import header, parse_mail
from connectors.simulators import control

LINE_CAP = 100_000
MAIL_CAP = 20_000_000


class Post:
    """The mail taken, and the mailbox to fetch."""

    def __init__(self, sent: Path) -> None:
        self._sent = sent
        self._lock = threading.Lock()
        self._last: bytes = b""
        self._mailbox: dict[int, bytes] = {}
        self._number = 0

    def take(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """One message arrived by SMTP."""
        mail = parse_mail(raw)
        entry = {"at": datetime.now(UTC).isoformat(), "from": sender, "to": recipients, "subject": mail.subject,
                 "text": mail.text}  # fmt: skip
        with self._lock:
            self._last = raw
            with self._sent.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def reply(self, words: list[str]) -> str:
        """The last recipient answers."""
        if not self._last:
            return "error nothing was sent yet"
        asked = message_from_bytes(self._last)
        answer = EmailMessage(policy=SMTP)
        answer["From"], answer["To"] = header(asked, "To"), header(asked, "Reply-To") or header(asked, "From")
        answer["Subject"] = "回复：" + header(asked, "Subject")
        answer["Date"] = format_datetime(datetime.now(UTC))
        answer["Message-ID"] = f"<{datetime.now(UTC).timestamp()}@simulated.example>"
        answer["In-Reply-To"] = header(asked, "Message-ID")
        answer.set_content(
            f"{words[0]}\n\n------------------ 原始邮件 ------------------\n发件人: 启明教育\n", cte="base64"
        )
        self.deliver(answer.as_bytes())
        return "ok"

    def deliver_text(self, words: list[str]) -> str:
        """Put a raw message given as text into the mailbox."""
        self.deliver(words[0].replace("\\r\\n", "\r\n").encode("utf-8"))
        return "ok"

    def deliver(self, raw: bytes) -> None:
        """Put a message into the mailbox."""
        with self._lock:
            self._number += 1
            self._mailbox[self._number] = raw

    def mailbox(self) -> list[tuple[int, bytes]]:
        """Number and message, oldest first."""
        with self._lock:
            return sorted(self._mailbox.items())

    def delete(self, numbers: set[int]) -> None:
        """Forget messages for good."""
        with self._lock:
            for number in numbers:
                self._mailbox.pop(number, None)


class Lines(socketserver.StreamRequestHandler):
    """Both protocols are lines ended by CRLF."""

    timeout = 60
    post: Post

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("utf-8", "replace") + b"\r\n")

    def commands(self) -> Iterator[tuple[str, str]]:
        """Verb in capitals and the rest of each line."""
        while line := self.rfile.readline(LINE_CAP):
            verb, _space, rest = line.decode("utf-8", "replace").strip().partition(" ")
            yield verb.upper(), rest


class SmtpSession(Lines):
    """Enough of RFC 5321 for one client at a time."""

    def handle(self) -> None:
        self.say("220 simulated ESMTP")
        sender, recipients = "", list[str]()
        for verb, rest in self.commands():
            if verb == "DATA" and recipients:
                self.say("354 go on")
                self.post.take(sender, recipients, self._text())
                sender, recipients = "", []
                self.say("250 stored")
            elif verb == "MAIL":
                sender = _path(rest)
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(_path(rest))
                self.say("250 ok")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("503 out of order" if verb == "DATA" else "250 ok")

    def _text(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline(LINE_CAP)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)[:MAIL_CAP]


class Pop3Session(Lines):
    """RFC 1939 with UIDL and TOP."""

    def handle(self) -> None:
        self.say("+OK simulated")
        box = self.post.mailbox()
        deleted: set[int] = set()
        for verb, rest in self.commands():
            if verb == "QUIT":
                self.post.delete(deleted)
                self.say("+OK bye")
                return
            if verb == "DELE":
                deleted.add(box[int(rest) - 1][0])
                self.say("+OK")
            elif verb in ("UIDL", "LIST", "RETR", "TOP", "STAT"):
                self._serve(verb, rest, box)
            else:
                self.say("+OK")

    def _serve(self, verb: str, rest: str, box: list[tuple[int, bytes]]) -> None:
        if verb == "STAT":
            self.say(f"+OK {len(box)} {sum(len(raw) for _number, raw in box)}")
        elif verb in ("RETR", "TOP"):
            self.say("+OK")
            for line in box[int(rest.partition(" ")[0]) - 1][1].splitlines():
                self.wfile.write((b"." + line if line.startswith(b".") else line) + b"\r\n")
            self.say(".")
        elif verb == "LIST" and rest:
            self.say(f"+OK {rest} {len(box[int(rest) - 1][1])}")
        else:
            self.say("+OK")
            for position, (number, raw) in enumerate(box, start=1):
                self.say(f"{position} {f'sim{number}' if verb == 'UIDL' else len(raw)}")
            self.say(".")


def _path(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def open_servers(post: Post, smtp_port: int, pop3_port: int) -> tuple[_Server, _Server]:
    """SMTP and POP3 on loopback, running in the background."""
    smtp_class = type("Smtp", (SmtpSession,), {"post": post})
    pop3_class = type("Pop3", (Pop3Session,), {"post": post})
    servers = (_Server(("127.0.0.1", smtp_port), smtp_class), _Server(("127.0.0.1", pop3_port), pop3_class))
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return servers


def serve(told: argparse.Namespace) -> None:
    """Run until SIGTERM or SIGINT."""
    control.block_stop()
    post = Post(told.sent)
    smtp, pop3 = open_servers(post, told.smtp_port, told.pop3_port)
    ports = f"{smtp.server_address[1]} {pop3.server_address[1]}"
    actions: dict[str, control.Action] = {
        "reply": post.reply,
        "deliver": post.deliver_text,
        "ports": lambda words: f"ok {ports}",
        "ping": lambda words: "ok",
    }
    listening = control.serve(told.control, actions)
    control.wait_for_stop()
    listening.close()
    smtp.shutdown()
    pop3.shutdown()
    told.control.unlink(missing_ok=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.email.simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("serve")
    running.add_argument("--control", type=Path, required=True)
    running.add_argument("--sent", type=Path, required=True)
    running.add_argument("--smtp-port", type=int, default=0)
    running.add_argument("--pop3-port", type=int, default=0)
    for name in ("reply", "ports"):
        one = commands.add_parser(name)
        one.add_argument("--control", type=Path, required=True)
        one.add_argument("words", nargs="*")
    told = parser.parse_args()
    if told.command == "serve":
        serve(told)
        return 0
    answer = control.tell(told.control, told.command, *told.words)
    sys.stdout.write(answer + "\n")
    return 0 if answer.startswith("ok") else 1


if __name__ == "__main__":
    sys.exit(main())
