"""Reading a received message: headers and text in whatever charset, what kind of mail it is, what it answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum
from html.parser import HTMLParser

from connectors.email.compose import TOKEN
from engine.kernel.connector import BadInput

PARTS_CAP = 200
TEXT_CAP = 100_000
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030"}
_PLUS_TOKEN = re.compile(rf"\+[rb]-({TOKEN})@", re.IGNORECASE)
_ID_TOKEN = re.compile(rf"<({TOKEN})\.sf@", re.IGNORECASE)
_SUBJECT_TOKEN = re.compile(rf"\[#({TOKEN})\]", re.IGNORECASE)
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_AUTO_SUBJECT = re.compile(r"^\s*(自动回复|自動回覆|Auto(matic)?[- ]?reply|Out of office)", re.IGNORECASE)


class Nature(StrEnum):
    """What a message is: a person's, an automatic answer, or a bounce."""

    PERSONAL = "personal"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """One parsed message. `token` is the reply token of the message it answers, by the most trusted way, or empty."""

    sender: str
    subject: str
    text: str
    message_id: str
    token: str
    nature: Nature
    date: str
    digest: str
    attachments: tuple[Attachment, ...]
    message: Message


def parse_mail(raw: bytes) -> Mail:
    """A message of any make.

    Raises:
        BadInput: more than 200 parts, or nesting beyond reason.
    """
    try:
        return _parsed(raw)
    except RecursionError:
        raise BadInput("mail_nesting", "the message is nested too deeply") from None
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError) as fault:
        raise BadInput("mail", type(fault).__name__) from None


def _parsed(raw: bytes) -> Mail:
    message = message_from_bytes(raw)
    parts = list(_leaves(message))
    body = raw.partition(b"\r\n\r\n")[2]
    return Mail(
        sender=_sender(message)[:320],
        subject=header(message, "Subject")[:500],
        text=_text_of(parts),
        message_id=header(message, "Message-ID")[:300],
        token=find_token(message),
        nature=nature_of(message),
        date=header(message, "Date")[:100],
        digest=hashlib.sha256(body + header(message, "Message-ID").encode("utf-8", "replace")).hexdigest(),
        attachments=tuple(_attachment(part) for part in parts if part.get_filename() is not None)[:50],
        message=message,
    )


def _sender(message: Message) -> str:
    found = getaddresses([header(message, "From")])
    return found[0][1] if found else ""


def header(message: Message, name: str) -> str:
    """A header as text on one line; encoded words in any charset, undecodable bytes replaced."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        chunks = decode_header(str(value))
        text = "".join(chunk if isinstance(chunk, str) else decode_bytes(chunk, charset) for chunk, charset in chunks)
    except (ValueError, LookupError, AttributeError):
        text = str(value)
    return " ".join(text.replace("\x00", "").split())


def decode_bytes(data: bytes, charset: str | None) -> str:
    """Text in a charset; GB 2312 is read as its superset, unknown ones as UTF-8 or GB 18030."""
    name = (charset or "").lower().strip("\"' ")
    for candidate in (_ALIASES.get(name, name), "utf-8", "gb18030"):
        if candidate and candidate not in ("unknown-8bit", "binary"):
            try:
                return data.decode(candidate)
            except (UnicodeDecodeError, LookupError, ValueError):
                continue
    return data.decode("utf-8", "replace")


def find_token(message: Message) -> str:
    """The reply token: from the address it was sent to, else from what it answers (newest first), else the subject."""
    for name in _RECIPIENT_HEADERS:
        for value in message.get_all(name, []):
            found = _PLUS_TOKEN.search(str(value))
            if found:
                return found[1].lower()
    answered = f"{header(message, 'References')} {header(message, 'In-Reply-To')}"
    named = _ID_TOKEN.findall(answered)
    if named:
        return str(named[-1]).lower()
    tagged = _SUBJECT_TOKEN.search(header(message, "Subject"))
    return tagged[1].lower() if tagged else ""


def nature_of(message: Message) -> Nature:
    """Whether a person wrote it. Source: RFC 3834 5, RFC 3464 2."""
    return_path = header(message, "Return-Path")
    if message.get_content_type() == "multipart/report" or return_path == "<>":
        return Nature.BOUNCE if _is_bounce(message) else Nature.AUTOMATIC
    if re.match(r"(mailer-daemon|postmaster)@", _sender(message), re.IGNORECASE):
        return Nature.BOUNCE
    submitted = header(message, "Auto-Submitted").lower()
    precedence = header(message, "Precedence").lower()
    is_automatic = (
        (submitted and not submitted.startswith("no"))
        or precedence in ("bulk", "list", "junk", "auto_reply", "auto-reply")
        or any(message.get(name) for name in ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "List-Id"))
        or _AUTO_SUBJECT.match(header(message, "Subject"))
    )
    return Nature.AUTOMATIC if is_automatic else Nature.PERSONAL


def sent_at(mail: Mail) -> str:
    """The Date header as ISO text, empty when it makes no sense."""
    try:
        return parsedate_to_datetime(mail.date).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _is_bounce(message: Message) -> bool:
    kinds = {part.get_content_type() for part in message.walk()}
    submitted = header(message, "Auto-Submitted").lower()
    return "message/delivery-status" in kinds or not submitted.startswith("auto-replied")


def _leaves(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number > PARTS_CAP:
            raise BadInput("mail_parts", f"expected at most {PARTS_CAP} parts")
        if not part.is_multipart():
            yield part


def _text_of(parts: list[Message]) -> str:
    """The plain text, or the words of the HTML when there is none."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and part.get_filename() is None:
                text = _decoded(part)
                return (text if kind == "text/plain" else words_of_html(text))[:TEXT_CAP]
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decode_bytes(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _attachment(part: Message) -> Attachment:
    payload = part.get_payload(decode=True)
    name = " ".join(str(part.get_filename() or "").split())
    return Attachment(name[:200], part.get_content_type(), len(payload) if isinstance(payload, bytes) else 0)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head"):
            self._hidden += 1
        elif tag in ("br", "p", "div", "tr", "li", "blockquote"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def words_of_html(html: str) -> str:
    """The readable words of HTML, line breaks kept.

    >>> words_of_html("<style>x</style><p>好的<br>明天见</p>")
    '好的\\n明天见'
    """
    parser = _Words()
    parser.feed(html[: TEXT_CAP * 4])
    parser.close()
    return re.sub(r"\n\s*\n+", "\n\n", "".join(parser.words)).strip()
