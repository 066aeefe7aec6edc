"""Decisions that count no more: taken back, or made after the task the case has returned to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.runner.rounds import Rounds
from engine.workflow.tasks.held import Held
from engine.workflow.tasks.returning import around, reachable

_BY_ID = "update user_task set annulled_at = %(now)s where id = any(%(ids)s::uuid[]) and annulled_at is null"
_BY_NODE = """update user_task set annulled_at = %(now)s where instance_id = %(id)s and status = 'done'
 and node_id = any(%(nodes)s::text[]) and rounds @> %(around)s::bigint[] and annulled_at is null"""


def annul(tx: Tx, task_ids: Sequence[UUID]) -> None:
    """These decisions count no more; their votes stay on record."""
    tx.post(_BY_ID, {"now": tx.now, "ids": list(task_ids)})


def annul_after(held: Held, target: str, around: Rounds, *, with_target: bool = True) -> None:
    """What was decided at the target and behind it counts no more; behind it only, without the target.

    around: the rounds the target stands in; what other rounds decided at the same nodes keeps counting.
    """
    nodes = undone(held.loaded.process, target) - (frozenset() if with_target else {target})
    parameters = {"now": held.tx.now, "id": held.row.id, "nodes": sorted(nodes), "around": list(around[:1])}
    held.tx.post(_BY_NODE, parameters)


def is_annulled(tx: Tx, task_id: UUID) -> bool:
    """Whether the task's decision counts no more."""
    sql = "select annulled_at is not null from user_task where id = %(id)s"
    return bool(tx.query(sql, {"id": task_id})[0][0])


def undone(process: Process, target: str) -> frozenset[str]:
    """The target with all that comes after it, insides of sub-processes included."""
    found = {target}.union(*(reachable(process, level) for level in (target, *around(process, target))))
    inside = {node.id for node in process.nodes.values() if found.intersection(around(process, node.id))}
    return frozenset(found | inside)
