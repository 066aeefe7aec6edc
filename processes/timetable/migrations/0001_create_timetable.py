"""Create timetable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.metadata.record_table import create_read_indexes, create_record_table, create_unique_index

revision = "timetable_0001"
down_revision = None
branch_labels = ("timetable",)
depends_on: tuple[str, ...] | None = ("metadata_0001", "people_0001")


def upgrade() -> None:
    """Applies it."""
    _create_classroom()
    _create_holiday()
    _create_subject()
    _create_course()
    _create_class_group()
    _create_lesson()
    _create_roster()
    _create_attendance()
    _create_leave_request()
    _create_lesson_booking()


def _create_classroom() -> None:
    create_record_table(
        "classroom",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=True),
        sa.Column("buffer_minutes", sa.BigInteger(), nullable=True),
        sa.Column("equipment", postgresql.ARRAY(sa.Text()), nullable=True),
    )
    create_unique_index("classroom", "branch_id", "name")


def _create_holiday() -> None:
    create_record_table(
        "holiday",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("is_working", sa.Boolean(), nullable=True),
    )
    create_read_indexes("holiday", "day")


def _create_subject() -> None:
    create_record_table(
        "subject",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
    )
    create_unique_index("subject", "name")


def _create_course() -> None:
    create_record_table(
        "course",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("lesson_hours", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("valid_days", sa.BigInteger(), nullable=True),
        sa.Column("pricing", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_course_subject_id")),
    )
    create_read_indexes("course", "subject_id")
    create_unique_index("course", "code")


def _create_class_group() -> None:
    create_record_table(
        "class_group",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("teacher_id", sa.Uuid(), nullable=True),
        sa.Column("assistant_id", sa.Uuid(), nullable=True),
        sa.Column("classroom_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("planned_hours", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_class_group_classroom_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_class_group_course_id")),
    )
    create_read_indexes("class_group", "classroom_id", "course_id")
    create_unique_index("class_group", "branch_id", "name")


def _create_lesson() -> None:
    create_record_table(
        "lesson",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("teacher_id", sa.Uuid(), nullable=True),
        sa.Column("planned_teacher_id", sa.Uuid(), nullable=True),
        sa.Column("assistant_id", sa.Uuid(), nullable=True),
        sa.Column("classroom_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("series_key", sa.Text(), nullable=True),
        sa.CheckConstraint("hours > 0", name=op.f("ck_lesson_hours")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_lesson_times")),
        sa.ForeignKeyConstraint(["class_group_id"], ["class_group.id"], name=op.f("fk_lesson_class_group_id")),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name=op.f("fk_lesson_classroom_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_course_id")),
    )
    op.create_index("ix_lesson_branch_starts", "lesson", ["branch_id", "starts_at"], unique=False)
    create_read_indexes(
        "lesson", "class_group_id", "classroom_id", "course_id", "series_key", "starts_at", "teacher_id"
    )
    op.create_index("ux_lesson_series", "lesson", ["series_key", "starts_at"], unique=True)


def _create_roster() -> None:
    create_record_table(
        "roster",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("contract_line_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["class_group_id"], ["class_group.id"], name=op.f("fk_roster_class_group_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_roster_student_id")),
    )
    create_read_indexes("roster", "class_group_id", "contract_line_id", "student_id")
    op.create_index(
        "ux_roster_active",
        "roster",
        ["class_group_id", "student_id"],
        unique=True,
        postgresql_where=sa.text("stage <> 'left'"),
    )


def _create_attendance() -> None:
    create_record_table(
        "attendance",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_minutes", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("pay_factor", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("make_up_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_attendance_lesson_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_attendance_student_id")),
        is_staged=True,
    )
    create_read_indexes("attendance", "lesson_id", "student_id")
    op.create_index("ux_attendance_student", "attendance", ["lesson_id", "student_id"], unique=True)


def _create_leave_request() -> None:
    create_record_table(
        "leave_request",
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("student_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sick", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proof", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_leave_request_lesson_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_leave_request_student_id")),
    )
    create_read_indexes("leave_request", "lesson_id", "student_id")
    op.create_index(
        "ux_leave_request_open",
        "leave_request",
        ["lesson_id", "student_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'accepted'"),
    )


def _create_lesson_booking() -> None:
    op.create_table(
        "lesson_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("exempt", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("resource_id"), "="),
            (sa.text("during"), "&&"),
            where=sa.text("exclusive AND NOT exempt"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="ex_lesson_booking_resource",
        ),
        sa.CheckConstraint(
            "resource_kind IN ('teacher', 'room', 'class', 'student')", name=op.f("ck_lesson_booking_resource_kind")
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("ck_lesson_booking_range"),
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_booking_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_booking")),
    )
    op.create_index(
        "ix_lesson_booking_during", "lesson_booking", ["resource_id", "during"], unique=False, postgresql_using="gist"
    )
    op.create_index("ix_lesson_booking_lesson", "lesson_booking", ["lesson_id"], unique=False)
