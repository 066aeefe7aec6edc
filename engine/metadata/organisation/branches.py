"""Branches: the organisation tree."""

from __future__ import annotations

import re
from uuid import UUID
from zoneinfo import available_timezones

import sqlalchemy as sa

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.rights import require_right
from engine.metadata.snapshot import Branch

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHANGEABLE = ("name", "name_en", "zone", "is_active", "settings")


def check_key(key: str) -> None:
    """Raises UserError unless `key` is lower-case letters, digits and underscores."""
    if not _KEY.fullmatch(key):
        message = Text("标识只能用小写字母、数字和下划线，以字母开头", "Lower-case letters, digits, _; a letter first")
        raise UserError("bad_key", message, fields={"key": message})


def create_branch(
    tx: Tx,
    *,
    key: str,
    name: str,
    parent_id: UUID,
    name_en: str = "",
    kind: str = "branch",
    zone: str = "Asia/Shanghai",
) -> UUID:
    """A new branch under `parent_id`. Needs `manage_branches` there. Raises Conflict when the key is taken."""
    require_right(tx, "manage_branches", parent_id)
    check_key(key)
    _check_zone(zone)
    config = snapshot.load(tx)
    if parent_id not in config.branches:
        raise NotFound
    if config.branch_by_key(key):
        raise Conflict("branch_exists", Text(f"校区标识 {key} 已存在", f"A branch with the key {key} exists"))
    branch_id = new_id()
    values = {"key": key, "name": name, "name_en": name_en, "kind": kind, "zone": zone}
    tx.execute(sa.insert(t.branch).values(id=branch_id, parent_id=parent_id, **values))
    snapshot.changed(tx)
    tx.record(Event("branch:created", ("branch", branch_id), branch_id, values))
    return branch_id


def update_branch(tx: Tx, branch_id: UUID, **changes: object) -> None:
    """Changes name, name_en, zone, is_active or settings."""
    require_right(tx, "manage_branches", branch_id)
    old = snapshot.load(tx).branches.get(branch_id)
    if old is None:
        raise NotFound
    if not set(changes) <= set(_CHANGEABLE):
        raise UserError("bad_branch", Text("不能修改该属性", "This attribute cannot be changed"))
    if "zone" in changes:
        _check_zone(str(changes["zone"]))
    tx.execute(sa.update(t.branch).where(t.branch.c.id == branch_id).values(**changes))
    snapshot.changed(tx)
    edits = [Change(name, getattr(old, name), value) for name, value in changes.items() if getattr(old, name) != value]
    tx.record(Event("branch:updated", ("branch", branch_id), branch_id, changes=edits))


def list_branches(tx: Tx) -> list[Branch]:
    """All branches, parents before children; names of branches are no secret inside the organisation."""
    config = snapshot.load(tx)
    return sorted(
        config.branches.values(), key=lambda one: [config.branches[step].key for step in config.chain(one.id)]
    )


def _check_zone(zone: str) -> None:
    if zone not in available_timezones():
        raise UserError("bad_zone", Text(f"没有时区 {zone}", f"There is no time zone {zone}"))
