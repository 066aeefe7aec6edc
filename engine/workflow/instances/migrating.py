"""Moving running instances to another version: plan over all of them, batch, undo.

An instance keeps its tokens, timers with their due time, open tasks with assignee and draft; only the program under it
changes. So every node it stands on, or may still compensate, must have a counterpart of the same kind in its scope.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.instances import refitting
from engine.workflow.instances.access import operated_branches, require_operator
from engine.workflow.interpreter.fitting import difference, shape_of
from engine.workflow.interpreter.nodes import named, rename
from engine.workflow.interpreter.state import State
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import apart
from engine.workflow.runner.row import InstanceRow, lock

_MOVED_SINCE = Text("迁移后已经继续办理过", "It has moved since")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an instance cannot go by itself. `choices`: nodes of the new version that could take the old one's place.

    `more`: further nodes it stands on that have no counterpart either. `why`: the one of the same id, if there is one,
    can't take the node's place.
    """

    instance_id: UUID
    title: str
    node_id: str
    choices: tuple[str, ...]
    more: tuple[str, ...] = ()
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """`ready`: go by themselves; `choose`: need a mapping; `impossible`: nothing in the new version fits."""

    total: int
    ready: tuple[UUID, ...]
    choose: tuple[Obstacle, ...]
    impossible: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """What a batch did. `skipped`: (instance, why)."""

    batch_id: UUID
    migrated: tuple[UUID, ...]
    skipped: tuple[tuple[UUID, Text], ...]


def plan_migration(
    tx: Tx, from_version_id: UUID, to_version_id: UUID, mapping: Mapping[str, str] | None = None
) -> MigrationPlan:
    """Look at the running instances of a version that tx.actor operates; nothing is changed.

    Raises: Forbidden to who operates none; UserError for different processes.
    """
    branches = operated_branches(tx)
    old, new = _pair(tx, from_version_id, to_version_id)
    sql = """select id, title, state from instance where version_id = %(id)s and ended_at is null
 and (%(everywhere)s or branch_id = any(%(branches)s)) order by id"""
    parameters = {"id": from_version_id, "everywhere": branches is None, "branches": list(branches or ())}
    ready: list[UUID] = []
    choose: list[Obstacle] = []
    impossible: list[Obstacle] = []
    calls = _calls(old)
    fits = cache(lambda node: _fits(old, new, node, mapping or {}))
    choices = cache(lambda node: _choices(old, new, node))
    for instance_id, title, state in tx.connection.exec_driver_sql(sql, parameters):
        missing = [node for node in named(apart.decode(tx, instance_id, state), calls) if not fits(node)]
        if not missing:
            ready.append(instance_id)
            continue
        why = _why_not(old, new, missing[0], mapping or {})
        obstacle = Obstacle(instance_id, title, missing[0], choices(missing[0]), tuple(missing[1:]), why)
        (choose if all(map(choices, missing)) else impossible).append(obstacle)
    return MigrationPlan(len(ready) + len(choose) + len(impossible), tuple(ready), tuple(choose), tuple(impossible))


def migrate(
    tx: Tx,
    from_version_id: UUID,
    to_version_id: UUID,
    mapping: Mapping[str, str] | None = None,
    ids: Sequence[UUID] | None = None,
    batch_id: UUID | None = None,
) -> MigrationResult:
    """Migrate the instances that can go (of `ids`, or all). What cannot is skipped and said.

    batch_id: of `open_batch`, to go on with it; a new one otherwise.
    """
    old, new = _pair(tx, from_version_id, to_version_id)
    batch_id = batch_id or open_batch(tx, from_version_id, to_version_id, mapping)
    migrated: list[UUID] = []
    skipped: list[tuple[UUID, Text]] = []
    for instance_id in _candidates(tx, from_version_id, ids):
        why = _migrate_one(tx, batch_id, instance_id, old, new, mapping or {})
        if why is None:
            migrated.append(instance_id)
        else:
            skipped.append((instance_id, why))
    return MigrationResult(batch_id, tuple(migrated), tuple(skipped))


