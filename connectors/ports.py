"""The real serial port behind `SerialOpener`."""

from __future__ import annotations

from typing import cast

import serial

from engine.kernel.connector import SerialPort


def open_serial(port: str, *, baudrate: int, timeout: float) -> SerialPort:
    """Open a port for us alone; `socket://`, `rfc2217://` and `loop://` addresses work too.

    Raises:
        OSError: missing, unplugged, or held by another program (pyserial's SerialException is one).
    """
    if "://" in port:
        return cast("SerialPort", serial.serial_for_url(port, baudrate=baudrate, timeout=timeout, write_timeout=5))
    return cast("SerialPort", serial.Serial(port, baudrate=baudrate, timeout=timeout, write_timeout=5, exclusive=True))
