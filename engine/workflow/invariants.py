"""What must hold at every moment, whatever was killed: `python -m engine.workflow.invariants DATABASE_URL`.

Each rule is a query for rows that break it; a healthy database gives none.
"""

from __future__ import annotations

import sys

from sqlalchemy import create_engine

from engine.kernel.actor import SYSTEM
from engine.kernel.clock import SystemClock
from engine.kernel.uow import Boundary, SilentWaker, Tx
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.state import Status, Wait

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
    "called instance outlives its caller": """select c.id::text from instance c join instance p on p.id = c.parent_id
 where c.ended_at is null and p.ended_at is not null and not exists (select 1 from message m
 where m.status = 'new' and m.source_instance_id = p.id)""",
}
_STATES = "select id, state, status from instance where id > %(after)s order by id limit 500"
_TASKS = """select instance_id, array_agg(activation order by activation) from user_task
 where kind = 'task' and status in ('open', 'waiting') and instance_id = any(%(ids)s) group by instance_id"""
_SUBSCRIPTIONS = (
    """select instance_id, count(*) from subscription where instance_id = any(%(ids)s) group by instance_id"""
)
_JOBS = """select instance_id, array_agg(activation order by activation) from workflow_job
 where instance_id = any(%(ids)s) group by instance_id"""
_FIRST = "00000000-0000-0000-0000-000000000000"


def violations(tx: Tx) -> list[str]:
    """Every broken invariant as `rule: row`; empty when all hold."""
    found: list[str] = []
    for rule, sql in _RULES.items():
        found += [f"{rule}: {row[0]}" for row in tx.connection.exec_driver_sql(f"{sql} limit 20")]
    return found + _states(tx)


def _states(tx: Tx) -> list[str]:
    """Tokens that wait for a person or a job have exactly their row; rows have exactly their token."""
    found: list[str] = []
    after = _FIRST
    while True:
        rows = tx.connection.exec_driver_sql(_STATES, {"after": after}).all()
        if not rows:
            return found
        after = str(rows[-1][0])
        key = {"ids": [row[0] for row in rows]}
        tasks = {row[0]: list(row[1]) for row in tx.connection.exec_driver_sql(_TASKS, key)}
        jobs = {row[0]: list(row[1]) for row in tx.connection.exec_driver_sql(_JOBS, key)}
        for instance_id, blob, status in rows:
            state = codec.decode(bytes(blob))
            waits = {wait: [t.id for t in state.tokens.values() if t.wait == wait] for wait in (Wait.USER, Wait.JOB)}
            if sorted(waits[Wait.USER]) != tasks.get(instance_id, []):
                found.append(f"open tasks differ from tokens: {instance_id}")
            if sorted(waits[Wait.JOB]) != jobs.get(instance_id, []):
                found.append(f"jobs differ from tokens: {instance_id}")
            if (state.status == Status.RUNNING) != (status == "active"):
                found.append(f"status differs from state: {instance_id}")
            if state.calls or (status == "active" and not state.tokens and not state.arms):
                found.append(f"instance stands on nothing: {instance_id}")


def main() -> None:
    """Print what is broken; exit code 1 when something is."""
    boundary = Boundary(create_engine(sys.argv[1]), SystemClock(), SilentWaker())
    found = boundary.run(SYSTEM, violations)
    sys.stdout.write("".join(f"{line}\n" for line in found) or "all invariants hold\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
