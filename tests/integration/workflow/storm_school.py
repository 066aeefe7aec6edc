"""What every process of a storm shares: the clock, the peer whom messages go to, handlers and people."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.kernel.connector import Outbound
from engine.kernel.delivery import Live
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.text import Text
from engine.workflow import calendars, runtime
from engine.workflow.handlers import Handler, HandlerRegistry, Parameter

from .conftest import People, Rights, Store
from .random_outside import Peer
from .random_surprises import work

BEGUN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
PATIENCE_S = 3


class SharedClock:
    """One clock for several processes: a moment, and seconds since in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._seconds = mmap.mmap(file.fileno(), 8)

    def now(self) -> datetime:
        """Aware, in UTC."""
        return BEGUN + timedelta(seconds=struct.unpack("d", self._seconds[:8])[0])

    def advance(self, by: timedelta) -> None:
        """Moves the clock of all."""
        self._seconds[:8] = struct.pack("d", struct.unpack("d", self._seconds[:8])[0] + by.total_seconds())


class NotedPeer(Peer):
    """Writes down what it takes, so that it is known when the one who sent it is dead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def send(self, out: Outbound) -> Any:
        """As the peer does."""
        before = self.took[out.id]
        try:
            return super().send(out)
        finally:
            if self.took[out.id] > before:
                with self.path.open("ab") as file:
                    file.write(out.id.bytes)


def install() -> tuple[HandlerRegistry, Store]:
    """The small school of the storms in this process."""
    handlers, store = HandlerRegistry(), Store()
    for name in ("works", "unworks"):
        handlers.add(Handler(name, Text(name, name), work, {"n": Parameter("string")}))
    runtime.install(runtime.Runtime(handlers, lambda tx: People(), store, Rights(), calendar=calendars.calendar_of))
    return handlers, store


def live(connector_id: UUID, home: Path) -> Live:
    """The peer of the storms, whose answers take a while to be given up."""
    return Live(connector_id, "peer", NotedPeer(home / "took"), SendPolicy(rate_per_s=1000, burst=1000))
