"""Seeds of the random cases: new ones in every run, or the one in the environment's SEED."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import SystemRandom

REPEATED = os.environ.get("SEED", "")


def new_seeds(count: int) -> list[int]:
    """Seeds nobody has played; when one is to be repeated, that one only."""
    return [int(REPEATED)] if REPEATED else [SystemRandom().randrange(10**9) for _ in range(count)]


def to_repeat(seed: int) -> str:
    """How to play that seed of the running test again."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    return f"SEED={seed} .venv/bin/python -m pytest '{test}' -m torture"


@contextmanager
def told_by(seed: int) -> Iterator[None]:
    """A failure inside names the seed and how to play it again."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"To repeat it: {to_repeat(seed)}")
        raise
