"""Working time: which days and hours count when a due date says "two working days"."""

from engine.workflow.calendar.china import HOLIDAYS, MAKE_UP_WORKDAYS
from engine.workflow.calendar.due import DueError, due_at, parse_due
from engine.workflow.calendar.model import DEFAULT_CALENDAR, WorkingCalendar
from engine.workflow.calendar.working_time import add_working_days, add_working_time, is_workday, working_time_between

__all__ = [
    "DEFAULT_CALENDAR",
    "DueError",
    "HOLIDAYS",
    "MAKE_UP_WORKDAYS",
    "WorkingCalendar",
    "add_working_days",
    "add_working_time",
    "due_at",
    "is_workday",
    "parse_due",
    "working_time_between",
]
