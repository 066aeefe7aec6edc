"""A class at a glance: seats taken and free, who sits there with the hours left, who waits."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import url_for

from engine.kernel.uow import Tx
from engine.metadata import access, query
from engine.metadata.query import Query
from engine.metadata.record import Record
from processes.class_hours import api as class_hours
from webapp import formats
from webapp.screens.school.reminders import LOW

_MANY = 200


@dataclass(frozen=True)
class Seat:
    """A student of the class or of its waiting list. ``hours`` is empty for those who may not see hours."""

    name: str
    url: str
    since: str
    hours: str
    is_low: bool
    entry_url: str


@dataclass(frozen=True)
class ClassPanel:
    """Seats of a class; ``free`` is below zero where a reason let somebody in beyond the seats."""

    capacity: int
    free: int
    seats: tuple[Seat, ...]
    waiting: tuple[Seat, ...]


def panel(tx: Tx, group: Record) -> ClassPanel | None:
    """The panel of a class; nothing for those who may not see its roster."""
    if not access.can(tx, "read", "roster"):
        return None
    condition = {
        "and": [
            {"field": "class_group_id", "op": "=", "value": str(group.id)},
            {"field": "stage", "op": "in", "value": ["active", "waiting"]},
        ]
    }
    asked = Query("roster", fields=("student_id", "joined_at", "stage"), filter=condition, sort=("id",), limit=_MANY)
    rows = sorted(query.fetch(tx, asked).items, key=lambda row: row.values["joined_at"])
    left = _hours(tx, group, [row.values["student_id"] for row in rows])
    seats = tuple(_seat(row, left) for row in rows if row.values["stage"] == "active")
    waiting = tuple(_seat(row, left) for row in rows if row.values["stage"] == "waiting")
    capacity = int(group.values.get("capacity") or 0)
    return ClassPanel(capacity, capacity - len(seats), seats, waiting)


def _hours(tx: Tx, group: Record, students: list[UUID]) -> dict[UUID, Decimal]:
    if not students or not access.can(tx, "read", "hour_lot"):
        return {}
    return class_hours.remaining_of(tx, students, group.values["course_id"])


def _seat(row: Record, left: dict[UUID, Decimal]) -> Seat:
    student_id = row.values["student_id"]
    hours = left.get(student_id)
    return Seat(
        name=str(row.titles.get("student_id") or row.title),
        url=url_for("records.show", object_key="student", record_id=student_id),
        since=formats.short_time(row.values["joined_at"].astimezone(formats.zone()).date()),
        hours="" if hours is None else formats.hours(hours),
        is_low=hours is not None and hours <= LOW,
        entry_url=url_for("records.show", object_key="roster", record_id=row.id),
    )
