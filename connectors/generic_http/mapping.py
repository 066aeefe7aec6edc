"""Reading a callback by a map of paths: bodies of JSON, forms or multipart with a JSON part become entries. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from engine.kernel.connector import BadInput, Json

ENTRIES_CAP = 500

HIKVISION: Json = {
    "fields": {
        "card_no": "AccessControllerEvent.cardNo",
        "person_no": "AccessControllerEvent.employeeNoString",
        "device": "macAddress",
        "time": "dateTime",
        "event_id": "AccessControllerEvent.serialNo",
        "direction": "AccessControllerEvent.attendanceStatus",
    },
    "accept": [
        {"path": "eventType", "values": ["AccessControllerEvent"]},
        {"path": "AccessControllerEvent.majorEventType", "values": ["5"]},
        {"path": "AccessControllerEvent.subEventType", "values": ["1", "38", "75"]},
    ],
    "time_format": "iso",
    "card_form": "10d",
    "reply_body": "OK",
    "reply_type": "text/plain",
}
"""Hikvision ISAPI events: major 5 with sub 1 card, 38 fingerprint, 75 face; 21 and 22 are the door itself."""

DIRECTIONS = {"checkIn": "in", "checkOut": "out", "in": "in", "out": "out", "0": "in", "1": "out"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One mapped entry; empty texts where the callback says nothing."""

    card_no: str
    person_no: str
    device: str
    time_raw: str
    event_id: str
    direction: str


def read_entries(body: bytes, content_type: str) -> list[Json]:
    """The objects in a body: one JSON object or an array of them, a form, or multipart whose first JSON part counts.

    Raises:
        BadInput: none of these, or more than 500.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _objects(_json_part(body, content_type))
    if kind == "application/x-www-form-urlencoded":
        try:
            return [dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200))]
        except ValueError:
            raise BadInput("form", "expected a form in UTF-8") from None
    return _objects(body)


def value_at(entry: Any, path: str) -> str:
    """The text at a dotted path; numbers step into arrays; empty when there is nothing."""
    found = entry
    for step in path.split(".") if path else ():
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found).strip()[:200] if isinstance(found, str | int | float) and path else ""


def is_wanted(entry: Json, rules: list[Json]) -> bool:
    """Whether an entry is a swipe: every rule's field has one of its values."""
    return all(value_at(entry, str(rule["path"])) in rule["values"] for rule in rules)


def map_entry(entry: Json, fields: Json) -> Entry:
    """The entry's fields by their paths."""
    found = {name: value_at(entry, str(fields.get(name, ""))) for name in Entry.__dataclass_fields__}
    found["time_raw"] = value_at(entry, str(fields.get("time", "")))
    found["direction"] = DIRECTIONS.get(found["direction"], "")
    return Entry(**found)


def parse_moment(text: str, time_format: str, zone: ZoneInfo) -> datetime:
    """A time in a configured format as UTC; without an offset it is local to the device.

    Raises:
        BadInput: not in that format.
    """
    try:
        if time_format in ("epoch_s", "epoch_ms"):
            return datetime.fromtimestamp(int(text) / (1000 if time_format == "epoch_ms" else 1), UTC)
        found = datetime.fromisoformat(text) if time_format == "iso" else datetime.strptime(text, time_format)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput("time", f"expected a time as {time_format}, found {text[:40]!r}") from None


def _objects(body: bytes) -> list[Json]:
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadInput("json", "expected JSON in UTF-8") from None
    entries = found if isinstance(found, list) else [found]
    if len(entries) > ENTRIES_CAP or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput("json", f"expected an object or up to {ENTRIES_CAP} objects")
    return entries


def _json_part(body: bytes, content_type: str) -> bytes:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
    try:
        message = message_from_bytes(head + b"\r\n\r\n" + body)
        for part in message.walk():
            payload = None if part.is_multipart() else part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.lstrip()[:1] in (b"{", b"["):
                return payload
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        raise BadInput("multipart", "the parts cannot be read") from None
    raise BadInput("multipart", "expected a part with JSON")
