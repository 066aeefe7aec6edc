"""Tables of `timetable`: courses, rooms, classes, rosters, lessons and their bookings, attendance, leave."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from engine.kernel.database import metadata
from engine.kernel.ids import new_id
from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"

subject = object_table(_OBJECTS / "subject.yaml")
course = object_table(_OBJECTS / "course.yaml")
classroom = object_table(_OBJECTS / "classroom.yaml")
holiday = object_table(_OBJECTS / "holiday.yaml")
class_group = object_table(_OBJECTS / "class_group.yaml")
roster = object_table(_OBJECTS / "roster.yaml")
lesson = object_table(_OBJECTS / "lesson.yaml")
attendance = object_table(_OBJECTS / "attendance.yaml")
leave = object_table(_OBJECTS / "leave.yaml")

lesson_booking = Table(
    "lesson_booking",
    metadata,
    Column("id", sa.Uuid(), primary_key=True, default=new_id),
    Column("lesson_id", sa.Uuid(), ForeignKey("lesson.id"), nullable=False),
    Column("resource_kind", sa.Text(), nullable=False),
    Column("resource_id", sa.Uuid(), nullable=False),
    Column("during", TSTZRANGE(), nullable=False),
    Column("exclusive", sa.Boolean(), nullable=False, server_default=sa.true()),
    Column("exempt", sa.Boolean(), nullable=False, server_default=sa.false()),
    CheckConstraint("resource_kind IN ('teacher', 'room', 'class', 'student')", name="resource_kind"),
    CheckConstraint("NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name="range"),
    ExcludeConstraint(
        (text("resource_id"), "="),
        (text("during"), "&&"),
        using="gist",
        where=text("exclusive AND NOT exempt"),
        name="ex_lesson_booking_resource",
        deferrable=True,
        initially="IMMEDIATE",
    ),
    Index("ix_lesson_booking_lesson", "lesson_id"),
    Index("ix_lesson_booking_during", "resource_id", "during", postgresql_using="gist"),
    info={"room": "timetable"},
)
"""What a lesson occupies. Where an override lets it overlap another lesson, that part of the time is a row of its own
with `exempt`: the other lesson's row still keeps third parties out."""

for _table, _names in (
    (roster, ("class_group_id", "student_id", "joined_at")),
    (lesson, ("class_group_id", "course_id", "starts_at", "ends_at", "hours")),
    (attendance, ("lesson_id", "student_id", "stage")),
    (leave, ("lesson_id", "student_id", "asked_at")),
):
    for _name in _names:
        _table.c[_name].nullable = False

lesson.append_constraint(CheckConstraint("starts_at < ends_at", name="times"))
lesson.append_constraint(CheckConstraint("hours > 0", name="hours"))
Index("ux_roster_active", roster.c.class_group_id, roster.c.student_id, unique=True,
      postgresql_where=text("stage <> 'left'"))  # fmt: skip
Index("ux_attendance_student", attendance.c.lesson_id, attendance.c.student_id, unique=True)
Index("ux_leave_request_open", leave.c.lesson_id, leave.c.student_id, unique=True,
      postgresql_where=text("stage = 'accepted'"))  # fmt: skip
Index("ux_lesson_series", lesson.c.series_key, lesson.c.starts_at, unique=True)
Index("ix_lesson_branch_starts", lesson.c.branch_id, lesson.c.starts_at)
