"""What must hold at every moment, whatever was killed: `python -m engine.workflow.invariants DATABASE_URL`.

Each rule is a query for rows that break it; a healthy database gives none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import create_engine

from engine.kernel.actor import SYSTEM
from engine.kernel.clock import SystemClock
from engine.kernel.uow import Boundary, SilentWaker, Tx
from engine.workflow.bpmn.model import EventKind
from engine.workflow.interpreter.state import Arm, State, Status, Wait
from engine.workflow.interpreter.stranding import stands_still
from engine.workflow.interpreter.table import MANY
from engine.workflow.interpreter.wholeness import faults
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import apart

Activations = Mapping[UUID, list[int]]

_RULES = {
    "task open in a finished instance": """select t.id::text from user_task t join instance i on i.id = t.instance_id
 where i.ended_at is not null and t.status in ('open', 'waiting')""",
    "timer of a finished instance": """select t.id::text from timer t join instance i on i.id = t.instance_id
 where i.ended_at is not null""",
    "subscription of a finished instance": """select s.instance_id || ':' || s.activation from subscription s
 join instance i on i.id = s.instance_id where i.ended_at is not null""",
    "job of a finished instance": """select j.id::text from workflow_job j join instance i on i.id = j.instance_id
 where i.ended_at is not null""",
    "incident open in a finished instance": """select n.id::text from incident n join instance i on i.id = n.instance_id
 where i.ended_at is not null and n.resolved_at is null""",
    "claimable task with an assignee or not open": """select t.id::text from task_candidate c
 join user_task t on t.id = c.task_id where c.is_open and (t.status <> 'open' or t.assignee is not null)""",
    "task done without a time or a person": """select id::text from user_task where status = 'done'
 and (completed_at is null or (completed_by is null and outcome is distinct from 'skipped'))""",
    "task waits for nobody": """select t.id::text from user_task t where t.status = 'waiting' and t.kind = 'task'
 and not exists (select 1 from user_task c where c.parent_id = t.id and c.status = 'open')""",
    "signer outlives the task": """select c.id::text from user_task c join user_task t on t.id = c.parent_id
 where c.status in ('open', 'waiting') and t.status not in ('open', 'waiting')""",
    "message delivered twice": """select message_id from message where message_id is not null
 group by message_id having count(*) > 1""",
    "reminder of a closed task": """select t.id::text from timer t join user_task u on u.id = t.task_id
 where u.status not in ('open', 'waiting')""",
    "open incidents miscounted": """select i.id::text from instance i where i.open_incidents <>
 (select count(*) from incident n where n.instance_id = i.id and n.resolved_at is null)""",
    "large value differs from its digest": """select instance_id || ':' || encode(digest, 'hex') from instance_value
 where substring(sha256(content) from 1 for 16) <> digest""",
    "large value of no instance": """select v.instance_id::text from instance_value v
 where not exists (select 1 from instance i where i.id = v.instance_id)""",
    "called instance outlives its caller": """select c.id::text from instance c join instance p on p.id = c.parent_id
 where c.ended_at is null and p.ended_at is not null and not exists (select 1 from message m
 where m.status = 'new' and m.source_instance_id = p.id)""",
}
_BROKEN = " union all ".join(f"select '{rule}', * from ({sql} limit 20) broken" for rule, sql in _RULES.items())  # noqa: S608 - constant parts only
_STATES = """select id, state, status, version_id, pinned->>'overlay' from instance where id > %(after)s
 order by id limit 500"""
_TASKS = """select instance_id, array_agg(activation order by activation) from user_task
 where kind = 'task' and status in ('open', 'waiting') and instance_id = any(%(ids)s) group by instance_id"""
_SUBSCRIPTIONS = """select instance_id, array_agg(activation order by activation) from subscription
 where instance_id = any(%(ids)s) group by instance_id"""
_TIMERS = """select instance_id, array_agg(activation order by activation) from timer
 where kind = 'event' and instance_id = any(%(ids)s) group by instance_id"""
_JOBS = """select instance_id, array_agg(activation order by activation) from workflow_job
 where instance_id = any(%(ids)s) group by instance_id"""
_INCIDENTS = """select instance_id, array_agg(distinct activation order by activation) from incident
 where resolved_at is null and kind <> 'no_assignee' and activation is not null and instance_id = any(%(ids)s)
 group by instance_id"""
_STRANDED = """select instance_id, array_agg(distinct 0) from incident where kind = 'stranded' and resolved_at is null
 and instance_id = any(%(ids)s) group by instance_id"""
_CALLS = """select parent_id, array_agg(parent_activation order by parent_activation) from instance
 where parent_id = any(%(ids)s) group by parent_id"""
_ASKED = """select source_instance_id, array_agg(activation order by activation) from message where kind = 'internal'
 and status = 'new' and source_instance_id = any(%(ids)s) group by source_instance_id"""
_VALUES = """select v.instance_id, array_agg(v.digest), bool_or(exists (select 1 from migration_undo u
 where u.instance_id = v.instance_id and u.undone_at is null)) from instance_value v
 where v.instance_id = any(%(ids)s) group by v.instance_id"""
_FIRST = "00000000-0000-0000-0000-000000000000"
_HEARD = (EventKind.MESSAGE, EventKind.SIGNAL)


def violations(tx: Tx) -> list[str]:
    """Every broken invariant as `rule: row`; empty when all hold."""
    return [f"{rule}: {row}" for rule, row in tx.connection.exec_driver_sql(_BROKEN)] + _states(tx)


def _states(tx: Tx) -> list[str]:
    """What a state waits for outside has exactly its rows, rows have exactly their token, scopes count what lives."""
    found: list[str] = []
    after = _FIRST
    while rows := tx.query(_STATES, {"after": after}):
        after = str(rows[-1][0])
        known = Rows.read(tx, [row[0] for row in rows])
        kept = Kept.read(tx, [row[0] for row in rows])
        for instance_id, blob, status, version_id, overlay in rows:
            state = apart.decode(tx, instance_id, blob)
            named = apart.digests(state)
            loaded = load(tx, version_id, UUID(overlay) if overlay else None)
            wrong = [*_rows_differ(instance_id, state, loaded, known), *_status_differs(state, status)]
            if instance_id not in known.stranded and _stands_on_nothing(loaded, state):
                wrong.append("instance stands on nothing")
            wrong += faults(loaded.program, state)
            wrong += kept.differ(instance_id, named)
            found += [f"{rule}: {instance_id}" for rule in wrong]
    return found


@dataclass(frozen=True, slots=True)
class Rows:
    """Activations by instance: of open tasks, jobs, timers, subscriptions, incidents, called instances, calls asked.

    `stranded`: instances with an incident of a join that waits for ever.
    """

    tasks: Activations
    jobs: Activations
    timers: Activations
    subscriptions: Activations
    incidents: Activations
    calls: Activations
    asked: Activations
    stranded: Activations

    @classmethod
    def read(cls, tx: Tx, ids: list[UUID]) -> Rows:
        """Those of some instances."""
        texts = (_TASKS, _JOBS, _TIMERS, _SUBSCRIPTIONS, _INCIDENTS, _CALLS, _ASKED, _STRANDED)
        return cls(*({row[0]: list(row[1]) for row in tx.query(sql, {"ids": ids})} for sql in texts))


@dataclass(frozen=True, slots=True)
class Kept:
    """Digests of large values kept beside each state; `undoable`: instances of which an earlier state may return."""

    digests: Mapping[UUID, frozenset[bytes]]
    undoable: frozenset[UUID]

    @classmethod
    def read(cls, tx: Tx, ids: list[UUID]) -> Kept:
        """Those of some instances."""
        rows = tx.query(_VALUES, {"ids": ids})
        return cls({row[0]: frozenset(map(bytes, row[1])) for row in rows}, frozenset(row[0] for row in rows if row[2]))

    def differ(self, instance_id: UUID, named: frozenset[bytes]) -> Iterator[str]:
        """A state names exactly the values beside it, and while a migration can be undone maybe fewer (ADR 16)."""
        there = self.digests.get(instance_id, frozenset())
        if not named <= there:
            yield "large value is missing"
        if not there <= named and instance_id not in self.undoable:
            yield "large value that no state names"


def _rows_differ(instance_id: UUID, state: State, loaded: Loaded, known: Rows) -> Iterator[str]:
    waits = {wait: sorted(t.id for t in state.tokens.values() if t.wait == wait) for wait in Wait}
    due = sorted(arm.id for arm in state.arms.values() if arm.due is not None)
    heard = sorted(arm.id for arm in state.arms.values() if _is_heard(loaded, arm))
    if waits[Wait.USER] != known.tasks.get(instance_id, []):
        yield "open tasks differ from tokens"
    if waits[Wait.JOB] != known.jobs.get(instance_id, []):
        yield "jobs differ from tokens"
    if due != known.timers.get(instance_id, []):
        yield "timers differ from armed events"
    if heard != known.subscriptions.get(instance_id, []):
        yield "subscriptions differ from armed events"
    if waits[Wait.INCIDENT] != known.incidents.get(instance_id, []):
        yield "incidents differ from stopped tokens"
    answered = {*known.calls.get(instance_id, []), *known.asked.get(instance_id, [])}
    if not answered.issuperset(waits[Wait.CALLED]):
        yield "call waits for nothing"


def _is_heard(loaded: Loaded, arm: Arm) -> bool:
    return arm.index >= 0 and loaded.program.ops[arm.node].events[arm.index].kind in _HEARD


def _status_differs(state: State, status: str) -> Iterator[str]:
    if (state.status == Status.RUNNING) != (status == "active"):
        yield "status differs from state"
    if state.calls:
        yield "call of a handler is not answered"


def _stands_on_nothing(loaded: Loaded, state: State) -> bool:
    """Nothing moves it, and nobody is told (`runner.stranded`)."""
    return state.status == Status.RUNNING and len(state.tokens) < MANY and stands_still(loaded.program, state)


def main() -> None:
    """Print what is broken; exit code 1 when something is."""
    boundary = Boundary(create_engine(sys.argv[1]), SystemClock(), SilentWaker())
    found = boundary.run(SYSTEM, violations)
    sys.stdout.write("".join(f"{line}\n" for line in found) or "all invariants hold\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
