"""A school in a storm: database, queue, web and workers of its own that are killed, behind connections that are cut."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from sqlalchemy.engine import make_url

from engine.kernel.servers.postgres import PostgresServer, start_postgres
from engine.kernel.servers.valkey import ValkeyServer, start_valkey

ROOT = Path(__file__).parents[3]
IMMEDIATE = signal.SIGQUIT
_OFTEN = ("worker", "bytes", "web", "queue bytes")
KINDS = (*_OFTEN, "connections", "queue", "database", "stopped")
"""Each once at first; then what comes back at once more often than what takes a while."""
_POSTGRES = ".s.PGSQL.5432"


@dataclass
class Relay:
    """Passes bytes between a socket of its own, `near`, and the server's, `far`; `left`: bytes until the next cut."""

    near: Path
    far: Path
    left: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.near.parent.mkdir(exist_ok=True)
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(self.near))
        self.door.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_all(self) -> None:
        """Every connection ends now."""
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Nobody comes in any more."""
        self.cut_all()
        self.door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self.far))
            except OSError:
                near.close()
                continue
            self.open |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                allowed = self._allowed(len(data))
                target.sendall(data[:allowed])
                if allowed < len(data):
                    break
        for one in (source, target):
            self.open.discard(one)
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _allowed(self, wanted: int) -> int:
        with self.lock:
            if self.left is None:
                return wanted
            allowed = min(wanted, self.left)
            self.left = self.left - wanted if wanted <= self.left else None
            return allowed


@dataclass
class Storm:
    """Everything that can be killed. `killed`: what was, by name; `deck`: what is next."""

    home: Path
    rng: Random
    database: PostgresServer
    queue: ValkeyServer
    relay: Relay
    queue_relay: Relay
    nursery: subprocess.Popen[str] | None = None
    web: subprocess.Popen[bytes] | None = None
    workers: list[int] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    deck: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the database through the relay."""
        return self.database.url.partition("?")[0] + f"?host={quote(str(self.relay.near.parent), safe='')}"

    @property
    def valkey(self) -> str:
        """The address of the queue through the relay."""
        return f"unix://{self.queue_relay.near}"

    @property
    def door(self) -> Path:
        """The socket of the web process."""
        return self.relay.near.with_name("web")

    def spawn(self, connector_id: str, number: int) -> None:
        """The web process, the nursery, and that many workers."""
        servers, environment = [self.url, self.valkey, str(self.home)], {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "tests.integration.workflow.storm_web", *servers, str(self.door)]
        self.web = subprocess.Popen(command, cwd=ROOT, env=environment)
        command = [sys.executable, "-m", "tests.integration.workflow.storm_worker", *servers, connector_id]
        self.nursery = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)
        for _ in range(number):
            self.bear()

    def bear(self) -> None:
        """One more worker."""
        assert self.nursery is not None and self.nursery.stdin is not None and self.nursery.stdout is not None
        self.nursery.stdin.write(f"{self.rng.randrange(10**9)}\n")
        self.nursery.stdin.flush()
        self.workers.append(int(self.nursery.stdout.readline()))

    def strike(self) -> None:
        """One thing breaks and comes back."""
        if not self.deck:
            kinds = [*KINDS, *_OFTEN, *_OFTEN] if self.killed else KINDS
            self.deck = self.rng.sample(kinds, len(kinds))
        kind = self.deck.pop()
        self.killed[kind] += 1
        if kind == "worker":
            self._kill_worker()
            self.bear()
        elif kind == "bytes":
            self.relay.left = self.rng.randrange(20_000)
        elif kind == "queue bytes":
            self.queue_relay.left = self.rng.randrange(2_000)
        elif kind == "web":
            self._kill_web()
        elif kind == "connections":
            self.relay.cut_all()
        elif kind == "queue":
            self._end(self.queue.child, signal.SIGKILL)
            self.queue = start_valkey(self.home)
        else:
            self._end(self.database.child, signal.SIGKILL if kind == "database" else IMMEDIATE)
            self.database = start_postgres(self.home)

    def calm(self) -> None:
        """Nothing breaks any more; the workers are gone."""
        self.relay.left = self.queue_relay.left = None
        while self.workers:
            self._kill_worker()
        if self.nursery is not None and self.nursery.stdin is not None:
            self.nursery.stdin.close()
            self.nursery.wait()
        if self.web is not None:
            self.web.terminate()
            self.web.wait()

    def _kill_worker(self) -> None:
        """By the nursery, which has not let go of its id."""
        assert self.nursery is not None and self.nursery.stdin is not None
        self.nursery.stdin.write(f"-{self.workers.pop(self.rng.randrange(len(self.workers)))}\n")
        self.nursery.stdin.flush()

    def _kill_web(self) -> None:
        """The process that answers; gunicorn begins another."""
        assert self.web is not None
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        for one in children:
            with suppress(ProcessLookupError):
                os.kill(int(one), signal.SIGKILL)

    def _end(self, child: Any, how: signal.Signals) -> None:
        assert child is not None
        child.send_signal(how)
        child.wait()


@contextmanager
def storm_of(home: Path, rng: Random) -> Iterator[Storm]:
    """Servers of their own, durable, behind a relay."""
    home.chmod(0o711)
    database, queue = start_postgres(home), start_valkey(home)
    folder = home / f"r{rng.randrange(10**6)}"
    relay = Relay(folder / _POSTGRES, Path(str(make_url(database.url).query["host"])) / _POSTGRES)
    queue_relay = Relay(folder / "queue", Path(queue.url.removeprefix("unix://").partition("?")[0]))
    found = Storm(home, rng, database, queue, relay, queue_relay)
    try:
        yield found
    finally:
        found.calm()
        relay.close()
        queue_relay.close()
        found.database.stop()
        found.queue.stop()
