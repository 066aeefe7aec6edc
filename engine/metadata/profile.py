"""Who the acting one is, for access: branch, roles held where, groups, subordinates, administration rights."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role held at a branch; `via` says how: user, group:<key> or position:<key>."""

    role: str
    branch_id: UUID
    via: str


@dataclass(frozen=True, slots=True)
class Profile:
    """`team`: users who hold a position below one of mine. `is_system`: the machinery itself, not limited."""

    actor: Actor
    user_id: UUID | None
    branch_id: UUID | None
    roles: tuple[HeldRole, ...] = ()
    groups: frozenset[UUID] = frozenset()
    team: frozenset[UUID] = frozenset()
    is_system: bool = False

    def role_keys(self) -> frozenset[str]:
        return frozenset(held.role for held in self.roles)


def load_profile(tx: Tx, actor: Actor | None = None) -> Profile:
    """Profile of `actor` (default: the acting one). A user that is gone or inactive holds nothing."""
    actor = actor or tx.actor
    if actor.kind is ActorKind.SYSTEM:
        return Profile(actor, None, snapshot.load(tx).root.id, is_system=True)
    if actor.kind is not ActorKind.USER:
        return Profile(actor, None, snapshot.load(tx).root.id)
    config = snapshot.load(tx)
    key = ("profile", actor.id)
    found = config.people.get(key)
    if not isinstance(found, Profile):
        found = config.people.put(key, _read(tx, actor, config))
    return found


def visible_branches(config: Snapshot, profile: Profile) -> frozenset[UUID]:
    """Branches whose own fields the actor may know of: those above and below where it works."""
    homes = {held.branch_id for held in profile.roles} | ({profile.branch_id} if profile.branch_id else set())
    found: set[UUID] = set()
    for home in homes:
        found |= set(config.chain(home)) | config.below(home)
    return frozenset(found)


def _read(tx: Tx, actor: Actor, config: Snapshot) -> Profile:
    user_id = UUID(actor.id)
    user = tx.execute(
        sa.select(t.app_user.c.branch_id, t.app_user.c.is_active).where(t.app_user.c.id == user_id)
    ).first()
    if user is None or not user.is_active:
        return Profile(actor, user_id, None)
    return Profile(
        actor=actor,
        user_id=user_id,
        branch_id=user.branch_id,
        roles=_roles(tx, user_id, config),
        groups=frozenset(
            tx.execute(sa.select(t.group_member.c.group_id).where(t.group_member.c.user_id == user_id)).scalars()
        ),
        team=_team(tx, user_id),
    )


def _roles(tx: Tx, user_id: UUID, config: Snapshot) -> tuple[HeldRole, ...]:
    via = sa.func.coalesce(
        sa.literal("group:") + t.user_group.c.key, sa.literal("position:") + t.position.c.key, sa.literal("user")
    )
    statement = (
        sa.select(t.role_assignment.c.role, t.role_assignment.c.branch_id, via)
        .outerjoin(t.user_group, t.user_group.c.id == t.role_assignment.c.group_id)
        .outerjoin(t.group_member, t.group_member.c.group_id == t.role_assignment.c.group_id)
        .outerjoin(t.position, t.position.c.id == t.role_assignment.c.position_id)
        .outerjoin(t.position_holder, t.position_holder.c.position_id == t.role_assignment.c.position_id)
        .where(
            sa.or_(
                t.role_assignment.c.user_id == user_id,
                t.group_member.c.user_id == user_id,
                t.position_holder.c.user_id == user_id,
            )
        )
        .order_by(t.role_assignment.c.role, t.role_assignment.c.id)
    )
    held = (HeldRole(*tuple(row)) for row in tx.execute(statement))
    return tuple(one for one in held if config.branches[one.branch_id].is_active)


_TEAM = sa.text(
    "WITH RECURSIVE below(id) AS ("
    " SELECT p.id FROM position p JOIN position_holder h ON h.position_id = p.superior_id WHERE h.user_id = :user"
    " UNION SELECT p.id FROM position p JOIN below b ON p.superior_id = b.id)"
    " SELECT DISTINCT h.user_id FROM below JOIN position_holder h ON h.position_id = below.id"
)


def _team(tx: Tx, user_id: UUID) -> frozenset[UUID]:
    return frozenset(tx.execute(_TEAM, {"user": user_id}).scalars()) - {user_id}
