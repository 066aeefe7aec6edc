"""Nobody grants more than they have: what an actor would need to hold before granting."""

from __future__ import annotations

from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import ALL_FIELDS
from engine.metadata.grants import grant_of, object_access
from engine.metadata.levels import LEVELS, SCOPES
from engine.metadata.profile import load_profile
from engine.metadata.rights import EVERY_RIGHT, has_right
from engine.metadata.shipped_objects import known_objects
from engine.metadata.snapshot import Grant


def missing_for_role(tx: Tx, role: str, branch_id: UUID) -> str:
    """The first thing of the role at the branch that the actor lacks there; empty when it has all."""
    if has_right(tx, EVERY_RIGHT, branch_id):
        return ""
    config = snapshot.load(tx)
    for right in sorted(config.roles[role].rights):
        if not has_right(tx, right, branch_id):
            return right
    for definition in known_objects(tx):
        grant = grant_of(config, role, definition)
        if grant is not None and (missing := missing_for_grant(tx, definition.key, grant, branch_id)):
            return missing
    return ""


def missing_for_grant(tx: Tx, object_key: str, grant: Grant, branch_id: UUID) -> str:
    """The first scope or field level of the grant, given at the branch, that the actor lacks; empty when none."""
    if has_right(tx, EVERY_RIGHT, branch_id):
        return ""
    definition = next((one for one in known_objects(tx) if one.key == object_key), None)
    if definition is None:
        return object_key
    config, profile = snapshot.load(tx), load_profile(tx)
    access = object_access(config, profile, definition)
    chain = set(config.chain(branch_id))
    for action, scope in grant.scopes.items():
        clauses = [one for one in access.clauses.get(action, ()) if one.where is None]
        wide = any(one.scope == "all" for one in clauses)
        near = any(one.scope == "below" and one.branch_id in chain for one in clauses) and scope != "all"
        same = any(one.branch_id == branch_id and SCOPES.index(one.scope) >= SCOPES.index(scope) for one in clauses)
        if not (wide or near or same):
            return f"{definition.key}.{action}"
    for field, level in grant.fields.items():
        held = access.levels.get(ALL_FIELDS, "none") if field == ALL_FIELDS else access.level(field)
        if LEVELS.index(level) > LEVELS.index(held):
            return f"{definition.key}.{field}"
    return ""
