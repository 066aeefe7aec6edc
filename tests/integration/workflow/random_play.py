"""A random case from its beginning to its end, whatever the generator of its model: what is wrong with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, UserError
from engine.workflow import instances
from engine.workflow.invariants import violations

from .random_checks import half_told, misbooked, miscounted
from .random_outside import MOVED
from .random_seeds import new_seeds, to_repeat, told_by
from .random_steps import actor_of, finish_task, rows_of
from .random_surprises import MOOD, register, release, report, retry, running, send, settle
from .scissors import torn

Act = Callable[[Any, UUID, str, int], None]
Help = Callable[[Any, UUID, int], None]


@dataclass(frozen=True)
class Kind:
    """What is played.

    `begin`: deploys a model and begins a case of it: the key of the process, the case; `names`: the operations that are
    drawn from, done by `act`; `helps`: what brings a case to its end besides; `broken`: further rules, asked after each
    operation; `cases`: all that have begun, of the key and the first; `miscounted`: further rules, asked at the end.
    """

    begin: Callable[[Any, Random], tuple[str, UUID]]
    names: Sequence[str]
    act: Act
    helps: Sequence[Help] = ()
    broken: Callable[[Any], list[Any]] = lambda world: []
    cases: Callable[[Any, str, UUID], list[UUID]] = lambda world, key, case: [case]
    miscounted: Callable[[Any, str, list[UUID]], list[Any]] = lambda world, key, cases: []


def played(world: Any, kind: Kind, seed: int, *, is_torn: bool = False) -> list[Any]:
    """What is wrong with the case of a seed, at the first operation after which something is; nothing when all holds.

    The same for the same seed, but for what happens at once. `is_torn`: on connections that are cut.
    """
    rng = Random(seed)
    register(world)
    key, case = kind.begin(world, rng)
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"case": str(case)}, "x"))
    for name, number in [(rng.choice(kind.names), rng.randrange(10**6)) for _ in range(rng.randrange(5, 40))]:
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            _do(world, kind, case, name, number, is_torn=is_torn)
        world.drain()
        if found := [*wrong(world, case), *kind.broken(world)]:
            return [*found, (name, number)]
    cases = kind.cases(world, key, case)
    unfinished = [world.view(one).tokens for one in cases if not ended(world, one, kind.helps)]
    return unfinished or [*told_wrongly(world, key, cases), *kind.miscounted(world, key, cases)]


def many(world: Any, kind: Kind, count: int, *, is_torn: bool = False) -> list[Any]:
    """What is wrong with the first of so many new seeds at which something is, and how to repeat it."""
    for seed in new_seeds(count):
        with told_by(seed):
            if found := played(world, kind, seed, is_torn=is_torn):
                return [to_repeat(seed), *found]
    return []


def _do(world: Any, kind: Kind, case: UUID, name: str, number: int, *, is_torn: bool) -> None:
    if is_torn:
        torn(lambda: kind.act(world, case, name, number), world.drain, number)
    else:
        kind.act(world, case, name, number)


def wrong(world: Any, case: UUID) -> list[Any]:
    """Broken rules, miscounted votes; and joins that wait for ever though no operator has moved a token."""
    return [*world.run(SYSTEM, violations), *miscounted(world, case), *([] if case in MOVED else strands(world, case))]


def strands(world: Any, case: UUID) -> list[Any]:
    """Incidents of joins that wait for ever: the instance, the join."""
    sql = """select n.instance_id, n.node_id from incident n join instance i on i.id = n.instance_id
 where i.root_id = %(id)s and n.kind = 'stranded' and n.resolved_at is null order by n.id"""
    return [tuple(row) for row in world.sql(sql, id=case)]


def ended(world: Any, case: UUID, helps: Sequence[Help] = ()) -> bool:
    """Everything that is open is done, over and over; True when the case has come to its end."""
    MOOD.left = 0
    release(world, case, 0)
    for number in range(600):
        world.drain()
        if not running(world, case):
            return True
        push(world, case, number)
        for help_along in helps:
            with contextlib.suppress(UserError):
                help_along(world, case, number)
    return False


def push(world: Any, case: UUID, number: int) -> None:
    """One more thing that helps the case to its end; what nothing else helps is passed over by an operator."""
    live = [row for row in rows_of(world, case) if row.status == "open"]
    if number > 200 and number % 5 == 0:
        pass_over(world, case)
    elif live:
        row = live[number % len(live)]
        with contextlib.suppress(UserError):
            world.run(actor_of(world, row), lambda tx: finish_task(tx, row, "", 1))
    for help_along in (retry, report, send, settle) if not live or number % 4 == 0 else ():
        with contextlib.suppress(UserError):
            help_along(world, case, number)
    if number % 5 == 4:
        world.pass_time(hours=7)


def pass_over(world: Any, case: UUID) -> None:
    """Whatever waits innermost is skipped."""
    for one in reversed(running(world, case)):
        for token in reversed(world.view(one).tokens):
            with contextlib.suppress(UserError):
                world.run("adm", lambda tx, one=one, token=token: instances.skip(tx, one, token.activation, "x"))
                return


def go_without(world: Any, case: UUID, seed: int) -> None:
    """An operator lets the joins that wait for ever go on with what has come."""
    for one, node in strands(world, case):
        with contextlib.suppress(Conflict):
            world.run("adm", lambda tx, one=one, node=node: instances.pass_join(tx, one, node, "x"))


def told_wrongly(world: Any, key: str, cases: Sequence[UUID]) -> Iterator[Any]:
    """Of cases that have come to their end: what trails, bookings and rules do not agree about."""
    yield from world.run(SYSTEM, violations)
    for one in cases:
        yield from half_told(world, one)
    yield from misbooked(world, cases, key)
