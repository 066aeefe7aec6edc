"""A pseudo-terminal that stands for a serial port, with a stable path; it can be unplugged and plugged in again."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import tty
from pathlib import Path


class PtyPort:
    """The device's end of the line. `link` is the path a connector opens."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._master = -1
        self._slave = -1
        self.plug()

    def plug(self) -> None:
        """Make the port appear."""
        if self._master >= 0:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """Make the port vanish under its reader, as a pulled cable does."""
        if self._master < 0:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def write(self, data: bytes) -> None:
        """Send bytes to whoever reads the port; nothing when it is unplugged."""
        if self._master >= 0:
            os.write(self._master, data)

    def read(self, wait_s: float) -> bytes:
        """Bytes written to the port within `wait_s`, maybe none."""
        if self._master < 0:
            return b""
        ready, _writable, _failed = select.select([self._master], [], [], wait_s)
        if not ready:
            return b""
        with contextlib.suppress(OSError):
            return os.read(self._master, 4096)
        return b""
