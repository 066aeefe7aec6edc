"""A case on cut connections goes step by step as its twin that nobody disturbs, when both get the same commands."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import UserError
from engine.kernel.uow import Unavailable
from engine.workflow import instances

from .random_events import random_events_block
from .random_outside import connect
from .random_play import ended
from .random_seeds import new_seeds, told_by
from .random_surprises import MOOD, happen, register
from .random_wide import WIDE, begin, deploy_wide
from .scissors import scissors
from .test_random_reach import HELPS

_numbers = itertools.count(1)
ONCE = [
    *(("complete",) * 8), *(("send",) * 3), *(("time",) * 3), "return", "return", "withdraw", "withdraw", "flag",
    *("claim", "transfer", "before", "after", "parallel", "reject", "skip_inside", "back", "retry", "variables"),
    *("unvote", "unsign", "next", "save", "urge", "direct"),
]  # fmt: skip
"""Operations that are one transaction, or the same when they are begun again."""
_TRAIL = """select i.parent_activation, t.value->>0, t.value->>1, t.value->>2 from history h
 join instance i on i.id = h.instance_id, jsonb_array_elements(h.data->'trail') with ordinality t
 where i.root_id = %(id)s and h.data ? 'trail' order by i.id, h.id, t.ordinality"""
_TASKS = """select t.node_id, t.activation, t.kind, t.status, t.assignee, t.outcome, t.completed_by, t.annulled_at
 from user_task t join instance i on i.id = t.instance_id where i.root_id = %(id)s order by t.id"""


def disturbed(world: Any, action: Callable[[], object], after: int) -> None:
    """The action while a connection is cut before that statement; begun again at the same time when it was stopped."""
    at = world.clock.now()
    scissors.left = after
    try:
        action()
    except Unavailable:
        world.clock.set(at)
        action()
    finally:
        scissors.left = None


def untouched(world: Any, action: Callable[[], object], after: int) -> None:
    action()


def course(world: Any, seed: int, begun: Any, way: Callable[[Any, Callable[[], object], int], None]) -> list[Any]:
    """What a case of the seed has gone through, in order; then it is brought to its end."""
    rng = Random(seed)
    world.clock.set(begun)
    key = deploy_wide(world, random_events_block(rng, 3, WIDE), rng, next(_numbers))
    case = begin(world, key, "person")
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"case": str(case)}, "x"))
    for _ in range(rng.randrange(5, 30)):
        name, number, cuts = rng.choice(ONCE), rng.randrange(10**6), (rng.randrange(40), rng.randrange(25))
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            way(world, lambda name=name, number=number: happen(world, case, name, number), cuts[0])
        way(world, world.drain, cuts[1])
    told = gone_through(world, case)
    assert ended(world, case, HELPS)
    return told


def gone_through(world: Any, case: UUID) -> list[Any]:
    """Trails of the case and of what it called, in order, and what became of its tasks."""
    return [*map(tuple, world.sql(_TRAIL, id=case)), *map(tuple, world.sql(_TASKS, id=case))]


def compare(world: Any, seed: int) -> None:
    """Both twins of a seed, one after the other, from the same moment."""
    register(world)
    MOOD.left = 0
    connect(world)
    begun = world.clock.now()
    alone = course(world, seed, begun, untouched)
    assert course(world, seed, begun, disturbed) == alone
    world.check()


@pytest.mark.parametrize("seed", range(2))
def test_case_on_cut_connections_goes_as_its_twin(cut: Any, seed: int) -> None:
    compare(cut, seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_cases_on_cut_connections_go_as_their_twins(cut: Any, batch: int) -> None:
    """New seeds in every run."""
    for seed in new_seeds(10):
        with told_by(seed):
            compare(cut, seed)
