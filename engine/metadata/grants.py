"""Which grants an actor holds on an object, and what they amount to. Deny by default; unions, then forbids."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.metadata.definition import ALL_FIELDS, ObjectDefinition, RoleGrant
from engine.metadata.levels import ACTIONS, highest_level
from engine.metadata.profile import Profile
from engine.metadata.shipped_roles import shipped_roles
from engine.metadata.snapshot import ForbidRule, Grant, SharingRule, Snapshot


@dataclass(frozen=True, slots=True)
class Clause:
    """One way to reach rows: the scope of a role at a branch (None = principal), with its row rule."""

    role: str
    branch_id: UUID | None
    scope: str
    where: str | None
    source: str


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """What one actor may do with one object. `levels`: field -> level granted; `forbids`: rules that narrow."""

    object: str
    clauses: dict[str, tuple[Clause, ...]]
    levels: dict[str, str]
    sharing: tuple[SharingRule, ...]
    forbids: tuple[ForbidRule, ...]
    is_system: bool = False

    def allows(self, action: str) -> bool:
        """True when at least some rows are within reach of the action (rows are checked by the query)."""
        return self.is_system or bool(self.clauses.get(action)) or (action == "read" and bool(self.sharing))

    def masked_when_shared(self) -> frozenset[str]:
        """Fields that some of the sharing rules open masked only."""
        return frozenset(field for rule in self.sharing for field in rule.masked)

    def level(self, field: str) -> str:
        """Level on a field before task grants: none, masked, read or write."""
        if self.is_system:
            return "write"
        if any(field in rule.fields and rule.where is None for rule in self.forbids):
            return "none"
        return self.levels.get(field, self.levels.get(ALL_FIELDS, "none"))


def grant_of(config: Snapshot, role: str, definition: ObjectDefinition) -> Grant | None:
    """The grant in force: set by an administrator, else shipped with the object, else the role's own default."""
    found = config.grants.get((role, definition.key))
    if found is not None:
        return found
    for shipped in definition.grants:
        if shipped.role == role:
            return _from_shipped(shipped, "shipped")
    for item in shipped_roles():
        if item.key == role and item.objects is not None:
            return _from_shipped(item.objects, "role")
    return None


def object_access(config: Snapshot, profile: Profile, definition: ObjectDefinition) -> ObjectAccess:
    """What the profile may do with the object, before shares of single records and task grants."""
    if profile.is_system:
        return ObjectAccess(definition.key, {}, {}, (), (), is_system=True)
    if profile.actor.kind is not ActorKind.USER:
        return _principal_access(config, profile, definition)
    held = [(one, grant) for one in profile.roles if (grant := grant_of(config, one.role, definition)) is not None]
    clauses = {
        action: tuple(
            Clause(one.role, one.branch_id, grant.scopes[action], grant.where, grant.source)
            for one, grant in held
            if action in grant.scopes
        )
        for action in ACTIONS
    }
    roles = profile.role_keys()
    sharing = tuple(
        rule
        for rule in config.sharing
        if rule.object == definition.key and (rule.role in roles or rule.group_id in profile.groups)
    )
    forbids = forbids_of(config, profile, definition.key)
    return ObjectAccess(definition.key, clauses, _union([grant for _, grant in held]), sharing, forbids)


def forbids_of(config: Snapshot, profile: Profile, object_key: str) -> tuple[ForbidRule, ...]:
    """The rules that narrow what this profile may do with the object; they win over grants, shares and tasks."""
    roles = profile.role_keys()
    return tuple(
        rule
        for rule in config.forbids
        if rule.object in (object_key, ALL_FIELDS) and (rule.role in roles or rule.user_id == profile.user_id)
    )


def _principal_access(config: Snapshot, profile: Profile, definition: ObjectDefinition) -> ObjectAccess:
    grant = config.principals.get((profile.actor.id, definition.key))
    if grant is None:
        return ObjectAccess(definition.key, {}, {}, (), ())
    clauses: dict[str, tuple[Clause, ...]] = {
        action: (Clause(profile.actor.id, None, scope, grant.where, grant.source),)
        for action, scope in grant.scopes.items()
    }
    return ObjectAccess(definition.key, clauses, dict(grant.fields), (), ())


def _union(grants: list[Grant]) -> dict[str, str]:
    fields = {field for grant in grants for field in grant.fields} | {ALL_FIELDS}
    return {
        field: highest_level(grant.fields.get(field, grant.fields.get(ALL_FIELDS, "none")) for grant in grants)
        for field in fields
    }


def _from_shipped(shipped: RoleGrant, source: str) -> Grant:
    return Grant(shipped.scopes, shipped.fields, shipped.where, source)
