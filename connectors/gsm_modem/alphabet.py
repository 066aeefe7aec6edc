"""The two alphabets of SMS: 7-bit default with its extension, and UCS2; choosing, packing, unpacking.

Source: 3GPP TS 23.038 6.2.1, 6.1.2.1.
"""

from __future__ import annotations

from enum import IntEnum

ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_TO_BASIC = {char: code for code, char in enumerate(_BASIC) if code != ESCAPE}
_TO_EXTENSION = {char: code for code, char in _EXTENSION.items()}


class Alphabet(IntEnum):
    """Values are those of the data coding scheme octet."""

    GSM7 = 0x00
    OCTETS = 0x04
    UCS2 = 0x08


def choose(text: str) -> Alphabet:
    """The 7-bit alphabet when it has every character, else UCS2."""
    fits = all(char in _TO_BASIC or char in _TO_EXTENSION for char in text)
    return Alphabet.GSM7 if fits else Alphabet.UCS2


def septets_of(text: str) -> list[int]:
    """7-bit codes, extension characters as two.

    >>> septets_of("a€")
    [97, 27, 101]
    """
    codes: list[int] = []
    for char in text:
        codes.extend((_TO_BASIC[char],) if char in _TO_BASIC else (ESCAPE, _TO_EXTENSION[char]))
    return codes


def text_of_septets(codes: list[int]) -> str:
    """The text of 7-bit codes; an unknown extension reads as its basic character (as the standard asks)."""
    chars: list[str] = []
    escaped = False
    for code in codes:
        if escaped:
            chars.append(_EXTENSION.get(code, _BASIC[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            chars.append(_BASIC[code])
    return "".join(chars)


def pack(codes: list[int], fill_bits: int = 0) -> bytes:
    """Septets packed little end first, after `fill_bits` zero bits (which align text behind a header).

    >>> pack(septets_of("hellohello")).hex().upper()
    'E8329BFD4697D9EC37'
    """
    bits, value = fill_bits, 0
    for code in codes:
        value |= code << bits
        bits += 7
    return value.to_bytes((bits + 7) // 8, "little")


def unpack(data: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """The first `count` septets; fewer when the data is shorter."""
    value = int.from_bytes(data, "little") >> fill_bits
    available = (len(data) * 8 - fill_bits) // 7
    return [value >> (7 * number) & 0x7F for number in range(max(0, min(count, available)))]


def alphabet_of(coding: int) -> Alphabet:
    """The alphabet a data coding scheme octet means (TS 23.038 4)."""
    group = coding >> 4
    if group in (0xC, 0xD):
        return Alphabet.GSM7
    if group == 0xE:
        return Alphabet.UCS2
    if group == 0xF:
        return Alphabet.OCTETS if coding & 0x04 else Alphabet.GSM7
    if group < 0x8:
        return {0: Alphabet.GSM7, 1: Alphabet.OCTETS, 2: Alphabet.UCS2}.get(coding >> 2 & 3, Alphabet.GSM7)
    return Alphabet.GSM7
