"""Where the cases of one version stand, and how long its tasks took: the figures on the picture of a process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.instances.access import require_seeing, seen_branches
from engine.workflow.interpreter.state import State, Wait
from engine.workflow.runner import apart

COUNTED = 2_000
"""So many running cases are looked into, the newest ones."""
TIMED = 2_000
"""So many cases give their times."""
_SOUGHT = 20_000
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """One element. `cases`: that stand there; `tokens`: more than those where one has several there; `failed`: cases
    with an incident there; `overdue`, `due_soon`: its open tasks; `since`: of the oldest open one.

    `done`: tasks completed in the cases looked at, with half of them done within `median_s` seconds and nine of ten
    within `slow_s`.
    """

    cases: int = 0
    tokens: int = 0
    failed: int = 0
    overdue: int = 0
    due_soon: int = 0
    since: datetime | None = None
    done: int = 0
    median_s: float | None = None
    slow_s: float | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """By element id. `running`: cases looked into; `is_whole`: these are all that run."""

    running: int
    is_whole: bool
    places: Mapping[str, Place]


_RUNNING = """select id, state from instance where version_id = %(version)s and ended_at is null
 and (%(branches)s::uuid[] is null or branch_id = any(%(branches)s::uuid[])) order by id desc limit %(limit)s"""
_OPEN = f"""select t.node_id, count(*) filter (where t.due_at < %(now)s),
 count(*) filter (where t.due_at >= %(now)s and t.due_at < %(soon)s), min(t.created_at)
 from (select id from ({_RUNNING}) r) i join user_task t on t.instance_id = i.id and t.status = 'open'
 group by t.node_id"""  # noqa: S608 - constant parts
_TIMES = """with newest as materialized (select id, version_id, branch_id from instance
 where process_key = (select process_key from process_version where id = %(version)s) order by id desc limit %(sought)s)
select t.node_id, count(*),
 percentile_cont(0.5) within group (order by extract(epoch from t.completed_at - t.created_at)),
 percentile_cont(0.9) within group (order by extract(epoch from t.completed_at - t.created_at))
 from (select id from newest where version_id = %(version)s
  and (%(branches)s::uuid[] is null or branch_id = any(%(branches)s::uuid[])) order by id desc limit %(timed)s) i
 join user_task t on t.instance_id = i.id and t.status = 'done' and t.kind = 'task' group by t.node_id"""


def places(tx: Tx, version_id: UUID) -> Places:
    """The figures over the cases tx.actor operates or looks at. Raises: Forbidden when he does neither anywhere."""
    parameters = _parameters(tx, version_id)
    rows = tx.query(_RUNNING, parameters)
    found = _standing(apart.decode(tx, row[0], row[1]) for row in rows[:COUNTED])
    for node, overdue, soon, since in tx.query(_OPEN, parameters):
        place = found.get(node, Place())
        found[node] = replace(place, overdue=overdue, due_soon=soon, since=since)
    for node, done, median, slow in tx.query(_TIMES, parameters):
        place = found.get(node, Place())
        found[node] = replace(place, done=done, median_s=float(median), slow_s=float(slow))
    return Places(min(len(rows), COUNTED), len(rows) <= COUNTED, found)


def standing_at(tx: Tx, version_id: UUID, node_id: str) -> tuple[UUID, ...]:
    """The cases among those counted that stand at the element, newest first. Raises: Forbidden."""
    rows = tx.query(_RUNNING, _parameters(tx, version_id))
    return tuple(row[0] for row in rows[:COUNTED] if node_id in _nodes(apart.decode(tx, row[0], row[1])))


def _parameters(tx: Tx, version_id: UUID) -> dict[str, Any]:
    require_seeing(tx)
    branches = seen_branches(tx)
    return {
        "version": version_id,
        "branches": None if branches is None else list(branches),
        "limit": COUNTED + 1,
        "sought": _SOUGHT,
        "timed": TIMED,
        "now": tx.now,
        "soon": tx.now + SOON,
    }


def _standing(states: Iterable[State]) -> dict[str, Place]:
    cases, tokens, failed = Counter[str](), Counter[str](), Counter[str]()
    for state in states:
        nodes = _nodes(state)
        cases.update(nodes.keys())
        tokens.update(nodes)
        failed.update({token.node for token in state.tokens.values() if token.wait == Wait.INCIDENT})
    return {node: Place(cases[node], tokens[node], failed[node]) for node in cases}


def _nodes(state: State) -> Counter[str]:
    """Tokens by element, those that arrived at a join and wait for the others too; a host of items counts by these."""
    found = Counter(token.node for token in state.tokens.values() if token.wait != Wait.ITEMS)
    for scope in state.scopes.values():
        for join, arrived in scope.joins.items():
            found[join] += sum(arrived.values())
    return +found
