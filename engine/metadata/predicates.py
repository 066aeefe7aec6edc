"""Which rows an actor reaches with an action, as SQL. Everything that reads or writes records asks here."""

from __future__ import annotations

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import ObjectDefinition
from engine.metadata.feel_sql import condition_sql
from engine.metadata.grants import Clause, ObjectAccess
from engine.metadata.profile import Profile
from engine.metadata.statement import Statement

NOBODY, EVERYBODY = "FALSE", "TRUE"
_SHARED_ACTIONS = ("read", "update")


def row_predicate(
    tx: Tx,
    statement: Statement,
    profile: Profile,
    definition: ObjectDefinition,
    access: ObjectAccess,
    action: str,
    alias: str,
) -> str:
    """SQL that is true for the rows of `alias` within reach: scopes with row rules, shares, then forbids."""
    if access.is_system:
        return EVERYBODY
    parts = [_clause(tx, statement, profile, definition, clause, alias) for clause in access.clauses.get(action, ())]
    if action in _SHARED_ACTIONS:
        parts += _shares(tx, statement, profile, definition, access, action, alias)
    reached = _any(parts)
    if reached == NOBODY:
        return NOBODY
    forbidden = [
        condition_sql(tx, statement, definition, rule.where, alias) if rule.where else EVERYBODY
        for rule in access.forbids
        if action in rule.actions or (action != "read" and "read" in rule.actions)
    ]
    return " AND ".join([reached, *(f"({part}) IS NOT TRUE" for part in forbidden)])


def _clause(
    tx: Tx, statement: Statement, profile: Profile, definition: ObjectDefinition, clause: Clause, alias: str
) -> str:
    scope = _scope(tx, statement, profile, clause, alias)
    if scope == NOBODY or not clause.where:
        return scope
    return f"({scope} AND ({condition_sql(tx, statement, definition, clause.where, alias)}))"


def _scope(tx: Tx, statement: Statement, profile: Profile, clause: Clause, alias: str) -> str:
    if clause.scope == "all":
        return EVERYBODY
    if profile.user_id is None or clause.branch_id is None:
        return NOBODY
    if clause.scope == "own":
        return f"{alias}.owner_id = {statement.bind(profile.user_id)}"
    if clause.scope == "team":
        team = sorted({profile.user_id, *profile.team}, key=str)
        return f"{alias}.owner_id = ANY({statement.bind(team, 'uuid[]')})"
    if clause.scope == "branch":
        return f"{alias}.branch_id = {statement.bind(clause.branch_id)}"
    config = snapshot.load(tx)
    if clause.branch_id == config.root.id:
        return EVERYBODY
    return f"{alias}.branch_id = ANY({statement.bind(sorted(config.below(clause.branch_id), key=str), 'uuid[]')})"


def _shares(
    tx: Tx,
    statement: Statement,
    profile: Profile,
    definition: ObjectDefinition,
    access: ObjectAccess,
    action: str,
    alias: str,
) -> list[str]:
    parts = []
    config = snapshot.load(tx)
    for rule in access.sharing:
        if action == "read" or rule.can_update:
            condition = condition_sql(tx, statement, definition, rule.where, alias)
            if rule.branch_id is not None:
                below = statement.bind(sorted(config.below(rule.branch_id), key=str), "uuid[]")
                condition = f"({condition}) AND {alias}.branch_id = ANY({below})"
            parts.append(f"({condition})")
    if profile.user_id is not None and access.levels:
        needs = " AND s.can_update" if action == "update" else ""
        parts.append(
            f"{alias}.id IN (SELECT s.record_id FROM record_share s WHERE s.user_id = {statement.bind(profile.user_id)}"
            f" AND s.object = {statement.bind(definition.key)}"
            f" AND (s.expires_at IS NULL OR s.expires_at > {statement.bind(tx.now)}){needs})"
        )
    return parts


def _any(parts: list[str]) -> str:
    wanted = [part for part in dict.fromkeys(parts) if part != NOBODY]
    if EVERYBODY in wanted:
        return EVERYBODY
    return f"({' OR '.join(wanted)})" if wanted else NOBODY
