"""Back-off, breaker, bucket and clock judgement."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from engine.kernel.delivery_policy import (
    Bucket,
    SendPolicy,
    add_skew,
    backoff_s,
    breaker_allows,
    breaker_open_s,
    clock_fault,
    is_skewed,
    refill,
)

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


class Highest(random.Random):
    """Always the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_backoff_doubles_up_to_its_cap() -> None:
    policy = SendPolicy(base_s=5, cap_s=60)
    assert [backoff_s(attempt, policy, Highest()) for attempt in (1, 2, 3, 4, 5, 30)] == [5, 10, 20, 40, 60, 60]


def test_backoff_is_spread_over_the_whole_span() -> None:
    rng = random.Random(3)
    delays = [backoff_s(3, SendPolicy(base_s=5), rng) for _attempt in range(200)]
    assert min(delays) < 2
    assert max(delays) > 18
    assert all(0 <= delay <= 20 for delay in delays)


@pytest.mark.parametrize(
    ("failures", "open_until", "allowed"),
    [(0, None, None), (4, None, None), (5, NOW + timedelta(seconds=1), 0), (5, NOW - timedelta(seconds=1), 1)],
)
def test_breaker_opens_then_probes_once(failures: int, open_until: datetime | None, allowed: int | None) -> None:
    assert breaker_allows(failures, open_until, NOW) == allowed
    assert breaker_open_s(4) == 0
    assert breaker_open_s(5) == 30


def test_bucket_fills_to_its_burst_and_not_backwards() -> None:
    policy = SendPolicy(rate_per_s=0.5, burst=5)
    assert refill(Bucket(None, None), policy, NOW) == 5
    assert refill(Bucket(0.0, NOW - timedelta(seconds=4)), policy, NOW) == 2
    assert refill(Bucket(0.0, NOW - timedelta(hours=1)), policy, NOW) == 5
    assert refill(Bucket(3.0, NOW + timedelta(hours=1)), policy, NOW) == 3


@pytest.mark.parametrize(
    ("occurred", "fault"),
    [
        (datetime(2000, 1, 1, tzinfo=UTC), "clock:too_old"),
        (datetime(2014, 12, 31, tzinfo=UTC), "clock:too_old"),
        (NOW - timedelta(days=30), None),
        (NOW + timedelta(minutes=5), None),
        (NOW + timedelta(minutes=5, seconds=1), "clock:future"),
    ],
)
def test_device_time_is_judged(occurred: datetime, fault: str | None) -> None:
    assert clock_fault(occurred, NOW) == fault


def test_skew_is_the_median_of_recent_samples() -> None:
    samples: list[int] = []
    for seconds in [0] * 10 + [300] * 15:
        samples = add_skew(samples, NOW, NOW - timedelta(seconds=seconds))
    assert len(samples) == 15
    assert is_skewed(samples)
    assert not is_skewed([0, 0, 300])
