"""What widens a scope (sharing rules, shares of one record) and what narrows it (forbids)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata import organisation_tables as t
from engine.metadata.feel_rules import check_row_rule
from engine.metadata.levels import ACTIONS
from engine.metadata.organisation.coverage import missing_for_grant
from engine.metadata.organisation.roles import more_than_held
from engine.metadata.rights import require_right
from engine.metadata.snapshot import Grant


def create_sharing_rule(
    tx: Tx,
    *,
    object_key: str,
    name: str,
    where: str,
    role: str | None = None,
    group_id: UUID | None = None,
    branch_id: UUID | None = None,
    can_update: bool = False,
    masked: Collection[str] = (),
) -> UUID:
    """Lets a role's holders or a group read (or change) the rows for which `where` (FEEL) holds.

    `branch_id`: only rows of that branch and below; None: all rows. `masked`: fields that stay masked in rows which
    nothing else opens. Needs `manage_roles` and those rights.
    """
    reach = branch_id or snapshot.load(tx).root.id
    require_right(tx, "manage_roles", reach)
    scopes = {"read": "below", **({"update": "below"} if can_update else {})}
    if missing := missing_for_grant(tx, object_key, Grant(scopes, {}), reach):
        raise more_than_held(missing)
    if (role is None) == (group_id is None):
        raise UserError("bad_sharing_rule", Text("请指定角色或用户组之一", "Give either a role or a group"))
    check_row_rule(tx, object_key, where)
    _check_masked(tx, object_key, masked, can_update=can_update)
    values = {"object": object_key, "name": name, "where": where, "role": role, "group_id": group_id}
    more = {"branch_id": branch_id, "can_update": can_update, "masked": sorted(masked)}
    return _insert(tx, t.sharing_rule, "sharing_rule", {**values, **more})


def _check_masked(tx: Tx, object_key: str, masked: Collection[str], *, can_update: bool) -> None:
    definition = catalog.load(tx).object(object_key)
    if can_update and masked:
        raise UserError(
            "bad_sharing_rule",
            Text("允许修改的共享规则不能带脱敏字段", "A rule that lets rows be changed can't keep fields masked"),
        )
    for key in masked:
        if definition.field(key) is None:
            raise access.unknown_field(key)


def change_sharing_rule(tx: Tx, rule_id: UUID, *, name: str, where: str, can_update: bool) -> None:
    """Another name, condition or reach of a rule. Needs `manage_roles` and the rights it gives. Raises: NotFound."""
    rule = next((one for one in snapshot.load(tx).sharing if one.id == rule_id), None)
    if rule is None:
        raise NotFound
    reach = rule.branch_id or snapshot.load(tx).root.id
    require_right(tx, "manage_roles", reach)
    scopes = {"read": "below", **({"update": "below"} if can_update else {})}
    if missing := missing_for_grant(tx, rule.object, Grant(scopes, {}), reach):
        raise more_than_held(missing)
    check_row_rule(tx, rule.object, where)
    values = {"name": name, "where": where, "can_update": can_update}
    tx.execute(sa.update(t.sharing_rule).where(t.sharing_rule.c.id == rule_id).values(values))
    snapshot.changed(tx)
    changes = [Change(key, getattr(rule, key), value) for key, value in values.items() if getattr(rule, key) != value]
    tx.record(Event("sharing_rule:updated", ("sharing_rule", rule_id), changes=changes))


def remove_sharing_rule(tx: Tx, rule_id: UUID) -> None:
    _remove(tx, t.sharing_rule, "sharing_rule", rule_id)


def create_forbid(
    tx: Tx,
    *,
    object_key: str,
    name: str,
    actions: Collection[str] = (),
    where: str | None = None,
    fields: Collection[str] = (),
    role: str | None = None,
    user_id: UUID | None = None,
) -> UUID:
    """Takes actions (on rows where FEEL `where` holds; None: all) or the sight of fields away. Wins over grants."""
    require_right(tx, "manage_roles")
    if (role is None) == (user_id is None) or not set(actions) <= set(ACTIONS) or (where and fields):
        message = Text(
            "请指定角色或用户之一；操作须为已知操作；按字段禁止时不能带条件",
            "Give a role or a user, known actions, and no condition when fields are forbidden",
        )
        raise UserError("bad_forbid", message)
    if where:
        check_row_rule(tx, object_key, where)
    values = {"object": object_key, "name": name, "actions": sorted(actions), "where": where, "fields": sorted(fields)}
    return _insert(tx, t.forbid_rule, "forbid_rule", {**values, "role": role, "user_id": user_id})


def remove_forbid(tx: Tx, rule_id: UUID) -> None:
    _remove(tx, t.forbid_rule, "forbid_rule", rule_id)


def share_record(
    tx: Tx,
    object_key: str,
    record_id: UUID,
    user_id: UUID,
    *,
    can_update: bool = False,
    reason: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Lets one user see (or change) one record, with the field levels that user's roles give. Needs `assign` on it."""
    needed = ("assign", "update") if can_update else ("assign",)
    if not all(access.can(tx, action, object_key, record_id) for action in needed):
        raise Forbidden
    values = {"can_update": can_update, "reason": reason, "expires_at": expires_at}
    statement = insert(t.record_share).values(object=object_key, record_id=record_id, user_id=user_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["object", "record_id", "user_id"], set_=values))
    tx.memo.pop(("has_shares", user_id, object_key), None)
    tx.record(Event("record:shared", (object_key, record_id), data={"user_id": str(user_id), "reason": reason}))


def unshare_record(tx: Tx, object_key: str, record_id: UUID, user_id: UUID) -> None:
    if not access.can(tx, "assign", object_key, record_id):
        raise Forbidden
    c = t.record_share.c
    same = (c.object == object_key, c.record_id == record_id, c.user_id == user_id)
    tx.execute(sa.delete(t.record_share).where(*same))
    tx.record(Event("record:unshared", (object_key, record_id), data={"user_id": str(user_id)}))


def _insert(tx: Tx, table: Table, kind: str, values: dict[str, object]) -> UUID:
    rule_id = new_id()
    tx.execute(sa.insert(table).values(id=rule_id, **values))
    snapshot.changed(tx)
    data = {key: str(value) if isinstance(value, UUID) else value for key, value in values.items()}
    tx.record(Event(f"{kind}:created", (kind, rule_id), data=data))
    return rule_id


def _remove(tx: Tx, table: Table, kind: str, rule_id: UUID) -> None:
    require_right(tx, "manage_roles")
    if tx.execute(sa.delete(table).where(table.c.id == rule_id)).rowcount != 1:
        raise NotFound
    snapshot.changed(tx)
    tx.record(Event(f"{kind}:removed", (kind, rule_id)))
