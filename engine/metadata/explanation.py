"""Why an actor may, or may not: the grants, scopes, shares, rules and tasks that decided."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import Actor
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import ALL_FIELDS
from engine.metadata.grants import Clause
from engine.metadata.rights import require_right

_SCOPE_NAMES = {
    "own": Text("本人负责的", "own"),
    "team": Text("本人及下属负责的", "own and subordinates'"),
    "branch": Text("本校区的", "the branch's"),
    "below": Text("本校区及下级的", "the branch's and below"),
    "all": Text("全部", "all"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`reasons`: one sentence each, what decided first."""

    allowed: bool
    reasons: tuple[Text, ...]


def explain(
    tx: Tx, actor: Actor, object_key: str, record_id: UUID | None = None, field: str | None = None, action: str = "read"
) -> Explanation:
    """Answers for `actor`; about another than oneself it needs the right `explain_others`."""
    from engine.metadata import access

    if (actor.kind, actor.id) != (tx.actor.kind, tx.actor.id):
        require_right(tx, "explain_others")
    with tx.acting_as(actor):
        rights = access.rights_on(tx, object_key)
        allowed = access.can(tx, action, object_key, record_id)
        reasons = [_clause_text(tx, clause) for clause in rights.access.clauses.get(action, ())]
        reasons += [Text(f"共享规则“{rule.name}”", f'Sharing rule "{rule.name}"') for rule in rights.access.sharing]
        reasons += [Text(f"禁止规则“{rule.name}”优先", f'Forbid "{rule.name}" wins') for rule in rights.access.forbids]
        if rights.access.is_system:
            reasons.append(Text("系统操作不受限制", "The system itself is not limited"))
        if record_id is not None:
            reasons += _record_reasons(tx, rights.profile.user_id, object_key, record_id)
        if field is not None:
            level = access.levels_with_task(tx, rights, record_id) if record_id else rights.levels
            held = level.get(field, "none")
            allowed = allowed and (held in ("read", "write") if action == "read" else held == "write")
            reasons.append(_field_text(rights.access.levels, field, held))
    if not reasons or (not rights.access.clauses.get(action) and not rights.access.is_system):
        reasons.insert(0, Text(f"没有角色授予操作 {action}", f"No role grants {action}"))
    return Explanation(allowed, tuple(reasons))


def _clause_text(tx: Tx, clause: Clause) -> Text:
    config = snapshot.load(tx)
    role = config.roles.get(clause.role)
    where = config.branches[clause.branch_id].name if clause.branch_id else ""
    scope = _SCOPE_NAMES[clause.scope]
    rule = Text(f",条件 {clause.where}", f", if {clause.where}") if clause.where else Text("", "")
    name = role.label if role else Text(clause.role, clause.role)
    return Text(f"角色“{name.zh}”({where}):{scope.zh}{rule.zh}", f'Role "{name.en}" ({where}): {scope.en}{rule.en}')


def _field_text(granted: dict[str, str], field: str, level: str) -> Text:
    source = "" if field in granted else f" ({ALL_FIELDS})"
    return Text(f"字段 {field} 的级别：{level}{source}", f"Level on the field {field}: {level}{source}")


def _record_reasons(tx: Tx, user_id: UUID | None, object_key: str, record_id: UUID) -> list[Text]:
    keys = {"user": user_id, "object": object_key, "record": record_id}
    where = "user_id = :user AND object = :object AND record_id = :record"
    shared = tx.execute(sa.text(f"SELECT 1 FROM record_share WHERE {where}"), keys).first()
    tasks = tx.execute(sa.text(f"SELECT task_id FROM task_grant WHERE {where}"), keys).scalars()
    reasons = [Text("该记录已单独共享", "The record is shared with this user")] if shared else []
    return reasons + [Text(f"待办任务 {task}", f"User task {task}") for task in tasks]
