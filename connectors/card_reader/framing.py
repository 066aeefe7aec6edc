"""Cutting a serial byte stream into frames, whatever the pieces it arrives in.

Every framer owns a capped buffer, resynchronises after rubbish and never raises on bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

STX, ETX = 0x02, 0x03
BUFFER_CAP = 512
FRAME_CAP = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """One cut: `body` without its delimiters; `damaged` says why it cannot be a frame (empty when it can)."""

    body: bytes
    damaged: str = ""


class Framer(Protocol):
    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        """Add bytes read at `now_s` (monotonic seconds); returns the frames completed by them, oldest first."""


class StxEtx:
    """`02 body 03`; a new STX inside a frame starts over, so a cut-off frame costs only itself."""

    def __init__(self) -> None:
        self._open: bytearray | None = None

    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        frames: list[Frame] = []
        for byte in data:
            if byte == STX:
                if self._open:
                    frames.append(Frame(bytes(self._open), "truncated"))
                self._open = bytearray()
            elif self._open is None:
                continue
            elif byte == ETX:
                frames.append(Frame(bytes(self._open)))
                self._open = None
            else:
                self._open.append(byte)
                if len(self._open) > FRAME_CAP:
                    frames.append(Frame(bytes(self._open), "too_long"))
                    self._open = None
        return frames


class Line:
    """Text ended by CR, LF or both; empty lines are nothing."""

    def __init__(self) -> None:
        self._open = bytearray()

    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        frames: list[Frame] = []
        for byte in data:
            if byte in (0x0A, 0x0D):
                if self._open:
                    damaged = "too_long" if len(self._open) > FRAME_CAP else ""
                    frames.append(Frame(bytes(self._open[:FRAME_CAP]), damaged))
                self._open.clear()
            elif len(self._open) <= FRAME_CAP:
                self._open.append(byte)
        return frames


class Fixed:
    """Blocks of a fixed length; a silence of `gap_s` inside a block drops it, which is how it resynchronises."""

    def __init__(self, length: int, gap_s: float = 0.2) -> None:
        self._length, self._gap_s = length, gap_s
        self._open = bytearray()
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        frames: list[Frame] = []
        if self._open and now_s - self._last_s > self._gap_s:
            frames.append(Frame(bytes(self._open), "truncated"))
            self._open.clear()
        if data:
            self._last_s = now_s
        self._open += data
        while len(self._open) >= self._length:
            frames.append(Frame(bytes(self._open[: self._length])))
            del self._open[: self._length]
        return frames


class Gap:
    """Bytes without delimiters: a silence of `gap_s` ends the frame. Feed `b""` to let time pass."""

    def __init__(self, gap_s: float = 0.1) -> None:
        self._gap_s = gap_s
        self._open = bytearray()
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        frames: list[Frame] = []
        if self._open and now_s - self._last_s > self._gap_s:
            damaged = "too_long" if len(self._open) > FRAME_CAP else ""
            frames.append(Frame(bytes(self._open[:FRAME_CAP]), damaged))
            self._open.clear()
        if data:
            self._last_s = now_s
            self._open += data[: max(0, BUFFER_CAP - len(self._open))]
        return frames
