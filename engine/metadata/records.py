"""The record service: the one way people, API, forms and imports write records. Checks first, then writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.kernel.actor import ActorKind
from engine.kernel.errors import Conflict, Forbidden, NotFound, Stale, UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, hooks, validation
from engine.metadata.access import ObjectRights
from engine.metadata.attachments import attach_new
from engine.metadata.definition import ObjectDefinition, Writer
from engine.metadata.exact import find_exact
from engine.metadata.getting import get, reveal
from engine.metadata.hooks import on_created, on_updated
from engine.metadata.integrity import check_links, check_unique, lock_unique, next_number
from engine.metadata.merging import merge
from engine.metadata.reading import raw_values
from engine.metadata.record import Record
from engine.metadata.trail import HistoryEntry, history
from engine.metadata.writing import history_event, insert_rows, locked_row, update_row, with_formulas

__all__ = [
    "HistoryEntry",
    "Record",
    "copy",
    "create",
    "delete",
    "find_exact",
    "get",
    "history",
    "merge",
    "on_created",
    "on_updated",
    "restore",
    "reveal",
    "set_stage",
    "update",
]

_MACHINES = (ActorKind.SYSTEM, ActorKind.PROCESS)
_MOVING = frozenset({"owner_id", "branch_id"})


def create(tx: Tx, object_key: str, values: Mapping[str, Any]) -> Record:
    """A new record. Raises Forbidden, UserError with a message per field."""
    rights = access.rights_on(tx, object_key)
    require_writable(rights.definition)
    access.require(tx, "create", object_key)
    branch_id = branch_of(tx, rights, values)
    definition = catalog.load_branch(tx, branch_id).object(object_key)
    ready = prepare(tx, rights, definition, values, branch_id)
    lock_unique(tx, definition, ready)
    check_unique(tx, definition, ready, branch_id)
    number(tx, definition, [ready], branch_id)
    with _unique_as_error(definition):
        insert_rows(tx, definition, [ready])
    attach_new(tx, definition, ready["id"], {}, ready)
    if ready["id"] not in access.reachable(tx, rights, "create", [ready["id"]]):
        raise Forbidden(hint=Text("您不能在该校区或为该负责人创建", "You may not create there, or for that owner"))
    tx.record(history_event("record:created", definition, ready["id"], branch_id, before={}, after=ready))
    record = _as_written(tx, rights, ready["id"])
    hooks.run_created(tx, record)
    return record


def update(tx: Tx, object_key: str, record_id: UUID, version: int | None, changes: Mapping[str, Any]) -> Record:
    """Changes some fields; what is not named stays, also what the actor cannot see.

    `version` None: on top of whatever is there (for processes). Raises NotFound, Forbidden, Stale, UserError.
    """
    require_writable(access.rights_on(tx, object_key).definition)
    return _update(tx, object_key, record_id, version, changes)


def set_owner(tx: Tx, object_key: str, record_id: UUID, version: int, owner: UUID) -> Record:
    """Gives the record to another person, also one that only its own folder writes: nothing else of it changes.

    Raises NotFound, Forbidden without the right to assign it, Stale, UserError.
    """
    return _update(tx, object_key, record_id, version, {"owner_id": owner})


def _update(tx: Tx, object_key: str, record_id: UUID, version: int | None, changes: Mapping[str, Any]) -> Record:
    rights = access.rights_on(tx, object_key)
    row = locked_row(tx, rights.definition, record_id)
    levels = _levels_for_update(tx, rights, record_id)
    if row["deleted_at"] is not None:
        raise NotFound
    definition = catalog.load_branch(tx, row["branch_id"]).object(object_key)
    old = raw_values(definition, row)
    validation.check_levels(definition, levels, set(changes), is_machine=tx.actor.kind in _MACHINES)
    if version is not None and version != row["version"]:
        raise Stale
    parsed = validation.parse(definition, changes)
    changed = {key: value for key, value in parsed.items() if old.get(key) != value}
    if changed:
        _write(tx, rights, definition, row, changed)
    record = _as_written(tx, rights, record_id)
    if changed:
        hooks.run_updated(tx, record, frozenset(changed))
    return record


def set_stage(tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
    """Moves the record to a stage: for the lifecycle's process and its handlers, whose right it is."""
    if tx.actor.kind not in _MACHINES:
        raise Forbidden
    definition = catalog.load(tx).object(object_key)
    if stage not in {option.key for option in definition.stages}:
        raise UserError("unknown_stage", Text(f"没有阶段 {stage}", f"There is no stage {stage}"))
    row = locked_row(tx, definition, record_id)
    if row["stage"] == stage:
        return
    update_row(tx, definition, row, {"stage": stage})
    old = {"stage": row["stage"]}
    tx.record(
        history_event("record:stage_set", definition, record_id, row["branch_id"], before=old, after={"stage": stage})
    )


