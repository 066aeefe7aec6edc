"""Due texts of user tasks: ISO 8601 durations, plus working hours (`PT4W`) and working days (`P2WD`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.workflow.calendar.model import WorkingCalendar
from engine.workflow.calendar.working_time import add_working_days, add_working_time

_WORKING = re.compile(r"^P(?:(?P<days>\d{1,4})WD)?(?:T(?P<hours>\d{1,5}(?:\.\d{1,4})?)W)?$", re.ASCII)
_CALENDAR = re.compile(
    r"^P(?:(?P<y>\d{1,4})Y)?(?:(?P<mo>\d{1,5})M)?(?:(?P<w>\d{1,5})W)?(?:(?P<d>\d{1,6})D)?"
    r"(?:T(?:(?P<h>\d{1,7})H)?(?:(?P<mi>\d{1,8})M)?(?:(?P<s>\d{1,9}(?:\.\d{1,6})?)S)?)?$",
    re.ASCII,
)


class DueError(ValueError):
    """A due text is neither a date, an ISO 8601 duration, nor working time such as PT4W or P2WD."""


@dataclass(frozen=True, slots=True)
class Due:
    """A parsed due text: calendar months and time, or working days and working time."""

    months: int = 0
    span: timedelta = timedelta(0)
    working_days: int = 0
    working_time: timedelta = timedelta(0)


def parse_due(text: str) -> Due:
    """Parse `P2D`, `PT4H`, `P1M`, `PT4W` (four working hours), `P2WD` (two working days), `P1WDT2W`.

    Raises: DueError. Source: ISO 8601-1 5.5.2; the W forms are ours.
    """
    body = text.strip()
    if body not in {"P", "PT"} and not body.endswith("T"):
        working = _WORKING.match(body)
        if working and (working["days"] or working["hours"]):
            hours = Decimal(working["hours"] or 0)
            return Due(working_days=int(working["days"] or 0), working_time=_seconds(hours * 3600))
        plain = _CALENDAR.match(body)
        if plain:
            return Due(
                months=int(plain["y"] or 0) * 12 + int(plain["mo"] or 0),
                span=timedelta(weeks=int(plain["w"] or 0), days=int(plain["d"] or 0), hours=int(plain["h"] or 0))
                + timedelta(minutes=int(plain["mi"] or 0))
                + _seconds(Decimal(plain["s"] or 0)),
            )
    raise DueError(f"Expected a duration such as P2D, PT4W or P2WD, but found {text!r}.")


def due_at(due: Due | str, start: datetime, calendar: WorkingCalendar) -> datetime:
    """The moment a due text means, counted from `start` in the calendar's zone; UTC.

    Raises: DueError for a text that cannot be read or leads out of the calendar.
    """
    parsed = parse_due(due) if isinstance(due, str) else due
    try:
        moment = _add_months(start, parsed.months, calendar) + parsed.span
        if parsed.working_days:
            moment = add_working_days(calendar, moment, parsed.working_days)
        if parsed.working_time:
            moment = add_working_time(calendar, moment, parsed.working_time)
    except (ValueError, OverflowError) as error:
        raise DueError(str(error)) from error
    return moment.astimezone(UTC)


def _add_months(start: datetime, months: int, calendar: WorkingCalendar) -> datetime:
    """Same local day `months` later, clamped to the month's end (31 January + 1 month = 28 February)."""
    if not months:
        return start
    local = start.astimezone(calendar.zone)
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    for day in range(local.day, local.day - 4, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise DueError(f"Expected a date within years 1 to 9999, but {months} months lead out of them.")


def _seconds(value: Decimal) -> timedelta:
    return timedelta(microseconds=int(value * 1_000_000))
