"""Operations of people and operators on a running case, by name: what the random tests draw from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.kernel import background
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.workflow import bulk, deployments, instances, substitutions, tasks
from engine.workflow.leaving import CASE, OFFER, TASK
from engine.workflow.tasks import taking_over

PEOPLE = ["ann", "bob", "fay", "fin", "pat", "tea", "ted", "tom", "sam"]
KINDS = (TASK, OFFER, CASE)
NEWER: dict[str, list[str]] = {}
MAPPINGS: dict[str, dict[str, str]] = {}
"""Nodes that have other names in the newer version of a process."""
BATCHES: dict[UUID, UUID] = {}
OFTEN = ["complete", "complete", "complete", "return", "return", "withdraw", "withdraw", "time"]
SELDOM = [
    *("claim", "unclaim", "transfer", "delegate", "resolve", "before", "after", "parallel", "unsign", "unvote"),
    *("reject", "direct", "pause", "away", "back", "leaves", "leaves_all", "move", "skip", "migrate", "go_back"),
    *("next", "arrange", "cc", "urge", "save", "variables"),
]


def actor_of(world: Any, row: Any) -> str:
    if row.assignee:
        return str(row.assignee)
    found = world.sql("select user_id from task_candidate where task_id = %(id)s order by 1", id=row.id)
    return str(found[0][0]) if found else "adm"


def rows_of(world: Any, case: UUID) -> list[Any]:
    """Tasks of the case and of all it has called."""
    family = world.sql("select id from instance where root_id = %(id)s order by id", id=case)
    return [row for (one,) in family for row in world.view(one).tasks]


def apply(world: Any, case: UUID, name: str, seed: int) -> None:
    """One operation; what is not allowed there is refused and changes nothing."""
    if name in ON_CASE:
        ON_CASE[name](world, case, seed)
        return
    known = rows_of(world, case)
    fits = WANTED.get(name, lambda row: row.status == "open")
    pool = [row for row in known if fits(row)]
    if not pool:
        return
    row = pool[seed % len(pool)]
    who = row.completed_by if name == "withdraw" else "adm" if name == "unvote" else actor_of(world, row)
    world.run(who, lambda tx: ACTS[name](tx, row, PEOPLE[seed % len(PEOPLE)], seed))


def pause(world: Any, case: UUID, seed: int) -> None:
    world.run("adm", lambda tx: instances.suspend(tx, case, "x"))
    world.pass_time(hours=4)
    world.run("adm", lambda tx: instances.resume(tx, case, "x"))


def go_away(world: Any, case: UUID, seed: int) -> None:
    """Somebody is away for a while; what opens meanwhile goes to his substitute."""
    user, other = PEOPLE[seed % len(PEOPLE)], PEOPLE[(seed // 7) % len(PEOPLE)]
    now = world.clock.now()
    world.run("adm", lambda tx: substitutions.create(tx, user, other, now, now + timedelta(hours=3)))


def come_back(world: Any, case: UUID, seed: int) -> None:
    """Somebody is back early."""
    found = world.run("adm", substitutions.current)
    if found:
        world.run("adm", lambda tx: substitutions.end(tx, found[seed % len(found)].id))


def leave(world: Any, case: UUID, seed: int) -> None:
    """Somebody hands over one thing after the other."""
    user, other = PEOPLE[seed % len(PEOPLE)], PEOPLE[(seed // 7) % len(PEOPLE)]
    for task_id in world.run("adm", lambda tx: taking_over.belongings(tx, user, 50))[0]:
        with contextlib.suppress(UserError):
            world.run("adm", lambda tx, task_id=task_id: taking_over.take_over(tx, task_id, user, other))


def leave_all(world: Any, case: UUID, seed: int) -> None:
    """Somebody hands over everything at once, in the background."""
    user, other = PEOPLE[seed % len(PEOPLE)], PEOPLE[(seed // 7) % len(PEOPLE)]
    world.run("adm", lambda tx: bulk.hand_over(tx, user, dict.fromkeys(KINDS, other)))
    background.drain(world.boundary, {bulk.KIND: bulk.run}, SYSTEM)


def migrate(world: Any, case: UUID, seed: int) -> None:
    """Running cases go to the newer version; now and then they come back at once."""
    view = world.view(case)
    if view.version == 1 and NEWER[view.process_key]:
        world.deploy(NEWER[view.process_key].pop())
    first, *second = [one.id for one in world.run("adm", lambda tx: deployments.versions(tx, view.process_key))][::-1]
    if second:
        mapping = MAPPINGS.get(view.process_key, {})
        result = world.run("adm", lambda tx: instances.migrate(tx, first, second[0], mapping, ids=[case]))
        BATCHES[case] = result.batch_id
        assert result.migrated or view.version == 2


def undo_migration(world: Any, case: UUID, seed: int) -> None:
    if case in BATCHES:
        world.run("adm", lambda tx: instances.undo_migration(tx, BATCHES[case]))


def set_variables(world: Any, case: UUID, seed: int) -> None:
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"noted": seed % 10}, "x"))


def move(world: Any, case: UUID, seed: int) -> None:
    """An operator moves one token to another task of its own scope, or beside a task that has gone."""
    waiting = [token for token in world.view(case).tokens if token.node_id.startswith(("t", "ask", "end"))]
    if waiting:
        token = waiting[seed % len(waiting)]
        world.run("adm", lambda tx: instances.move(tx, case, [token.activation], token.node_id, "again", dry_run=True))
        world.run("adm", lambda tx: instances.move(tx, case, [token.activation], token.node_id, "again"))


def skip(world: Any, case: UUID, seed: int) -> None:
    tokens = world.view(case).tokens
    if not tokens:
        return
    token = tokens[seed % len(tokens)]
    world.run("adm", lambda tx: instances.skip(tx, case, token.activation, "x", dry_run=True))
    world.run("adm", lambda tx: instances.skip(tx, case, token.activation, "x"))


def finish_task(tx: Any, row: Any, person: str, seed: int) -> None:
    if row.delegated_by:
        tasks.resolve(tx, row.id)
        return
    view = tasks.get(tx, row.id)
    outcome = view.outcomes[0 if seed % 4 else -1].name
    tasks.complete(tx, row.id, outcome, {}, "ok")


def go_back(tx: Any, row: Any, person: str, seed: int) -> None:
    targets = [one.node_id for one in tasks.return_targets(tx, row.id)] + ["starter"]
    target = targets[seed % len(targets)]
    tasks.return_to(tx, row.id, target, "", dry_run=True)
    tasks.return_to(tx, row.id, target, "again")


def ask_back(tx: Any, row: Any, person: str, seed: int) -> None:
    targets = [one.node_id for one in tasks.return_targets(tx, row.id)] + ["starter"]
    tasks.return_to(tx, row.id, targets[seed % len(targets)], "mend it", direct=True)


def arrange(tx: Any, row: Any, person: str, seed: int) -> None:
    """Those whose turn has yet to come change places; now and then one is left out."""
    waiting = [turn.item for turn in tasks.get(tx, row.id).turns]
    order = waiting[seed % 3 :] + waiting[: seed % 3]
    tasks.arrange_signers(tx, row.id, order[: len(order) - (seed % 4 == 0)], "x")


def _is_voter(row: Any) -> bool:
    return row.status == "open" and row.host is not None and row.kind == "task"


WANTED: dict[str, Callable[[Any], bool]] = {
    "withdraw": lambda row: row.status == "done" and row.outcome != "skipped",
    "unsign": lambda row: row.kind != "task" and row.status in ("open", "waiting"),
    "unvote": _is_voter,
    "parallel": _is_voter,
    "next": lambda row: _is_voter(row) and row.node_id.startswith("o"),
    "arrange": lambda row: _is_voter(row) and row.node_id.startswith("o"),
    "resolve": lambda row: row.status == "open" and row.delegated_by is not None,
    "unclaim": lambda row: row.status == "open" and row.claimed_at is not None,
    "before": lambda row: row.status == "open" and row.kind == "task",
    "after": lambda row: row.status == "open" and row.kind == "task",
}
ON_CASE: dict[str, Callable[[Any, UUID, int], Any]] = {
    "time": lambda world, case, seed: world.pass_time(hours=seed % 5),
    "pause": pause,
    "away": go_away,
    "back": come_back,
    "leaves": leave,
    "leaves_all": leave_all,
    "migrate": migrate,
    "go_back": undo_migration,
    "variables": set_variables,
    "move": move,
    "skip": skip,
}
ACTS: dict[str, Callable[[Any, Any, str, int], Any]] = {
    "complete": finish_task,
    "claim": lambda tx, row, person, seed: tasks.claim(tx, row.id),
    "unclaim": lambda tx, row, person, seed: tasks.unclaim(tx, row.id),
    "transfer": lambda tx, row, person, seed: tasks.transfer(tx, row.id, person),
    "delegate": lambda tx, row, person, seed: tasks.delegate(tx, row.id, person),
    "resolve": lambda tx, row, person, seed: tasks.resolve(tx, row.id),
    "before": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "before"),
    "after": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "after"),
    "parallel": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "parallel"),
    "next": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "next"),
    "arrange": arrange,
    "cc": lambda tx, row, person, seed: tasks.cc(tx, row.id, [person], "look"),
    "urge": lambda tx, row, person, seed: tasks.urge(tx, row.id),
    "save": lambda tx, row, person, seed: tasks.save(tx, row.id, {"noted": seed}),
    "unsign": lambda tx, row, person, seed: tasks.remove_signer(tx, row.id),
    "unvote": lambda tx, row, person, seed: tasks.remove_signer(tx, row.id),
    "return": go_back,
    "direct": ask_back,
    "reject": lambda tx, row, person, seed: tasks.reject(tx, row.id, "no"),
    "withdraw": lambda tx, row, person, seed: tasks.withdraw(tx, row.id, "oops"),
}
