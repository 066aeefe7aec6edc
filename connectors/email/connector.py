"""E-mail: sends by SMTP; what POP3 brings becomes a reply, a bounce, an automatic answer or a new message."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, ClassVar

from connectors.email.bounces import read_bounce
from connectors.email.compose import compose, identity_of
from connectors.email.parse import Mail, Nature, parse_mail, sent_at
from connectors.email.pop3_in import Fetched, Mailbox, cursor_of, seen_of
from connectors.email.quotes import new_text
from connectors.email.smtp_out import SmtpSender
from connectors.events import EMAIL_AUTOREPLY, EMAIL_BOUNCE, EMAIL_RECEIVED, EMAIL_REPLY
from connectors.manifest import read_schema
from engine.kernel.connector import (
    BadInput,
    ConnectorBase,
    Ctx,
    EventSpec,
    Health,
    HealthState,
    Inbound,
    Json,
    Outbound,
    Polled,
    Receipt,
    ReceiptStatus,
    SendResult,
    SendStatus,
)

RAW_CAP = 1_000_000
PER_SESSION = 20


class Email(ConnectorBase):
    """Several threads may send; polling happens in one."""

    kind: ClassVar[str] = "email"
    config_schema: ClassVar[Json] = read_schema(__package__)

    def __init__(self, cfg: Json, ctx: Ctx) -> None:
        self._cfg, self._ctx = cfg, ctx
        self._identity = identity_of(cfg)
        self._sender = SmtpSender(cfg)
        self._sending = threading.Lock()
        self._mailbox: Mailbox | None = None

    def send(self, out: Outbound) -> SendResult:
        try:
            message = compose(self._identity, out)
        except BadInput as fault:
            return SendResult(SendStatus.PERMANENT, code=fault.code, detail=fault.detail)
        envelope = self._identity.tagged("b", out.reply_token)
        with self._sending:
            return self._sender.send(envelope, str(out.payload["to"]), message, out.reply_token)

    def poll(self, cursor: str | None, limit: int) -> Polled:
        if not self._cfg.get("pop3_host"):
            return Polled((), cursor)
        self._leave_mailbox()
        mailbox = self._mailbox = Mailbox(self._cfg)
        seen = seen_of(cursor)
        fetched = mailbox.fetch(seen, min(limit, PER_SESSION))
        stored = mailbox.present(seen) | {one.uidl for one in fetched}
        delete = stored if self._cfg.get("delete_fetched", True) else frozenset()
        items = [self._event(one) for one in fetched]
        return Polled(items, cursor_of(stored), lambda: self._finish(mailbox, delete))

    def check(self, deep: bool = False) -> Health:
        if deep:
            with self._sending:
                self._sender.check()
        return Health(HealthState.OK)

    def describe_events(self) -> Sequence[EventSpec]:
        return (EMAIL_REPLY, EMAIL_RECEIVED, EMAIL_AUTOREPLY, EMAIL_BOUNCE)

    def close(self) -> None:
        self._leave_mailbox()
        with self._sending:
            self._sender.close()

    def _leave_mailbox(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.abandon()

    def _finish(self, mailbox: Mailbox, delete: frozenset[str]) -> None:
        self._mailbox = None
        mailbox.finish(delete)

    def _event(self, fetched: Fetched) -> Inbound:
        now = self._ctx.clock.now()
        raw = fetched.raw[:RAW_CAP]
        try:
            mail = parse_mail(fetched.raw)
            if fetched.is_cut:
                raise BadInput("mail_size", "the message is larger than 10 MB")
        except BadInput as fault:
            payload = {"fault": fault.code, "uidl": fetched.uidl}
            key = f"mail:bad:{fetched.uidl}"
            return Inbound(key, EMAIL_RECEIVED.name, now, payload, raw=raw, quarantine=f"bad_mail:{fault.code}")
        name, payload, receipt = _meaning(mail)
        correlation = {"token": mail.token, "message_id": mail.message_id, "from": mail.sender}
        return Inbound(
            dedupe_key=f"mail:{mail.digest}",
            name=name,
            occurred_at=now,
            payload={**payload, "sent_at": sent_at(mail)},
            correlation={key: value for key, value in correlation.items() if value},
            raw=raw,
            realtime=False,
            receipt=receipt,
        )


def _meaning(mail: Mail) -> tuple[str, dict[str, Any], Receipt | None]:
    """The event's name, its payload, and the receipt a bounce is."""
    payload: dict[str, Any] = {
        "from": mail.sender,
        "subject": mail.subject,
        "text": new_text(mail.text),
        "message_id": mail.message_id,
        "token": mail.token,
        "attachments": [{"name": one.name, "type": one.media_type, "size": one.size} for one in mail.attachments],
    }
    if mail.nature is Nature.BOUNCE:
        bounce = read_bounce(mail.message, mail.token)
        told = {"recipients": list(bounce.recipients), "permanent": bounce.is_permanent, "status": bounce.status}
        status = ReceiptStatus.FAILED if bounce.is_permanent else ReceiptStatus.PENDING
        receipt = Receipt(status, bounce.token, detail=f"bounced {bounce.status}") if bounce.token else None
        return EMAIL_BOUNCE.name, {**payload, **told}, receipt
    if mail.nature is Nature.AUTOMATIC:
        return EMAIL_AUTOREPLY.name, payload, None
    return (EMAIL_REPLY if mail.token else EMAIL_RECEIVED).name, payload, None


CONNECTOR = Email
