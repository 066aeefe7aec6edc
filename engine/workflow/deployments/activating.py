"""Versions of processes and decisions, and what goes live with them: start events by message, signal and timer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from uuid import UUID

from engine.feel import FeelEnv, FeelError
from engine.kernel.errors import Conflict
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Drain, Tx
from engine.workflow.bpmn import timers
from engine.workflow.bpmn.model import EventKind, NodeKind, Process
from engine.workflow.bpmn.program import Event, Op
from engine.workflow.programs import Loaded, load
from engine.workflow.runtime import runtime_of

_VERSION = """insert into process_version (id, process_key, number, name, tag, deployment_id, resource, hash, principal,
 record_object, lifecycle, money, created_at) select %(id)s, %(key)s, coalesce(max(number), 0) + 1, %(name)s, %(tag)s,
 %(deployment)s, %(resource)s, %(hash)s, %(principal)s, %(record)s, %(lifecycle)s, %(money)s, %(now)s
 from process_version where process_key = %(key)s"""
_PROCESS = """insert into process (key, name, record_object, money, created_at)
 values (%(key)s, %(name)s, %(record)s, %(money)s, %(now)s) on conflict (key) do update set name = excluded.name"""
_LOCK = "select pg_advisory_xact_lock(hashtextextended('version:' || %(key)s, 0))"
_NEWEST = """select v.number, d.deployed_by_name from process_version v join deployment d on d.id = v.deployment_id
 where v.process_key = %(key)s order by v.number desc limit 1"""


def require_newest(tx: Tx, process_key: str, number: int) -> None:
    """From here to the commit nobody adds a version. Raises: Conflict when there is a newer one than `number`."""
    tx.connection.exec_driver_sql(_LOCK, {"key": process_key})
    found = tx.connection.exec_driver_sql(_NEWEST, {"key": process_key}).one_or_none()
    if found is None or found.number == number:
        return
    who, newer = found.deployed_by_name, found.number
    raise Conflict(
        "version_newer",
        Text(f"{who}已部署版本 {newer}，您是在版本 {number} 上修改的",
             f"{who} deployed version {newer}; you were changing version {number}"),
        hint=Text("先看看新版本改了什么，再决定", "Look at what the new version changed, then decide"),
    )  # fmt: skip


def add_version(tx: Tx, deployment_id: UUID, resource: str, process: Process, digest: str, tag: str | None) -> None:
    """The next version of the process; not yet the one that new instances take."""
    extension = process.extension
    parameters = {
        "id": new_id(), "key": process.id, "name": process.name or process.id, "tag": tag,
        "deployment": deployment_id, "resource": resource, "hash": digest,
        "principal": extension.principal if extension else f"process:{process.id}",
        "record": extension.record if extension else None, "lifecycle": bool(extension and extension.lifecycle),
        "money": bool(extension and extension.money), "now": tx.now,
    }  # fmt: skip
    tx.connection.exec_driver_sql(_LOCK, {"key": process.id})
    tx.connection.exec_driver_sql(_PROCESS, parameters)
    tx.connection.exec_driver_sql(_VERSION, parameters)


def add_decisions(tx: Tx, deployment_id: UUID, sources: Mapping[str, str], tag: str | None) -> None:
    """The next version of every decision in the DMN files."""
    from engine.workflow.decisions import decision_names

    sql = """insert into decision_version (id, decision_id, number, name, tag, deployment_id, resource, created_at)
 select %(id)s, %(decision)s, coalesce(max(number), 0) + 1, %(name)s, %(tag)s, %(deployment)s, %(resource)s, %(now)s
 from decision_version where decision_id = %(decision)s"""
    for resource, content in sorted(sources.items()):
        if not resource.lower().endswith(".dmn"):
            continue
        for decision_id, name in decision_names(content):
            parameters = {
                "id": new_id(), "decision": decision_id, "name": name, "tag": tag, "deployment": deployment_id,
                "resource": resource, "now": tx.now,
            }  # fmt: skip
            tx.connection.exec_driver_sql(sql, parameters)


def activate(tx: Tx, deployment_id: UUID) -> None:
    """From now on new instances take these versions; their start events replace those of the versions before."""
    tx.connection.exec_driver_sql(
        "update deployment set status = 'active' where id = %(id)s and status = 'waiting'", {"id": deployment_id}
    )
    sql = "select id, process_key from process_version where deployment_id = %(id)s order by number"
    for version_id, key in tx.connection.exec_driver_sql(sql, {"id": deployment_id}).all():
        loaded = load(tx, version_id)
        change = """update process set latest_version_id = %(version)s, name = %(name)s, record_object = %(record)s,
 money = %(money)s where key = %(key)s"""
        parameters = {
            "version": version_id, "name": loaded.name, "record": loaded.record_object, "money": loaded.money,
            "key": key,
        }  # fmt: skip
        tx.connection.exec_driver_sql(change, parameters)
        _replace_starts(tx, loaded)


def _replace_starts(tx: Tx, loaded: Loaded) -> None:
    key = {"key": loaded.process_key}
    tx.connection.exec_driver_sql("delete from start_subscription where process_key = %(key)s", key)
    tx.connection.exec_driver_sql(
        """delete from timer t using process_version v where v.id = t.version_id and v.process_key = %(key)s
 and t.kind = 'start'""",
        key,
    )
    for op in loaded.program.ops.values():
        if op.scope != loaded.process.id or not _begins(op):
            continue
        for position, event in enumerate(_events(loaded, op)):
            _subscribe(tx, loaded, op, position, event)


def _begins(op: Op) -> bool:
    return op.kind is NodeKind.START or (op.node.instantiate and op.kind in (NodeKind.RECEIVE, NodeKind.EVENT_BASED))


def _events(loaded: Loaded, op: Op) -> list[Event]:
    """What triggers it: its definitions, the receive task's message, or the first of each branch behind a gateway."""
    if op.kind is NodeKind.RECEIVE:
        return [op.message] if op.message is not None else []
    if op.kind is NodeKind.EVENT_BASED:
        behind = [loaded.program.ops[way.target] for way in op.ways]
        return [event for one in behind for event in (one.events or ((one.message,) if one.message else ()))]
    return list(op.events)


