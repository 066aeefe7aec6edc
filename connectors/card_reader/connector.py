"""The serial card reader: bytes of a port become `attendance.swipe` events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from connectors.card_reader.decoding import ByteOrder, Coding, Decoder
from connectors.card_reader.framing import Fixed, Frame, Framer, Gap, Line, StxEtx
from connectors.card_reader.presence import Presence, Reading
from connectors.events import SWIPE
from connectors.manifest import read_schema
from engine.kernel.card_number import CardForm
from engine.kernel.connector import (
    BadInput,
    ConnectorBase,
    Ctx,
    EventSpec,
    Health,
    HealthState,
    Inbound,
    Json,
    Polled,
    SerialPort,
    Unavailable,
)

READ_TIMEOUT_S = 0.25
POLL_S = 1.0
DAMAGE_REPORT_S = 5.0


class CardReader(ConnectorBase):
    """Owns its port from the first poll until `close`; unplugging shows as `Unavailable`, polling again reopens."""

    kind: ClassVar[str] = "card_reader"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        self._cfg, self._ctx = cfg, ctx
        self._device = str(cfg.get("device") or ctx.connector_id)
        self._decoder = Decoder(
            coding=Coding(cfg.get("coding", "em4100")),
            form=CardForm(cfg["form"]) if cfg.get("form") else None,
            byte_order=ByteOrder(cfg.get("byte_order", "big")),
        )
        self._presence = Presence(float(cfg.get("debounce_s", 60)))
        self._framer = _framer(cfg)
        self._port: SerialPort | None = None
        self._damaged = 0
        self._damage_told_s = float("-inf")

    def poll(self, cursor: str | None, limit: int) -> Polled:
        items: list[Inbound] = []
        until_s = time.monotonic() + POLL_S
        while not items and time.monotonic() < until_s:
            data, now_s = self._read(), time.monotonic()
            for frame in self._framer.feed(data, now_s):
                event = self._event(frame, now_s)
                if event is not None:
                    items.append(event)
        return Polled(items, cursor)

    def check(self, deep: bool = False) -> Health:
        facts = {"damaged_frames": self._damaged, "port": self._cfg["port"]}
        if self._port is None:
            return Health(HealthState.DOWN, "port_closed", facts)
        return Health(HealthState.OK, "", facts)

    def describe_events(self) -> Sequence[EventSpec]:
        return (SWIPE,)

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _read(self) -> bytes:
        try:
            if self._port is None:
                baudrate = int(self._cfg.get("baudrate", 9600))
                self._port = self._ctx.serial_open(self._cfg["port"], baudrate=baudrate, timeout=READ_TIMEOUT_S)
                self._framer = _framer(self._cfg)
            first = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except OSError as fault:
            self._drop_port()
            raise Unavailable("serial", str(fault)) from None

    def _drop_port(self) -> None:
        try:
            self.close()
        except OSError as fault:
            self._ctx.log.debug("closing %s: %s", self._cfg["port"], fault)

    def _event(self, frame: Frame, now_s: float) -> Inbound | None:
        if frame.damaged:
            return self._damage(frame, frame.damaged, now_s)
        try:
            key = self._decoder.card_key(frame.body)
        except BadInput as fault:
            return self._damage(frame, fault.code, now_s)
        reading = self._presence.read(key, now_s)
        if reading is Reading.REPEAT:
            return None
        at = self._ctx.clock.now()
        return Inbound(
            dedupe_key=f"card:{key}:{at.isoformat(timespec='milliseconds')}",
            name=SWIPE.name,
            occurred_at=at,
            correlation={"card_no": key},
            payload={
                "card_no": key,
                "device": self._device,
                "duplicate": reading is Reading.DUPLICATE,
                "verified": True,
            },
            raw=frame.body,
            device_time_raw="",
        )

    def _damage(self, frame: Frame, reason: str, now_s: float) -> Inbound | None:
        """Count a damaged frame; report one per few seconds, since a reader repeats it sixteen times a second."""
        self._damaged += 1
        if now_s - self._damage_told_s < DAMAGE_REPORT_S:
            return None
        self._damage_told_s = now_s
        at = self._ctx.clock.now()
        return Inbound(
            dedupe_key=f"damaged:{at.isoformat(timespec='milliseconds')}",
            name=SWIPE.name,
            occurred_at=at,
            payload={"device": self._device, "damage": reason},
            raw=frame.body,
            quarantine=f"bad_frame:{reason}",
        )


def _framer(cfg: Json) -> Framer:
    framing, gap_s = cfg.get("framing", "stx_etx"), int(cfg.get("gap_ms", 100)) / 1000
    if framing == "line":
        return Line()
    if framing == "fixed":
        return Fixed(int(cfg.get("length", 4)), gap_s)
    if framing == "gap":
        return Gap(gap_s)
    return StxEtx()


CONNECTOR = CardReader
