"""Cycles by the calendar: when each is due, by the clock of the branch."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.workflow.bpmn.rhythm import TimerError, is_rhythm, parse_rhythm
from engine.workflow.bpmn.timers import ENDLESS, parse_timer

BEIJING, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 9, 4, 1, 30, tzinfo=UTC)
"""Half past nine in the morning in China."""


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("0 0 9 * * ?", ["09-05T09:00", "09-06T09:00"]),
        ("0 30 8 ? * MON-FRI", ["09-07T08:30", "09-08T08:30"]),
        ("0 0/20 9-10 * * *", ["09-04T09:40", "09-04T10:00"]),
        ("0 */8 * * *", ["09-04T16:00", "09-05T00:00"]),
        ("0 0 23 ? * FRI", ["09-04T23:00", "09-11T23:00"]),
        ("0 0 * * 1", ["09-07T00:00", "09-14T00:00"]),
        ("0 0 0 ? * 2", ["09-07T00:00", "09-14T00:00"]),
        ("0 0 8 ? * FRI-SUN", ["09-05T08:00", "09-06T08:00"]),
        ("0 0 0 1 * ?", ["10-01T00:00", "11-01T00:00"]),
        ("0 0 8 L * ?", ["09-30T08:00", "10-31T08:00"]),
        ("0 0 8 LW * ?", ["09-30T08:00", "10-30T08:00"]),
        ("0 0 8 L-1 * ?", ["09-29T08:00", "10-30T08:00"]),
        ("0 0 8 15W NOV,MAR ?", ["11-16T08:00", "03-15T08:00"]),
        ("0 0 8 ? * MON#2", ["09-14T08:00", "10-12T08:00"]),
        ("0 0 8 ? * 6L", ["09-25T08:00", "10-30T08:00"]),
        ("0 0 12 29 2 ?", ["02-29T12:00", "02-29T12:00"]),
        ("15,45 * * * * *", ["09-04T09:30", "09-04T09:30"]),
        ("@daily", ["09-05T00:00", "09-06T00:00"]),
    ],
)
def test_rhythm_is_due_by_the_clock_of_the_branch(text: str, dues: list[str]) -> None:
    assert is_rhythm(text)
    found = [parse_rhythm(text).after(FRIDAY, number, BEIJING).astimezone(BEIJING) for number in (1, 2)]
    assert [f"{due:%m-%dT%H:%M}" for due in found] == dues


def test_rhythm_names_years() -> None:
    only = parse_rhythm("0 0 8 1 1 ? 2028")
    assert only.after(FRIDAY, 1, UTC) == datetime(2028, 1, 1, 8, tzinfo=UTC)
    with pytest.raises(TimerError, match="forty years"):
        only.after(FRIDAY, 2, UTC)


def test_rhythm_goes_through_the_change_of_clocks_once_a_day() -> None:
    nightly, start = parse_rhythm("0 30 2 * * ?"), datetime(2026, 3, 28, 12, tzinfo=UTC)
    spring = [nightly.after(start, number, BERLIN) for number in (1, 2)]
    assert spring == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    autumn = [nightly.after(start, number, BERLIN) for number in (1, 2)]
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    "text",
    ["0 0 25 * * ?", "0 0 9 * *  13 * *", "0 0 9 * FOO ?", "0 0/0 9 * * ?", "0 0 9 32 * ?", "0 0 9 ? * MON#6", "@noon"],
)
def test_wrong_fields_are_refused(text: str) -> None:
    with pytest.raises(TimerError):
        parse_rhythm(text)


@pytest.mark.parametrize("text", ["R3/PT10M", "due_at", "5 - x - y - z", "duration(a) + b", "2026-09-01T08:00", "="])
def test_other_texts_are_no_rhythm(text: str) -> None:
    assert not is_rhythm(text)


def test_timer_reads_a_rhythm_endless_in_a_cycle_and_once_elsewhere() -> None:
    cycle, date = parse_timer(" 0 0 9 * * ? ", "cycle"), parse_timer("0 0 9 * * ?", "date")
    assert (cycle.count, date.count) == (ENDLESS, 1)
    assert cycle.due(FRIDAY, BEIJING) == datetime(2026, 9, 5, 1, tzinfo=UTC)


def test_next_round_of_a_rhythm_leaves_out_what_has_passed() -> None:
    plan = parse_timer("0 0 9 * * ?", "cycle")
    last, now = datetime(2026, 9, 5, 1, tzinfo=UTC), datetime(2026, 9, 9, 12, tzinfo=UTC)
    assert plan.next_round(FRIDAY, 1, last, now, BEIJING) == (2, datetime(2026, 9, 10, 1, tzinfo=UTC))
    early = datetime(2026, 9, 4, 12, tzinfo=UTC)
    assert plan.next_round(FRIDAY, 1, last, early, BEIJING) == (2, datetime(2026, 9, 6, 1, tzinfo=UTC))
