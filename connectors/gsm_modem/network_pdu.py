"""The network's side of the protocol, for the simulator and for tests: DELIVER and STATUS-REPORT built."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.gsm_modem.pdu import encode_address, swap_digits, user_data
from connectors.gsm_modem.segments import Concat, split


def encode_deliver(sender: str, text: str, at: datetime, *, reference: int = 0, is_wide: bool = False) -> list[str]:
    """The parts of a message from `sender` as a modem stores them, in hexadecimal."""
    alphabet, parts = split(text, is_wide=is_wide)
    total = len(parts)
    pdus = []
    for number, units in enumerate(parts, start=1):
        concat = Concat(reference, total, number, is_wide) if total > 1 else None
        first = 0x04 | (0x40 if concat else 0)
        head = bytes((first,)) + encode_address(sender) + bytes((0, alphabet)) + timestamp(at)
        pdus.append("00" + (head + user_data(alphabet, units, concat)).hex().upper())
    return pdus


def encode_status(reference: int, recipient: str, at: datetime, code: int) -> str:
    """A STATUS-REPORT for a sent part; `code` 0 is delivered."""
    body = bytes((0x06, reference)) + encode_address(recipient) + timestamp(at) + timestamp(at) + bytes((code,))
    return "00" + body.hex().upper()


def timestamp(at: datetime) -> bytes:
    """Seven semi-octet pairs in UTC.

    >>> timestamp(datetime(2026, 9, 1, 1, 2, 3, tzinfo=UTC)).hex()
    '62901010203000'
    """
    return swap_digits(at.astimezone(UTC).strftime("%y%m%d%H%M%S")) + b"\x00"
