"""Timer texts (ISO 8601) and calendar arithmetic."""

import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workflow.bpmn.timers import ENDLESS, TimerError, parse_period, parse_timer

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "months", "span"),
    [
        ("PT15M", 0, timedelta(minutes=15)),
        ("P1Y2M3DT4H5M6.5S", 14, timedelta(days=3, hours=4, minutes=5, seconds=6.5)),
        ("P2W", 0, timedelta(weeks=2)),
        ("-P1D", 0, timedelta(days=-1)),
    ],
)
def test_period_is_read(text: str, months: int, span: timedelta) -> None:
    period = parse_period(text)
    assert (period.months, period.span) == (months, span)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "PT1D", "P1H", "R3", "R3/", "R/PT0S", "R2/-PT1H", "tomorrow"]
)
def test_wrong_texts_are_refused(text: str) -> None:
    with pytest.raises(TimerError):
        parse_timer(text, "cycle")


def test_cycle_counts_and_starts() -> None:
    plan = parse_timer("R3/2026-02-01T00:00:00Z/P1D", "cycle")
    assert (plan.count, plan.due(NOW, UTC)) == (3, datetime(2026, 2, 1, tzinfo=UTC))
    assert parse_timer("R/PT1H", "cycle").count == ENDLESS
    between = parse_timer("R2/2026-02-01T00:00:00Z/2026-02-01T06:00:00Z", "cycle")
    assert between.period is not None
    assert between.period.span == timedelta(hours=6)


def test_cycle_may_be_given_by_its_end() -> None:
    plan = parse_timer("R3/PT1H/2026-02-01T00:00:00Z", "cycle")
    assert (plan.count, plan.due(NOW, UTC)) == (3, datetime(2026, 1, 31, 22, tzinfo=UTC))
    local = parse_timer("R2/P1M/2026-03-31T08:00", "cycle")
    assert local.due(NOW, ZoneInfo("Asia/Shanghai")) == datetime(2026, 2, 28, tzinfo=UTC)
    for endless in ("R/PT1H/2026-02-01T00:00:00Z", "R0/PT1H/2026-02-01"):
        with pytest.raises(TimerError):
            parse_timer(endless, "cycle")


def test_months_count_from_the_anchor_and_clamp() -> None:
    period = parse_period("P1M")
    found = [period.after(NOW, number, UTC).date().isoformat() for number in (1, 2, 3, 13)]
    assert found == ["2026-02-28", "2026-03-31", "2026-04-30", "2027-02-28"]


def test_months_count_in_the_branch_zone() -> None:
    late = datetime(2026, 1, 30, 17, tzinfo=UTC)  # 31 January 01:00 in Shanghai
    assert parse_period("P1M").after(late, 1, ZoneInfo("Asia/Shanghai")) == datetime(2026, 2, 27, 17, tzinfo=UTC)


def test_out_of_range_is_refused() -> None:
    with pytest.raises(TimerError):
        parse_timer("P9999Y", "duration").due(NOW, UTC)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="PTRYMWDHS0123456789/-:.Z+ ", max_size=30), st.sampled_from(["date", "duration", "cycle"]))
def test_any_text_gives_a_time_or_a_typed_error(text: str, form: str) -> None:
    with contextlib.suppress(TimerError):
        parse_timer(text, form).due(NOW, UTC)
