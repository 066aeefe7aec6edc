from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.workflow.calendar import (
    DEFAULT_CALENDAR,
    DueError,
    WorkingCalendar,
    add_working_days,
    add_working_time,
    due_at,
    is_workday,
    working_time_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str, clock: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_is_workday_knows_holidays_and_make_up_days() -> None:
    # 2026: Saturday 14 February is a make-up workday, 16 February a holiday Monday, 21 November a plain Saturday.
    assert is_workday(DEFAULT_CALENDAR, date(2026, 2, 14))
    assert not is_workday(DEFAULT_CALENDAR, date(2026, 2, 16))
    assert not is_workday(DEFAULT_CALENDAR, date(2026, 11, 21))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at("2026-11-23", "10:00"), 1, at("2026-11-23", "11:00")),
        (at("2026-11-23", "11:30"), 1, at("2026-11-23", "13:30")),
        (at("2026-11-20", "17:00"), 4, at("2026-11-23", "12:00")),
        (at("2026-11-21", "10:00"), 2, at("2026-11-23", "11:00")),
        (at("2026-09-30", "17:00"), 2, at("2026-10-08", "10:00")),
        (at("2026-11-23", "07:00"), 0, at("2026-11-23", "09:00")),
    ],
    ids=["inside", "over_lunch", "over_weekend", "from_weekend", "over_national_day", "zero_before_opening"],
)
def test_add_working_time_skips_closed_hours(start: datetime, hours: int, end: datetime) -> None:
    assert add_working_time(DEFAULT_CALENDAR, start, timedelta(hours=hours)) == end


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (at("2026-11-20", "15:00"), 1, at("2026-11-23", "15:00")),
        (at("2026-11-21", "15:00"), 1, at("2026-11-24", "09:00")),
        (at("2026-11-21", "15:00"), 0, at("2026-11-23", "09:00")),
        (at("2026-02-13", "10:00"), 2, at("2026-02-24", "10:00")),
    ],
    ids=["friday", "saturday", "saturday_zero", "spring_festival"],
)
def test_add_working_days_keeps_the_clock_time(start: datetime, days: int, end: datetime) -> None:
    assert add_working_days(DEFAULT_CALENDAR, start, days) == end


def test_working_time_between_counts_open_hours_only() -> None:
    # Friday 17:00 to Monday 10:00 holds one hour on Friday and one on Monday.
    between = working_time_between(DEFAULT_CALENDAR, at("2026-11-20", "17:00"), at("2026-11-23", "10:00"))
    assert between == timedelta(hours=2)


def test_working_time_follows_daylight_saving() -> None:
    berlin = WorkingCalendar(ZoneInfo("Europe/Berlin"), frozenset(range(7)), ((time(0), time(6)),))
    start = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # midnight local; 2:00 to 3:00 do not exist that night
    assert add_working_time(berlin, start, timedelta(hours=5)) == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("P2D", at("2026-11-22", "15:00")),
        ("PT4W", at("2026-11-23", "10:00")),
        ("P2WD", at("2026-11-24", "15:00")),
        ("P1WDT1W", at("2026-11-23", "16:00")),
        ("P3M", at("2027-02-20", "15:00")),
        ("PT90M", at("2026-11-20", "16:30")),
    ],
)
def test_due_at_reads_calendar_and_working_durations(text: str, end: datetime) -> None:
    assert due_at(text, at("2026-11-20", "15:00"), DEFAULT_CALENDAR) == end


def test_due_at_clamps_to_the_end_of_the_month() -> None:
    assert due_at("P1M", at("2026-01-31"), DEFAULT_CALENDAR) == at("2026-02-28")


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "2D", "PT4X", "P-1D", "P9999Y", "soon", "P1WDT"])
def test_due_at_refuses_other_texts(text: str) -> None:
    with pytest.raises(DueError):
        due_at(text, at("2026-11-20"), DEFAULT_CALENDAR)


def test_calendar_without_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        WorkingCalendar(SHANGHAI, frozenset(), ((time(9), time(12)),))
