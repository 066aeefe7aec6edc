"""Random operations in random order on random models: no task lost, doubled or left open."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.workflow.invariants import violations

from .random_checks import miscounted
from .random_models import Block, blocks, deploy, random_block
from .random_seeds import new_seeds, told_by
from .random_steps import NEWER, OFTEN, SELDOM, actor_of, apply, finish_task, rows_of

operations = st.lists(st.tuples(st.sampled_from(OFTEN + SELDOM), st.integers(0, 10**6)), max_size=25)


def drive_to_the_end(world: Any, case: UUID) -> None:
    """Everything that is open is done, over and over; what waits for time gets it."""
    for _ in range(400):
        world.drain()
        live = [row for row in rows_of(world, case) if row.status == "open"]
        if not live:
            return
        world.run(actor_of(world, live[0]), lambda tx, row=live[0]: finish_task(tx, row, "", 1))
    raise AssertionError("the case does not come to an end")


def play(world: Any, block: Block, steps: list[tuple[str, int]]) -> None:
    key, newer = deploy(world, block)
    NEWER[key] = [newer]
    case = world.start(key)
    for name, seed in steps:
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            apply(world, case, name, seed)
        world.drain()
        assert world.run(SYSTEM, violations) == [], (name, seed)
        assert miscounted(world, case) == [], (name, seed)
    drive_to_the_end(world, case)
    ends = {"completed", "cancelled"} if any(name == "reject" for name, _ in steps) else {"completed"}
    assert world.view(case).status in ends
    assert world.sql("select id from instance where root_id = %(id)s and ended_at is null", id=case) == []
    assert world.run(SYSTEM, violations) == []
    world.clock.advance(timedelta(hours=4))


_SETTINGS = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@settings(_SETTINGS)
@given(block=blocks, steps=operations)
def test_random_operations_lose_and_double_nothing(world: Any, block: Block, steps: list[tuple[str, int]]) -> None:
    play(world, block, steps)


def play_seed(world: Any, seed: int) -> None:
    """One model and one run of operations, the same for the same seed."""
    rng = Random(seed)
    block = random_block(rng, 3)
    play(world, block, [(rng.choice(OFTEN + SELDOM), rng.randrange(10**6)) for _ in range(rng.randrange(5, 40))])


@pytest.mark.parametrize("seed", [*range(12), 355038607, 545957713])
def test_operations_of_a_seed_lose_and_double_nothing(world: Any, seed: int) -> None:
    play_seed(world, seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(200))
def test_many_operations_lose_and_double_nothing(world: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(25):
        with told_by(seed):
            play_seed(world, seed)
