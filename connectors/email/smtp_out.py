"""Handing one message to an SMTP server, with the outcome told apart phase by phase.

Before the text is handed over a failure may be repeated; afterwards no answer means unknown. Source: RFC 5321 4.2.1.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import EmailMessage

from engine.kernel.connector import BadConfig, Json, SendResult, SendStatus, Unavailable

MESSAGES_PER_LINK = 50
IDLE_S = 60.0
LOCAL = ("localhost", "127.0.0.1", "::1")


class SmtpSender:
    """Keeps one connection for up to 50 messages or a minute of idling. Not safe for several threads at once."""

    def __init__(self, cfg: Json) -> None:
        self._cfg = cfg
        self._link: smtplib.SMTP | None = None
        self._used = 0
        self._used_s = 0.0

    def send(self, sender: str, recipient: str, message: EmailMessage, provider_id: str) -> SendResult:
        """One recipient, one transaction.

        Raises:
            Unavailable: the server cannot be used now; nothing was sent.
            BadConfig: the settings would send without encryption.
        """
        data = message.as_bytes()
        link = self._ready()
        try:
            code, reply = link.mail(sender, [f"size={len(data)}"] if link.has_extn("size") else [])
            if code == 250:
                code, reply = link.rcpt(recipient)
            if code not in (250, 251):
                self._reset()
                return refusal(code, reply)
        except (OSError, smtplib.SMTPException) as fault:
            self.close()
            raise Unavailable("smtp", str(fault)) from None
        return self._hand_over(link, data, provider_id)

    def _hand_over(self, link: smtplib.SMTP, data: bytes, provider_id: str) -> SendResult:
        try:
            code, reply = link.data(data)
        except smtplib.SMTPDataError as fault:
            self._reset()
            return refusal(fault.smtp_code, fault.smtp_error)
        except (OSError, smtplib.SMTPException) as fault:
            self.close()
            return SendResult(SendStatus.UNKNOWN, code="no_answer", detail=type(fault).__name__)
        self._used += 1
        self._used_s = time.monotonic()
        if code == 250:
            return SendResult(SendStatus.SENT, provider_id=provider_id, detail=_text(reply))
        return refusal(code, reply)

    def check(self) -> None:
        """Connect and sign in.

        Raises:
            Unavailable, BadConfig: as for `send`.
        """
        self._ready()

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _ready(self) -> smtplib.SMTP:
        if self._link is not None:
            fresh = self._used < MESSAGES_PER_LINK and time.monotonic() - self._used_s < IDLE_S
            if fresh and self._is_alive(self._link):
                return self._link
            self.close()
        try:
            self._link = self._connect()
        except smtplib.SMTPAuthenticationError as fault:
            raise Unavailable("smtp_login", _text(fault.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise Unavailable("smtp", str(fault)) from None
        self._used, self._used_s = 0, time.monotonic()
        return self._link

    def _connect(self) -> smtplib.SMTP:
        host, timeout_s = str(self._cfg["smtp_host"]), float(self._cfg.get("timeout_s", 30))
        port, security = int(self._cfg.get("smtp_port", 465)), self._cfg.get("smtp_security", "tls")
        if security == "none" and host not in LOCAL:
            raise BadConfig("smtp_security", "only a server on this machine may be used without encryption")
        if security == "tls":
            link: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=ssl.create_default_context())
        else:
            link = smtplib.SMTP(host, port, timeout=timeout_s)
        try:
            link.ehlo()
            if security == "starttls":
                link.starttls(context=ssl.create_default_context())
                link.ehlo()
            if self._cfg.get("smtp_user"):
                link.login(str(self._cfg["smtp_user"]), str(self._cfg.get("smtp_password", "")))
        except BaseException:
            link.close()
            raise
        return link

    def _is_alive(self, link: smtplib.SMTP) -> bool:
        try:
            return link.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _reset(self) -> None:
        try:
            if self._link is not None:
                self._link.rset()
        except (OSError, smtplib.SMTPException):
            self.close()


def refusal(code: int, reply: bytes | str) -> SendResult:
    """4xx may be tried again, 421 and 450 to 452 also; 5xx is final.

    >>> refusal(450, b"busy").status.value, refusal(550, b"no such user").status.value
    ('retry', 'permanent')
    """
    status = SendStatus.PERMANENT if 500 <= code < 600 else SendStatus.RETRY
    return SendResult(status, code=f"smtp_{code}", detail=_text(reply))


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace")[:300] if isinstance(reply, bytes) else reply[:300]
