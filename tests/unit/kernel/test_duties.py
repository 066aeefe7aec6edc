"""When a duty is due: local days, intervals, what was missed, what failed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.kernel.duties import Daily, Every, Last, occasions

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 9, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("at", "last", "expected"),
    [
        (time(2), None, ["2026-09-04"]),
        (time(18), None, ["2026-09-03"]),
        (time(2), Last("2026-09-04", True), []),
        (time(18), Last("2026-09-03", True), []),
        (time(2), Last("2026-09-01", True), ["2026-09-04"]),
        (time(2), Last("2026-09-09", True), []),
    ],
)
def test_daily_duty_is_due_once_a_local_day(at: time, last: Last | None, expected: list[str]) -> None:
    assert [one.period for one in occasions(Daily(at), NOON, SHANGHAI, last)] == expected


def test_each_missed_day_is_made_up_for_oldest_first() -> None:
    found = occasions(Daily(time(2), each_day=True), NOON, SHANGHAI, Last("2026-09-01", True))
    assert [one.on.isoformat() for one in found] == ["2026-09-02", "2026-09-03", "2026-09-04"]
    found = occasions(Daily(time(2), each_day=True), NOON, SHANGHAI, Last("2026-01-01", True))
    assert (len(found), found[0].period) == (31, "2026-08-05")


def test_the_day_is_that_of_the_branch() -> None:
    evening = datetime(2026, 9, 3, 20, 0, tzinfo=UTC)
    periods = [occasions(Daily(time(2)), evening, zone, None)[0].period for zone in (SHANGHAI, ZoneInfo("UTC"))]
    assert periods == ["2026-09-04", "2026-09-03"]


def test_interval_is_due_once_and_missed_ones_are_left() -> None:
    rhythm = Every(timedelta(minutes=5))
    at = NOON + timedelta(minutes=7)
    (found,) = occasions(rhythm, at, SHANGHAI, Last("2026-09-04T03:00:00Z", True))
    assert (found.period, found.on.isoformat()) == ("2026-09-04T04:05:00Z", "2026-09-04")
    assert occasions(rhythm, at, SHANGHAI, Last(found.period, True)) == ()


def test_failed_period_is_tried_again_when_its_time_has_come_and_given_up_at_last() -> None:
    later = Last("2026-09-03", False, NOON + timedelta(minutes=1))
    assert occasions(Daily(time(2)), NOON, SHANGHAI, later) == ()
    ripe = Last("2026-09-03", False, NOON)
    assert [one.period for one in occasions(Daily(time(2)), NOON, SHANGHAI, ripe)] == ["2026-09-03"]
    given_up = Last("2026-09-03", False, None)
    assert [one.period for one in occasions(Daily(time(2)), NOON, SHANGHAI, given_up)] == ["2026-09-04"]