def delete(tx: Tx, object_key: str, record_id: UUID, version: int | None = None) -> None:
    """Moves the record to the bin."""
    _bin(tx, object_key, record_id, version, into=True)


def restore(tx: Tx, object_key: str, record_id: UUID) -> Record:
    """Takes the record out of the bin. Raises Conflict when a unique value was taken meanwhile."""
    _bin(tx, object_key, record_id, None, into=False)
    return get(tx, object_key, record_id)


def copy(tx: Tx, object_key: str, record_id: UUID, changes: Mapping[str, Any] | None = None) -> Record:
    """A new record with the readable, writable values of another; hidden ones are not copied into view."""
    source = get(tx, object_key, record_id)
    values = {key: source.values[key] for key in source.values if _is_copied(source, key)}
    return create(tx, object_key, {**values, **(changes or {})})


def prepare(
    tx: Tx, rights: ObjectRights, definition: ObjectDefinition, values: Mapping[str, Any], branch_id: UUID
) -> dict[str, Any]:
    """Checked values of a new record by field key, with id, branch, owner, stage, defaults and formulas."""
    is_machine = tx.actor.kind in _MACHINES
    validation.check_levels(definition, rights.levels, set(values), is_machine=is_machine)
    ready = validation.parse(definition, values)
    if "owner_id" not in ready and rights.profile.user_id is not None:
        ready["owner_id"] = rights.profile.user_id
    if ready.get("stage") is None and definition.stages:
        ready["stage"] = definition.stages[0].key
    ready |= {"id": new_id(), "branch_id": branch_id}
    ready |= validation.defaults(tx, definition, ready)
    ready |= with_formulas(tx, definition, ready)
    validation.check(tx, definition, ready)
    check_links(tx, definition, {key: ready.get(key) for key in (*values, "owner_id")})
    return ready


def branch_of(tx: Tx, rights: ObjectRights, values: Mapping[str, Any]) -> UUID:
    """The branch a new record belongs to: the given one, else the actor's home."""
    given = values.get("branch_id")
    if given is not None:
        parsed = validation.parse(rights.definition, {"branch_id": given})["branch_id"]
        check_links(tx, rights.definition, {"branch_id": parsed})
        assert isinstance(parsed, UUID)
        return parsed
    if rights.profile.branch_id is None:
        raise Forbidden
    return rights.profile.branch_id


def number(tx: Tx, definition: ObjectDefinition, rows: list[dict[str, Any]], branch_id: UUID) -> None:
    """Gives every row its running numbers."""
    for field in definition.fields:
        if field.type == "auto_number" and rows:
            numbers = next_number(tx, definition, field, branch_id, len(rows))
            for row, text in zip(rows, numbers, strict=True):
                row[field.key] = text


def require_writable(definition: ObjectDefinition) -> None:
    """Raises Forbidden for an object only its own folder writes."""
    if definition.writer is Writer.DOMAIN:
        label = definition.label
        raise Forbidden(
            "domain_object",
            Text(f"“{label.zh}”只能由业务操作产生，不能直接修改", f'"{label.en}" is written by its own actions only'),
        )


