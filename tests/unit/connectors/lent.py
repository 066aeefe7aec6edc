"""What a test lends a connector in place of the host."""

import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from engine.kernel.clock import FixedClock
from engine.kernel.connector import Ctx, HttpReply, SerialPort

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # a Tuesday, 09:00 in Shanghai


class NoPeer(AssertionError):
    """The connector touched the outside where it must not."""


def _no_serial(port: str, *, baudrate: int, timeout: float) -> SerialPort:
    raise NoPeer(port)


def _no_http(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpReply:
    raise NoPeer(url)


def lend(
    *,
    clock: FixedClock | None = None,
    http: Callable[..., HttpReply] = _no_http,
    serial_open: Callable[..., SerialPort] = _no_serial,
) -> Ctx:
    """A context that refuses everything it was not given."""
    return Ctx("c1", clock or FixedClock(NOW), http, serial_open, logging.getLogger("test"), random.Random(1))
