"""Duties: work that is due by the clock, each exactly once a local day (or interval) and place.

A room lists its duties as data; the worker on duty runs them. The row that says "done" is written in the duty's own
transaction, so a crash leaves either both or neither, and what was missed while everything stood still is caught up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.kernel.text import Text
from engine.kernel.uow import Tx

EVERYWHERE = "all"
MOST_DAYS = 31

Result = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at this local time. ``each_day``: a missed day is made up for by itself, oldest first."""

    at: time
    each_day: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Once in each interval, counted from midnight UTC of 1970; missed ones are not made up for."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time a duty is due. ``on``: the local day; ``branch_id`` None: the whole organisation."""

    period: str
    on: date
    zone: ZoneInfo
    branch_id: UUID | None = None

    @property
    def place(self) -> str:
        """The key of the place in ``duty_run``."""
        return EVERYWHERE if self.branch_id is None else str(self.branch_id)


@dataclass(frozen=True, slots=True)
class Duty:
    """Done in one transaction: all of it or nothing. The result holds figures for people; ``violations`` alarms."""

    name: str
    label: Text
    rhythm: Daily | Every
    work: Callable[[Tx, Occasion], Result]
    is_per_branch: bool = False


@dataclass(frozen=True, slots=True)
class OutsideDuty:
    """Touches what no transaction covers (files, indexes), so a crash may repeat it: it must not mind."""

    name: str
    label: Text
    rhythm: Daily | Every
    act: Callable[[Occasion], Result]
    is_per_branch: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The latest period run at one place, and whether it may be tried again."""

    period: str
    is_done: bool
    retry_at: datetime | None = None


def occasions(
    rhythm: Daily | Every, now: datetime, zone: ZoneInfo, last: Last | None, branch_id: UUID | None = None
) -> tuple[Occasion, ...]:
    """What is due now, oldest first: a failed period whose time has come, else the periods after the last one.

    >>> [one.period for one in occasions(
    ...     Daily(time(2), each_day=True), datetime(2026, 9, 4, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"),
    ...     Last("2026-09-02", True))]
    ['2026-09-03', '2026-09-04']
    """
    if last is not None and not last.is_done and last.retry_at is not None:
        if now < last.retry_at:
            return ()
        return (Occasion(last.period, _day_of(last.period, zone), zone, branch_id),)
    if isinstance(rhythm, Every):
        return _interval(rhythm, now, zone, last, branch_id)
    return tuple(Occasion(day.isoformat(), day, zone, branch_id) for day in _days(rhythm, now, zone, last))


def _interval(
    rhythm: Every, now: datetime, zone: ZoneInfo, last: Last | None, branch_id: UUID | None
) -> tuple[Occasion, ...]:
    length = rhythm.interval.total_seconds()
    begin = datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    period = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
    if last is not None and last.period >= period:
        return ()
    return (Occasion(period, now.astimezone(zone).date(), zone, branch_id),)


def _days(rhythm: Daily, now: datetime, zone: ZoneInfo, last: Last | None) -> list[date]:
    local = now.astimezone(zone)
    newest = local.date() if local.time() >= rhythm.at else local.date() - timedelta(days=1)
    if last is None:
        return [newest]
    missed = (newest - date.fromisoformat(last.period)).days
    if missed <= 0:
        return []
    count = min(missed, MOST_DAYS) if rhythm.each_day else 1
    return [newest - timedelta(days=back) for back in reversed(range(count))]


def _day_of(period: str, zone: ZoneInfo) -> date:
    if "T" in period:
        return datetime.fromisoformat(period).astimezone(zone).date()
    return date.fromisoformat(period)
