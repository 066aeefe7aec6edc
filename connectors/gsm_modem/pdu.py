"""Protocol data units of SMS as modems exchange them in PDU mode, in hexadecimal.

Source: 3GPP TS 23.040 9.2 (SUBMIT, DELIVER, STATUS-REPORT), 9.2.3.24 (user data header).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connectors.gsm_modem.alphabet import Alphabet, alphabet_of, pack, text_of_septets, unpack
from connectors.gsm_modem.segments import Concat, split
from engine.kernel.connector import BadInput, ReceiptStatus

_DELIVER, _SUBMIT, _STATUS = 0, 1, 2
_INTERNATIONAL, _NATIONAL, _ALPHANUMERIC = 0x91, 0x81, 0xD0
_DIGITS = "0123456789*#abc"


@dataclass(frozen=True, slots=True)
class SubmitPart:
    """One SUBMIT to hand to the modem: hexadecimal text, and the octet count `AT+CMGS` wants (without the centre)."""

    pdu: str
    octets: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """A received message part. `units`: septets for the 7-bit alphabet, else octets."""

    sender: str
    at: datetime
    alphabet: Alphabet
    units: tuple[int, ...]
    concat: Concat | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The network's word on a sent part: `reference` is the modem's 8-bit message reference."""

    reference: int
    recipient: str
    done_at: datetime
    code: int

    @property
    def status(self) -> ReceiptStatus:
        """Delivered, still trying, or given up (TS 23.040 9.2.3.15)."""
        if self.code <= 0x02:
            return ReceiptStatus.DELIVERED
        if 0x20 <= self.code <= 0x3F:
            return ReceiptStatus.PENDING
        return ReceiptStatus.EXPIRED if self.code == 0x46 else ReceiptStatus.FAILED


@dataclass(frozen=True, slots=True)
class Submit:
    """A SUBMIT read back: what a modem (or its simulator) would send."""

    recipient: str
    alphabet: Alphabet
    units: tuple[int, ...]
    concat: Concat | None
    wants_receipt: bool


def encode_submit(
    to: str, text: str, *, reference: int = 0, is_wide: bool = False, receipt: bool = True
) -> list[SubmitPart]:
    """The parts of a message to a number such as `+8613800138000`.

    `reference` numbers a long message (8 bits, or 16 with `is_wide`).

    Raises:
        BadInput: not a number, or more than 255 parts.
    """
    if not re.fullmatch(r"\+?[0-9]{3,20}", to):
        raise BadInput("phone", "expected digits with an optional leading plus")
    alphabet, parts = split(text, is_wide=is_wide)
    if len(parts) > 255:
        raise BadInput("too_long", f"expected at most 255 parts, found {len(parts)}")
    total = len(parts)
    concats = [Concat(reference, total, number, is_wide) if total > 1 else None for number in range(1, total + 1)]
    return [_submit_part(to, alphabet, units, concat, receipt) for units, concat in zip(parts, concats, strict=True)]


def _submit_part(to: str, alphabet: Alphabet, units: list[int], concat: Concat | None, receipt: bool) -> SubmitPart:
    first = _SUBMIT | (0x20 if receipt else 0) | (0x40 if concat else 0)
    body = bytes((first, 0)) + encode_address(to) + bytes((0, alphabet)) + user_data(alphabet, units, concat)
    return SubmitPart("00" + body.hex().upper(), len(body))


def user_data(alphabet: Alphabet, units: list[int], concat: Concat | None) -> bytes:
    """Length octet, header and text; UCS2 `units` are 16-bit."""
    header = _header(concat)
    if alphabet is Alphabet.GSM7:
        fill = -len(header) * 8 % 7
        length = (len(header) * 8 + fill) // 7 + len(units)
        return bytes((length,)) + header + pack(units, fill)
    text = b"".join(unit.to_bytes(2, "big") for unit in units)
    return bytes((len(header) + len(text),)) + header + text


def _header(concat: Concat | None) -> bytes:
    if concat is None:
        return b""
    if concat.is_wide:
        return bytes((6, 8, 4)) + (concat.reference & 0xFFFF).to_bytes(2, "big") + bytes((concat.total, concat.number))
    return bytes((5, 0, 3, concat.reference & 0xFF, concat.total, concat.number))


def encode_address(number: str) -> bytes:
    """Length, type and semi-octets of a telephone number."""
    digits = number.removeprefix("+")
    kind = _INTERNATIONAL if number.startswith("+") else _NATIONAL
    return bytes((len(digits), kind)) + swap_digits(digits)


def swap_digits(digits: str) -> bytes:
    """Semi-octets: pairs of digits swapped, the last one filled with F.

    >>> swap_digits("46708251358").hex().upper()
    '6407281553F8'
    """
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2)))


