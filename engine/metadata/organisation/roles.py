"""Roles, what they grant, and who holds them where. Nobody grants more than they have."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.feel_rules import check_row_rule
from engine.metadata.grants import grant_of
from engine.metadata.known_rights import check_rights
from engine.metadata.levels import ACTIONS, LEVELS, SCOPES
from engine.metadata.organisation.branches import check_key
from engine.metadata.organisation.coverage import missing_for_grant, missing_for_role
from engine.metadata.rights import has_rights, require_right
from engine.metadata.shipped_objects import shipped_definition
from engine.metadata.snapshot import Grant


def create_role(tx: Tx, *, key: str, label: Text, rights: frozenset[str] = frozenset()) -> None:
    """A role of the organisation's own, granting nothing yet. Needs `manage_roles` and every right it carries."""
    require_right(tx, "manage_roles")
    check_key(key)
    if key in snapshot.load(tx).roles:
        raise Conflict("role_exists", Text(f"角色 {key} 已存在", f"The role {key} exists"))
    check_rights(rights)
    if not has_rights(tx, rights, snapshot.load(tx).root.id):
        raise more_than_held("rights")
    tx.execute(sa.insert(t.role).values(key=key, label=label._asdict(), rights=sorted(rights)))
    snapshot.changed(tx)
    tx.record(Event("role:created", ("role", key), data={"label": label.zh, "rights": sorted(rights)}))


def set_grant(
    tx: Tx,
    role: str,
    object_key: str,
    *,
    scopes: Mapping[str, str],
    fields: Mapping[str, str],
    where: str | None = None,
) -> None:
    """Replaces what the role may do with the object: action -> scope, field -> level, row rule (FEEL).

    Needs `manage_roles`, and each scope and level itself. Raises UserError for unknown words, Forbidden.
    """
    require_right(tx, "manage_roles")
    config = snapshot.load(tx)
    if role not in config.roles:
        raise NotFound
    _check_words(scopes, fields)
    if where:
        check_row_rule(tx, object_key, where)
    grant = Grant(dict(scopes), dict(fields), where)
    if missing := missing_for_grant(tx, object_key, grant, config.root.id):
        raise more_than_held(missing)
    definition = shipped_definition(tx, object_key)
    old = grant_of(config, role, definition) if definition else config.grants.get((role, object_key))
    _store(tx, role, object_key, grant)
    tx.record(Event("grant:changed", ("role", role), data={"object": object_key}, changes=_grant_changes(old, grant)))


def set_field_level(tx: Tx, role: str, object_key: str, field: str, level: str) -> None:
    """Changes the role's level on one field, keeping the rest of its grant."""
    definition = shipped_definition(tx, object_key)
    config = snapshot.load(tx)
    old = grant_of(config, role, definition) if definition else config.grants.get((role, object_key))
    grant = old or Grant({}, {})
    set_grant(tx, role, object_key, scopes=grant.scopes, fields={**grant.fields, field: level}, where=grant.where)


def assign_role(
    tx: Tx,
    role: str,
    branch_id: UUID,
    *,
    user_id: UUID | None = None,
    group_id: UUID | None = None,
    position_id: UUID | None = None,
) -> None:
    """Gives the role at the branch to a user, group or position. Needs `manage_users` there and all the role grants."""
    require_right(tx, "manage_users", branch_id)
    if role not in snapshot.load(tx).roles:
        raise NotFound
    if missing := missing_for_role(tx, role, branch_id):
        raise more_than_held(missing)
    values = {
        "role": role,
        "branch_id": branch_id,
        "user_id": user_id,
        "group_id": group_id,
        "position_id": position_id,
    }
    tx.execute(insert(t.role_assignment).values(id=new_id(), **values).on_conflict_do_nothing())
    snapshot.changed(tx)
    tx.record(Event("role:assigned", _holder(user_id, group_id, position_id), branch_id, {"role": role}))


def unassign_role(
    tx: Tx,
    role: str,
    branch_id: UUID,
    *,
    user_id: UUID | None = None,
    group_id: UUID | None = None,
    position_id: UUID | None = None,
) -> None:
    """Takes the role away. Raises Conflict for the last administrator of headquarters."""
    require_right(tx, "manage_users", branch_id)
    if missing := missing_for_role(tx, role, branch_id):
        raise more_than_held(missing)
    c = t.role_assignment.c
    where = (c.role == role, c.branch_id == branch_id, c.user_id.is_not_distinct_from(user_id))
    others = (c.group_id.is_not_distinct_from(group_id), c.position_id.is_not_distinct_from(position_id))
    tx.execute(sa.delete(t.role_assignment).where(*where, *others))
    if role == "admin" and tx.execute(sa.select(sa.func.count()).where(c.role == "admin")).scalar_one() == 0:
        raise Conflict("last_admin", Text("至少保留一名管理员", "At least one administrator must remain"))
    snapshot.changed(tx)
    tx.record(Event("role:unassigned", _holder(user_id, group_id, position_id), branch_id, {"role": role}))


def _store(tx: Tx, role: str, object_key: str, grant: Grant) -> None:
    values = {"role": role, "object": object_key, "scopes": dict(grant.scopes), "where": grant.where}
    statement = insert(t.object_grant).values(values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["role", "object"],
            set_={"scopes": statement.excluded.scopes, "where": statement.excluded["where"]},
        )
    )
    same = (t.field_grant.c.role == role, t.field_grant.c.object == object_key)
    tx.execute(sa.delete(t.field_grant).where(*same))
    if grant.fields:
        rows = [
            {"role": role, "object": object_key, "field": key, "level": level} for key, level in grant.fields.items()
        ]
        tx.execute(sa.insert(t.field_grant), rows)
    snapshot.changed(tx)


def _check_words(scopes: Mapping[str, str], fields: Mapping[str, str]) -> None:
    if not set(scopes) <= set(ACTIONS) or not set(scopes.values()) <= set(SCOPES):
        raise UserError("bad_grant", Text("未知的操作或范围", "An action or scope is not known"))
    if not set(fields.values()) <= set(LEVELS):
        raise UserError("bad_grant", Text("未知的字段级别", "A field level is not known"))


def _grant_changes(old: Grant | None, new: Grant) -> list[Change]:
    before = {**(old.scopes if old else {}), **{f"fields.{k}": v for k, v in (old.fields if old else {}).items()}}
    after = {**new.scopes, **{f"fields.{key}": level for key, level in new.fields.items()}}
    before["where"], after["where"] = (old.where if old else None) or "", new.where or ""
    keys = sorted(before.keys() | after.keys())
    return [Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _holder(user_id: UUID | None, group_id: UUID | None, position_id: UUID | None) -> tuple[str, str | UUID]:
    if user_id is not None:
        return "user", user_id
    return ("group", group_id) if group_id is not None else ("position", position_id or "")


def more_than_held(missing: str) -> Forbidden:
    """The refusal that names what the actor lacks."""
    return Forbidden(
        "more_than_held",
        Text(f"不能授予自己没有的权限：{missing}", f"You cannot grant what you do not have: {missing}"),
    )