def _subscribe(tx: Tx, loaded: Loaded, op: Op, position: int, event: Event) -> None:
    if event.kind in (EventKind.MESSAGE, EventKind.SIGNAL):
        sql = """insert into start_subscription (version_id, node_id, position, process_key, kind, name)
 values (%(version)s, %(node)s, %(position)s, %(key)s, %(kind)s, %(name)s)"""
        parameters = {
            "version": loaded.version_id, "node": op.id, "position": position, "key": loaded.process_key,
            "kind": str(event.kind.value), "name": event.name,
        }  # fmt: skip
        tx.connection.exec_driver_sql(sql, parameters)
    elif event.kind is EventKind.TIMER:
        arm_start(tx, loaded, op.id, position, event, 1)


def arm_start(tx: Tx, loaded: Loaded, node: str, position: int, event: Event, round_number: int) -> None:
    """The next firing of a timer start event; none when its rounds are over or its time cannot be told."""
    due, anchor = next_start(tx, event, round_number, None)
    if due is None or anchor is None:
        return
    insert_start(tx, loaded.version_id, node, position, due, anchor, round_number)


def insert_start(
    tx: Tx, version_id: UUID, node: str, position: int, due: datetime, anchor: datetime, round_number: int
) -> None:
    """One row of the timer table for a start event."""
    sql = """insert into timer (id, kind, reference, version_id, due_at, data) values (%(id)s, 'start', %(node)s,
 %(version)s, %(due)s, jsonb_build_object('position', %(position)s::int, 'round', %(round)s::int,
 'anchor', %(anchor)s::text))"""
    parameters = {
        "id": new_id(), "node": node, "version": version_id, "due": due, "position": position,
        "round": round_number, "anchor": anchor.isoformat(),
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
    tx.wake(Drain.TIMERS)


def next_start(
    tx: Tx, event: Event, round_number: int, anchor: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """(due, anchor) of the n-th firing; (None, None) when there is none.

    A cycle by the clock counts from its last firing: what was missed meanwhile is not made up.
    """
    zone = runtime_of(tx).calendar(tx, None).zone
    if event.time is None:
        return None, None
    try:
        plan = timers.schedule(event.time.evaluate({}, FeelEnv(now=tx.now, zone=zone)), event.form)
        if plan.count != timers.ENDLESS and round_number > plan.count:
            return None, None
        if isinstance(plan.period, timers.Rhythm):
            due = plan.period.after(max(anchor or tx.now, tx.now), 1, zone)
            return due, due
        start = anchor or plan.anchor(tx.now, zone)
        return _nth(plan, start, round_number, zone), start
    except (FeelError, timers.TimerError):
        return None, None


def _nth(plan: timers.Schedule, anchor: datetime, number: int, zone: tzinfo) -> datetime | None:
    """The n-th firing counted from the anchor; a start given in the text fires itself first."""
    if plan.period is None:
        return plan.due(anchor, zone) if number == 1 else None
    return plan.period.after(anchor, number - 1 if plan.at is not None else number, zone)
