"""What a case wrote to people: SMS and mail, with their fate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.instances import InstanceView
from engine.workflow.runtime import OPERATE, VIEW, runtime_of
from webapp.screens.states import message_state

_CHANNELS = ("sms", "email")
_PHONE_SHOWN = 3, 4


@dataclass(frozen=True)
class Message:
    """One message. ``text`` is empty for those who may not look at whole cases; ``step``: the node that sent it."""

    at: datetime
    channel: str
    step: str
    recipient: str
    subject: str
    text: str
    state: str
    tone: str


def messages(tx: Tx, view: InstanceView, process: Process) -> tuple[Message, ...]:
    """Messages of the case, oldest first, at most 100. Addresses are masked without the right to read them."""
    access = runtime_of(tx).access
    is_whole = any(access.may(tx, right, view.branch_id) for right in (OPERATE, VIEW))
    is_open = access.may_read(tx, "guardian", "phone")
    sql = """select coalesce(sent_at, created_at) as at, channel, activity_id, recipient, payload, state from outbox
 where instance_id = %(id)s and channel = any(%(channels)s) order by id limit 100"""
    rows = tx.connection.exec_driver_sql(sql, {"id": view.id, "channels": list(_CHANNELS)})
    return tuple(_message(row, process, is_whole=is_whole, is_open=is_open) for row in rows.mappings())


def _message(row: RowMapping, process: Process, *, is_whole: bool, is_open: bool) -> Message:
    payload: Mapping[str, Any] = row["payload"]
    node = process.nodes.get(row["activity_id"] or "")
    body = payload.get("text") or payload.get("body") or payload.get("content") or ""
    state, tone = message_state(row["state"])
    return Message(
        at=row["at"],
        channel=row["channel"],
        step=node.name if node else "",
        recipient=row["recipient"] if is_open else _masked(row["recipient"]),
        subject=str(payload.get("subject", "")) if is_whole else "",
        text=str(body) if is_whole else "",
        state=state,
        tone=tone,
    )


def _masked(recipient: str) -> str:
    """The ends of a number, the house of a mail address."""
    name, at, house = recipient.partition("@")
    if at:
        return f"{name[:1]}***@{house}"
    first, last = _PHONE_SHOWN
    number = recipient.removeprefix("+86")
    return f"{number[:first]}****{number[-last:]}" if len(number) > first + last else "****"
