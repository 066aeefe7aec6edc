"""How long the workers' turns take, added up in Redis for all workers together: `/metrics` shows them.

One trip a turn that handled something. Redis forgetting them reads as a restart, which those who count expect; turns
taken while it is away are not counted.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis, RedisError

from engine.kernel.uow import Drain

log = logging.getLogger(__name__)

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_INFINITE = "+Inf"


@dataclass(frozen=True)
class Timing:
    """All turns of one drain so far. ``buckets``: (upper bound in seconds as text, turns up to it), ends with +Inf."""

    drain: str
    rows: int
    seconds: float
    buckets: tuple[tuple[str, int], ...]


def note(redis: "Redis", drain: Drain, seconds: float, rows: int) -> None:
    """Adds one turn that handled ``rows`` rows."""
    name = next((str(bound) for bound in BOUNDS_S if seconds <= bound), _INFINITE)
    try:
        with redis.pipeline(transaction=False) as trip:
            trip.hincrby(_key(drain), "rows", rows)
            trip.hincrbyfloat(_key(drain), "seconds", seconds)
            trip.hincrby(_key(drain), name, 1)
            trip.execute()
    except RedisError:
        log.debug("a turn of %s is not counted: the queue server does not answer", drain)


def read(redis: "Redis") -> Sequence[Timing]:
    """Every drain that had a turn."""
    with redis.pipeline(transaction=False) as trip:
        for drain in Drain:
            trip.hgetall(_key(drain))
        found = trip.execute()
    return [_timing(drain, held) for drain, held in zip(Drain, found, strict=True) if held]


def _timing(drain: Drain, held: dict[bytes, bytes]) -> Timing:
    values = {name.decode(): float(value) for name, value in held.items()}
    total, buckets = 0, []
    for name in (*map(str, BOUNDS_S), _INFINITE):
        total += int(values.get(name, 0))
        buckets.append((name, total))
    return Timing(str(drain), int(values.get("rows", 0)), values.get("seconds", 0.0), tuple(buckets))


def _key(drain: Drain) -> str:
    return f"schoolflow:timing:{drain}"
