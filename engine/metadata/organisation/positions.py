"""Positions with their superiors, and groups: both carry roles and say who is whose team."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.organisation.branches import check_key
from engine.metadata.organisation.coverage import missing_for_role
from engine.metadata.organisation.roles import more_than_held
from engine.metadata.rights import branches_with, require_right


@dataclass(frozen=True, slots=True)
class Position:
    """A position of a branch; ``holders`` are user ids."""

    id: UUID
    key: str
    name: str
    branch_id: UUID
    superior_id: UUID | None
    is_branch_head: bool
    holders: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users; ``members`` are user ids."""

    id: UUID
    key: str
    name: str
    branch_id: UUID
    members: tuple[UUID, ...]


def list_positions(tx: Tx) -> list[Position]:
    """Positions of the branches where the actor may manage users, by branch and key; at most 2,000."""
    held_by = t.position_holder.c
    holders = sa.select(sa.func.array_agg(held_by.user_id)).where(held_by.position_id == t.position.c.id)
    rows = tx.execute(_listing(tx, t.position, holders.scalar_subquery()))
    return [
        Position(row.id, row.key, row.name, row.branch_id, row.superior_id, row.is_branch_head, tuple(row[-1] or ()))
        for row in rows
    ]


def list_groups(tx: Tx) -> list[Group]:
    """Groups of the branches where the actor may manage users, by branch and key; at most 2,000."""
    held_by = t.group_member.c
    members = sa.select(sa.func.array_agg(held_by.user_id)).where(held_by.group_id == t.user_group.c.id)
    rows = tx.execute(_listing(tx, t.user_group, members.scalar_subquery()))
    return [Group(row.id, row.key, row.name, row.branch_id, tuple(row[-1] or ())) for row in rows]


def _listing(tx: Tx, table: Table, people: sa.ScalarSelect[object]) -> sa.Select[tuple[object, ...]]:
    require_right(tx, "manage_users")
    statement = sa.select(*table.c, people).order_by(table.c.branch_id, table.c.key).limit(2_000)
    branches = branches_with(tx, "manage_users")
    return statement if branches is None else statement.where(table.c.branch_id.in_(branches))


def create_position(
    tx: Tx, *, key: str, name: str, branch_id: UUID, superior_id: UUID | None = None, is_branch_head: bool = False
) -> UUID:
    """A position at the branch. Needs `manage_users` there. Raises Conflict when the key is taken in the branch."""
    require_right(tx, "manage_users", branch_id)
    check_key(key)
    if superior_id is not None:
        branch_of(tx, t.position, superior_id)
    values = {"key": key, "name": name, "superior_id": superior_id, "is_branch_head": is_branch_head}
    position_id = new_id()
    statement = insert(t.position).values(id=position_id, branch_id=branch_id, **values).on_conflict_do_nothing()
    if tx.execute(statement.returning(t.position.c.id)).first() is None:
        raise Conflict("position_exists", Text(f"岗位 {key} 已存在", f"The position {key} exists"))
    snapshot.changed(tx)
    tx.record(Event("position:created", ("position", position_id), branch_id, {"key": key, "name": name}))
    return position_id


def hold_position(tx: Tx, position_id: UUID, user_id: UUID) -> None:
    """Puts the user into the position, with its roles and subordinates."""
    branch_id = branch_of(tx, t.position, position_id)
    _require_carried(tx, branch_id, t.role_assignment.c.position_id == position_id)
    values = {"position_id": position_id, "user_id": user_id}
    tx.execute(insert(t.position_holder).values(values).on_conflict_do_nothing())
    _changed(tx, "position:held", ("position", position_id), branch_id, user_id)


def leave_position(tx: Tx, position_id: UUID, user_id: UUID) -> None:
    branch_id = branch_of(tx, t.position, position_id)
    _require_carried(tx, branch_id, t.role_assignment.c.position_id == position_id)
    c = t.position_holder.c
    tx.execute(sa.delete(t.position_holder).where(c.position_id == position_id, c.user_id == user_id))
    _changed(tx, "position:left", ("position", position_id), branch_id, user_id)


def create_group(tx: Tx, *, key: str, name: str, branch_id: UUID) -> UUID:
    """A group of users, kept by the branch. Needs `manage_users` there."""
    require_right(tx, "manage_users", branch_id)
    check_key(key)
    group_id = new_id()
    values = {"id": group_id, "key": key, "name": name, "branch_id": branch_id}
    statement = insert(t.user_group).values(values).on_conflict_do_nothing().returning(t.user_group.c.id)
    if tx.execute(statement).first() is None:
        raise Conflict("group_exists", Text(f"用户组 {key} 已存在", f"The group {key} exists"))
    snapshot.changed(tx)
    tx.record(Event("group:created", ("group", group_id), branch_id, {"key": key, "name": name}))
    return group_id


def add_group_member(tx: Tx, group_id: UUID, user_id: UUID) -> None:
    branch_id = branch_of(tx, t.user_group, group_id)
    _require_carried(tx, branch_id, t.role_assignment.c.group_id == group_id)
    values = {"group_id": group_id, "user_id": user_id}
    tx.execute(insert(t.group_member).values(values).on_conflict_do_nothing())
    _changed(tx, "group:joined", ("group", group_id), branch_id, user_id)


def leave_group(tx: Tx, group_id: UUID, user_id: UUID) -> None:
    branch_id = branch_of(tx, t.user_group, group_id)
    _require_carried(tx, branch_id, t.role_assignment.c.group_id == group_id)
    c = t.group_member.c
    tx.execute(sa.delete(t.group_member).where(c.group_id == group_id, c.user_id == user_id))
    _changed(tx, "group:left", ("group", group_id), branch_id, user_id)


def branch_of(tx: Tx, table: Table, row_id: UUID) -> UUID:
    """The branch of a position or group. Raises: NotFound."""
    found = tx.execute(sa.select(table.c.branch_id).where(table.c.id == row_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    assert isinstance(found, UUID)
    return found


def _require_carried(tx: Tx, branch_id: UUID, held_by: sa.ColumnElement[bool]) -> None:
    """Whoever puts a person into a position or group gives them its roles: the same rule as giving the roles."""
    require_right(tx, "manage_users", branch_id)
    c = t.role_assignment.c
    for row in tx.execute(sa.select(c.role, c.branch_id).where(held_by)):
        if missing := missing_for_role(tx, row.role, row.branch_id):
            raise more_than_held(missing)


def _changed(tx: Tx, action: str, subject: tuple[str, UUID], branch_id: UUID, user_id: UUID) -> None:
    snapshot.changed(tx)
    tx.record(Event(action, subject, branch_id, {"user_id": str(user_id)}))
