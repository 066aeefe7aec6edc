"""Working calendars of branches in the database: a branch's own, else headquarters', else the shipped one."""

from __future__ import annotations

import json
from datetime import date, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.kernel.errors import Forbidden, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.calendar import DEFAULT_CALENDAR, WorkingCalendar
from engine.workflow.runtime import OPERATE, runtime_of

_FIND = """select c.zone, c.weekdays, c.windows, c.holidays, c.make_up_workdays from working_calendar c
 left join branch b on b.id = c.branch_id where c.branch_id = %(branch)s or b.parent_id is null
 order by (c.branch_id = %(branch)s) desc nulls last limit 1"""


def calendar_of(tx: Tx, branch_id: UUID | None) -> WorkingCalendar:
    """The calendar in force for a branch; read once per transaction."""
    key = ("workflow.calendar", branch_id)
    found: WorkingCalendar | None = tx.memo.get(key)
    if found is None:
        rows = tx.query(_FIND, {"branch": branch_id})
        found = tx.memo[key] = _from_row(rows[0]) if rows else DEFAULT_CALENDAR
    return found


def foresee(tx: Tx, branch_id: UUID | None) -> None:
    """Ask along with the next query what ``calendar_of`` asks."""
    tx.foresee(_FIND, {"branch": branch_id})


def save(tx: Tx, branch_id: UUID, calendar: WorkingCalendar) -> None:
    """Set a branch's calendar; due times already computed stay. Raises: Forbidden."""
    if not runtime_of(tx).access.may(tx, OPERATE, branch_id):
        raise Forbidden()
    sql = """insert into working_calendar (branch_id, zone, weekdays, windows, holidays, make_up_workdays)
 values (%(branch)s, %(zone)s, %(weekdays)s::jsonb, %(windows)s::jsonb, %(holidays)s::jsonb, %(make_up)s::jsonb)
 on conflict (branch_id) do update set zone = excluded.zone, weekdays = excluded.weekdays,
 windows = excluded.windows, holidays = excluded.holidays, make_up_workdays = excluded.make_up_workdays"""
    parameters = {
        "branch": branch_id,
        "zone": calendar.zone.key,
        "weekdays": json.dumps(sorted(calendar.weekdays)),
        "windows": json.dumps([[start.isoformat(), end.isoformat()] for start, end in calendar.windows]),
        "holidays": json.dumps(sorted(day.isoformat() for day in calendar.holidays)),
        "make_up": json.dumps(sorted(day.isoformat() for day in calendar.make_up_workdays)),
    }
    tx.connection.exec_driver_sql(sql, parameters)
    tx.memo.pop(("workflow.calendar", branch_id), None)
    tx.record(Event("calendar:saved", ("branch", branch_id), branch_id))


def _from_row(row: Any) -> WorkingCalendar:
    zone, weekdays, windows, holidays, make_up = row
    try:
        return WorkingCalendar(
            zone=ZoneInfo(zone),
            weekdays=frozenset(weekdays),
            windows=tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in windows),
            holidays=frozenset(map(date.fromisoformat, holidays)),
            make_up_workdays=frozenset(map(date.fromisoformat, make_up)),
        )
    except (ValueError, KeyError) as error:
        raise UserError("bad_calendar", Text("工作日历有误", "The working calendar is not valid")) from error