def open_batch(tx: Tx, from_version_id: UUID, to_version_id: UUID, mapping: Mapping[str, str] | None = None) -> UUID:
    """A batch that instances are migrated in, at once or one after the other, and undone together; its id."""
    batch_id = new_id()
    parameters = {
        "id": batch_id, "old": from_version_id, "new": to_version_id, "by": tx.actor.id, "now": tx.now,
        "mapping": json.dumps(dict(mapping or {})),
    }  # fmt: skip
    tx.connection.exec_driver_sql(
        """insert into migration_batch (id, from_version_id, to_version_id, mapping, created_by, created_at)
 values (%(id)s, %(old)s, %(new)s, %(mapping)s::jsonb, %(by)s, %(now)s)""",
        parameters,
    )
    return batch_id


def undo_migration(tx: Tx, batch_id: UUID, ids: Sequence[UUID] | None = None) -> MigrationResult:
    """Bring back the instances of a batch (of `ids`, or all) that have not moved since; others are skipped and said.

    Raises: NotFound.
    """
    sql = "select from_version_id, to_version_id, mapping from migration_batch where id = %(id)s"
    batch = tx.connection.exec_driver_sql(sql, {"id": batch_id}).one_or_none()
    if batch is None:
        raise NotFound("batch_not_found", Text("未找到该迁移批次", "There is no such migration batch"))
    back = {new: old for old, new in batch[2].items()}
    done: list[UUID] = []
    skipped: list[tuple[UUID, Text]] = []
    each = """select instance_id, state, lock_version from migration_undo where batch_id = %(id)s and undone_at is null
 and (%(ids)s::uuid[] is null or instance_id = any(%(ids)s::uuid[])) order by instance_id"""
    wanted = {"id": batch_id, "ids": None if ids is None else list(ids)}
    for instance_id, state, version in tx.connection.exec_driver_sql(each, wanted).all():
        row = lock(tx, instance_id)
        require_operator(tx, row)
        if row.status != "active" or row.lock_version != version:
            skipped.append((instance_id, _MOVED_SINCE))
            continue
        kept, now = apart.decode(tx, row.id, state), apart.digests(apart.decode(tx, row.id, row.state))
        refitting.forget_fresh(tx, row, kept)
        old = load(tx, batch[0], row.overlay_id)
        names = {new: before for before, new in refitting.other_names(old, batch[2]).items()}
        tx.connection.exec_driver_sql(
            "update migration_undo set undone_at = %(now)s where batch_id = %(batch)s and instance_id = %(id)s",
            {"now": tx.now, "batch": batch_id, "id": instance_id},
        )
        _switch(tx, row, batch[0], apart.encode(tx, row.id, kept, now), back, names)
        refitting.follow(tx, row, kept, old)
        refitting.look_again(tx, row)
        tx.record(Event("instance:migration_undone", ("instance", row.id), row.branch_id, instance_id=row.id))
        done.append(instance_id)
    return MigrationResult(batch_id, tuple(done), tuple(skipped))


def _migrate_one(
    tx: Tx, batch_id: UUID, instance_id: UUID, old: Loaded, new: Loaded, mapping: Mapping[str, str]
) -> Text | None:
    row = lock(tx, instance_id)
    require_operator(tx, row)
    if row.status != "active" or row.version_id != old.version_id:
        return Text("已结束，或已不在这个版本上", "Not running on this version any more")
    state = apart.decode(tx, row.id, row.state)
    before = apart.whole(state, row.state)
    missing = _missing(state, old, new, mapping)
    if missing:
        names = [_name(old, node) for node in missing]
        return Text(f"新版本里没有对应的环节：{'、'.join(names)}", f"No counterpart for {', '.join(names)}")
    try:
        with tx.savepoint():
            _refit(tx, row, state, old, new, mapping)
    except Conflict as error:
        return error.message
    keep = """insert into migration_undo (batch_id, instance_id, state, lock_version)
 values (%(batch)s, %(id)s, %(state)s, %(version)s)"""
    parameters = {"batch": batch_id, "id": instance_id, "state": before, "version": row.lock_version}
    tx.connection.exec_driver_sql(keep, parameters)
    data = {"from": old.number, "to": new.number, "batch": str(batch_id)}
    tx.record(Event("instance:migrated", ("instance", row.id), row.branch_id, data, instance_id=row.id))
    return None


