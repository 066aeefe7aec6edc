"""ISO 8601 dates, durations and repeating intervals of timer events (BPMN 2.0.2 10.5.5.13, ISO 8601-1:2019 5.5, 5.6).

Months are counted from the anchor and clamped to the month's last day: P1M after 31 January is 28 or 29 February.
A date without a zone is read in the branch's zone. Cycles by the calendar are in `rhythm`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.temporal import parse_date, parse_date_time
from engine.workflow.bpmn.rhythm import Rhythm, TimerError, is_rhythm, parse_rhythm

__all__ = ["ENDLESS", "Period", "Rhythm", "Schedule", "TimerError", "moment", "parse_moment", "parse_period"]
__all__ += ["parse_timer", "schedule"]

ENDLESS = -1
_PERIOD = re.compile(
    r"(?P<sign>-?)P(?:(?P<y>\d{1,6})Y)?(?:(?P<mo>\d{1,6})M)?(?:(?P<w>\d{1,6})W)?(?:(?P<d>\d{1,8})D)?"
    r"(?:T(?:(?P<h>\d{1,8})H)?(?:(?P<mi>\d{1,9})M)?(?:(?P<s>\d{1,10}(?:[.,]\d{1,9})?)S)?)?",
    re.ASCII,
)
_REPEAT = re.compile(r"R(?P<count>-1|\d{0,9})(?:/(?P<first>[^/]+))?(?:/(?P<second>[^/]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months and exact time."""

    months: int
    span: timedelta

    def after(self, anchor: datetime, times: int, zone: tzinfo) -> datetime:
        """`anchor` plus this period `times` times, months counted in the zone. Raises: TimerError out of range."""
        try:
            if not self.months:
                return anchor + self.span * times
            here = anchor.astimezone(zone)
            index = here.year * 12 + here.month - 1 + self.months * times
            year, month = divmod(index, 12)
            day = min(here.day, calendar.monthrange(year, month + 1)[1])
            return here.replace(year=year, month=month + 1, day=day).astimezone(UTC) + self.span * times
        except (ValueError, OverflowError, calendar.IllegalMonthError) as error:
            raise TimerError("Expected a time between the years 1 and 9999") from error


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires: at `at`, or `period` after its anchor, `count` times (ENDLESS: for ever)."""

    at: datetime | date | None = None
    period: Period | Rhythm | None = None
    count: int = 1

    def anchor(self, now: datetime, zone: tzinfo) -> datetime:
        """From where the period counts: the given start, else now."""
        return moment(self.at, zone) if self.at is not None else now

    def due(self, now: datetime, zone: tzinfo) -> datetime:
        """The first time it fires."""
        if self.at is not None:
            return moment(self.at, zone)
        if self.period is None:
            raise TimerError("Expected a date or a duration")
        return self.period.after(now, 1, zone)

    def next_round(
        self, start: datetime, number: int, last: datetime, now: datetime, zone: tzinfo
    ) -> tuple[int, datetime] | None:
        """Number and time of the round behind round `number` of a cycle from `start`, which was due at `last`.

        An endless cycle skips rounds that are already past. None when there is no further one. Raises: TimerError.
        """
        if self.period is None:
            return None
        if isinstance(self.period, Rhythm):
            try:
                return number + 1, self.period.after(max(last, now), 1, zone)
            except TimerError:
                return None
        number += 1
        due = self.period.after(start, number, zone)
        if self.count == ENDLESS and due <= now and not self.period.months and self.period.span > timedelta(0):
            number = int((now - start) / self.period.span) + 1
            due = self.period.after(start, number, zone)
        return number, due


def moment(value: datetime | date, zone: tzinfo) -> datetime:
    """The aware UTC moment; midnight of a date; unzoned values are read in `zone`."""
    full = value if isinstance(value, datetime) else datetime.combine(value, time(0))
    try:
        return (full if full.tzinfo is not None else full.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise TimerError("Expected a time between the years 1 and 9999") from error


def parse_period(text: str) -> Period:
    """`P1M2DT3H4.5S`, `P2W`. Raises: TimerError."""
    match = _PERIOD.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise TimerError(f"Expected an ISO 8601 duration such as PT15M, but found {text[:60]!r}")
    number = {name: int(match[name] or 0) for name in ("y", "mo", "w", "d", "h", "mi")}
    factor = -1 if match["sign"] else 1
    seconds = float((match["s"] or "0").replace(",", "."))
    try:
        span = timedelta(weeks=number["w"], days=number["d"], hours=number["h"], minutes=number["mi"], seconds=seconds)
    except OverflowError as error:
        raise TimerError(f"Expected a shorter duration than {text[:60]!r}") from error
    return Period(factor * (number["y"] * 12 + number["mo"]), factor * span)


def parse_moment(text: str) -> datetime | date:
    """`2026-09-01`, `2026-09-01T08:00`, with or without offset or `@zone`. Raises: TimerError."""
    found: datetime | date | None = parse_date_time(text) or parse_date(text)
    if found is None:
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise TimerError(f"Expected an ISO 8601 date or time, but found {text[:60]!r}") from error
    return found


@lru_cache(maxsize=4096)
def parse_timer(text: str, form: str) -> Schedule:
    """A timer's text. `form`: `date`, `duration` or `cycle`; one in a place of another form is still understood.

    Raises: TimerError.
    """
    body = text.strip()
    if is_rhythm(body):
        return Schedule(period=parse_rhythm(body), count=ENDLESS if form == "cycle" else 1)
    if body.startswith("R") and form == "cycle":
        return _repeat(body)
    if body.startswith(("P", "-P")):
        count = ENDLESS if form == "cycle" else 1
        return Schedule(period=parse_period(body), count=count)
    return Schedule(at=parse_moment(body))


def _repeat(text: str) -> Schedule:
    match = _REPEAT.fullmatch(text)
    if match is None or match["first"] is None:
        raise TimerError(f"Expected a cycle such as R3/PT10M, but found {text[:60]!r}")
    count = int(match["count"]) if match["count"] not in {"", "-1"} else ENDLESS
    first, second = match["first"], match["second"]
    if second is None:
        return Schedule(period=_positive(parse_period(first)), count=count)
    if second.startswith("P"):
        return Schedule(at=parse_moment(first), period=_positive(parse_period(second)), count=count)
    if first.startswith("P"):
        return _until(_positive(parse_period(first)), parse_moment(second), count)
    start, end = moment(parse_moment(first), UTC), moment(parse_moment(second), UTC)
    return Schedule(at=parse_moment(first), period=_positive(Period(0, end - start)), count=count)


def _until(period: Period, end: datetime | date, count: int) -> Schedule:
    """`count` times, the last one at `end`; months are counted back from there."""
    if count < 1:
        raise TimerError("Expected a number of times, such as R3, before a duration and an end")
    zone = (end.tzinfo if isinstance(end, datetime) else None) or UTC
    first = period.after(moment(end, zone), 1 - count, zone).astimezone(zone)
    has_zone = isinstance(end, datetime) and end.tzinfo is not None
    return Schedule(at=first if has_zone else first.replace(tzinfo=None), period=period, count=count)


def _positive(period: Period) -> Period:
    if period.months < 0 or period.span < timedelta(0) or (not period.months and not period.span):
        raise TimerError("Expected a cycle with a positive period")
    return period


def schedule(value: object, form: str) -> Schedule:
    """The schedule of an evaluated timer: a text or a temporal FEEL value. Raises: TimerError."""
    if isinstance(value, str):
        return parse_timer(value, form)
    if isinstance(value, datetime | date):
        return Schedule(at=value)
    if isinstance(value, DaysAndTimeDuration | YearsAndMonthsDuration):
        return parse_timer(str(value), form)
    raise TimerError(f"Expected a date, a duration or a cycle, but found {type(value).__name__}")
