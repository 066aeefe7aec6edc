"""Messages between instances, handled by the worker: each receiver is a step of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.interpreter.commands import (
    CalledInstanceEnded,
    Correlate,
    SignalReceived,
    ThrowEscalation,
)
from engine.workflow.interpreter.depths import MOST_CALLS, too_deep
from engine.workflow.messages import posted_starts
from engine.workflow.messages.correlating import raise_message_incident, route, start_by_event, start_events
from engine.workflow.messages.rows import COLUMNS, MessageRow, settle
from engine.workflow.overlays.storing import PINNED
from engine.workflow.runner import applying
from engine.workflow.runner.cancelling import cancel
from engine.workflow.runner.row import InstanceRow, lock, read
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import Beginning, begin

_CLAIM = f"""select {COLUMNS} from message where status = 'new' and next_at <= %(now)s
 and not (kind = 'internal' and name = 'start' and attempts = 0)
 order by next_at, id limit 1 for update skip locked"""  # noqa: S608 - constant parts only
_CLAIM_DELIVERY = """select d.message_id, d.instance_id, d.activation from message_delivery d where d.done_at is null
 and d.next_at <= %(now)s order by d.next_at, d.message_id limit 1 for update skip locked"""
RETRY = timedelta(seconds=2)
_VERSION = "version:"


def claim(tx: Tx) -> MessageRow | None:
    """The oldest new message, locked for this transaction. Starts that nobody tried yet are taken in batches."""
    row = tx.connection.exec_driver_sql(_CLAIM, {"now": tx.now}).one_or_none()
    return None if row is None else MessageRow(*row)


def handle(tx: Tx, message: MessageRow) -> None:
    """What this message means, done in this transaction."""
    if message.kind == "message":
        route(tx, message)
    elif message.kind == "signal":
        _broadcast(tx, message)
    else:
        _INTERNAL[message.name](tx, message)


def deliver_next(tx: Tx) -> bool:
    """Carry out one delivery that waits; False when none is due."""
    row = tx.connection.exec_driver_sql(_CLAIM_DELIVERY, {"now": tx.now}).one_or_none()
    if row is None:
        return False
    key = {"message": row[0], "instance": row[1], "activation": row[2], "now": tx.now}
    sql = f"select {COLUMNS} from message where id = %(message)s"  # noqa: S608 - constant parts only
    message = MessageRow(*tx.connection.exec_driver_sql(sql, key).one())
    is_done = _deliver(tx, message, row[1], row[2])
    later = {**key, "later": tx.now + timedelta(minutes=1)}
    change = "done_at = %(now)s" if is_done else "next_at = %(later)s"
    where = "message_id = %(message)s and instance_id = %(instance)s and activation = %(activation)s"
    tx.connection.exec_driver_sql(f"update message_delivery set {change} where {where}", later)  # noqa: S608
    return True


def _deliver(tx: Tx, message: MessageRow, instance_id: UUID, activation: int) -> bool:
    """False when the instance is suspended: again in a minute."""
    row = lock(tx, instance_id)
    if row.suspended:
        return False
    sql = "select exists (select 1 from subscription where instance_id = %(id)s and activation = %(activation)s)"
    is_waiting = tx.connection.exec_driver_sql(sql, {"id": instance_id, "activation": activation}).scalar_one()
    if row.status != "active" or not is_waiting:
        if message.kind == "message":
            route(tx, message)
        return True
    session = Session(tx, row)
    if message.kind == "signal":
        session.run(SignalReceived(message.name, message.content))
    else:
        session.run(Correlate(activation, message.content))
    session.save()
    return True


def _broadcast(tx: Tx, message: MessageRow) -> None:
    """One delivery per waiting instance, one new instance per signal start event."""
    sql = """insert into message_delivery (message_id, instance_id, activation, node_id, next_at)
 select distinct on (instance_id) %(id)s::uuid, instance_id, activation, node_id, %(now)s::timestamptz from subscription
 where kind = 'signal' and name = %(name)s and instance_id is distinct from %(source)s
 order by instance_id, activation on conflict do nothing"""
    parameters = {"id": message.id, "name": message.name, "now": tx.now, "source": message.source_instance_id}
    tx.connection.exec_driver_sql(sql, parameters)
    for start in start_events(tx, "signal", message.name):
        start_by_event(tx, start, message)
    settle(tx, message, "done")


def _call_started(tx: Tx, message: MessageRow) -> None:
    """Start the called process, unless the call was cancelled meanwhile."""
    source, activation = message.source_instance_id, message.activation
    if source is None or activation is None:
        return settle(tx, message, "dead", error="no caller")
    parent = lock(tx, source)
    if parent.status != "active" or _is_cancelled(tx, message):
        return settle(tx, message, "done")
    content = message.content
    version_id = called_version(tx, parent.version_id, content["process"], content["binding"])
    if version_id is None:
        text = f"Process {content['process']!r} is not deployed."
        return _refused(tx, message, parent, CalledInstanceEnded(activation, {}, "called_process_missing", text))
    if _depth(tx, source) >= MOST_CALLS:
        return _refused(tx, message, parent, too_deep(activation, content["process"]))
    record = (parent.record_object, parent.record_id) if parent.record_object and parent.record_id else None
    starter = Actor(ActorKind(parent.starter_kind), parent.starter, parent.starter_name)
    caller = (source, activation, parent.root_id)
    origin = Beginning(version_id, starter, parent.branch_id, record, caller, pinned=_pinned(content["binding"]))
    child = begin(tx, origin, content["variables"], undo=tuple(content.get("undo", ())))
    return settle(tx, message, "done", to=child.row.id)


def _refused(tx: Tx, message: MessageRow, parent: InstanceRow, answer: CalledInstanceEnded) -> None:
    """The call activity learns that no case was started."""
    session = Session(tx, parent)
    session.run(answer)
    session.save()
    return settle(tx, message, "done")


def _depth(tx: Tx, instance_id: UUID) -> int:
    """How many calls led to the instance; no more than the limit are looked at."""
    sql = """with recursive up (parent_id, depth) as (select parent_id, 0 from instance where id = %(id)s
 union all select i.parent_id, up.depth + 1 from up join instance i on i.id = up.parent_id where up.depth < %(most)s)
