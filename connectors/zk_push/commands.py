"""Commands for terminals: built from a closed list, so that nothing else (SHELL, PutFile, UPGRADE) can be sent."""

from __future__ import annotations

import base64
import re
from uuid import UUID

from engine.kernel.connector import BadInput, Json, Outbound

_PERSON = re.compile(r"[0-9A-Za-z]{1,24}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def command_id(outbox_id: UUID) -> str:
    """The 16 characters a terminal repeats in its result: 80 bits of the message's id."""
    return base64.b32encode(outbox_id.bytes[-10:]).decode("ascii").lower()


def command_line(out: Outbound) -> str:
    """`C:<id>:<command>` for one message.

    Payloads: `{"command": "update_person", "person_no", "name", "card_no"?}`, `{"command": "delete_person",
    "person_no"}`, `{"command": "resend", "start", "end"}` (device-local times), `{"command": "count", "start", "end"}`.

    Raises:
        BadInput: another command, or a value that could start a second one.
    """
    builder = _builders.get(str(out.payload.get("command")))
    if builder is None:
        raise BadInput("command", f"expected one of {', '.join(_builders)}")
    return f"C:{command_id(out.id)}:{builder(out.payload)}"


def card_field(key: str) -> str:
    """A canonical card key as terminals write it: little-endian hexadecimal in brackets.

    >>> card_field("075BCD15")
    '[15CD5B07]'
    """
    if not re.fullmatch(r"[0-9A-F]{8}", key):
        raise BadInput("card_no", "expected the canonical key of a 32-bit card")
    return f"[{bytes.fromhex(key)[::-1].hex().upper()}]"


def _update_person(payload: Json) -> str:
    name = str(payload.get("name", ""))
    if re.search(r"[\x00-\x1f]", name):
        raise BadInput("name", "a name must not contain control characters")
    fields = [f"PIN={_person(payload)}", f"Name={name[:24]}", "Pri=0"]
    if payload.get("card_no"):
        fields.append(f"Card={card_field(str(payload['card_no']))}")
    return "DATA UPDATE USERINFO " + "\t".join(fields)


def _delete_person(payload: Json) -> str:
    return f"DATA DELETE USERINFO PIN={_person(payload)}"


def _resend(payload: Json) -> str:
    return f"DATA QUERY ATTLOG StartTime={_moment(payload, 'start')}\tEndTime={_moment(payload, 'end')}"


def _count(payload: Json) -> str:
    return f"VERIFY SUM ATTLOG StartTime={_moment(payload, 'start')}\tEndTime={_moment(payload, 'end')}"


def _person(payload: Json) -> str:
    person_no = str(payload.get("person_no", ""))
    if not _PERSON.fullmatch(person_no):
        raise BadInput("person_no", "expected up to 24 letters or digits")
    return person_no


def _moment(payload: Json, name: str) -> str:
    moment = str(payload.get(name, ""))
    if not _MOMENT.fullmatch(moment):
        raise BadInput(name, "expected YYYY-MM-DD HH:MM:SS")
    return moment


_builders = {
    "update_person": _update_person,
    "delete_person": _delete_person,
    "resend": _resend,
    "count": _count,
}
