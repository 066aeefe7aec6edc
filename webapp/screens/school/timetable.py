"""The week of a branch as calendar events, and the roll of a lesson."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zlib import crc32

from flask import url_for

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, query, records, snapshot
from engine.metadata.definition import Option
from engine.metadata.profile import load_profile, visible_branches
from engine.metadata.query import Query
from engine.metadata.record import Record
from processes.timetable.attendance_rules import Status
from webapp import formats
from webapp.i18n import locale
from webapp.screens.school.planning import CHANGES

_TONES = 6  # colours a class may have in the timetable

CHOICES = (
    Status.PRESENT, Status.LATE, Status.LEFT_EARLY, Status.LEAVE, Status.SICK, Status.ABSENT, Status.MAKE_UP,
    Status.TRIAL,
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A student on the roll, with the present mark."""

    student_id: UUID
    name: str
    status: str


@dataclass(frozen=True)
class Roll:
    """A lesson with its students."""

    lesson: Record
    starts_at: datetime
    ends_at: datetime
    teacher: str
    room: str
    marks: tuple[Mark, ...]
    choices: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, str], ...]


def branches(tx: Tx) -> list[tuple[str, str]]:
    """Branches whose timetable the actor may look at, the own one first."""
    config, profile = snapshot.load(tx), load_profile(tx)
    found = [config.branches[one] for one in visible_branches(config, profile)]
    teaching = [one for one in found if one.kind == "branch" and one.is_active] or [config.root]
    teaching.sort(key=lambda one: (one.id != profile.branch_id, one.key))
    return [(str(one.id), one.name) for one in teaching]


def events(tx: Tx, branch_id: UUID, start: datetime, end: datetime, *, mine: bool = False) -> Iterator[dict[str, Any]]:
    """Lessons between two moments as the calendar takes them, of the branch or the actor's own; only readable ones."""
    asked = Query(
        "lesson",
        fields=("title", "starts_at", "ends_at", "class_group_id", "teacher_id", "classroom_id", "stage"),
        filter={
            "and": [
                {"field": "teacher_id", "op": "=", "value": "me"}
                if mine
                else {"field": "branch_id", "op": "=", "value": str(branch_id)},
                {"field": "starts_at", "op": ">=", "value": start.isoformat()},
                {"field": "starts_at", "op": "<", "value": end.isoformat()},
            ]
        },
        sort=("starts_at",),
        limit=500,
    )
    may_plan = access.can(tx, "create", "lesson")
    for lesson in query.fetch(tx, asked).items:
        yield _event(lesson, movable=may_plan and lesson.values.get("stage") == "scheduled")


def shows_own_first(tx: Tx) -> bool:
    """Whether the week opens with the actor's own lessons: for those who teach and do not plan."""
    return "teacher" in load_profile(tx).role_keys() and not access.can(tx, "create", "lesson")


def monday_of(text: str, today: date) -> date:
    """The Monday of the week that holds the given day, else of this week."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    return day - timedelta(days=day.weekday())


def roll(tx: Tx, lesson_id: UUID) -> Roll:
    """The students of a lesson, marked or not. Raises: NotFound."""
    lesson = records.get(tx, "lesson", lesson_id)
    marked = {
        found.values["student_id"]: found.values["stage"]
        for found in _all(tx, "attendance", "lesson_id", lesson_id, ("student_id", "stage"))
    }
    names = {
        found.values["student_id"]: str(found.titles.get("student_id") or "")
        for found in _all(tx, "roster", "class_group_id", lesson.values["class_group_id"], ("student_id", "stage"))
        if found.values["stage"] == "active"
    }
    return Roll(
        lesson=lesson,
        starts_at=lesson.values["starts_at"],
        ends_at=lesson.values["ends_at"],
        teacher=str(lesson.titles.get("teacher_id") or ""),
        room=str(lesson.titles.get("classroom_id") or ""),
        marks=tuple(Mark(one, name, marked.get(one, "")) for one, name in sorted(names.items(), key=lambda p: p[1])),
        choices=tuple(_choices(tx)),
        changes=_changes(tx, lesson),
    )


def _changes(tx: Tx, lesson: Record) -> tuple[tuple[str, str], ...]:
    """What the actor may do with the planned lesson: address and label."""
    if lesson.values["stage"] != "scheduled" or not access.can(tx, "create", "lesson"):
        return ()
    url = partial(url_for, "planning.change", lesson_id=lesson.id)
    return tuple((url(name=name), one.title.in_locale(locale())) for name, one in CHANGES.items())


def _all(tx: Tx, object_key: str, link: str, value: Any, fields: tuple[str, ...]) -> list[Record]:
    if not access.can(tx, "read", object_key):
        return []
    condition = {"field": link, "op": "=", "value": str(value)}
    return query.fetch(tx, Query(object_key, fields=fields, filter=condition, sort=("id",), limit=500)).items


def _choices(tx: Tx) -> Iterator[tuple[str, str]]:
    stages: Mapping[str, Option] = {one.key: one for one in catalog.load(tx).object("attendance").stages}
    for status in CHOICES:
        option = stages.get(status.value)
        yield status.value, option.label.in_locale(locale()) if option else status.value


def _event(lesson: Record, *, movable: bool) -> dict[str, Any]:
    zone = formats.zone()
    people = [str(lesson.titles[key]) for key in ("teacher_id", "classroom_id") if lesson.titles.get(key)]
    return {
        "id": str(lesson.id),
        "title": lesson.title,
        "start": lesson.values["starts_at"].astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
        "end": lesson.values["ends_at"].astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
        "editable": movable,
        "extendedProps": {
            "move": url_for("planning.drag", lesson_id=lesson.id),
            "href": url_for("timetable.roll", lesson_id=lesson.id),
            "place": " · ".join(people),
            "cancelled": lesson.values.get("stage") == "cancelled",
            "done": lesson.values.get("stage") == "finished",
            "tone": crc32(str(lesson.values.get("class_group_id")).encode()) % _TONES,
        },
    }
