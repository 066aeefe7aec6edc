"""Facts about people that assignment needs, from votes, substitutions, open tasks and turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.kernel.uow import Tx
from engine.workflow.assignees import Assignment

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

_VOTES = """select v.node_id, v.user_id, v.person, v.acting_for_person, v.outcome from task_vote v
 join user_task t on t.id = v.task_id and t.annulled_at is null where v.instance_id = %(id)s order by v.id"""
SUBSTITUTES = "workflow.substitutes"
SUBSTITUTES_SQL = """select array[user_id, substitute_id, coalesce(process_key, ''), id::text] from substitution
 where starts_at <= %(now)s and ends_at > %(now)s and (process_key is null or process_key = %(key)s)"""
_LOAD = """select assignee, count(*) from user_task where assignee = any(%(users)s) and status = 'open'
 group by assignee"""
_TURNS = "select user_id, turn from task_turn where process_key = %(key)s and node_id = %(node)s"


def votes(session: Session) -> list[tuple[str, str, str, str | None, str]]:
    """(node, user, person, person acted for, outcome) of every decision that counts, this step included;
    oldest first."""
    if session.known_votes is None:
        rows = session.tx.query(_VOTES, {"id": session.row.id})
        session.known_votes = [(r[0], r[1], r[2], r[3], r[4]) for r in rows]
    fresh = [
        (vote["node_id"], vote["user_id"], vote["person"], vote["acting_for_person"], vote["outcome"])
        for vote in session.writes.votes
    ]
    return session.known_votes + fresh


def excluded(session: Session, distinct_from: Sequence[str]) -> frozenset[str]:
    """Natural persons who decided at one of these nodes, or for whom somebody decided."""
    if not distinct_from:
        return frozenset()
    persons: set[str] = set()
    for node, _, person, acting_for, _ in votes(session):
        if node in distinct_from:
            persons.add(person)
            if acting_for:
                persons.add(acting_for)
    return frozenset(persons)


def approvers(session: Session) -> frozenset[str]:
    """Users who agreed somewhere in this instance: whose decision was not a refusal."""
    return frozenset(user for node, user, _, _, outcome in votes(session) if not refuses(session, node, outcome))


def refuses(session: Session, node_id: str, outcome: str) -> bool:
    """Whether the outcome is a no."""
    node = session.loaded.node(node_id)
    outcomes = node.task.outcomes if node is not None and node.task is not None else ()
    return outcome == "reject" or any(one.name == outcome and one.style == "danger" for one in outcomes)


def substitutes(tx: Tx, process_key: str) -> Mapping[str, str]:
    """absent user → substitute, now, for this process; read once per transaction."""
    key = (SUBSTITUTES, process_key)
    found: Mapping[str, str] | None = tx.memo.get(key)
    if found is None:
        rows = tx.query(SUBSTITUTES_SQL, {"now": tx.now, "key": process_key})
        found = tx.memo[key] = in_force([row[0] for row in rows])
    return found


def in_force(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """absent user → substitute, of (user, substitute, process or "", id): one named for the process goes before one for
    all, a later before an earlier.

    >>> in_force([("ann", "cid", "refund", "1"), ("ann", "bob", "", "2")])
    {'ann': 'cid'}
    """
    return {user: named for user, named, _, _ in sorted(rows, key=lambda row: (row[2], row[3]))}


def represented(substitutes: Mapping[str, str], me: str) -> list[str]:
    """Whom somebody stands in for: those who named him, and those who named one of them, who is away himself."""
    found: list[str] = []
    waiting = [me]
    while waiting:
        current = waiting.pop(0)
        more = [user for user, named in substitutes.items() if named == current and user != me and user not in found]
        found += more
        waiting += more
    return found


def load(tx: Tx, users: Sequence[str]) -> Mapping[str, int]:
    """Open tasks by user."""
    if not users:
        return {}
    return {row[0]: row[1] for row in tx.query(_LOAD, {"users": list(users)})}


def turns(session: Session, node_id: str) -> Mapping[str, int]:
    """When each user last got this task: larger is later. Tasks handed out in this step count."""
    key = {"key": session.row.process_key, "node": node_id}
    session.tx.post("select pg_advisory_xact_lock(hashtextextended(%(key)s || ':' || %(node)s, 7))", key)
    found = {row[0]: row[1] for row in session.tx.query(_TURNS, key)}
    for turn in session.writes.turns:
        if turn["node_id"] == node_id:
            found[turn["user_id"]] = turn["turn"]
    return found


def note_turn(session: Session, node_id: str, assignment: Assignment) -> None:
    """The user got a turn; a substitute's turn counts for the one he stands in for as well."""
    if assignment.assignee is None:
        return
    turn = max(turns(session, node_id).values(), default=0) + 1
    users = {assignment.assignee, assignment.acting_for.get(assignment.assignee, assignment.assignee)}
    kept = [row for row in session.writes.turns if not (row["node_id"] == node_id and row["user_id"] in users)]
    session.writes.turns = [*kept, *({"node_id": node_id, "user_id": user, "turn": turn} for user in sorted(users))]
