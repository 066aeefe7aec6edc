"""The GSM modem: sends SMS, takes in replies, receipts and calls. One thread owns the port."""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import ClassVar, TypeVar

from connectors.events import CALL_INCOMING, SMS_RECEIPT, SMS_REPLY
from connectors.gsm_modem.modem import CommandFailed, Modem, NoAnswer
from connectors.gsm_modem.pdu import decode_deliver, decode_status, encode_submit
from connectors.gsm_modem.segments import Part, Received, join
from connectors.manifest import read_schema
from connectors.sms_text import is_opt_out, with_signature
from engine.kernel.connector import (
    BadInput,
    ConnectorBase,
    ConnectorFault,
    Ctx,
    EventSpec,
    Health,
    HealthState,
    Inbound,
    Json,
    Outbound,
    Polled,
    Receipt,
    SendResult,
    SendStatus,
    Unavailable,
)
from engine.kernel.phone import e164, is_dialable

T = TypeVar("T")

READ_TIMEOUT_S = 0.1
LISTEN_S = 0.5
SWEEP_S = 30.0
_LISTED = re.compile(r"\+CMGL: ?(\d+),.*")
_PERMANENT = frozenset({"1", "8", "10", "21", "27", "28", "29", "30", "50", "69", "304", "305"})
_RETRY = frozenset({"38", "41", "42", "47", "301", "302", "310", "313", "314", "322", "331", "512", "515"})


class GsmModem(ConnectorBase):
    """Unplugging shows as `Unavailable`; the next poll or send opens the port and sets the modem up again."""

    kind: ClassVar[str] = "gsm_modem"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        self._cfg, self._ctx = cfg, ctx
        self._modem: Modem | None = None
        self._swept_s = float("-inf")

    def poll(self, cursor: str | None, limit: int) -> Polled:
        return self._with_modem(lambda modem: self._collect(modem, cursor))

    def send(self, out: Outbound) -> SendResult:
        to = e164(str(out.payload.get("to", "")))
        if not is_dialable(to):
            return SendResult(SendStatus.PERMANENT, code="phone", detail="not a phone number")
        text = with_signature(str(out.payload.get("text", "")), str(self._cfg.get("signature", "")))
        reference = int.from_bytes(out.id.bytes[-2:], "big")
        parts = encode_submit(to, text, reference=reference, is_wide=bool(self._cfg.get("wide_reference")))
        modem = self._with_modem(lambda ready: ready)
        references: list[str] = []
        for part in parts:
            result = self._send_part(modem, part.pdu, part.octets, has_sent=bool(references))
            if isinstance(result, SendResult):
                return result
            references.append(str(result))
        return SendResult(SendStatus.SENT, references[0], tuple(references))

    def check(self, deep: bool = False) -> Health:
        if self._modem is None:
            return Health(HealthState.DOWN, "port_closed", {"port": self._cfg["port"]})
        if not deep:
            return Health(HealthState.OK)
        signal, registered = self._with_modem(_network)
        facts = {"signal": signal, "registration": registered}
        return Health(HealthState.OK if registered in ("1", "5") else HealthState.DEGRADED, "network", facts)

    def describe_events(self) -> Sequence[EventSpec]:
        return (SMS_REPLY, SMS_RECEIPT, CALL_INCOMING)

    def close(self) -> None:
        modem, self._modem = self._modem, None
        if modem is not None:
            modem.close()

    def _with_modem(self, action: Callable[[Modem], T]) -> T:
        try:
            return action(self._opened())
        except (OSError, NoAnswer, CommandFailed) as fault:
            self._drop()
            raise Unavailable("modem", str(fault)) from None
        except ConnectorFault:
            self._drop()
            raise

    def _opened(self) -> Modem:
        if self._modem is None:
            baudrate = int(self._cfg.get("baudrate", 115200))
            port = self._ctx.serial_open(self._cfg["port"], baudrate=baudrate, timeout=READ_TIMEOUT_S)
            self._modem = Modem(port)
            self._modem.set_up(str(self._cfg.get("pin", "")), str(self._cfg.get("memory", "SM")))
            self._swept_s = float("-inf")
        return self._modem

    def _drop(self) -> None:
        try:
            self.close()
        except OSError as fault:
            self._ctx.log.debug("closing %s: %s", self._cfg["port"], fault)

    def _send_part(self, modem: Modem, pdu: str, octets: int, *, has_sent: bool) -> int | SendResult:
        """The modem's reference, or what to make of the failure; a later part's failure leaves the whole unknown."""
        try:
            return modem.send_pdu(pdu, octets, timeout_s=float(self._cfg.get("send_timeout_s", 60)))
        except CommandFailed as fault:
            status = SendStatus.UNKNOWN if has_sent else status_of(fault.code)
            return SendResult(status, code=f"cms_{fault.code or 'error'}", detail=str(fault))
        except Unavailable as fault:
            self._drop()
            return SendResult(
                SendStatus.UNKNOWN if has_sent else SendStatus.RETRY, code=fault.code, detail=fault.detail
            )
        except (NoAnswer, OSError) as fault:
            self._drop()
            return SendResult(SendStatus.UNKNOWN, code="no_answer", detail=str(fault))

    def _collect(self, modem: Modem, cursor: str | None) -> Polled:
        news = modem.listen(LISTEN_S)
        items = [item for pdu in news.receipts for item in self._receipt(pdu)]
        items += [self._call(number) for number in news.callers if number]
        acknowledge = None
        if news.arrived or time.monotonic() - self._swept_s > SWEEP_S:
            self._swept_s = time.monotonic()
            messages, indexes = self._stored(modem)
            items += messages
            if indexes:
                acknowledge = self._deleter(indexes)
        return Polled(items, cursor, acknowledge)

    def _stored(self, modem: Modem) -> tuple[list[Inbound], list[int]]:
        """Every whole message in the modem's memory, and the places to free once they are committed."""
        lines = modem.command("AT+CMGL=4", timeout_s=20)
        parts: list[Part] = []
        items: list[Inbound] = []
        done: list[int] = []
        for head, pdu in itertools.pairwise(lines):
            listed = _LISTED.fullmatch(head)
            if listed is None:
                continue
            try:
                found = decode_deliver(pdu)
            except BadInput as fault:
                items.append(self._unreadable(pdu, fault))
                done.append(int(listed[1]))
                continue
            parts.append(Part(int(listed[1]), found.sender, found.at, found.alphabet, found.units, found.concat))
        patience = timedelta(hours=int(self._cfg.get("partial_after_h", 12)))
        for message in join(parts, self._ctx.clock.now(), patience):
            items.append(_reply(message))
            done.extend(message.indexes)
        return items, done

    def _deleter(self, indexes: Sequence[int]) -> Callable[[], None]:
        def delete(modem: Modem) -> None:
            for index in indexes:
                modem.command(f"AT+CMGD={index}", timeout_s=10)

        return lambda: self._with_modem(delete)

    def _receipt(self, pdu: str) -> list[Inbound]:
        try:
            report = decode_status(pdu)
        except BadInput as fault:
            return [self._unreadable(pdu, fault)]
        phone = e164(report.recipient)
        receipt = Receipt(report.status, str(report.reference), recipient=phone, detail=f"status {report.code:#04x}")
        payload = {"status": str(report.status), "phone": phone, "provider_id": str(report.reference)}
        key = f"cds:{pdu[-60:]}"
        return [Inbound(key, SMS_RECEIPT.name, self._ctx.clock.now(), payload, raw=pdu.encode(), receipt=receipt)]

    def _call(self, number: str) -> Inbound:
        at, phone = self._ctx.clock.now(), e164(number)
        minute = at.strftime("%Y-%m-%dT%H:%M")
        return Inbound(f"call:{phone}:{minute}", CALL_INCOMING.name, at, {"phone": phone}, {"phone": phone})

    def _unreadable(self, pdu: str, fault: BadInput) -> Inbound:
        key = f"pdu:{hashlib.sha256(pdu.encode()).hexdigest()[:32]}"
        raw, at = pdu.encode()[:400], self._ctx.clock.now()
        return Inbound(key, SMS_REPLY.name, at, {"fault": fault.code}, raw=raw, quarantine=f"bad_pdu:{fault.code}")


