"""The working calendar of one branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from engine.workflow.calendar.china import HOLIDAYS, MAKE_UP_WORKDAYS


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a branch works.

    weekdays: 0 = Monday … 6 = Sunday. windows: half-open local (start, end), ascending, not overlapping.
    holidays win over weekdays; make-up workdays win over both.
    """

    zone: ZoneInfo
    weekdays: frozenset[int]
    windows: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = frozenset()
    make_up_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.windows or not (self.weekdays or self.make_up_workdays):
            raise ValueError("Expected a calendar with at least one working day and one window of hours.")
        previous = time.min
        for start, end in self.windows:
            if start < previous or end <= start:
                raise ValueError(f"Expected ascending windows that do not overlap, but found {start} to {end}.")
            previous = end


DEFAULT_CALENDAR = WorkingCalendar(
    zone=ZoneInfo("Asia/Shanghai"),
    weekdays=frozenset({0, 1, 2, 3, 4}),
    windows=((time(9), time(12)), (time(13), time(18))),
    holidays=HOLIDAYS,
    make_up_workdays=MAKE_UP_WORKDAYS,
)
