"""A deployer who lost the right: his versions go on, but everybody sees it."""

from __future__ import annotations

from uuid import UUID

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.workflow.runtime import DEPLOY, holds_everywhere, runtime_of

REVOKED = "deployer_right_revoked"
_DEPLOYERS = """select d.deployed_by, max(d.deployed_by_name) from deployment d
 where d.status <> 'refused' and d.deployed_by <> 'system' and exists (select 1 from process_version v
 where v.deployment_id = d.id and (exists (select 1 from process p where p.latest_version_id = v.id)
 or exists (select 1 from instance i where i.version_id = v.id and i.ended_at is null)))
 group by 1"""


def flag_deployments(tx: Tx) -> tuple[UUID, ...]:
    """Flag what people deployed who may not any more, unflag what they may again; the deployments changed."""
    changed: list[UUID] = []
    directory = runtime_of(tx).directory(tx)
    for user, name in tx.query(_DEPLOYERS, {}):
        with tx.acting_as(Actor(ActorKind.USER, user, name)):
            may = bool(directory.existing([user])) and holds_everywhere(tx, DEPLOY)
        changed += _set(tx, user, None if may else REVOKED)
    return tuple(changed)


def _set(tx: Tx, user: str, flag: str | None) -> list[UUID]:
    sql = """update deployment set flag = %(flag)s where deployed_by = %(user)s and status <> 'refused'
 and flag is distinct from %(flag)s returning id"""
    changed = [row[0] for row in tx.query(sql, {"flag": flag, "user": user})]
    for deployment_id in changed:
        action = "process:deployment_flagged" if flag else "process:deployment_unflagged"
        tx.record(Event(action, ("deployment", deployment_id), data={"flag": flag}))
    return changed
