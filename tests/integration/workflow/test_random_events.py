"""All of BPMN under random operations, messages, failures and two people at once: nothing lost, doubled, left open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.workflow import instances
from engine.workflow.invariants import violations

from .random_checks import half_told, misbooked, miscounted
from .random_events import deploy_events, random_events_block
from .random_models import Block
from .random_seeds import new_seeds, told_by
from .random_steps import NEWER, actor_of, finish_task, rows_of
from .random_surprises import MOOD, OFTEN, SELDOM, happen, register, release, report, retry, running, send, settle
from .scissors import torn

Step = Callable[[Any, UUID, str, int], None]


def push(world: Any, case: UUID, number: int) -> None:
    """One more thing that helps the case to its end; what nothing else helps is passed over by an operator."""
    live = [row for row in rows_of(world, case) if row.status == "open"]
    if number > 200 and number % 5 == 0:
        pass_over(world, case, number)
    elif live:
        row = live[number % len(live)]
        with contextlib.suppress(UserError):
            world.run(actor_of(world, row), lambda tx: finish_task(tx, row, "", 1))
    for help_along in (retry, report, send, settle) if not live or number % 4 == 0 else ():
        with contextlib.suppress(UserError):
            help_along(world, case, number)
    if number % 5 == 4:
        world.pass_time(hours=7)


def pass_over(world: Any, case: UUID, number: int) -> None:
    """Whatever waits innermost is skipped."""
    for one in reversed(running(world, case)):
        for token in reversed(world.view(one).tokens):
            with contextlib.suppress(UserError):
                world.run("adm", lambda tx, one=one, token=token: instances.skip(tx, one, token.activation, "x"))
                return


def drive_to_the_end(world: Any, case: UUID) -> None:
    MOOD.left = 0
    release(world, case, 0)
    for number in range(600):
        world.drain()
        if not running(world, case):
            return
        push(world, case, number)
    raise AssertionError(f"the case does not come to an end: {world.view(case).tokens}")


def play(world: Any, block: Block, steps: list[tuple[str, int]], act: Step = happen) -> None:
    key, newer = deploy_events(world, block)
    NEWER[key] = [newer]
    case = world.start(key)
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"case": str(case)}, "x"))
    for name, seed in steps:
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            act(world, case, name, seed)
        world.drain()
        assert world.run(SYSTEM, violations) == [], (name, seed)
        assert miscounted(world, case) == [], (name, seed)
    drive_to_the_end(world, case)
    assert world.run(SYSTEM, violations) == []
    assert half_told(world, case) == []
    assert misbooked(world, [case], key) == []


def play_seed(world: Any, seed: int) -> None:
    """One model and one run of operations, the same for the same seed but for what happens at once."""
    rng = Random(seed)
    register(world)
    block = random_events_block(rng, 3)
    play(world, block, [(rng.choice(OFTEN + SELDOM), rng.randrange(10**6)) for _ in range(rng.randrange(5, 40))])


def happen_torn(world: Any, case: UUID, name: str, seed: int) -> None:
    """The same while a connection is cut."""
    torn(lambda: happen(world, case, name, seed), world.drain, seed)


def play_torn_seed(world: Any, seed: int) -> None:
    """One model and one run of operations on connections that are cut."""
    rng = Random(seed)
    register(world)
    block = random_events_block(rng, 3)
    steps = [(rng.choice(OFTEN + SELDOM), rng.randrange(10**6)) for _ in range(rng.randrange(5, 40))]
    play(world, block, steps, happen_torn)


@pytest.mark.parametrize("seed", range(2))
def test_events_on_cut_connections_lose_and_double_nothing(cut: Any, seed: int) -> None:
    play_torn_seed(cut, seed)


@pytest.mark.parametrize("seed", [0, 1, 297964478, 580723651])
def test_events_of_a_seed_lose_and_double_nothing(world: Any, seed: int) -> None:
    play_seed(world, seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_events_on_cut_connections_lose_and_double_nothing(cut: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(10):
        with told_by(seed):
            play_torn_seed(cut, seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_events_lose_and_double_nothing(world: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(25):
        with told_by(seed):
            play_seed(world, seed)