class _Reader:
    """Takes octets from a PDU; running out is a `BadInput`."""

    def __init__(self, hexadecimal: str) -> None:
        try:
            self._data = bytes.fromhex(hexadecimal)
        except ValueError:
            raise BadInput("pdu_hex", "expected hexadecimal digits") from None
        self._at = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise BadInput("pdu_short", f"expected {count} octets at {self._at}, found {len(found)}")
        self._at += count
        return found

    def octet(self) -> int:
        return self.take(1)[0]

    def rest(self) -> bytes:
        found = self._data[self._at :]
        self._at = len(self._data)
        return found

    def skip_centre(self) -> None:
        self.take(self.octet())

    def address(self) -> str:
        length, kind = self.octet(), self.octet()
        raw = self.take((length + 1) // 2)
        if kind & 0x70 == 0x50:
            return text_of_septets(unpack(raw, length * 4 // 7))
        digits = "".join(_digit(octet & 0xF) + _digit(octet >> 4) for octet in raw)[:length]
        return ("+" if kind & 0x70 == 0x10 else "") + digits

    def timestamp(self) -> datetime:
        octets = self.take(7)
        year, month, day, hour, minute, second = (_bcd(octet) for octet in octets[:6])
        quarters = _bcd(octets[6] & 0xF7)
        offset = timedelta(minutes=15 * quarters) * (-1 if octets[6] & 0x08 else 1)
        century = 1900 if year >= 90 else 2000
        try:
            local = datetime(century + year, month, day, hour, minute, second, tzinfo=timezone(offset))
        except ValueError as fault:
            raise BadInput("pdu_time", str(fault)) from None
        return local.astimezone(UTC)


def _digit(nibble: int) -> str:
    return _DIGITS[nibble] if nibble < len(_DIGITS) else ""


def _bcd(octet: int) -> int:
    low, high = octet & 0xF, octet >> 4
    if low > 9 or high > 9:
        raise BadInput("pdu_digit", f"expected decimal digits, found {octet:02X}")
    return low * 10 + high


def _read_text(reader: _Reader, coding: int, has_header: bool) -> tuple[Alphabet, tuple[int, ...], Concat | None]:
    alphabet, length = alphabet_of(coding), reader.octet()
    data = reader.rest()
    header_size = data[0] + 1 if has_header and data else 0
    if header_size > len(data):
        raise BadInput("pdu_header", "the user data header is longer than the user data")
    concat = _read_concat(data[1:header_size])
    if alphabet is Alphabet.GSM7:
        fill = -header_size * 8 % 7
        count = length - (header_size * 8 + fill) // 7
        return alphabet, tuple(unpack(data[header_size:], count, fill)), concat
    return alphabet, tuple(data[header_size:length]), concat


def _read_concat(header: bytes) -> Concat | None:
    """The concatenation element of a header; other elements are skipped."""
    at = 0
    while at + 2 <= len(header):
        kind, size = header[at], header[at + 1]
        body = header[at + 2 : at + 2 + size]
        found = None
        if kind == 0x00 and len(body) == 3:
            found = Concat(body[0], body[1], body[2])
        elif kind == 0x08 and len(body) == 4:
            found = Concat(int.from_bytes(body[:2], "big"), body[2], body[3], is_wide=True)
        if found is not None:
            return found if 1 <= found.number <= found.total else None
        at += 2 + size
    return None


def decode_deliver(hexadecimal: str) -> Deliver:
    """A received DELIVER.

    Raises:
        BadInput: not one.
    """
    reader = _Reader(hexadecimal)
    reader.skip_centre()
    first = reader.octet()
    _expect(first, _DELIVER)
    sender = reader.address()
    _protocol, coding = reader.take(2)
    at = reader.timestamp()
    return Deliver(sender, at, *_read_text(reader, coding, bool(first & 0x40)))


def decode_status(hexadecimal: str) -> StatusReport:
    """A STATUS-REPORT.

    Raises:
        BadInput: not one.
    """
    reader = _Reader(hexadecimal)
    reader.skip_centre()
    _expect(reader.octet(), _STATUS)
    reference, recipient = reader.octet(), reader.address()
    reader.timestamp()
    return StatusReport(reference, recipient, reader.timestamp(), reader.octet())


def decode_submit(hexadecimal: str) -> Submit:
    """A SUBMIT as the modem receives it from us.

    Raises:
        BadInput: not one.
    """
    reader = _Reader(hexadecimal)
    reader.skip_centre()
    first = reader.octet()
    _expect(first, _SUBMIT)
    reader.octet()
    recipient = reader.address()
    _protocol, coding = reader.take(2)
    reader.take({0x00: 0, 0x10: 1, 0x08: 7, 0x18: 7}[first & 0x18])
    text = _read_text(reader, coding, bool(first & 0x40))
    return Submit(recipient, *text, wants_receipt=bool(first & 0x20))


def _expect(first: int, kind: int) -> None:
    if first & 0x03 != kind:
        raise BadInput("pdu_kind", f"expected message type {kind}, found {first & 0x03}")
