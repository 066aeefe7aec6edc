"""Date and time functions. Source: DMN 1.5, tables 76 and 81."""

import calendar
from datetime import date, datetime
from decimal import Decimal

from engine.feel.builtins.registry import builtin
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


@builtin("day of year", "date: date|date and time")
def day_of_year(day: date) -> Decimal:
    """1 to 366."""
    return Decimal(day.timetuple().tm_yday)


@builtin("day of week", "date: date|date and time")
def day_of_week(day: date) -> str:
    """``"Monday"`` and so on."""
    return _DAYS[day.weekday()]


@builtin("month of year", "date: date|date and time")
def month_of_year(day: date) -> str:
    """``"January"`` and so on."""
    return _MONTHS[day.month - 1]


@builtin("week of year", "date: date|date and time")
def week_of_year(day: date) -> Decimal:
    """The week of ISO 8601."""
    return Decimal(day.isocalendar().week)


@builtin("last day of month", "date: date|date and time")
def last_day_of_month(day: date) -> date:
    """The last date of its month (an extension that modelling tools of others offer)."""
    plain = day.date() if isinstance(day, datetime) else day
    return plain.replace(day=calendar.monthrange(day.year, day.month)[1])
