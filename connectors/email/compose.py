"""Building a message, and the addresses by which its answers find it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from engine.kernel.connector import BadInput, Json, Outbound

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
TOKEN = r"[a-z2-7]{16}"  # noqa: S105 - the shape of a reply token, not a secret


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends: `plus_addresses` when the mailbox takes `name+token@domain`."""

    address: str
    name: str
    plus_addresses: bool
    subject_tag: bool

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def tagged(self, prefix: str, token: str) -> str:
        """`name+prefix-token@domain`, or the plain address when tags are not supported."""
        local, _at, domain = self.address.rpartition("@")
        return f"{local}+{prefix}-{token}@{domain}" if self.plus_addresses else self.address


def identity_of(cfg: Json) -> Identity:
    return Identity(
        str(cfg["from_address"]),
        str(cfg.get("from_name", "")),
        bool(cfg.get("plus_addresses")),
        bool(cfg.get("subject_tag")),
    )


def check_address(text: str) -> str:
    """The address, fit to be an SMTP argument.

    Raises:
        BadInput: anything else, such as one with a line break.
    """
    if not ADDRESS.fullmatch(text):
        raise BadInput("address", "expected an address such as name@example.com")
    return text


def message_id(token: str, domain: str) -> str:
    """The fixed Message-ID: a repeated message is recognisable, an answer names it."""
    return f"<{token}.sf@{domain}>"


def compose(identity: Identity, out: Outbound) -> EmailMessage:
    """The message for an outbox payload `{"to", "subject", "text", "html"?}`.

    Raises:
        BadInput: a bad address, or a line break in a header.
    """
    subject = str(out.payload.get("subject", ""))
    if identity.subject_tag:
        subject = f"{subject} [#{out.reply_token}]"
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = formataddr((identity.name, identity.address))
        message["To"] = check_address(str(out.payload.get("to", "")))
        message["Subject"] = subject
    except ValueError:
        raise BadInput("header", "a header must not contain line breaks") from None
    message["Date"] = format_datetime(out.created_at)
    message["Message-ID"] = message_id(out.reply_token, identity.domain)
    message["Reply-To"] = identity.tagged("r", out.reply_token)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_clean(str(out.payload.get("text", ""))), cte="base64")
    if out.payload.get("html"):
        message.add_alternative(_clean(str(out.payload["html"])), subtype="html", cte="base64")
    return message


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
