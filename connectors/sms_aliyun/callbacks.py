"""What Aliyun posts to us: receipts and replies. Neither is signed: they are hints, never proof of identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.events import SMS_RECEIPT, SMS_REPLY
from connectors.sms_text import is_opt_out
from engine.kernel.connector import BadInput, Inbound, Receipt, ReceiptStatus
from engine.kernel.phone import e164

BEIJING = timezone(timedelta(hours=8))
ITEMS_CAP = 1000


def parse_callback(body: bytes, now: datetime) -> list[Inbound]:
    """The events of one callback: an array of receipts (`success`, `biz_id`) and replies (`content`).

    An entry that is neither is quarantined.

    Raises:
        BadInput: not a JSON array of objects.
    """
    try:
        entries = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadInput("json", "expected a JSON array") from None
    if not isinstance(entries, list) or len(entries) > ITEMS_CAP:
        raise BadInput("json", f"expected an array of at most {ITEMS_CAP} entries")
    return [_event(entry, now) for entry in entries]


def _event(entry: Any, now: datetime) -> Inbound:
    raw = json.dumps(entry, ensure_ascii=True)[:2000].encode("ascii")
    if isinstance(entry, dict) and entry.get("phone_number"):
        if "success" in entry and (entry.get("biz_id") or entry.get("out_id")):
            return _receipt(entry, raw, now)
        if "content" in entry:
            return _reply(entry, raw, now)
    digest = hashlib.sha256(raw).hexdigest()[:32]
    return Inbound(f"aliyun:bad:{digest}", SMS_REPLY.name, now, {"fault": "entry"}, raw=raw, quarantine="bad_entry")


def _receipt(entry: dict[str, Any], raw: bytes, now: datetime) -> Inbound:
    delivered = entry["success"] is True or str(entry["success"]).lower() == "true"
    phone, biz_id, code = e164(str(entry["phone_number"])), str(entry.get("biz_id", "")), str(entry.get("err_code", ""))
    told = _moment(entry.get("report_time")) or now
    status = ReceiptStatus.DELIVERED if delivered else ReceiptStatus.FAILED
    return Inbound(
        dedupe_key=f"aliyun:receipt:{biz_id}:{phone}:{entry.get('sms_size', '')}:{status}",
        name=SMS_RECEIPT.name,
        occurred_at=told,
        payload={"status": str(status), "phone": phone, "provider_id": biz_id, "code": code},
        raw=raw,
        realtime=False,
        receipt=Receipt(status, biz_id, str(entry.get("out_id") or ""), phone, detail=code),
    )


def _reply(entry: dict[str, Any], raw: bytes, now: datetime) -> Inbound:
    phone, text = e164(str(entry["phone_number"])), str(entry["content"])
    at = _moment(entry.get("send_time")) or now
    number = str(entry.get("sequence_id") or hashlib.sha256(raw).hexdigest()[:24])
    return Inbound(
        dedupe_key=f"aliyun:reply:{phone}:{number}",
        name=SMS_REPLY.name,
        occurred_at=at,
        correlation={"phone": phone, **dict(_token(entry))},
        payload={"phone": phone, "text": text, "partial": False, "opt_out": is_opt_out(text)},
        raw=raw,
        realtime=False,
    )


def _token(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The reply token, when the number the person answered to ends with one."""
    code = str(entry.get("dest_code") or "").lower()
    if len(code) > 16:
        yield "token", code[-16:]


def _moment(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None
