"""Which message bounced, for whom, and whether for good. Source: RFC 3464; other formats through flufl.bounce."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from connectors.email.compose import TOKEN

_ID_TOKEN = re.compile(rf"<({TOKEN})\.sf@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """`token`: of our message, empty when it cannot be told. `is_permanent`: giving up, not a delay."""

    recipients: tuple[str, ...]
    is_permanent: bool
    status: str
    token: str


def read_bounce(message: Message, token: str) -> Bounce:
    """The failed recipients of a bounce; `token` as found in its address, else from the returned message."""
    blocks = [block for part in message.walk() if part.get_content_type() == "message/delivery-status"
              for block in _blocks(part)]  # fmt: skip
    actions = {str(block.get("Action", "")).strip().lower() for block in blocks if block.get("Action")}
    statuses = [str(block["Status"]).strip()[:10] for block in blocks if block.get("Status")]
    recipients = tuple(
        dict.fromkeys(_address(str(block["Final-Recipient"])) for block in blocks if block.get("Final-Recipient"))
    )
    if blocks and actions:
        is_permanent = "failed" in actions or any(status.startswith("5") for status in statuses)
    else:
        temporary, permanent = _guess(message)
        recipients = recipients or tuple(sorted(_plain(address) for address in (*permanent, *temporary)))
        is_permanent = bool(permanent)
    return Bounce(recipients, is_permanent, statuses[0] if statuses else "", token or _returned_token(message))


def _guess(message: Message) -> tuple[set[bytes | str], set[bytes | str]]:
    """Temporary and permanent failures as flufl.bounce reads them; nothing when the message breaks its readers."""
    try:
        temporary, permanent = all_failures(message)
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError):
        return set(), set()
    return set(temporary), set(permanent)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _returned_token(message: Message) -> str:
    """The token in the Message-ID of the message that came back."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers", "text/plain"):
            found = _ID_TOKEN.search(part.as_string()[:200_000])
            if found:
                return found[1].lower()
    return ""


def _address(field: str) -> str:
    return field.rpartition(";")[2].strip().strip("<>")[:320]


def _plain(address: bytes | str) -> str:
    return address.decode("ascii", "replace") if isinstance(address, bytes) else address
