"""Use-cases of metadata administration: fields and objects made and changed while everything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, checks, snapshot
from engine.metadata import organisation_tables as t
from engine.metadata.conversion import Conversion, convert_values, converted_field, require_convertible
from engine.metadata.loader import DefinitionError, parse_field
from engine.metadata.made_objects import made_object
from engine.metadata.overlay import Patch, check_patch
from engine.metadata.overlay_checks import check_expressions, pinned_by
from engine.metadata.rights import require_right
from engine.metadata.shipped_objects import shipped_definition

Json = Any
_UNSTORED = frozenset({"lines"})


def current(tx: Tx, branch_id: UUID, object_key: str) -> Patch:
    """The branch's overlay of the object; empty when it has none."""
    return dict(snapshot.load(tx).overlays.get(object_key, {}).get(branch_id, {}))


def save(tx: Tx, branch_id: UUID, object_key: str, patch: Patch) -> int:
    """Makes `patch` the branch's overlay, as a new revision; its number. Needs `define_fields` at the branch.

    Raises UserError naming the key that is wrong, Conflict for a field id another branch uses with another type.
    """
    require_right(tx, "define_fields", branch_id)
    catalog.load_branch(tx, branch_id).object(object_key)
    old = current(tx, branch_id, object_key)
    if patch.get("object") != old.get("object"):
        raise _invalid("object: use create_object")
    try:
        check_patch(patch, object_key)
        _check_fields(tx, branch_id, object_key, patch)
    except DefinitionError as error:
        raise _invalid(str(error)) from None
    _check_locks(tx, branch_id, object_key, patch)
    revision = _store(tx, branch_id, object_key, patch)
    check_expressions(catalog.load_branch(tx, branch_id).object(object_key))
    data = {"revision": revision, "patch": dict(patch)}
    tx.record(Event("overlay:saved", ("object", object_key), branch_id, data))
    return revision


def create_object(tx: Tx, branch_id: UUID, source: Mapping[str, Json]) -> None:
    """A new object, made by the branch (headquarters: for all). Its rows live in `custom_record`."""
    require_right(tx, "define_fields", branch_id)
    key = str(source.get("key", ""))
    if shipped_definition(tx, key) is not None:
        raise Conflict("object_exists", Text(f"对象 {key} 已存在", f"The object {key} exists"))
    try:
        definition = made_object(dict(source), str(branch_id))
    except DefinitionError as error:
        raise _invalid(str(error)) from None
    check_expressions(definition)
    _store(tx, branch_id, key, {"object": dict(source)})
    tx.record(Event("object:created", ("object", key), branch_id, {"label": definition.label.zh}))


def add_field(tx: Tx, branch_id: UUID, object_key: str, field: Mapping[str, Json]) -> None:
    """Adds a custom field (the JSON form of docs/guide/objects.md) to the branch's view and those below."""
    key = str(field.get("key", ""))
    if catalog.field_of(catalog.load_branch(tx, branch_id).object(object_key), key) is not None:
        raise Conflict("field_exists", Text(f"字段 {key} 已存在", f"The field {key} exists"))
    patch = current(tx, branch_id, object_key)
    save(tx, branch_id, object_key, {**patch, "fields": {**patch.get("fields", {}), key: dict(field)}})


def change_field(tx: Tx, branch_id: UUID, object_key: str, key: str, changes: Mapping[str, Json]) -> None:
    """Changes attributes (label, help, required, hidden, default …) of a field in the branch and below."""
    if "type" in changes:
        raise _invalid(f"changes.{key}.type: use convert_field")
    patch = current(tx, branch_id, object_key)
    own = patch.get("fields", {}).get(key)
    if own is not None:
        save(tx, branch_id, object_key, {**patch, "fields": {**patch["fields"], key: {**own, **changes}}})
        return
    if catalog.load_branch(tx, branch_id).object(object_key).field(key) is None:
        raise NotFound
    merged = {**patch.get("changes", {}).get(key, {}), **changes}
    save(tx, branch_id, object_key, {**patch, "changes": {**patch.get("changes", {}), key: merged}})


def hide_field(tx: Tx, branch_id: UUID, object_key: str, key: str) -> None:
    """Takes the field out of sight; its data stays until purged. Raises Conflict while running processes pin it."""
    if users := pinned_by(tx, object_key, key):
        raise Conflict(
            "field_in_use",
            Text(f"字段正被使用：{'、'.join(users)}", f"The field is in use: {', '.join(users)}"),
        )
    change_field(tx, branch_id, object_key, key, {"hidden": True})


