"""Changing and removing positions and groups: what carries roles is emptied by hand before it goes."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Table

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.organisation.positions import branch_of
from engine.metadata.rights import require_right


def change_position(tx: Tx, position_id: UUID, *, name: str, superior_id: UUID | None, is_branch_head: bool) -> None:
    """Name, superior and whether its holder heads the branch.

    Raises: NotFound, Forbidden; UserError when the superior would be below the position itself.
    """
    if superior_id is not None and position_id in _chain(tx, superior_id):
        message = Text("上级岗位不能是本岗位或其下级", "The superior may not be the position itself or below it")
        raise UserError("superior_below", message, fields={"superior": message})
    values = {"name": _checked(name), "superior_id": superior_id, "is_branch_head": is_branch_head}
    _update(tx, t.position, "position", position_id, values)


def rename_group(tx: Tx, group_id: UUID, name: str) -> None:
    """Raises: NotFound, Forbidden; UserError without a name."""
    _update(tx, t.user_group, "group", group_id, {"name": _checked(name)})


def remove_position(tx: Tx, position_id: UUID) -> None:
    """Raises: NotFound, Forbidden; Conflict while somebody holds it or a position is below it."""
    below = sa.exists().where(t.position.c.superior_id == position_id)
    if tx.execute(sa.select(below)).scalar_one():
        message = Text("先为下级岗位换上级", "Give the positions below it another superior first")
        raise Conflict("position_used", message)
    members, roles = t.position_holder.c.position_id, t.role_assignment.c.position_id
    _remove(tx, t.position, "position", position_id, members, roles)


def remove_group(tx: Tx, group_id: UUID) -> None:
    """Raises: NotFound, Forbidden; Conflict while it has members or a sharing rule names it."""
    shared = sa.exists().where(t.sharing_rule.c.group_id == group_id)
    if tx.execute(sa.select(shared)).scalar_one():
        raise Conflict("group_used", Text("先删除用到该组的共享规则", "Remove the sharing rules that name it first"))
    _remove(tx, t.user_group, "group", group_id, t.group_member.c.group_id, t.role_assignment.c.group_id)


def _update(tx: Tx, table: Table, kind: str, row_id: UUID, values: Mapping[str, object]) -> None:
    branch_id = branch_of(tx, table, row_id)
    require_right(tx, "manage_users", branch_id)
    old = tx.execute(sa.select(table).where(table.c.id == row_id)).one()
    changes = [Change(name, getattr(old, name), value) for name, value in values.items() if getattr(old, name) != value]
    if not changes:
        return
    tx.execute(sa.update(table).where(table.c.id == row_id).values(**values))
    snapshot.changed(tx)
    tx.record(Event(f"{kind}:updated", (kind, row_id), branch_id, changes=changes))


def _remove(
    tx: Tx, table: Table, kind: str, row_id: UUID, members: sa.Column[object], roles: sa.Column[object]
) -> None:
    branch_id = branch_of(tx, table, row_id)
    require_right(tx, "manage_users", branch_id)
    if tx.execute(sa.select(sa.exists().where(members == row_id))).scalar_one():
        raise Conflict("carrier_held", Text("先移出其中的人员", "Take the people out of it first"))
    name = tx.execute(sa.select(table.c.name).where(table.c.id == row_id)).scalar_one()
    tx.execute(sa.delete(t.role_assignment).where(roles == row_id))
    tx.execute(sa.delete(table).where(table.c.id == row_id))
    snapshot.changed(tx)
    tx.record(Event(f"{kind}:removed", (kind, row_id), branch_id, {"name": name}))


def _chain(tx: Tx, position_id: UUID) -> set[UUID]:
    """The position and all above it."""
    c = t.position.c
    above = sa.select(c.id, c.superior_id).where(c.id == position_id).cte("above", recursive=True)
    above = above.union(sa.select(c.id, c.superior_id).where(c.id == above.c.superior_id))
    found = set(tx.execute(sa.select(above.c.id)).scalars())
    if position_id not in found:
        raise NotFound
    return found


def _checked(name: str) -> str:
    if name.strip():
        return name.strip()
    message = Text("请填写名称", "Give it a name")
    raise UserError("name_missing", message, fields={"name": message})
