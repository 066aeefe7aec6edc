"""The arithmetic of delivery: back-off, circuit breaker, token bucket, clock skew. Pure; times come in as arguments."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

BREAKER_FAILURES = 5
BREAKER_BASE_S = 30.0
BREAKER_CAP_S = 600.0
SKEW_LIMIT_S = 120.0
SKEW_SAMPLES = 15
FUTURE_LIMIT = timedelta(minutes=5)
OLDEST_DEVICE_TIME = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """How one connector's messages are sent; times in seconds.

    `idempotent`: the peer recognises repeats, so an interrupted attempt is queued again instead of becoming unknown.
    `exclusive`: only the supervisor that owns the port sends. `collected`: the peer fetches its messages itself.
    """

    idempotent: bool = False
    exclusive: bool = False
    collected: bool = False
    rate_per_s: float = 5.0
    burst: int = 5
    max_attempts: int = 8
    base_s: float = 5.0
    cap_s: float = 900.0
    lease_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens left at a moment; `None` before first use, which means full."""

    tokens: float | None
    at: datetime | None


def backoff_s(attempt: int, policy: SendPolicy, rng: random.Random) -> float:
    """Full jitter: uniform between 0 and base * 2^(attempt-1), capped. `attempt` counts from 1."""
    return rng.uniform(0, min(policy.cap_s, policy.base_s * 2 ** (attempt - 1)))


def breaker_open_s(failures: int) -> float:
    """How long to leave a failing peer alone after that many failures in a row.

    >>> [breaker_open_s(n) for n in (4, 5, 6, 9, 50)]
    [0.0, 30.0, 60.0, 480.0, 600.0]
    """
    if failures < BREAKER_FAILURES:
        return 0.0
    return min(BREAKER_CAP_S, BREAKER_BASE_S * 2.0 ** min(20, failures - BREAKER_FAILURES))


def breaker_allows(failures: int, open_until: datetime | None, now: datetime) -> int | None:
    """How many messages may be tried: 0 while open, 1 as the probe, None for no limit."""
    if open_until is not None and now < open_until:
        return 0
    return 1 if failures >= BREAKER_FAILURES else None


def refill(bucket: Bucket, policy: SendPolicy, now: datetime) -> float:
    """Tokens in the bucket now, at most `burst`."""
    if bucket.tokens is None or bucket.at is None:
        return float(policy.burst)
    elapsed_s = max(0.0, (now - bucket.at).total_seconds())
    return min(float(policy.burst), bucket.tokens + elapsed_s * policy.rate_per_s)


def clock_fault(occurred_at: datetime, received_at: datetime) -> str | None:
    """Why a device's time cannot be believed: a dead clock battery or a future time; None when plausible."""
    if occurred_at < OLDEST_DEVICE_TIME:
        return "clock:too_old"
    if occurred_at > received_at + FUTURE_LIMIT:
        return "clock:future"
    return None


def add_skew(samples: Sequence[int], received_at: datetime, occurred_at: datetime) -> list[int]:
    """The latest skews in whole seconds (received minus occurred), one more at the end."""
    skew_s = round((received_at - occurred_at).total_seconds())
    return [*samples, skew_s][-SKEW_SAMPLES:]


def is_skewed(samples: Sequence[int]) -> bool:
    """Whether the device's clock is off: the median of at least three real-time skews is beyond two minutes.

    >>> is_skewed([200, 1, 190]), is_skewed([1, 300, 2]), is_skewed([999])
    (True, False, False)
    """
    return len(samples) >= 3 and abs(median(samples)) > SKEW_LIMIT_S
