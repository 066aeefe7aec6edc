"""The PUSH terminals: requests become `attendance.swipe` events, waiting messages become commands in poll replies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from hmac import compare_digest
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.events import DEVICE_RESULT, SWIPE
from connectors.manifest import read_schema
from connectors.zk_push import protocol
from connectors.zk_push.commands import command_id, command_line
from engine.kernel.connector import (
    BadConfig,
    BadInput,
    Committed,
    ConnectorBase,
    Ctx,
    EventSpec,
    HttpReply,
    Inbound,
    Json,
    Outbound,
    Pickup,
    RawReply,
    RawRequest,
    Receipt,
    ReceiptStatus,
    SendResult,
    SendStatus,
    reply_with,
)
from engine.kernel.secrets import redact_headers

COMMANDS_PER_POLL = 10
_OK = HttpReply()


class ZkPush(ConnectorBase):
    """Answers every terminal with 200 and `OK…`: anything else makes it repeat the batch for ever."""

    kind: ClassVar[str] = "zk_push"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        self._cfg, self._ctx = cfg, ctx
        self._devices: dict[str, Json] = {str(device["sn"]): device for device in cfg.get("devices", ())}
        self._zone = _zone(str(cfg.get("zone", "Asia/Shanghai")))
        self._zones = {
            serial: _zone(str(device["zone"])) for serial, device in self._devices.items() if device.get("zone")
        }

    def receive(self, request: RawRequest) -> tuple[Sequence[Inbound], RawReply]:
        serial = request.query.get("SN") or request.query.get("sn") or ""
        if not protocol.SERIAL.fullmatch(serial):
            return (), reply_with(HttpReply(400, b"ERROR: SN"))
        known = self._devices.get(serial)
        name = protocol.endpoint(request.path)
        if name == "cdata" and request.method == "POST":
            return self._upload(request, serial)
        if known is None:
            return (self._stranger(serial),), reply_with(_OK)
        if name == "cdata":
            return (), reply_with(self._introduce(request, serial))
        if name == "getrequest":
            return (), self._commands(serial)
        if name == "devicecmd":
            return self._results(request, serial), reply_with(_OK)
        if name not in ("ping", "registry", "push", "fdata", "querydata"):
            self._ctx.log.info(
                "unexpected request %s of %s, %d bytes, headers %s",
                name[:40], serial, len(request.body), redact_headers(request.headers),
            )  # fmt: skip
        return (), reply_with(_OK)

    def describe_events(self) -> Sequence[EventSpec]:
        return (SWIPE, DEVICE_RESULT)

    def _upload(self, request: RawRequest, serial: str) -> tuple[Sequence[Inbound], RawReply]:
        rows = list(protocol.lines(request.body)) if request.body else []
        table = request.query.get("table", "").upper()
        if table == "ATTLOG":
            items = [self._swipe(request, serial, row, len(rows) == 1) for row in rows]
            return items, RawReply(on_commit=_count)
        if serial not in self._devices:
            return (self._stranger(serial),), reply_with(_OK)
        if table == "OPERLOG":
            return (), reply_with(HttpReply(200, f"OK: {len(rows)}".encode("ascii")))
        return (), reply_with(_OK)

    def _swipe(self, request: RawRequest, serial: str, row: bytes, alone: bool) -> Inbound:
        """One attendance line; what cannot be read is quarantined and still counted."""
        try:
            found = protocol.parse_attendance(row, self._zone_of(serial))
        except BadInput as fault:
            return self._poison(serial, row, fault)
        verified = self._is_verified(request, serial)
        doubt = None if serial in self._devices else "unknown_device"
        if doubt is None and not verified and self._cfg.get("require_verified"):
            doubt = "unverified_device"
        return Inbound(
            dedupe_key=f"zk:{serial}:{found.person_no}:{found.time_raw}:{found.status}:{found.verify}",
            name=SWIPE.name,
            occurred_at=found.at,
            correlation={"person_no": found.person_no},
            payload={
                "person_no": found.person_no,
                "device": serial,
                "device_name": str(self._devices.get(serial, {}).get("name", "")),
                "direction": {"0": "in", "1": "out"}.get(found.status, ""),
                "verify_mode": found.verify,
                "duplicate": False,
                "verified": verified,
            },
            raw=protocol.scrub(row),
            device_time_raw=found.time_raw,
            realtime=alone,
            quarantine=doubt,
        )

    def _poison(self, serial: str, row: bytes, fault: BadInput) -> Inbound:
        return Inbound(
            dedupe_key=f"zk:{serial}:bad:{hashlib.sha256(row).hexdigest()[:32]}",
            name=SWIPE.name,
            occurred_at=self._ctx.clock.now(),
            payload={"device": serial, "fault": str(fault)[:200]},
            raw=protocol.scrub(row),
            realtime=False,
            quarantine=f"bad_line:{fault.code}",
        )

    def _stranger(self, serial: str) -> Inbound:
        return Inbound(
            dedupe_key=f"zk:{serial}:stranger",
            name=SWIPE.name,
            occurred_at=self._ctx.clock.now(),
            payload={"device": serial},
            realtime=False,
            quarantine="unknown_device",
        )

    def _introduce(self, request: RawRequest, serial: str) -> HttpReply:
        expected, told = str(self._cfg.get("comm_key", "")), request.query.get("pushcommkey", "")
        if expected and told and not compare_digest(expected.encode(), told.encode()):
            self._ctx.log.warning("terminal %s introduced itself with a wrong communication key", serial)
            return _OK
        text = protocol.init_reply(serial, self._zone_of(serial), self._ctx.clock.now())
        return HttpReply(200, text.encode("ascii"))

    def _commands(self, serial: str) -> RawReply:
        encoding = str(self._devices[serial].get("encoding", "utf-8"))
        pickup = Pickup(serial, COMMANDS_PER_POLL, _hand_over, partial(_render, encoding))
        return RawReply(on_commit=lambda _outcome: _OK, pickup=pickup)

    def _results(self, request: RawRequest, serial: str) -> Sequence[Inbound]:
        at = self._ctx.clock.now()
        return [
            Inbound(
                dedupe_key=f"zk:{serial}:cmd:{result.command_id}:{result.return_code}",
                name=DEVICE_RESULT.name,
                occurred_at=at,
                payload={"device": serial, "return_code": result.return_code, "command": result.command},
                realtime=False,
                receipt=Receipt(
                    ReceiptStatus.DELIVERED if result.is_done else ReceiptStatus.FAILED,
                    provider_id=result.command_id,
                    recipient=serial,
                    detail=f"Return={result.return_code}",
                ),
            )
            for result in protocol.parse_results(request.body)
        ]

    def _zone_of(self, serial: str) -> ZoneInfo:
        return self._zones.get(serial, self._zone)

    def _is_verified(self, request: RawRequest, serial: str) -> bool:
        """Plain PUSH has no proof but the serial number: a secret address, a listed source or the key in the query."""
        device = self._devices.get(serial)
        if device is None:
            return False
        expected, told = str(self._cfg.get("comm_key", "")), request.query.get("pushcommkey", "")
        by_key = bool(expected) and compare_digest(expected.encode(), told.encode())
        return request.secret_path or request.remote in device.get("addresses", ()) or by_key


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadConfig("zone", f"{name!r} is not a time zone") from None


def _count(outcome: Committed) -> HttpReply:
    return HttpReply(200, f"OK: {outcome.accepted + outcome.quarantined}".encode("ascii"))


def _hand_over(out: Outbound) -> SendResult:
    try:
        command_line(out)
    except BadInput as fault:
        return SendResult(SendStatus.PERMANENT, code=fault.code, detail=fault.detail)
    return SendResult(SendStatus.SENT, provider_id=command_id(out.id))


def _render(encoding: str, messages: Sequence[Outbound]) -> HttpReply:
    text = "".join(command_line(out) + "\n" for out in messages)
    return HttpReply(200, text.encode(encoding, "replace"))


CONNECTOR = ZkPush
