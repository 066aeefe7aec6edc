"""All of BPMN under random operations, messages, failures and two people at once: nothing lost, doubled, left open."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest

from .random_events import deploy_events, random_events_block
from .random_play import Kind, many, played
from .random_steps import NEWER
from .random_surprises import OFTEN, SELDOM, happen


def begin(world: Any, rng: Random) -> tuple[str, UUID]:
    """A case somebody starts."""
    key, newer = deploy_events(world, random_events_block(rng, 3))
    NEWER[key] = [newer]
    return key, world.start(key)


EVENTS = Kind(begin, [*OFTEN, *SELDOM], happen)


@pytest.mark.parametrize("seed", range(2))
def test_events_on_cut_connections_lose_and_double_nothing(cut: Any, seed: int) -> None:
    assert played(cut, EVENTS, seed, is_torn=True) == []


@pytest.mark.parametrize("seed", [0, 1, 297964478, 580723651])
def test_events_of_a_seed_lose_and_double_nothing(world: Any, seed: int) -> None:
    assert played(world, EVENTS, seed) == []


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_events_on_cut_connections_lose_and_double_nothing(cut: Any, batch: int) -> None:
    """New seeds in every run."""
    assert many(cut, EVENTS, 10, is_torn=True) == []


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_events_lose_and_double_nothing(world: Any, batch: int) -> None:
    """New seeds in every run."""
    assert many(world, EVENTS, 25) == []
