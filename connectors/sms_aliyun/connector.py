"""Aliyun SMS: `SendSms` out; receipts and replies in. SendSms is not idempotent: an unanswered request is unknown.

Source: help.aliyun.com, SendSms (2017-05-25) and its error codes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, ClassVar
from uuid import UUID

from connectors.events import SMS_RECEIPT, SMS_REPLY
from connectors.manifest import read_schema
from connectors.sms_aliyun.callbacks import parse_callback
from connectors.sms_aliyun.signing import canonical_query, signature
from engine.kernel.connector import (
    BadInput,
    ConnectorBase,
    Ctx,
    EventSpec,
    HttpReply,
    Inbound,
    Json,
    Outbound,
    RawReply,
    RawRequest,
    SendResult,
    SendStatus,
    reply_with,
)
from engine.kernel.phone import e164, is_dialable

ENDPOINT = "https://dysmsapi.aliyuncs.com/"
_THROTTLED = {
    "isv.BUSINESS_LIMIT_CONTROL": 3600.0,
    "isv.DAY_LIMIT_CONTROL": 14400.0,
    "Throttling.User": 30.0,
    "Throttling": 30.0,
}
_RETRY = frozenset({"isp.SYSTEM_ERROR", "isp.RAM_PERMISSION_DENY", "ServiceUnavailable", "InternalError"})
_UNKNOWN = frozenset({"isp.GATEWAY_TIMEOUT"})


class AliyunSms(ConnectorBase):
    """Our message id travels as `OutId`, so that a receipt settles even a message whose answer was lost."""

    kind: ClassVar[str] = "sms_aliyun"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        self._cfg, self._ctx = cfg, ctx

    def send(self, out: Outbound) -> SendResult:
        phone = e164(str(out.payload.get("to", "")))
        template = str(out.payload.get("template") or self._cfg.get("template", ""))
        if not is_dialable(phone):
            return SendResult(SendStatus.PERMANENT, code="phone", detail="not a phone number")
        if not template:
            return SendResult(SendStatus.PERMANENT, code="template", detail="no approved template for this message")
        body = canonical_query(self._signed(out, phone, template)).encode("ascii")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        endpoint, timeout_s = str(self._cfg.get("endpoint", ENDPOINT)), float(self._cfg.get("timeout_s", 10))
        reply = self._ctx.http("POST", endpoint, headers=headers, body=body, timeout_s=timeout_s)
        return result_of(reply)

    def receive(self, request: RawRequest) -> tuple[Sequence[Inbound], RawReply]:
        allowed = self._cfg.get("addresses", ())
        if not request.secret_path or (allowed and request.remote not in allowed):
            return (), reply_with(HttpReply(403, b"forbidden"))
        try:
            items = parse_callback(request.body, self._ctx.clock.now())
        except BadInput as fault:
            return (), reply_with(_answer(400, 1, fault.detail))
        return items, reply_with(_answer(200, 0, "接收成功"))

    def describe_events(self) -> Sequence[EventSpec]:
        return (SMS_REPLY, SMS_RECEIPT)

    def _signed(self, out: Outbound, phone: str, template: str) -> dict[str, str]:
        parameters = {
            "AccessKeyId": str(self._cfg["access_key_id"]),
            "Action": "SendSms",
            "Format": "JSON",
            "OutId": str(out.id),
            "PhoneNumbers": phone.removeprefix("+86").removeprefix("+"),
            "RegionId": str(self._cfg.get("region", "cn-hangzhou")),
            "SignName": str(self._cfg["sign_name"]),
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": str(UUID(int=self._ctx.rng.getrandbits(128))),
            "SignatureVersion": "1.0",
            "TemplateCode": template,
            "TemplateParam": json.dumps(self._values(out), ensure_ascii=False),
            "Timestamp": self._ctx.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Version": "2017-05-25",
        }
        return {**parameters, "Signature": signature("POST", parameters, str(self._cfg["access_key_secret"]))}

    def _values(self, out: Outbound) -> Mapping[str, str]:
        """The template's variables; a message without its own template gives its text to the default one."""
        given: Mapping[str, Any] = out.payload.get("params") or {}
        if out.payload.get("template"):
            return {str(name): str(value) for name, value in given.items()}
        return {str(self._cfg.get("text_param", "content")): str(out.payload.get("text", ""))}


def result_of(reply: HttpReply) -> SendResult:
    """What Aliyun's answer means. A gateway's error page says nothing about the message: unknown."""
    try:
        told = json.loads(reply.body.decode("utf-8"))
        code, detail, biz_id = str(told["Code"]), str(told.get("Message", "")), str(told.get("BizId", ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        return SendResult(SendStatus.UNKNOWN, code=f"http_{reply.status}", detail="the answer cannot be read")
    if code == "OK" and reply.status == 200:
        return SendResult(SendStatus.SENT, provider_id=biz_id)
    if code in _THROTTLED:
        return SendResult(SendStatus.THROTTLED, retry_after_s=_THROTTLED[code], code=code, detail=detail)
    if code in _RETRY:
        return SendResult(SendStatus.RETRY, code=code, detail=detail)
    status = SendStatus.UNKNOWN if code in _UNKNOWN or reply.status >= 500 else SendStatus.PERMANENT
    return SendResult(status, code=code, detail=detail)


def _answer(status: int, code: int, message: str) -> HttpReply:
    body = json.dumps({"code": code, "msg": message}, ensure_ascii=False).encode("utf-8")
    return HttpReply(status, body, "application/json; charset=utf-8")


CONNECTOR = AliyunSms
