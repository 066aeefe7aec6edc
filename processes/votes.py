"""Counting who agreed, from the vote rows of the running instance (JOINTS 22)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from engine.kernel.uow import Tx
from engine.workflow.handlers import current_instance
from engine.workflow.tables.task import task_vote


def approving_persons(tx: Tx, nodes: Sequence[str], *, outcome: str = "approve") -> tuple[str, ...]:
    """One natural person for each independent approval at these user tasks, in order.

    Only the last vote of a task counts, and only with the given outcome. A substitute and the one he acts for are
    one person; so are all accounts of a person.
    """
    votes = tx.execute(
        select(task_vote.c.node_id, task_vote.c.person, task_vote.c.acting_for_person, task_vote.c.outcome)
        .where(task_vote.c.instance_id == current_instance(tx), task_vote.c.node_id.in_(nodes))
        .order_by(task_vote.c.at, task_vote.c.id)
    )
    last = {vote.node_id: vote for vote in votes}
    agreed = [vote for vote in last.values() if vote.outcome == outcome]
    return independent([frozenset({v.person, v.acting_for_person or v.person}) for v in agreed])


def independent(groups: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """One name of each set that shares nobody with the others; sets that overlap count once.

    >>> independent([frozenset({"li"}), frozenset({"wang", "li"}), frozenset({"zhao"})])
    ('li', 'zhao')
    """
    merged: list[frozenset[str]] = []
    for group in groups:
        touching = [known for known in merged if known & group]
        merged = [known for known in merged if not known & group]
        merged.append(group.union(*touching))
    return tuple(sorted(min(group) for group in merged))