def _levels_for_update(tx: Tx, rights: ObjectRights, record_id: UUID) -> dict[str, str]:
    """Field levels when the record may be changed at all, by right or by a task. Raises NotFound, Forbidden."""
    object_key = rights.definition.key
    from_tasks = access.task_levels(tx, rights.profile, object_key, record_id)
    if access.can(tx, "update", object_key, record_id):
        return access.levels_with_task(tx, rights, record_id)
    if "write" in from_tasks.values():
        return from_tasks
    if not from_tasks:
        access.require(tx, "update", object_key, record_id)
    raise Forbidden


def _write(
    tx: Tx, rights: ObjectRights, definition: ObjectDefinition, row: Mapping[str, Any], changed: dict[str, Any]
) -> None:
    object_key, record_id = definition.key, row["id"]
    old = raw_values(definition, row)
    is_moving = bool(_MOVING & changed.keys())
    if is_moving:
        access.require(tx, "assign", object_key, record_id)
    validation.read_only_now(tx, definition, old, set(changed))
    final = {**old, **changed}
    formulas = with_formulas(tx, definition, final)
    changed |= {key: value for key, value in formulas.items() if old.get(key) != value}
    validation.check(tx, definition, {**final, **changed}, set(changed))
    check_links(tx, definition, changed)
    lock_unique(tx, definition, changed)
    check_unique(tx, definition, changed, final["branch_id"], record_id)
    was_within = access.can(tx, "update", object_key, record_id)
    with _unique_as_error(definition):
        update_row(tx, definition, row, changed)
    attach_new(tx, definition, record_id, old, changed)
    if was_within:
        _require_still_within(tx, rights, record_id, "assign" if is_moving else "update")
    tx.record(history_event("record:updated", definition, record_id, row["branch_id"], before=old, after=changed))


def _require_still_within(tx: Tx, rights: ObjectRights, record_id: UUID, action: str) -> None:
    """The row rules hold on the new values too: nobody moves a record where they have no right."""
    if record_id not in access.reachable(tx, rights, action, [record_id]):
        raise Forbidden(hint=Text("修改后的记录超出您的权限范围", "The changed record would leave your scope"))


def _bin(tx: Tx, object_key: str, record_id: UUID, version: int | None, *, into: bool) -> None:
    rights = access.rights_on(tx, object_key)
    require_writable(rights.definition)
    row = locked_row(tx, rights.definition, record_id)
    access.require(tx, "delete", object_key, record_id)
    if (row["deleted_at"] is not None) == into:
        raise NotFound
    if version is not None and version != row["version"]:
        raise Stale
    definition = catalog.load_branch(tx, row["branch_id"]).object(object_key)
    if not into:
        check_unique(tx, definition, raw_values(definition, row), row["branch_id"], record_id)
    table = catalog.table_of(definition)
    values = {"deleted_at": tx.now if into else None, "version": row["version"] + 1}
    with _unique_as_error(definition):
        tx.execute(sa.update(table).where(table.c.id == record_id).values(**values))
    action = "record:deleted" if into else "record:restored"
    tx.record(history_event(action, definition, record_id, row["branch_id"], before={}, after={}))


def _as_written(tx: Tx, rights: ObjectRights, record_id: UUID) -> Record:
    """The record as its writer may see it; one who may write but not read gets its bare place."""
    return get(tx, rights.definition.key, record_id, written=True)


def _is_copied(source: Record, key: str) -> bool:
    field = source.definition.field(key)
    if field is None or source.levels[key] != "write" or source.values[key] is None:
        return False
    return (
        field.type not in ("formula", "rollup", "auto_number", "lines")
        and field.unique.value == "none"
        and not field.read_only
    )


class _unique_as_error:  # noqa: N801 - reads as a statement
    """Turns the database's own refusal of a double value into a message at the field."""

    def __init__(self, definition: ObjectDefinition) -> None:
        self._definition = definition

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) != "23505":
            return
        name = str(getattr(getattr(error.orig, "diag", None), "constraint_name", ""))
        taken = Text("该值已被使用", "This value is already taken")
        fields = {f.key: taken for f in self._definition.fields if name.endswith(f"_{f.key}")}
        raise Conflict("duplicate_value", taken, fields=fields) from error
