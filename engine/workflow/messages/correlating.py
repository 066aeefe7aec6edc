"""Correlation: one message, at most one receiver, exactly once per message id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from engine.feel.values import from_python
from engine.kernel.errors import Forbidden, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx
from engine.workflow.interpreter.commands import Correlate
from engine.workflow.messages import rows
from engine.workflow.messages.rows import MessageRow, settle
from engine.workflow.runner.keys import key_subsets, lock_keys
from engine.workflow.runner.row import try_lock
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import Beginning, begin
from engine.workflow.runtime import SEND_MESSAGE, runtime_of

DEFAULT_TTL = timedelta(days=1)
Status = Literal["delivered", "started", "queued", "buffered", "duplicate", "ambiguous", "expired"]


@dataclass(frozen=True, slots=True)
class Correlation:
    """What became of a message. `queued`: the receiver is busy or suspended and gets it in a step of its own."""

    status: Status
    instance_id: UUID | None = None


class Waiting(NamedTuple):
    """A subscription that matches."""

    instance_id: UUID
    activation: int
    node_id: str


def correlate(
    tx: Tx,
    name: str,
    keys: Mapping[str, Any],
    payload: Any,
    message_id: str | None,
    *,
    ttl: timedelta | None = None,
    branch_id: UUID | None = None,
    record: tuple[str, UUID] | None = None,
) -> Correlation:
    """Bring a message to the one who waits for it, else start a process by it, else keep it for `ttl` (a day).

    message_id: `source:actor:id`; the same id takes effect once. keys: at most five; all keys of a subscription must
    match. Raises: UserError for an empty name or too many keys.
    """
    if not name.strip():
        raise UserError("message_name_missing", Text("消息名不能为空", "The message needs a name"))
    key_subsets(keys)
    lasts = DEFAULT_TTL if ttl is None else ttl
    value = from_python(payload)
    message = rows.insert(
        tx, "message", name, keys, value, message_id, expires_at=tx.now + lasts, branch_id=branch_id, record=record
    )
    if message is None:
        return _known(tx, message_id)
    return route(tx, message)


def post(
    tx: Tx,
    name: str,
    keys: Mapping[str, Any],
    payload: Any,
    message_id: str,
    *,
    ttl: timedelta | None = None,
    branch_id: UUID | None = None,
) -> Correlation:
    """A message of a signed-in caller: needs the right `send_message:<name>`, and its id counts as the caller's own.

    Raises: Forbidden without the right or for a name of the connectors; what `correlate` raises.
    """
    if name in runtime_of(tx).reserved_messages:
        raise Forbidden(
            "message_reserved",
            Text(f"消息“{name}”只能由连接器发送", f"Only connectors send the message “{name}”"),
        )
    if not runtime_of(tx).access.may(tx, f"{SEND_MESSAGE}:{name}", branch_id):
        raise Forbidden(
            "may_not_send",
            Text(f"您没有发送消息“{name}”的权限", f"You may not send the message “{name}”"),
            hint=Text(f"请管理员授予权限 {SEND_MESSAGE}:{name}", f"Ask for the right {SEND_MESSAGE}:{name}"),
        )
    own_id = f"api:{tx.actor.id}:{message_id}"
    return correlate(tx, name, keys, payload, own_id, ttl=ttl, branch_id=branch_id)


def signal(tx: Tx, name: str, payload: Any = None, message_id: str | None = None) -> bool:
    """Broadcast a signal: every waiting instance gets it in a step of its own. False for a repeated message id."""
    message = rows.insert(tx, "signal", name, {}, from_python(payload), message_id)
    if message is not None:
        tx.wake(Drain.STEPS)
    return message is not None


def route(tx: Tx, message: MessageRow) -> Correlation:
    """Find the receiver under the message's locks and deliver."""
    texts = key_subsets(message.keys)
    lock_keys(tx, message.name, texts)
    for _ in range(3):
        found = waiting(tx, message.name, texts)
        if len(found) > 1:
            return _ambiguous(tx, message, len(found))
        if not found:
            return _start_or_keep(tx, message)
        result = deliver(tx, message, found[0])
        if result is not None:
            return result
    return _later(tx, message, found[0])


def deliver(tx: Tx, message: MessageRow, to: Waiting) -> Correlation | None:
    """Deliver in this transaction, or later when the instance is busy; None when the subscription has just gone."""
    row = try_lock(tx, to.instance_id)
    if row is None or row.suspended:
        return _later(tx, message, to)
    if row.status != "active" or to not in waiting(tx, message.name, key_subsets(message.keys)):
        return None
    session = Session(tx, row)
    settle(tx, message, "done", to=to.instance_id)
    session.run(Correlate(to.activation, message.content))
    session.save()
    return Correlation("delivered", to.instance_id)


