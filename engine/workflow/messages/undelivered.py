"""Messages that nobody could be given to: several wait for one, or handling it kept failing. A person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx
from engine.workflow.instances.access import operated_branches
from engine.workflow.messages.correlating import Correlation, Waiting, deliver, waiting
from engine.workflow.messages.rows import COLUMNS, MessageRow
from engine.workflow.runner.keys import key_subsets, lock_keys

Decision = Literal["again", "drop", "give"]
_AMBIGUOUS = "ambiguous_message"


@dataclass(frozen=True, slots=True)
class Receiver:
    """An instance that waits for the message, at a node."""

    instance_id: UUID
    title: str
    process_key: str
    starter_name: str
    started_at: datetime
    node_id: str


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """`id`: of the incident; `receivers`: those of the actor's branches that it may be given to, at most 20."""

    id: UUID
    name: str
    keys: Mapping[str, str]
    message: Text
    detail: str
    branch_id: UUID | None
    created_at: datetime
    receivers: tuple[Receiver, ...]


_OPEN = """select n.id, m.name, m.keys, n.message_zh, n.message_en, m.error, n.branch_id, n.created_at, n.kind
 from incident n join message m on m.id = n.message_id where n.resolved_at is null
 and (%(operated)s::uuid[] is null or n.branch_id = any(%(operated)s)) order by n.id desc limit %(limit)s"""
_COUNT = """select count(*) from incident n where n.message_id is not null and n.resolved_at is null
 and (%(operated)s::uuid[] is null or n.branch_id = any(%(operated)s))"""
_MESSAGE = f"select {COLUMNS} from message where id = %(id)s for update"  # noqa: S608 - columns of ours
_RECEIVER = """select id, title, process_key, starter_name, started_at from instance where id = any(%(ids)s)
 and (%(operated)s::uuid[] is null or branch_id = any(%(operated)s))"""


def undelivered_messages(tx: Tx, limit: int = 50) -> tuple[UndeliveredMessage, ...]:
    """Those of the branches that tx.actor operates, newest first, at most 200. Raises: Forbidden when none is."""
    operated = _operated(tx)
    parameters = {"operated": operated, "limit": max(1, min(limit, 200))}
    return tuple(
        UndeliveredMessage(
            r[0], r[1], r[2], Text(r[3], r[4]), r[5] or "", r[6], r[7],
            _receivers(tx, r[1], r[2], operated) if r[8] == _AMBIGUOUS else (),
        )
        for r in tx.connection.exec_driver_sql(_OPEN, parameters).all()
    )  # fmt: skip


def undelivered_count(tx: Tx) -> int:
    """How many there are in the branches that tx.actor operates. Raises: Forbidden when none is."""
    return int(tx.connection.exec_driver_sql(_COUNT, {"operated": _operated(tx)}).scalar_one())


def _receivers(tx: Tx, name: str, keys: Mapping[str, str], operated: list[UUID] | None) -> tuple[Receiver, ...]:
    found = waiting(tx, name, key_subsets(keys))
    parameters = {"ids": [one.instance_id for one in found], "operated": operated}
    known = {row[0]: row for row in tx.connection.exec_driver_sql(_RECEIVER, parameters)}
    rows = [(known[one.instance_id], one.node_id) for one in found if one.instance_id in known]
    return tuple(Receiver(row[0], row[1], row[2], row[3], row[4], node) for row, node in rows)


def settle_message(
    tx: Tx, incident_id: UUID, decision: Decision, reason: str = "", *, to: UUID | None = None
) -> Correlation | None:
    """`again` looks for its receiver once more, `drop` forgets it, `give` gives it to the instance `to` that waits.

    Raises: Forbidden; NotFound; Conflict when it is settled, belongs to an instance, or `to` does not wait for it.
    """
    message = _locked(tx, incident_id)
    given = None
    if decision == "give":
        given = _give(tx, message, to)
    else:
        change = "update message set status = %(status)s, attempts = 0, next_at = %(now)s where id = %(id)s"
        status = "new" if decision == "again" else "dead"
        tx.connection.exec_driver_sql(change, {"status": status, "now": tx.now, "id": message.id})
    close = "update incident set resolved_at = %(now)s, resolved_by = %(by)s, resolution = %(how)s where id = %(id)s"
    parameters = {"now": tx.now, "by": tx.actor.id, "how": decision, "id": incident_id}
    tx.connection.exec_driver_sql(close, parameters)
    data = {"decision": decision, "reason": reason[:500]} | ({"to": str(to)} if given is not None else {})
    tx.record(Event("message:settled", ("message", message.id), message.branch_id, data))
    tx.wake(Drain.STEPS)
    return given


def _locked(tx: Tx, incident_id: UUID) -> MessageRow:
    """The message of an open incident in a branch that tx.actor operates, both locked."""
    operated = operated_branches(tx)
    sql = "select message_id, resolved_at, branch_id from incident where id = %(id)s for update"
    row = tx.connection.exec_driver_sql(sql, {"id": incident_id}).one_or_none()
    if row is None or (operated is not None and row[2] not in operated):
        raise NotFound("incident_not_found", Text("未找到该异常", "There is no such incident"))
    if row[1] is not None:
        raise Conflict("incident_settled", Text("该异常已处理", "The incident is settled"))
    if row[0] is None:
        zh, en = "该异常属于一个流程实例，请在实例上处理", "The incident belongs to a case: settle it there"
        raise Conflict("incident_of_instance", Text(zh, en))
    return MessageRow(*tx.connection.exec_driver_sql(_MESSAGE, {"id": row[0]}).one())


def _give(tx: Tx, message: MessageRow, to: UUID | None) -> Correlation:
    """Under the message's locks, as `route` does: the subscription cannot go meanwhile."""
    texts = key_subsets(message.keys)
    lock_keys(tx, message.name, texts)
    found = [one for one in waiting(tx, message.name, texts) if one.instance_id == to]
    if found and message.status == "ambiguous" and _may_give(tx, found[0]):
        given = deliver(tx, message, found[0])
        if given is not None:
            return given
    zh, en = "该流程实例没有在等待这条消息", "That case does not wait for this message"
    raise Conflict("receiver_not_waiting", Text(zh, en))


def _may_give(tx: Tx, to: Waiting) -> bool:
    parameters = {"ids": [to.instance_id], "operated": _operated(tx)}
    return tx.connection.exec_driver_sql(_RECEIVER, parameters).first() is not None


def _operated(tx: Tx) -> list[UUID] | None:
    found = operated_branches(tx)
    return None if found is None else sorted(found)
