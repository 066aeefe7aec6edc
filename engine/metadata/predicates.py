"""Which rows an actor reaches with an action, as SQL. Everything that reads or writes records asks here."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import ObjectDefinition
from engine.metadata.feel_sql import condition_sql
from engine.metadata.grants import Clause, ObjectAccess
from engine.metadata.profile import Profile
from engine.metadata.snapshot import SharingRule
from engine.metadata.statement import Statement

NOBODY, EVERYBODY = "FALSE", "TRUE"
_HAS_SHARES = "SELECT EXISTS (SELECT 1 FROM record_share WHERE user_id = %(user)s AND object = %(object)s)"
_SHARED_ACTIONS = ("read", "update")
_PLACING_ACTIONS = ("create", "import", "assign")
"""Actions that decide where a record lies: even one's own lies only where one's role reaches."""


def row_predicate(
    tx: Tx,
    statement: Statement,
    profile: Profile,
    definition: ObjectDefinition,
    access: ObjectAccess,
    *,
    action: str,
    alias: str,
    whole: bool = False,
) -> str:
    """SQL that is true for the rows of `alias` within reach: scopes with row rules, shares, then forbids.

    `whole`: without the rows that only a sharing rule with masked fields opens.
    """
    if access.is_system:
        return EVERYBODY
    parts = []
    for clause in access.clauses.get(action, ()):
        scope = _scope(tx, statement, profile, clause, alias)
        if action in _PLACING_ACTIONS and clause.scope in ("own", "team"):
            scope = f"({scope} AND {_below(tx, statement, clause.branch_id, alias)})"
        if scope != NOBODY and clause.where:
            scope = f"({scope} AND ({condition_sql(tx, statement, definition, clause.where, alias)}))"
        parts.append(scope)
    if action in _SHARED_ACTIONS:
        rules = [rule for rule in access.sharing if not (whole and rule.masked)]
        parts += _rules(tx, statement, definition, rules, alias, for_update=action == "update")
        parts += _shares(tx, statement, profile, access, alias, for_update=action == "update")
    reached = _any(parts)
    if reached == NOBODY:
        return NOBODY
    forbidden = [
        condition_sql(tx, statement, definition, rule.where, alias) if rule.where else EVERYBODY
        for rule in access.forbids
        if action in rule.actions or (action != "read" and "read" in rule.actions)
    ]
    return " AND ".join([reached, *(f"({part}) IS NOT TRUE" for part in forbidden)])


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
    return _below(tx, statement, clause.branch_id, alias)


def _below(tx: Tx, statement: Statement, branch_id: UUID | None, alias: str) -> str:
    config = snapshot.load(tx)
    if branch_id is None:
        return NOBODY
    if branch_id == config.root.id:
        return EVERYBODY
    below = sorted(config.below(branch_id), key=str)
    if len(below) == 1:  # an index on the branch then gives the rows in order
        return f"{alias}.branch_id = {statement.bind(branch_id)}"
    return f"{alias}.branch_id = ANY({statement.bind(below, 'uuid[]')})"


def _rules(
    tx: Tx,
    statement: Statement,
    definition: ObjectDefinition,
    rules: Iterable[SharingRule],
    alias: str,
    *,
    for_update: bool,
) -> list[str]:
    """Rows that sharing rules open."""
    parts = []
    for rule in rules:
        if rule.can_update or not for_update:
            condition = condition_sql(tx, statement, definition, rule.where, alias)
            reach = EVERYBODY if rule.branch_id is None else _below(tx, statement, rule.branch_id, alias)
            parts.append(f"(({condition}) AND {reach})")
    return parts


def _shares(
    tx: Tx, statement: Statement, profile: Profile, access: ObjectAccess, alias: str, *, for_update: bool
) -> list[str]:
    """Single records shared with the user, seen with the field levels of its own roles."""
    if profile.user_id is None or not access.levels or not has_shares(tx, profile.user_id, access.object):
        return []
    needs = " AND s.can_update" if for_update else ""
    return [
        f"{alias}.id IN (SELECT s.record_id FROM record_share s WHERE s.user_id = {statement.bind(profile.user_id)}"
        f" AND s.object = {statement.bind(access.object)}"
        f" AND (s.expires_at IS NULL OR s.expires_at > {statement.bind(tx.now)}){needs})"
    ]


def has_shares(tx: Tx, user_id: UUID, object_key: str) -> bool:
    """Most users have none, and a condition without OR lets the database use its indexes."""
    key = _shares_key(user_id, object_key)
    if key not in tx.memo:
        tx.memo[key] = tx.query(_HAS_SHARES, {"user": user_id, "object": object_key})[0][0]
    return bool(tx.memo[key])


def foresee_shares(tx: Tx, user_id: UUID, object_key: str) -> None:
    """Ask along with the next query what ``has_shares`` asks."""
    if _shares_key(user_id, object_key) not in tx.memo:
        tx.foresee(_HAS_SHARES, {"user": user_id, "object": object_key})


def _shares_key(user_id: UUID, object_key: str) -> tuple[str, UUID, str]:
    return ("has_shares", user_id, object_key)


def _any(parts: list[str]) -> str:
    wanted = [part for part in dict.fromkeys(parts) if part != NOBODY]
    if EVERYBODY in wanted:
        return EVERYBODY
    return f"({' OR '.join(wanted)})" if wanted else NOBODY
