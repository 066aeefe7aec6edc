"""代理: who acts for whom while away; and the working calendars that due times count by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot
from engine.metadata.rights import has_right
from engine.metadata.snapshot import Branch
from engine.workflow import calendars, deployments, substitutions
from engine.workflow.calendar import WorkingCalendar
from engine.workflow.deployments import ProcessRow
from engine.workflow.instances.access import operates_for
from engine.workflow.runtime import OPERATE
from engine.workflow.substitutions import Substitution
from webapp import formats
from webapp.given import id_of
from webapp.screens.administration.administration import managed_branches

WEEKDAYS = range(7)


@dataclass(frozen=True)
class Line:
    """A substitution with names. ``is_mine``: the actor may end it."""

    row: Substitution
    user: str
    substitute: str
    process: str
    is_mine: bool


@dataclass(frozen=True)
class Absences:
    """The page of substitutions. ``for_all``: an operator may name one for anybody."""

    lines: tuple[Line, ...]
    processes: tuple[ProcessRow, ...]
    for_all: bool


@dataclass(frozen=True)
class CalendarModel:
    """A branch's calendar as its form shows it: days one a line, windows as ``09:00-12:00`` one a line."""

    branches: tuple[Branch, ...]
    branch: Branch
    zone: str
    weekdays: frozenset[int]
    windows: str
    holidays: str
    make_up: str


def absences(tx: Tx) -> Absences:
    """One's own substitutions and those one stands in for; an operator sees those of all whom he operates."""
    for_all = has_right(tx, OPERATE)
    mine = {row.id: row for row in substitutions.current(tx, tx.actor.id)}
    others = substitutions.current(tx) if for_all else ()
    operated = {row.id: row for row in others if operates_for(tx, row.user_id)}
    found = sorted((operated | mine).values(), key=lambda row: (row.starts_at, row.id))
    ids = frozenset(UUID(one) for row in found for one in (row.user_id, row.substitute_id))
    names = directory.user_names(tx, ids)
    processes = deployments.processes(tx)
    labels = {one.key: one.name for one in processes}
    lines = tuple(
        Line(
            row,
            names.get(UUID(row.user_id), ""),
            names.get(UUID(row.substitute_id), ""),
            labels.get(row.process_key or "", row.process_key or ""),
            row.id in operated or row.user_id == tx.actor.id,
        )
        for row in found
    )
    return Absences(lines, processes, for_all)


def create(tx: Tx, given: Mapping[str, str]) -> None:
    """From the posted form; moments are local. Raises: UserError, Forbidden, NotFound."""
    start, end = _moment(given.get("from", "")), _moment(given.get("until", ""))
    user, substitute = given.get("user") or tx.actor.id, given.get("substitute", "")
    if not substitute:
        raise UserError("substitute_missing", Text("请选择代理人", "Choose who stands in"))
    substitutions.create(tx, user, str(id_of(substitute)), start, end, given.get("process") or None)


def calendar(tx: Tx, branch_id: UUID | None) -> CalendarModel:
    """The calendar in force at a branch where the actor operates processes. Raises: Forbidden."""
    branches = managed_branches(tx, OPERATE)
    if not branches:
        raise Forbidden
    branch = next((one for one in branches if one.id == branch_id), branches[0])
    found = calendars.calendar_of(tx, branch.id)
    return CalendarModel(
        branches,
        branch,
        found.zone.key,
        found.weekdays,
        "\n".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in found.windows),
        _days_text(found.holidays),
        _days_text(found.make_up_workdays),
    )


def save_calendar(tx: Tx, given: Mapping[str, str], weekdays: list[str]) -> None:
    """From the posted form. Raises: UserError naming the line that is wrong; Forbidden."""
    branch = snapshot.load(tx).branches.get(id_of(given["branch"]))
    if branch is None:
        raise NotFound
    try:
        made = WorkingCalendar(
            zone=ZoneInfo(branch.zone),
            weekdays=frozenset(int(day) for day in weekdays),
            windows=tuple(_window(line) for line in _lines(given.get("windows", ""))),
            holidays=frozenset(_day(line) for line in _lines(given.get("holidays", ""))),
            make_up_workdays=frozenset(_day(line) for line in _lines(given.get("make_up", ""))),
        )
    except ValueError:
        message = Text(
            "至少一个工作日和一个时段；时段须先后有序、互不重叠",
            "At least one working day and one window; windows in order, without overlap",
        )
        raise UserError("bad_calendar", message) from None
    calendars.save(tx, branch.id, made)


def _moment(given: str) -> datetime:
    try:
        return datetime.fromisoformat(given).replace(tzinfo=formats.zone())
    except ValueError:
        raise UserError("bad_moment", Text("请填写开始和结束时间", "Give the beginning and the end")) from None


def _window(line: str) -> tuple[time, time]:
    start, _, end = line.replace("–", "-").partition("-")
    try:
        return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise _unreadable(line) from None


def _day(line: str) -> date:
    try:
        return date.fromisoformat(line)
    except ValueError:
        raise _unreadable(line) from None


def _unreadable(line: str) -> UserError:
    return UserError("bad_calendar", Text(f"无法识别：{line}", f"Not understood: {line}"))


def _lines(given: str) -> list[str]:
    return [line.strip() for line in given.splitlines() if line.strip()]


def _days_text(days: frozenset[date]) -> str:
    return "\n".join(day.isoformat() for day in sorted(days))
