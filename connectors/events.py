"""The events connectors raise. Processes wait for these names; their payloads are documented here once."""

from __future__ import annotations

from typing import Any

from engine.kernel.connector import EventSpec
from engine.kernel.text import Text

_TEXT = {"type": "string"}
_YES_NO = {"type": "boolean"}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


SWIPE = EventSpec(
    name="attendance.swipe",
    label=Text("刷卡", "Swipe"),
    keys=("card_no", "person_no"),
    payload_schema=_object(
        ("device",),
        card_no={**_TEXT, "description": "canonical key, see engine.kernel.card_number; absent when only person_no"},
        person_no={**_TEXT, "description": "the person's number in the terminal"},
        device={**_TEXT, "description": "serial number or name of the device"},
        duplicate={**_YES_NO, "description": "the same card again within the debounce window"},
        verified={**_YES_NO, "description": "the device proved who it is; otherwise confirm at roll-call"},
        direction={"enum": ["in", "out", ""]},
        verify_mode={**_TEXT, "description": "the device's own code for card, face, fingerprint"},
    ),
)
SMS_REPLY = EventSpec(
    name="sms.reply",
    label=Text("收到短信", "SMS received"),
    keys=("phone", "token", "outbox_id"),
    payload_schema=_object(("phone", "text"), phone=_TEXT, text=_TEXT, token=_TEXT, partial=_YES_NO, opt_out=_YES_NO),
)
SMS_RECEIPT = EventSpec(
    name="sms.receipt",
    label=Text("短信回执", "SMS receipt"),
    keys=("outbox_id",),
    payload_schema=_object(("status",), status=_TEXT, phone=_TEXT, provider_id=_TEXT, code=_TEXT),
)
EMAIL_REPLY = EventSpec(
    name="email.reply",
    label=Text("收到邮件回复", "E-mail reply received"),
    keys=("token", "outbox_id", "message_id"),
    payload_schema=_object(
        ("from", "subject", "text"), **{"from": _TEXT}, subject=_TEXT, text=_TEXT, token=_TEXT, message_id=_TEXT
    ),
)
EMAIL_RECEIVED = EventSpec(
    name="email.received",
    label=Text("收到新邮件", "E-mail received"),
    keys=("message_id", "from"),
    payload_schema=_object(("from", "subject", "text"), **{"from": _TEXT}, subject=_TEXT, text=_TEXT),
)
EMAIL_AUTOREPLY = EventSpec(
    name="email.autoreply",
    label=Text("收到自动回复", "Automatic reply received"),
    keys=("token", "outbox_id"),
    payload_schema=_object(("from", "subject"), **{"from": _TEXT}, subject=_TEXT, text=_TEXT),
)
EMAIL_BOUNCE = EventSpec(
    name="email.bounce",
    label=Text("邮件退信", "E-mail bounced"),
    keys=("outbox_id",),
    payload_schema=_object(("recipients", "permanent"), recipients={"type": "array"}, permanent=_YES_NO),
)
CALL_INCOMING = EventSpec(
    name="call.incoming",
    label=Text("来电", "Incoming call"),
    keys=("phone",),
    payload_schema=_object(("phone",), phone=_TEXT),
)
DEVICE_RESULT = EventSpec(
    name="device.result",
    label=Text("设备命令结果", "Result of a device command"),
    keys=("outbox_id",),
    payload_schema=_object(("device", "return_code"), device=_TEXT, return_code=_TEXT, command=_TEXT),
)

EVENTS = {
    spec.name: spec
    for spec in (
        SWIPE,
        SMS_REPLY,
        SMS_RECEIPT,
        EMAIL_REPLY,
        EMAIL_RECEIVED,
        EMAIL_AUTOREPLY,
        EMAIL_BOUNCE,
        CALL_INCOMING,
        DEVICE_RESULT,
    )
}
"""All of them, by name."""
