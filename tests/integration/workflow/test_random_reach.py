"""Cases that reach outside themselves, under random operations: sends, counters, calls by version, moves, any start."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any
from uuid import UUID

import pytest

from .random_events import random_events_block
from .random_outside import REACH, choose, connect, judge, miscounted_store, missent, post
from .random_play import Kind, go_without, many, played
from .random_surprises import OFTEN, SELDOM, happen
from .random_wide import WAYS, WIDE, begin, cases_of, deploy_wide

_numbers = itertools.count(1)


def begin_any_way(world: Any, rng: Random) -> tuple[str, UUID]:
    """A case that a person, a message, a signal or a timer starts."""
    connect(world)
    key = deploy_wide(world, random_events_block(rng, 3, WIDE), rng, next(_numbers))
    return key, begin(world, key, rng.choice(WAYS))


def act(world: Any, case: UUID, name: str, seed: int) -> None:
    """One operation; what is not allowed there is refused and changes nothing."""
    if name in REACH:
        REACH[name](world, case, seed)
    else:
        happen(world, case, name, seed)


HELPS = (choose, post, judge, go_without)
REACHING = Kind(
    begin_any_way,
    [*OFTEN, *OFTEN, *SELDOM, *REACH, "post", "post", "choose", "choose"],
    act,
    HELPS,
    missent,
    lambda world, key, case: cases_of(world, key),
    miscounted_store,
)


@pytest.mark.parametrize("seed", range(3))
def test_cases_that_reach_outside_lose_and_double_nothing(world: Any, seed: int) -> None:
    assert played(world, REACHING, seed) == []


@pytest.mark.parametrize("seed", range(1, 2))
def test_cases_that_reach_outside_on_cut_connections_lose_and_double_nothing(cut: Any, seed: int) -> None:
    assert played(cut, REACHING, seed, is_torn=True) == []


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_that_reach_outside_lose_and_double_nothing(world: Any, batch: int) -> None:
    """New seeds in every run."""
    assert many(world, REACHING, 25) == []


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_that_reach_outside_on_cut_connections_lose_and_double_nothing(cut: Any, batch: int) -> None:
    """New seeds in every run."""
    assert many(cut, REACHING, 10, is_torn=True) == []