def _later(tx: Tx, message: MessageRow, to: Waiting) -> Correlation:
    sql = """insert into message_delivery (message_id, instance_id, activation, node_id, next_at)
 values (%(id)s, %(instance)s, %(activation)s, %(node)s, %(now)s) on conflict do nothing"""
    parameters = {
        "id": message.id, "instance": to.instance_id, "activation": to.activation, "node": to.node_id, "now": tx.now,
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
    settle(tx, message, "done", to=to.instance_id)
    tx.wake(Drain.STEPS)
    return Correlation("queued", to.instance_id)


def _start_or_keep(tx: Tx, message: MessageRow) -> Correlation:
    starts = start_events(tx, "message", message.name)
    if len(starts) > 1:
        return _ambiguous(tx, message, len(starts))
    if starts:
        instance_id = start_by_event(tx, starts[0], message)
        settle(tx, message, "done", to=instance_id)
        return Correlation("started", instance_id)
    if message.expires_at is not None and message.expires_at <= tx.now:
        settle(tx, message, "expired")
        return Correlation("expired")
    if message.expires_at is None:
        message.expires_at = tx.now + DEFAULT_TTL
    settle(tx, message, "buffered")
    return Correlation("buffered")


def start_events(tx: Tx, kind: str, name: str) -> list[tuple[UUID, str, int]]:
    """(version, node, event number) of the start events that wait for it; paused processes do not."""
    sql = """select s.version_id, s.node_id, s.position from start_subscription s
 join process p on p.key = s.process_key
 where s.kind = %(kind)s and s.name = %(name)s and not p.is_paused order by s.process_key, s.node_id"""
    return [(r[0], r[1], r[2]) for r in tx.connection.exec_driver_sql(sql, {"kind": kind, "name": name})]


def start_by_event(tx: Tx, start: tuple[UUID, str, int], message: MessageRow) -> UUID:
    """Begin an instance at its message or signal start event."""
    version_id, node, event = start
    record = (message.record_object, message.record_id) if message.record_object and message.record_id else None
    origin = Beginning(version_id, tx.actor, message.branch_id, record)
    return begin(tx, origin, {}, node=node, event=event, payload=message.content).row.id


def waiting(tx: Tx, name: str, texts: list[str]) -> list[Waiting]:
    """Who waits for a message of that name with one of these `key_subsets`, at most 20."""
    sql = """select instance_id, activation, node_id from subscription where kind = 'message' and name = %(name)s
 and key = any(%(keys)s) order by instance_id, activation limit 20"""
    return [Waiting(*row) for row in tx.connection.exec_driver_sql(sql, {"name": name, "keys": texts})]


def _ambiguous(tx: Tx, message: MessageRow, count: int) -> Correlation:
    """Several could take it: nobody guesses; a person sees it as an incident."""
    text = Text(
        f"消息“{message.name}”有 {count} 个等待者，无法确定交给哪一个",
        f"{count} receivers wait for message “{message.name}”; it is not clear which one is meant",
    )
    settle(tx, message, "ambiguous", error=text.en)
    raise_message_incident(tx, message, "ambiguous_message", text)
    return Correlation("ambiguous")


def raise_message_incident(tx: Tx, message: MessageRow, kind: str, text: Text) -> None:
    """An incident of a message that belongs to no instance."""
    sql = """insert into incident (id, instance_id, node_id, message_id, branch_id, process_key, kind, message_zh,
 message_en, detail, created_at) values (%(id)s, null, '', %(message)s, %(branch)s, '', %(kind)s, %(zh)s, %(en)s,
 %(detail)s, %(now)s)"""
    parameters = {
        "id": new_id(), "message": message.id, "branch": message.branch_id, "kind": kind, "zh": text.zh,
        "en": text.en, "detail": str(dict(message.keys))[:500], "now": tx.now,
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
    tx.record(Event("message:stuck", ("message", message.id), message.branch_id, {"name": message.name, "why": kind}))


def _known(tx: Tx, message_id: str | None) -> Correlation:
    sql = "select delivered_to from message where message_id = %(id)s"
    return Correlation("duplicate", tx.connection.exec_driver_sql(sql, {"id": message_id}).scalar())