def add_option(tx: Tx, branch_id: UUID, object_key: str, key: str, option: Mapping[str, Json]) -> None:
    """Adds an option to a choice (or changes the one with the same key) in the branch and below."""
    if catalog.load_branch(tx, branch_id).object(object_key).field(key) is None:
        raise NotFound
    patch = current(tx, branch_id, object_key)
    options = patch.get("options", {})
    kept = [one for one in options.get(key, ()) if one["key"] != option.get("key")]
    save(tx, branch_id, object_key, {**patch, "options": {**options, key: [*kept, dict(option)]}})


def convert_field(
    tx: Tx, branch_id: UUID, object_key: str, key: str, new_type: str, *, dry_run: bool = False
) -> Conversion:
    """Changes the type of the branch's own field and converts its values; `dry_run` tells what would be lost."""
    definition, field = require_convertible(tx, branch_id, object_key, key)
    patch = current(tx, branch_id, object_key)
    source = {**patch["fields"][key], "type": new_type}
    new = converted_field(field, new_type, source)
    report = convert_values(tx, definition, field, new, dry_run=dry_run)
    if not dry_run:
        c = t.field_registry.c
        same = (c.object == object_key, c.field == key)
        tx.execute(sa.update(t.field_registry).where(*same).values(type=new_type))
        save(tx, branch_id, object_key, {**patch, "fields": {**patch["fields"], key: source}})
        data = {"field": key, "type": new_type, "converted": report.converted, "lost": report.lost}
        tx.record(Event("field:converted", ("object", object_key), branch_id, data))
    return report


def _check_fields(tx: Tx, branch_id: UUID, object_key: str, patch: Patch) -> None:
    shipped = shipped_definition(tx, object_key)
    standard = {field.key for field in shipped.fields} if shipped else set()
    for key, source in patch.get("fields", {}).items():
        if key in standard:
            raise DefinitionError(f"{object_key}.fields.{key}: it is a standard field; use changes")
        field = parse_field(source, custom=True, owner=str(branch_id))
        if findings := checks.check_field(field):
            raise DefinitionError(f"{object_key}: {findings[0]}")
        if field.type in _UNSTORED:
            raise DefinitionError(f"{object_key}.fields.{key}.type: {field.type} cannot be added by an overlay")
        _register(tx, branch_id, object_key, key, field.type)


def _register(tx: Tx, branch_id: UUID, object_key: str, key: str, field_type: str) -> None:
    """A field id means one thing in the whole organisation."""
    values = {"object": object_key, "field": key, "type": field_type, "owner_branch_id": branch_id}
    tx.execute(insert(t.field_registry).values(values).on_conflict_do_nothing())
    c = t.field_registry.c
    known = tx.execute(sa.select(c.type).where(c.object == object_key, c.field == key)).scalar_one()
    if known != field_type:
        message = Text(
            f"字段标识 {key} 已用于类型 {known}，请换一个标识或使用相同类型",
            f"The field id {key} is in use with type {known}; choose another id or the same type",
        )
        raise Conflict("field_id_taken", message, fields={"key": message})


def _check_locks(tx: Tx, branch_id: UUID, object_key: str, patch: Patch) -> None:
    parent = snapshot.load(tx).branches[branch_id].parent_id
    above = catalog.load_branch(tx, parent).object(object_key) if parent else shipped_definition(tx, object_key)
    locked = {field.key for field in above.fields if field.locked} if above else set()
    touched = {*patch.get("changes", {}), *patch.get("options", {})} & locked
    if touched:
        key = min(touched)
        raise UserError("field_locked", Text(f"字段 {key} 已被上级锁定", f"The field {key} is locked from above"))


def _store(tx: Tx, branch_id: UUID, object_key: str, patch: Patch) -> int:
    c = t.overlay.c
    same = (c.branch_id == branch_id, c.object == object_key)
    last = tx.execute(sa.select(sa.func.max(c.revision)).where(*same)).scalar_one() or 0
    tx.execute(sa.update(t.overlay).where(*same, c.is_current).values(is_current=False))
    values = {"branch_id": branch_id, "object": object_key, "revision": last + 1, "patch": dict(patch)}
    tx.execute(sa.insert(t.overlay).values(**values, created_at=tx.now, created_by=tx.actor.id))
    snapshot.changed(tx)
    return int(last) + 1


def _invalid(detail: str) -> UserError:
    return UserError("invalid_definition", Text(f"定义有误：{detail}", f"The definition is not valid: {detail}"))
