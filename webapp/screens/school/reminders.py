"""What somebody should look after today: hours running out, arrears, trial lessons, birthdays, teachers' hours."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, query, records
from engine.metadata.query import Query
from engine.metadata.record import Record
from processes.class_hours import api as class_hours
from processes.finance import api as finance
from processes.people import api as people
from processes.permits import permitted
from webapp import formats

LOW = Decimal(6)
_SOON, _SHOWN, _PAGES = timedelta(days=7), 20, 10


@dataclass(frozen=True)
class Line:
    """One case: whom it is about, what it is, and a figure at the right."""

    title: str
    detail: str
    url: str
    figure: str = ""
    is_alert: bool = False


@dataclass(frozen=True)
class Section:
    """Cases of one kind. ``total`` counts also what is not shown; ``empty`` says that all is well."""

    title: Text
    icon: str
    lines: tuple[Line, ...]
    total: int
    empty: Text
    all_url: str = ""


def read(tx: Tx) -> tuple[Section, ...]:
    """The sections of the actor: of objects he may read only."""
    made = (_low_hours, _arrears, _trials, _birthdays, _teaching)
    return tuple(section for one in made for section in one(tx))


def _low_hours(tx: Tx) -> Iterator[Section]:
    if not (_may(tx, "hour_lot") and _may(tx, "student")):
        return
    found = class_hours.running_out(tx, people.active_students(), LOW)
    seen = permitted(tx, "read", "student", found)
    low = sorted((left, one) for one, left in found.items() if one in seen)
    names = _names(tx, [one for _, one in low[:_SHOWN]])
    lines = (
        Line(
            names[one], "", url_for("records.show", object_key="student", record_id=one), formats.hours(left), left <= 0
        )
        for left, one in low[:_SHOWN]
        if one in names
    )
    yield Section(
        Text("课时将用完（6 课时以内）", "Hours running out (6 or fewer)"), "hourglass", tuple(lines), len(low),
        Text("没有课时将用完的学员", "Nobody is running out of hours"),
    )  # fmt: skip


def _arrears(tx: Tx) -> Iterator[Section]:
    if not _may(tx, "instalment"):
        return
    today = _today(tx)
    found = finance.arrears(tx, on=today)
    names = _names(tx, [one.student_id for one in found[:_SHOWN]])
    lines = (
        Line(
            names.get(one.student_id, ""), f"{one.due_on:%m-%d}",
            url_for("records.show", object_key="instalment", record_id=one.instalment_id),
            formats.money(one.open_amount), True,
        )
        for one in found[:_SHOWN]
    )  # fmt: skip
    url = _list("instalment", f"due_on~<~{today}", "stage~in~open|partly_paid")
    yield Section(
        Text("欠费", "Arrears"), "alert-circle", tuple(lines), len(found), Text("没有欠费", "Nobody is in arrears"), url
    )


def _trials(tx: Tx) -> Iterator[Section]:
    if not _may(tx, "lead"):
        return
    asked = Query("lead", fields=("name", "owner_id", "next_follow_up_at"), filter='stage = "trial"', limit=_SHOWN)
    found = query.fetch(tx, asked).items
    lines = (
        Line(
            one.title,
            str(one.titles.get("owner_id") or ""),
            url_for("records.show", object_key="lead", record_id=one.id),
            _when(one.values.get("next_follow_up_at")),
        )
        for one in found
    )
    total = query.count(tx, Query("lead", filter='stage = "trial"')).value
    yield Section(
        Text("试听待跟进", "Trial lessons to follow up"), "phone", tuple(lines), total,
        Text("没有待跟进的试听", "No trial lesson waits"), _list("lead", "stage~=~trial"),
    )  # fmt: skip


def _birthdays(tx: Tx) -> Iterator[Section]:
    if not _may(tx, "student") or not access.rights_on(tx, "student").readable("born_on"):
        return
    today = _today(tx)
    asked = Query("student", fields=("name", "born_on"), filter='stage = "active" and born_on != null', sort=("id",))
    born = [(next_birthday(one.values["born_on"], today), one) for one in _all(tx, asked)]
    soon = sorted(((day, one) for day, one in born if day - today < _SOON), key=lambda pair: pair[0])
    lines = (
        Line(
            one.title, f"{day.year - one.values['born_on'].year}",
            url_for("records.show", object_key="student", record_id=one.id), f"{day:%m-%d}", day == today,
        )
        for day, one in soon[:_SHOWN]
    )  # fmt: skip
    yield Section(
        Text("七天内生日", "Birthdays within a week"), "calendar-event", tuple(lines), len(soon),
        Text("七天内没有学员过生日", "No birthday within a week"),
    )  # fmt: skip


def _teaching(tx: Tx) -> Iterator[Section]:
    if not _may(tx, "lesson"):
        return
    first = _today(tx).replace(day=1)
    since = datetime.combine(first, time.min, formats.zone())
    condition = {
        "and": [
            {"field": "stage", "op": "=", "value": "finished"},
            {"field": "starts_at", "op": ">=", "value": since.isoformat()},
        ]
    }
    asked = Query("lesson", fields=("teacher_id", "hours"), filter=condition, sort=("id",))
    hours: dict[str, list[Decimal]] = defaultdict(list)
    for one in _all(tx, asked):
        hours[str(one.titles.get("teacher_id") or "")].append(one.values["hours"])
    url = _list("lesson", "stage~=~finished", f"starts_at~>=~{first}")
    ranked = sorted(hours.items(), key=lambda pair: (-sum(pair[1]), pair[0]))
    lines = tuple(
        Line(name or "—", f"× {len(held)}", url, formats.hours(sum(held, Decimal(0)))) for name, held in ranked[:_SHOWN]
    )
    yield Section(
        Text("本月教师课时", "Teachers' hours this month"), "school", lines, len(ranked),
        Text("本月还没有上过的课", "No lesson has been held this month"), url,
    )  # fmt: skip


def next_birthday(born: date, today: date) -> date:
    """The next day, today included, that carries the date; the 29th of February counts on the 1st of March.

    >>> next_birthday(date(2016, 2, 29), date(2026, 2, 28))
    datetime.date(2026, 3, 1)
    """
    for year in (today.year, today.year + 1):
        try:
            day = born.replace(year=year)
        except ValueError:
            day = date(year, 3, 1)
        if day >= today:
            return day
    raise AssertionError("a birthday comes once a year")


def _all(tx: Tx, asked: Query) -> Iterator[Record]:
    """All rows of a question, page by page, up to a bound."""
    after: str | None = None
    for _ in range(_PAGES):
        page = query.fetch(tx, Query(asked.object, asked.fields, asked.filter, asked.sort, 200, after))
        yield from page.items
        after = page.next
        if after is None:
            return


def _names(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Titles of students the actor may read."""
    seen = permitted(tx, "read", "student", ids)
    return {one: records.get(tx, "student", one).title for one in seen}


def _may(tx: Tx, object_key: str) -> bool:
    return access.can(tx, "read", object_key)


def _today(tx: Tx) -> date:
    return tx.now.astimezone(formats.zone()).date()


def _when(at: object) -> str:
    return formats.short_time(at) if at else ""  # type: ignore[arg-type]


def _list(object_key: str, *filters: str) -> str:
    return f"{url_for('records.index', object_key=object_key)}?{urlencode([('f', text) for text in filters])}"
