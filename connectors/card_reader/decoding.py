"""From the body of a frame to the canonical key of the card (`engine.kernel.card_number`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import xor

from engine.kernel.card_number import CardForm, CardNumberError, canonical, from_value, from_wiegand26
from engine.kernel.connector import BadInput


class Coding(StrEnum):
    """What a frame's body holds: EM4100 text with checksum, a printed number, raw bytes, or Wiegand bits as text."""

    EM4100 = "em4100"
    TEXT = "text"
    BINARY = "binary"
    WIEGAND_BITS = "wiegand_bits"


class ByteOrder(StrEnum):
    BIG = "big"
    LITTLE = "little"


@dataclass(frozen=True, slots=True)
class Decoder:
    """How one reader writes numbers. `form` is needed only where the text alone is ambiguous."""

    coding: Coding = Coding.EM4100
    form: CardForm | None = None
    byte_order: ByteOrder = ByteOrder.BIG

    def card_key(self, body: bytes) -> str:
        """The canonical key.

        Raises:
            BadInput: wrong length, digits, parity or checksum.
        """
        try:
            return self._key(body)
        except (CardNumberError, UnicodeDecodeError) as fault:
            raise BadInput("card_number", str(fault)) from None

    def _key(self, body: bytes) -> str:
        if self.coding is Coding.EM4100:
            return from_value(em4100_identity(body))
        if self.coding is Coding.BINARY:
            return key_of_uid(body, self.byte_order)
        text = body.decode("ascii")
        if self.coding is Coding.WIEGAND_BITS:
            return wiegand_key(text)
        key = canonical(text, self.form)
        if self.byte_order is ByteOrder.LITTLE and len(key) == 8:
            return bytes.fromhex(key)[::-1].hex().upper()
        return key


def em4100_identity(body: bytes) -> int:
    """The 32-bit identity of `10 hex digits (version + id) + 2 hex digits checksum`; the version byte is dropped.

    The checksum is the exclusive or of the five bytes.

    Source: RDM6300 data sheet, UART output.
    >>> f"{em4100_identity(b'6F007B39725F'):08X}"
    '007B3972'
    """
    try:
        octets = bytes.fromhex(body.decode("ascii"))
    except ValueError:
        raise BadInput("hex", "expected twelve hexadecimal digits") from None
    if len(body) != 12 or len(octets) != 6:
        raise BadInput("length", f"expected 12 digits, found {len(body)}")
    expected = reduce(xor, octets[:5])
    if expected != octets[5]:
        raise BadInput("checksum", f"expected {expected:02X}, found {octets[5]:02X}")
    return int.from_bytes(octets[1:5], "big")


def em4100_frame(version: int, identity: int) -> bytes:
    """The 14 bytes a reader sends for a card.

    >>> em4100_frame(0x6F, 0x007B3972)
    b'\\x026F007B39725F\\x03'
    """
    octets = bytes((version,)) + identity.to_bytes(4, "big")
    digits = (octets + bytes((reduce(xor, octets),))).hex().upper()
    return b"\x02" + digits.encode("ascii") + b"\x03"


def key_of_uid(uid: bytes, byte_order: ByteOrder) -> str:
    """The key of a 3-, 4- or 7-byte identity sent as raw bytes.

    >>> key_of_uid(bytes.fromhex("15CD5B07"), ByteOrder.LITTLE)
    '075BCD15'
    """
    ordered = uid if byte_order is ByteOrder.BIG else uid[::-1]
    if len(uid) == 3:
        return from_wiegand26(ordered[0], int.from_bytes(ordered[1:], "big"))
    if len(uid) == 4:
        return from_value(int.from_bytes(ordered, "big"))
    if len(uid) == 7:
        return ordered.hex().upper()
    raise BadInput("length", f"expected 3, 4 or 7 bytes, found {len(uid)}")


def wiegand_key(bits: str) -> str:
    """The key of 26 or 34 Wiegand bits given as text: even parity over the first half, odd over the second.

    >>> wiegand_key("0" "01111011" "0011100101110010" "1")
    'W7B3972'
    """
    if len(bits) not in (26, 34) or set(bits) - {"0", "1"}:
        raise BadInput("wiegand", f"expected 26 or 34 bits, found {len(bits)} characters")
    half = len(bits) // 2
    if bits[:half].count("1") % 2 != 0 or bits[half:].count("1") % 2 != 1:
        raise BadInput("parity", "Wiegand parity does not hold")
    value = int(bits[1:-1], 2)
    if len(bits) == 34:
        return from_value(value)
    return from_wiegand26(value >> 16, value & 0xFFFF)


def wiegand26_bits(facility: int, number: int) -> str:
    """The 26 bits a reader sends.

    >>> wiegand26_bits(123, 14706)
    '00111101100111001011100101'
    """
    data = f"{facility:08b}{number:016b}"
    return f"{data[:12].count('1') % 2}{data}{(data[12:].count('1') + 1) % 2}"