def status_of(code: str) -> SendStatus:
    """What a CMS error before any part was accepted means for sending again (TS 24.011 E.2, TS 27.005 3.2.5)."""
    if code in _PERMANENT:
        return SendStatus.PERMANENT
    return SendStatus.RETRY if code in _RETRY else SendStatus.UNKNOWN


def _reply(message: Received) -> Inbound:
    phone = e164(message.sender)
    digest = hashlib.sha256(message.text.encode("utf-8", "replace")).hexdigest()[:16]
    return Inbound(
        dedupe_key=f"sms:{phone}:{message.at.isoformat()}:{digest}",
        name=SMS_REPLY.name,
        occurred_at=message.at,
        payload={
            "phone": phone,
            "text": message.text,
            "partial": message.is_partial,
            "opt_out": is_opt_out(message.text),
        },
        correlation={"phone": phone},
        device_time_raw=message.at.isoformat(),
        realtime=False,
    )


def _network(modem: Modem) -> tuple[str, str]:
    """Signal strength (0 to 31, 99 unknown) and registration state."""
    quality, registration = " ".join(modem.command("AT+CSQ")), " ".join(modem.command("AT+CREG?"))
    signal = re.search(r"\+CSQ: ?(\d+)", quality)
    state = re.search(r"\+CREG: ?\d+,(\d+)", registration)
    return (signal[1] if signal else "99"), (state[1] if state else "0")


CONNECTOR = GsmModem
