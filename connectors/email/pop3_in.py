"""Fetching a POP3 mailbox: UIDL is the cursor, deletion waits for the commit. Source: RFC 1939."""

from __future__ import annotations

import json
import poplib
import ssl
from dataclasses import dataclass
from typing import Any

from connectors.email.smtp_out import LOCAL
from engine.kernel.connector import BadConfig, Json, Unavailable

MAIL_CAP = 10_000_000
SEEN_CAP = 20_000
poplib._MAXLINE = 1_000_000  # type: ignore[attr-defined]  # servers pass on lines longer than the 2,048 of the RFC


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message; `raw` holds only its headers when it is larger than 10 MB."""

    uidl: str
    raw: bytes
    is_cut: bool


class Mailbox:
    """One session. Closing without `finish` leaves everything on the server, as losing the connection does."""

    def __init__(self, cfg: Json) -> None:
        try:
            self._link = _open(cfg)
            self._numbers = self._uidls()
        except (OSError, poplib.error_proto, EOFError) as fault:
            raise Unavailable("pop3", str(fault)[:300]) from None

    def fetch(self, seen: frozenset[str], limit: int) -> list[Fetched]:
        """Up to `limit` messages not seen yet, oldest first.

        Raises:
            Unavailable: the session broke.
        """
        try:
            wanted = [(number, uidl) for uidl, number in self._numbers.items() if uidl not in seen]
            return [self._one(number, uidl) for number, uidl in sorted(wanted)[:limit]]
        except (OSError, poplib.error_proto, ValueError) as fault:
            self.abandon()
            raise Unavailable("pop3", str(fault)[:300]) from None

    def present(self, uidls: frozenset[str]) -> frozenset[str]:
        """Those of `uidls` that are on the server."""
        return uidls & self._numbers.keys()

    def finish(self, delete: frozenset[str]) -> None:
        """Delete what is stored by now, and QUIT: without it the server forgets the deletions.

        Raises:
            Unavailable: the session broke; what was to be deleted is still there.
        """
        try:
            for uidl in delete:
                if uidl in self._numbers:
                    self._link.dele(self._numbers[uidl])
            self._link.quit()
        except (OSError, poplib.error_proto) as fault:
            self.abandon()
            raise Unavailable("pop3", str(fault)[:300]) from None

    def abandon(self) -> None:
        """Drop the connection."""
        self._link.close()

    def _uidls(self) -> dict[str, int]:
        _reply, lines, _octets = self._link.uidl()
        pairs = (line.decode("ascii", "replace").split(" ", 1) for line in lines)
        return {pair[1].strip()[:100]: int(pair[0]) for pair in pairs if len(pair) == 2}

    def _one(self, number: int, uidl: str) -> Fetched:
        answer: Any = self._link.list(number)  # with a number: one line, `+OK number size`
        size = int(bytes(answer).split()[2])
        if size > MAIL_CAP:
            return Fetched(uidl, b"\r\n".join(self._link.top(number, 0)[1]), True)
        return Fetched(uidl, b"\r\n".join(self._link.retr(number)[1]) + b"\r\n", False)


def seen_of(cursor: str | None) -> frozenset[str]:
    """The UIDLs a cursor remembers; an unreadable cursor is an empty one (the inbox drops repeats)."""
    try:
        found = json.loads(cursor or "[]")
    except ValueError:
        return frozenset()
    return frozenset(str(uidl) for uidl in found) if isinstance(found, list) else frozenset()


def cursor_of(seen: frozenset[str]) -> str:
    """The cursor for the messages that are stored and still on the server."""
    return json.dumps(sorted(seen)[:SEEN_CAP])


def _open(cfg: Json) -> poplib.POP3:
    host, port = str(cfg["pop3_host"]), int(cfg.get("pop3_port", 995))
    timeout_s = float(cfg.get("timeout_s", 30))
    if cfg.get("pop3_security", "tls") == "tls":
        link: poplib.POP3 = poplib.POP3_SSL(host, port, timeout=timeout_s, context=ssl.create_default_context())
    elif host in LOCAL:
        link = poplib.POP3(host, port, timeout=timeout_s)
    else:
        raise BadConfig("pop3_security", "only a server on this machine may be used without encryption")
    try:
        link.user(str(cfg.get("pop3_user", "")))
        link.pass_(str(cfg.get("pop3_password", "")))
    except BaseException:
        link.close()
        raise
    return link