def _refit(tx: Tx, row: InstanceRow, state: State, old: Loaded, new: Loaded, mapping: Mapping[str, str]) -> None:
    rename(state, mapping, _calls(old))
    encoded = apart.encode(tx, row.id, state)
    _switch(tx, row, new.version_id, encoded, mapping, refitting.other_names(old, mapping))
    refitting.refit(tx, row, old, new, mapping)


def _switch(
    tx: Tx, row: InstanceRow, version_id: UUID, state: bytes, mapping: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """Put the instance on the version, and its rows on the renamed nodes."""
    sql = """update instance set version_id = %(version)s, state = %(state)s, lock_version = lock_version + 1,
 updated_at = %(now)s where id = %(id)s"""
    tx.connection.exec_driver_sql(sql, {"id": row.id, "version": version_id, "state": state, "now": tx.now})
    row.version_id, row.state = version_id, state
    row.lock_version += 1
    refitting.rename_rows(tx, row, mapping, names)


def _pair(tx: Tx, from_version_id: UUID, to_version_id: UUID) -> tuple[Loaded, Loaded]:
    old, new = load(tx, from_version_id), load(tx, to_version_id)
    if old.process_key != new.process_key:
        raise UserError("other_process", Text("两个版本不属于同一流程", "The versions belong to different processes"))
    if old.version_id == new.version_id:
        raise Conflict("same_version", Text("目标版本与当前版本相同", "The target is the same version"))
    return old, new


def _candidates(tx: Tx, version_id: UUID, ids: Sequence[UUID] | None) -> Iterable[UUID]:
    sql = """select id from instance where version_id = %(id)s and ended_at is null
 and (%(ids)s::uuid[] is null or id = any(%(ids)s::uuid[])) order by id"""
    parameters = {"id": version_id, "ids": None if ids is None else list(ids)}
    return [row[0] for row in tx.connection.exec_driver_sql(sql, parameters)]


def counterparts(
    tx: Tx, from_version_id: UUID, to_version_id: UUID, nodes: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """By node of the old version: the nodes of the new one that could take its place."""
    old, new = _pair(tx, from_version_id, to_version_id)
    return {node: _choices(old, new, node) for node in nodes}


def _name(loaded: Loaded, node_id: str) -> str:
    node = loaded.node(node_id)
    return (node.name or node_id) if node else node_id


def _missing(state: State, old: Loaded, new: Loaded, mapping: Mapping[str, str]) -> list[str]:
    """The nodes the instance stands on, or may still compensate, that have no counterpart."""
    return [node for node in named(state, _calls(old)) if not _fits(old, new, node, mapping)]


def _fits(old: Loaded, new: Loaded, node_id: str, mapping: Mapping[str, str]) -> bool:
    return _why_not(old, new, node_id, mapping) is None


def _why_not(old: Loaded, new: Loaded, node_id: str, mapping: Mapping[str, str]) -> Text | None:
    before, after = old.node(node_id), new.node(mapping.get(node_id, node_id))
    if before is None or after is None:
        return Text("新版本里没有这个环节", "The new version does not have it")
    if _scope(old, before.scope, mapping) != _scope(new, after.scope, {}):
        return Text("移到了另一层", "It stands in another sub-process")
    host = mapping.get(before.attached_to or "", before.attached_to or "")
    if new.node(host) is not None and after.attached_to != host:
        return Text("依附的活动不同", "It is attached to another activity")
    return difference(shape_of(before), shape_of(after))


def _scope(loaded: Loaded, scope: str, mapping: Mapping[str, str]) -> str:
    return "" if scope == loaded.process.id else mapping.get(scope, scope)


def _choices(old: Loaded, new: Loaded, node_id: str) -> tuple[str, ...]:
    return tuple(node for node in new.process.nodes if _fits(old, new, node_id, {node_id: node}))


def _calls(loaded: Loaded) -> frozenset[str]:
    return frozenset(node.id for node in loaded.process.nodes.values() if node.kind is NodeKind.CALL)
