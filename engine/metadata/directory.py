"""Who is where: what assignee rules, substitution and notification ask. Active users only, oldest first.

Holders of roles and names of users are kept with the configuration's epoch: they are read again once it has changed.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.profile import load_profile


def users_with_role(tx: Tx, role: str, branch_id: UUID) -> list[UUID]:
    """Holders of the role at the branch; when there are none, those of the nearest branch above.

    A role held by a group or position counts for each of its members.
    """
    for one in reversed(snapshot.load(tx).chain(branch_id)):
        if found := _holders(tx, role, one):
            return found
    return []


def branch_head(tx: Tx, branch_id: UUID) -> list[UUID]:
    """Holders of the branch's head position, else its principals; when none, the branch above's."""
    c = t.position.c
    for one in reversed(snapshot.load(tx).chain(branch_id)):
        heads = _active(
            tx,
            sa.select(t.position_holder.c.user_id)
            .join(t.position, c.id == t.position_holder.c.position_id)
            .where(c.branch_id == one, c.is_branch_head),
        )
        if found := heads or _holders(tx, "principal", one):
            return found
    return []


def superiors(tx: Tx, user_id: UUID, steps: int = 1) -> list[UUID]:
    """Holders of the position `steps` above one of the user's; fewer when the ladder ends earlier: then the last."""
    level = _active_positions(tx, user_id)
    found: list[UUID] = []
    for _ in range(max(steps, 1)):
        level = _above(tx, level)
        holders = _holders_of_positions(tx, level)
        if not holders:
            break
        found = holders
    return [one for one in found if one != user_id]


def position_holders(tx: Tx, key: str, branch_id: UUID) -> list[UUID]:
    """Holders of the position with this key in the branch, or the nearest above that has one filled."""
    c = t.position.c
    for one in reversed(snapshot.load(tx).chain(branch_id)):
        ids = list(tx.execute(sa.select(c.id).where(c.branch_id == one, c.key == key)).scalars())
        if found := _holders_of_positions(tx, ids):
            return found
    return []


def group_members(tx: Tx, key: str) -> list[UUID]:
    statement = sa.select(t.group_member.c.user_id).join(t.user_group).where(t.user_group.c.key == key)
    return _active(tx, statement)


def user_by_username(tx: Tx, username: str) -> UUID | None:
    c = t.app_user.c
    return tx.execute(sa.select(c.id).where(c.username == username, c.is_active)).scalar_one_or_none()


def user_actor(tx: Tx, user_id: UUID) -> Actor | None:
    """The actor of an active user."""
    people, key = snapshot.load(tx).people, ("user_actor", user_id)
    found: Actor | None = people.get(key)
    if found is None:
        c = t.app_user.c
        name = tx.execute(sa.select(c.name).where(c.id == user_id, c.is_active)).scalar_one_or_none()
        found = people.put(key, Actor(ActorKind.USER, str(user_id), name)) if name is not None else None
    return found


def user_names(tx: Tx, user_ids: frozenset[UUID]) -> dict[UUID, str]:
    """Display names, of inactive users too; names of colleagues are no secret inside the organisation."""
    known: dict[UUID, str] = snapshot.load(tx).memo.setdefault("user_names", {})
    if missing := user_ids - known.keys():
        c = t.app_user.c
        known.update((row.id, row.name) for row in tx.execute(sa.select(c.id, c.name).where(c.id.in_(missing))))
    return {one: known[one] for one in user_ids if one in known}


def contact(tx: Tx, user_id: UUID) -> tuple[str | None, str | None]:
    """Phone and e-mail of a user, for the delivery of notices (never shown)."""
    row = tx.execute(sa.select(t.app_user.c.phone, t.app_user.c.email).where(t.app_user.c.id == user_id)).first()
    return (row.phone, row.email) if row else (None, None)


def branch_of(tx: Tx, user_id: UUID) -> UUID | None:
    profile = load_profile(tx, Actor(ActorKind.USER, str(user_id), ""))
    return profile.branch_id


def branches_of(tx: Tx, user_id: UUID) -> frozenset[UUID]:
    """Where a user works: the home branch, and each branch in which a role is held; of one who is not active any more
    the home branch."""
    profile = load_profile(tx, Actor(ActorKind.USER, str(user_id), ""))
    if profile.branch_id is None:
        rows = tx.connection.exec_driver_sql("select branch_id from app_user where id = %(id)s", {"id": user_id})
        return frozenset(row[0] for row in rows)
    return frozenset({profile.branch_id}) | {held.branch_id for held in profile.roles}


def _holders(tx: Tx, role: str, branch_id: UUID) -> list[UUID]:
    memo, key = snapshot.load(tx).memo, ("holders", role, branch_id)
    if key not in memo:
        memo[key] = tuple(_read_holders(tx, role, branch_id))
    return list(memo[key])


def _read_holders(tx: Tx, role: str, branch_id: UUID) -> list[UUID]:
    c = t.role_assignment.c
    user = sa.func.coalesce(c.user_id, t.group_member.c.user_id, t.position_holder.c.user_id)
    statement = (
        sa.select(user)
        .outerjoin(t.group_member, t.group_member.c.group_id == c.group_id)
        .outerjoin(t.position_holder, t.position_holder.c.position_id == c.position_id)
        .where(c.role == role, c.branch_id == branch_id)
    )
    return _active(tx, statement)


def _active_positions(tx: Tx, user_id: UUID) -> list[UUID]:
    c = t.position_holder.c
    return list(tx.execute(sa.select(c.position_id).where(c.user_id == user_id)).scalars())


def _above(tx: Tx, positions: list[UUID]) -> list[UUID]:
    c = t.position.c
    statement = sa.select(c.superior_id).where(c.id.in_(positions), c.superior_id.is_not(None)).distinct()
    return list(tx.execute(statement).scalars())


def _holders_of_positions(tx: Tx, positions: list[UUID]) -> list[UUID]:
    return _active(tx, sa.select(t.position_holder.c.user_id).where(t.position_holder.c.position_id.in_(positions)))


def _active(tx: Tx, users: sa.Select[tuple[UUID]] | sa.Select[object]) -> list[UUID]:
    wanted = users.subquery()
    c = t.app_user.c
    statement = sa.select(c.id).where(c.id.in_(sa.select(wanted.c[0])), c.is_active).order_by(c.id)
    return list(tx.execute(statement).scalars())
