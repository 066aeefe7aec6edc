"""Date and time functions. Source: DMN 1.5, tables 76 and 81."""

import calendar
from datetime import date, datetime
from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.exact import Exact
from engine.feel.runtime import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now", needs_run=True)
def now(run: Run) -> datetime:
    """The moment of the evaluation in the zone of its environment."""
    return run.env.now.astimezone(run.env.zone)


@builtin("today", needs_run=True)
def today(run: Run) -> date:
    """The date of the evaluation in the zone of its environment."""
    return now(run).date()


def _alike(value: date | Exact) -> date:
    """The same day of a year Python knows with the same calendar, which repeats every 400 years. Raises: ValueError."""
    if not isinstance(value, Exact):
        return value
    if value.day is None:
        raise ValueError("a time has no day")
    year, month, day = value.date
    return date(2000 + year % 400, month, day)


@builtin("day of year", "date: date|date and time|exact")
def day_of_year(day: date | Exact) -> Decimal:
    """1 to 366."""
    return Decimal(_alike(day).timetuple().tm_yday)


@builtin("day of week", "date: date|date and time|exact")
def day_of_week(day: date | Exact) -> str:
    """``"Monday"`` and so on."""
    return _DAYS[_alike(day).weekday()]


@builtin("month of year", "date: date|date and time|exact")
def month_of_year(day: date | Exact) -> str:
    """``"January"`` and so on."""
    return _MONTHS[_alike(day).month - 1]


@builtin("week of year", "date: date|date and time|exact")
def week_of_year(day: date | Exact) -> Decimal:
    """The week of ISO 8601."""
    return Decimal(_alike(day).isocalendar().week)


@builtin("last day of month", "date: date|date and time")
def last_day_of_month(day: date) -> date:
    """The last date of its month (an extension that modelling tools of others offer)."""
    plain = day.date() if isinstance(day, datetime) else day
    return plain.replace(day=calendar.monthrange(day.year, day.month)[1])
