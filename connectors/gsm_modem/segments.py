"""Long messages: splitting without breaking a character, and joining parts that come in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.gsm_modem.alphabet import ESCAPE, Alphabet, choose, septets_of, text_of_septets

SINGLE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
PART = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}
PART_WIDE = {Alphabet.GSM7: 152, Alphabet.UCS2: 66}
SEGMENTS_CAP = 255


@dataclass(frozen=True, slots=True)
class Concat:
    """Which part of which message: `reference` is 8 or 16 bits, `number` counts from 1."""

    reference: int
    total: int
    number: int
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One received part as stored in the modem. `units`: septets for the 7-bit alphabet, else octets."""

    index: int
    sender: str
    at: datetime
    alphabet: Alphabet
    units: tuple[int, ...]
    concat: Concat | None


@dataclass(frozen=True, slots=True)
class Received:
    """A whole message, or what came of it; `indexes` are the modem's memory places it occupies."""

    sender: str
    at: datetime
    text: str
    indexes: tuple[int, ...]
    is_partial: bool = False


def split(text: str, *, is_wide: bool = False) -> tuple[Alphabet, list[list[int]]]:
    """The parts of a text in units (septets, or 16-bit units for UCS2), as few as the standard allows.

    No part ends inside a surrogate pair or an escape sequence.
    """
    alphabet = choose(text)
    units = septets_of(text) if alphabet is Alphabet.GSM7 else utf16_units(text)
    if len(units) <= SINGLE[alphabet]:
        return alphabet, [units]
    size = (PART_WIDE if is_wide else PART)[alphabet]
    parts: list[list[int]] = []
    start = 0
    while start < len(units):
        end = min(start + size, len(units))
        if end < len(units) and _opens_pair(units[end - 1], alphabet):
            end -= 1
        parts.append(units[start:end])
        start = end
    return alphabet, parts


def utf16_units(text: str) -> list[int]:
    """The 16-bit units of a text; lone surrogates become question marks."""
    data = text.encode("utf-16-be", "replace")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _opens_pair(unit: int, alphabet: Alphabet) -> bool:
    return unit == ESCAPE if alphabet is Alphabet.GSM7 else 0xD800 <= unit <= 0xDBFF


def text_of(alphabet: Alphabet, units: Iterable[int]) -> str:
    """The text of joined units; octet messages are read as Latin-1."""
    if alphabet is Alphabet.GSM7:
        return text_of_septets(list(units))
    data = bytes(units)
    if alphabet is Alphabet.OCTETS:
        return data.decode("latin-1")
    return data[: len(data) // 2 * 2].decode("utf-16-be", "replace")


def join(parts: Iterable[Part], now: datetime, patience: timedelta) -> list[Received]:
    """Whole messages among stored parts; incomplete ones only when older than `patience`, marked partial.

    Parts of one message share sender, reference, count and alphabet; doubles are counted once.
    """
    groups: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        concat = part.concat
        key: tuple[object, ...] = (part.index,)
        if concat is not None and concat.total > 1:
            key = (part.sender, concat.reference, concat.total, concat.is_wide, part.alphabet)
        groups.setdefault(key, []).append(part)
    received = []
    for group in groups.values():
        by_number = {part.concat.number if part.concat else 1: part for part in reversed(group)}
        total = group[0].concat.total if group[0].concat else 1
        whole = len(by_number) >= total
        if not whole and now - max(part.at for part in group) < patience:
            continue
        ordered = [by_number[number] for number in sorted(by_number)]
        units = [unit for part in ordered for unit in part.units]
        indexes = tuple(sorted(part.index for part in group))
        at = min(part.at for part in group)
        received.append(Received(ordered[0].sender, at, text_of(ordered[0].alphabet, units), indexes, not whole))
    return received
