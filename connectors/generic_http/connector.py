"""The mapped callback: whatever a device calls its fields, the event is `attendance.swipe`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.events import SWIPE
from connectors.generic_http import mapping
from connectors.manifest import read_schema
from engine.kernel.card_number import CardForm, CardNumberError, canonical
from engine.kernel.connector import (
    BadConfig,
    BadInput,
    ConnectorBase,
    Ctx,
    EventSpec,
    HttpReply,
    Inbound,
    Json,
    RawReply,
    RawRequest,
    reply_with,
)


class GenericHttp(ConnectorBase):
    """Its address is secret; a shared key and a list of addresses make its events verified."""

    kind: ClassVar[str] = "generic_http"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        preset = mapping.HIKVISION if cfg.get("preset") == "hikvision" else {}
        self._cfg: Json = {**cfg, **preset}
        self._ctx = ctx
        try:
            self._zone = ZoneInfo(str(cfg.get("zone", "Asia/Shanghai")))
        except (ZoneInfoNotFoundError, ValueError):
            raise BadConfig("zone", f"{cfg.get('zone')!r} is not a time zone") from None

    def receive(self, request: RawRequest) -> tuple[Sequence[Inbound], RawReply]:
        if not self._may_call(request):
            return (), reply_with(HttpReply(403, b"forbidden"))
        try:
            entries = mapping.read_entries(request.body, request.headers.get("content-type", ""))
        except BadInput as fault:
            return (self._unreadable(request.body, fault),), reply_with(self._reply())
        wanted = [entry for entry in entries if mapping.is_wanted(entry, list(self._cfg.get("accept", ())))]
        return [self._event(entry) for entry in wanted], reply_with(self._reply())

    def describe_events(self) -> Sequence[EventSpec]:
        return (SWIPE,)

    def _event(self, raw: Json) -> Inbound:
        entry = mapping.map_entry(raw, self._cfg.get("fields", {}))
        evidence = repr(entry).encode("utf-8", "replace")
        try:
            keys = self._keys(entry)
            at = mapping.parse_moment(entry.time_raw, str(self._cfg.get("time_format", "iso")), self._zone)
        except BadInput as fault:
            return self._unreadable(evidence, fault)
        device = entry.device or str(self._cfg.get("device") or self._ctx.connector_id)
        identity = entry.event_id or f"{entry.person_no}:{entry.card_no}"
        return Inbound(
            dedupe_key=f"http:{device}:{identity}:{entry.time_raw}",
            name=SWIPE.name,
            occurred_at=at,
            correlation=keys,
            payload={**keys, "device": device, "direction": entry.direction, "duplicate": False, "verified": True},
            raw=evidence,
            device_time_raw=entry.time_raw,
            realtime=mapping.value_at(raw, "AccessControllerEvent.currentEvent") != "false",
        )

    def _keys(self, entry: mapping.Entry) -> dict[str, str]:
        """The person's number and the canonical card number, whichever there are."""
        keys = {"person_no": entry.person_no} if entry.person_no else {}
        if entry.card_no and entry.card_no.strip("0"):
            form = self._cfg.get("card_form")
            try:
                keys["card_no"] = canonical(entry.card_no, CardForm(form) if form else None)
            except CardNumberError as fault:
                if not keys:
                    raise BadInput("card_no", str(fault)) from None
        if not keys:
            raise BadInput("nobody", "the entry names neither person nor card")
        return keys

    def _unreadable(self, body: bytes, fault: BadInput) -> Inbound:
        return Inbound(
            dedupe_key=f"http:bad:{hashlib.sha256(body).hexdigest()[:32]}",
            name=SWIPE.name,
            occurred_at=self._ctx.clock.now(),
            payload={"fault": str(fault)[:200], "size": len(body)},
            realtime=False,
            quarantine=f"bad_callback:{fault.code}",
        )

    def _may_call(self, request: RawRequest) -> bool:
        allowed, secret = self._cfg.get("addresses", ()), str(self._cfg.get("hmac_secret", ""))
        if not request.secret_path or (allowed and request.remote not in allowed):
            return False
        if not secret:
            return True
        expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
        told = request.headers.get(str(self._cfg.get("hmac_header", "X-Signature")).lower(), "")
        return hmac.compare_digest(expected.encode(), told.lower().encode())

    def _reply(self) -> HttpReply:
        body = str(self._cfg.get("reply_body", '{"code":0}')).encode("utf-8")
        return HttpReply(200, body, str(self._cfg.get("reply_type", "application/json")))


CONNECTOR = GenericHttp
