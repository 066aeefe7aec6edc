"""Cases that reach outside themselves, under random operations: sends, counters, calls by version, moves, any start."""

from __future__ import annotations

import contextlib
import itertools
from random import Random
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.workflow import instances
from engine.workflow.invariants import violations

from .random_checks import half_told, misbooked, miscounted
from .random_events import random_events_block
from .random_outside import MOVED, REACH, choose, connect, judge, miscounted_store, missent, post
from .random_seeds import new_seeds, told_by
from .random_surprises import MOOD, OFTEN, SELDOM, happen, register, release, running
from .random_wide import WAYS, WIDE, begin, cases_of, deploy_wide
from .scissors import torn
from .test_random_events import push

_numbers = itertools.count(1)
_ALL = [*OFTEN, *OFTEN, *SELDOM, *REACH, "post", "post", "choose", "choose"]


def act(world: Any, case: UUID, name: str, seed: int) -> None:
    """One operation; what is not allowed there is refused and changes nothing."""
    if name in REACH:
        REACH[name](world, case, seed)
    else:
        happen(world, case, name, seed)


def act_torn(world: Any, case: UUID, name: str, seed: int) -> None:
    """The same while a connection is cut."""
    torn(lambda: act(world, case, name, seed), world.drain, seed)


def finish(world: Any, case: UUID) -> None:
    """Everything that is open is done, over and over; what an operator has moved astray is cancelled."""
    MOOD.left = 0
    release(world, case, 0)
    for number in range(600):
        world.drain()
        if not running(world, case):
            return
        push(world, case, number)
        for help_along in (choose, post, judge):
            with contextlib.suppress(UserError):
                help_along(world, case, number)
        if number == 300 and case in MOVED:
            world.run("adm", lambda tx: instances.cancel(tx, case, "astray"))
    raise AssertionError(f"the case does not come to an end: {world.view(case).tokens}")


def wrong(world: Any, case: UUID) -> list[str]:
    """Every broken rule; but a case whose token an operator has taken from a join's way may wait there for ever."""
    found = world.run(SYSTEM, violations)
    return [one for one in found if case not in MOVED or not one.startswith("instance stands on nothing")]


def play(world: Any, seed: int, *, is_torn: bool = False) -> None:
    """One model, one way to begin, one run of operations: the same for the same seed but for what happens at once."""
    rng = Random(seed)
    register(world)
    connect(world)
    block = random_events_block(rng, 3, WIDE)
    key = deploy_wide(world, block, rng, next(_numbers))
    case = begin(world, key, rng.choice(WAYS))
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"case": str(case)}, "x"))
    for name, number in [(rng.choice(_ALL), rng.randrange(10**6)) for _ in range(rng.randrange(5, 40))]:
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            (act_torn if is_torn else act)(world, case, name, number)
        world.drain()
        assert wrong(world, case) == [], (name, number)
        assert miscounted(world, case) == [], (name, number)
        assert missent(world) == [], (name, number)
    cases = cases_of(world, key)
    for one in cases:
        finish(world, one)
    assert world.run(SYSTEM, violations) == []
    assert [half_told(world, one) for one in cases] == [[]] * len(cases)
    assert miscounted_store(world, key, cases) == []
    assert misbooked(world, cases, key) == []


@pytest.mark.parametrize("seed", range(3))
def test_cases_that_reach_outside_lose_and_double_nothing(world: Any, seed: int) -> None:
    play(world, seed)


@pytest.mark.parametrize("seed", range(1, 2))
def test_cases_that_reach_outside_on_cut_connections_lose_and_double_nothing(cut: Any, seed: int) -> None:
    play(cut, seed, is_torn=True)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_that_reach_outside_lose_and_double_nothing(world: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(25):
        with told_by(seed):
            play(world, seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_that_reach_outside_on_cut_connections_lose_and_double_nothing(cut: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(10):
        with told_by(seed):
            play(cut, seed, is_torn=True)
