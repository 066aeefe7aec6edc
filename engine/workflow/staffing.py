"""What follows when roles, groups or positions change: open offers reach the people who hold them now, and versions
whose deployer lost the right are flagged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.uow import Boundary, Tx
from engine.metadata.organisation_tables import epoch
from engine.workflow.assignees.resolve import Asking, candidates_of
from engine.workflow.assignees.rules import RuleKind, parse_rules
from engine.workflow.bpmn.extensions import Assignee, TaskExtension
from engine.workflow.deployments.flagging import flag_deployments
from engine.workflow.programs import load
from engine.workflow.runtime import runtime_of

_FOLLOWING = {RuleKind.ROLE, RuleKind.GROUP, RuleKind.POSITION}
_BATCH = 500
_OFFERS = """select t.id, t.node_id, t.acting_for, i.version_id, i.branch_id, i.starter, i.pinned->>'overlay',
 array(select c.user_id from task_candidate c where c.task_id = t.id and c.is_open)
 from user_task t join instance i on i.id = t.instance_id
 where t.status = 'open' and t.assignee is null and t.kind = 'task' and t.id > %(after)s order by t.id limit %(limit)s
 for update of t skip locked"""
_CHANGE = """with gone as (delete from task_candidate where task_id = %(task)s and user_id = any(%(gone)s::text[]))
 insert into task_candidate (user_id, task_id, is_open)
 select user_id, %(task)s, true from unnest(%(new)s::text[]) as n(user_id) on conflict do nothing"""
_seen: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()


class Place(NamedTuple):
    """A task of a process as cases of one branch have it."""

    version_id: UUID
    overlay_id: UUID | None
    node_id: str
    branch_id: UUID | None


def follow_changes(boundary: Boundary, actor: Actor = SYSTEM) -> int:
    """Once per change of the organisation in this process: flag deployments, renew offers; how many rows changed."""
    now = boundary.run(actor, lambda tx: int(tx.execute(select(epoch.c.value)).scalar_one()))
    if _seen.get(boundary.engine) == now:
        return 0
    changed = len(boundary.run(actor, flag_deployments))
    after: UUID | None = UUID(int=0)
    while after is not None:
        count, after = boundary.run(actor, partial(renew_offers, after=after))
        changed += count
    _seen[boundary.engine] = now
    return changed


def renew_offers(tx: Tx, after: UUID) -> tuple[int, UUID | None]:
    """Bring one batch of offered tasks up to date: (tasks changed, last id looked at or None at the end)."""
    rows = tx.query(_OFFERS, {"after": after, "limit": _BATCH})
    people: dict[Place, tuple[str, ...]] = {}
    changed = 0
    for task_id, node_id, acting_for, version_id, branch_id, starter, overlay, offered in rows:
        key = Place(version_id, UUID(overlay) if overlay else None, node_id, branch_id)
        if key not in people:
            people[key] = _holders(tx, key)
        wanted = _wanted(tx, key, people[key], starter)
        changed += _renew(tx, task_id, wanted, set(offered), acting_for)
    return changed, rows[-1][0] if len(rows) == _BATCH else None


def _wanted(tx: Tx, place: Place, holders: tuple[str, ...], starter: str) -> set[str]:
    """Without the starter where the model keeps him out; separation of duties is checked when the task is done."""
    task = _task(tx, place)
    is_starter_out = task is not None and task.self_approval != "ask"
    return {user for user in holders if not (is_starter_out and user == starter)}


def _renew(tx: Tx, task_id: UUID, wanted: set[str], offered: set[str], acting_for: Mapping[str, Any]) -> bool:
    """Substitutes stay while whom they stand in for is still wanted; nobody left is no reason to strand a task."""
    if not wanted:
        return False
    stand_ins = {user for user in offered if acting_for.get(user) in wanted}
    new = wanted - offered - set(acting_for.values())
    gone = offered - wanted - stand_ins
    if not new and not gone:
        return False
    tx.post(_CHANGE, {"task": task_id, "gone": sorted(gone), "new": sorted(new)})
    return True


def _holders(tx: Tx, place: Place) -> tuple[str, ...]:
    """Whom the node's rules name now; nobody when they ask for more than roles, groups and positions."""
    task = _task(tx, place)
    if task is None:
        return ()
    assignees = [*task.assignees, *map(Assignee, task.candidates)]
    if any(one.strategy != "offer" or one.branch.startswith("=") for one in assignees):
        return ()
    directory = runtime_of(tx).directory(tx)
    found: dict[str, None] = {}
    for one in assignees:
        rules = parse_rules(one.rule)
        if any(rule.kind not in _FOLLOWING for rule in rules):
            return ()
        where = directory.headquarters() if one.branch == "hq" or place.branch_id is None else place.branch_id
        found |= dict.fromkeys(candidates_of(rules, directory, Asking(where)))
    return tuple(found)


def _task(tx: Tx, place: Place) -> TaskExtension | None:
    node = load(tx, place.version_id, place.overlay_id).node(place.node_id)
    return node.task if node is not None else None