select max(depth) from up"""
    return int(tx.connection.exec_driver_sql(sql, {"id": instance_id, "most": MOST_CALLS}).scalar_one())


def _is_cancelled(tx: Tx, message: MessageRow) -> bool:
    sql = """select exists (select 1 from message where kind = 'internal' and name = %(name)s
 and source_instance_id = %(source)s and activation = %(activation)s)"""
    parameters = {
        "name": applying.CALL_CANCELLED, "source": message.source_instance_id, "activation": message.activation,
    }  # fmt: skip
    return bool(tx.connection.exec_driver_sql(sql, parameters).scalar_one())


def called_version(tx: Tx, caller_version: UUID, process_key: str, binding: str) -> UUID | None:
    """The version a call activity means: deployed with the caller, the latest, the newest with a tag, or that one."""
    if binding.startswith(_VERSION):
        return UUID(binding.removeprefix(_VERSION).partition("+")[0])
    sql = """select v.id from process_version v join deployment d on d.id = v.deployment_id and d.status = 'active'
 where v.process_key = %(key)s and (%(tag)s::text is null or v.tag = %(tag)s)
 order by (v.deployment_id = (select deployment_id from process_version where id = %(caller)s)) and %(own)s desc,
 v.number desc limit 1"""
    parameters = {
        "key": process_key,
        "caller": caller_version,
        "own": binding == "deployment",
        "tag": binding.removeprefix("tag:") if binding.startswith("tag:") else None,
    }
    found = tx.connection.exec_driver_sql(sql, parameters).scalar()
    return found if isinstance(found, UUID) else None


def _pinned(binding: str) -> dict[str, Any] | None:
    """A version that is named is taken as its case had it (`applying.pinned_version`); None: as it is now."""
    if not binding.startswith(_VERSION):
        return None
    overlay = binding.partition("+")[2]
    return {PINNED: overlay} if overlay else {}


def _call_ended(tx: Tx, message: MessageRow) -> None:
    content = message.content
    _to_caller(
        tx,
        message,
        lambda activation: CalledInstanceEnded(
            activation, content["variables"], content["error"], content["message"],
            tuple(content.get("undo", ())), content.get("version", ""),
        ),
    )  # fmt: skip


def _call_escalated(tx: Tx, message: MessageRow) -> None:
    content = message.content
    data = content["payload"] if isinstance(content["payload"], dict) else {}
    called = content.get("variables", {})
    _to_caller(tx, message, lambda activation: ThrowEscalation(activation, content["code"], data, called))


def _to_caller(tx: Tx, message: MessageRow, command: Callable[[int], CalledInstanceEnded | ThrowEscalation]) -> None:
    """Tell the call activity; one that was interrupted meanwhile no longer listens."""
    if message.target_instance_id is None or message.activation is None:
        return settle(tx, message, "dead", error="no caller")
    row = lock(tx, message.target_instance_id)
    if row.status == "active":
        session = Session(tx, row)
        if message.activation in session.state.tokens:
            session.run(command(message.activation))
            session.save()
    return settle(tx, message, "done", to=row.id)


def _call_cancelled(tx: Tx, message: MessageRow) -> None:
    """Cancel the called instance; when its start still waits, that start finds this message and does nothing."""
    sql = """select id from instance where parent_id = %(parent)s and parent_activation = %(activation)s
 and ended_at is null"""
    key = {"parent": message.source_instance_id, "activation": message.activation}
    child = tx.connection.exec_driver_sql(sql, key).scalar()
    if child is not None:
        row = lock(tx, child)
        if row.status == "active":
            row.parent_id = None
            session = Session(tx, row)
            cancel(session, "caller")
            session.save()
    settle(tx, message, "done", to=child)


def give_up(tx: Tx, message: MessageRow, why: str) -> None:
    """After too many failures: a person has to look."""
    text = Text(f"消息“{message.name}”多次处理失败", f"Message “{message.name}” failed repeatedly")
    settle(tx, message, "dead", error=why[:500])
    if message.source_instance_id is not None and message.branch_id is None:
        message.branch_id = read(tx, message.source_instance_id).branch_id
    raise_message_incident(tx, message, "message_failed", text)


_INTERNAL: dict[str, Callable[[Tx, MessageRow], None]] = {
    posted_starts.START: lambda tx, message: posted_starts.begin_all(tx, [message]),
    applying.CALL_STARTED: _call_started,
    applying.CALL_ENDED: _call_ended,
    applying.CALL_ESCALATED: _call_escalated,
    applying.CALL_CANCELLED: _call_cancelled,
}
