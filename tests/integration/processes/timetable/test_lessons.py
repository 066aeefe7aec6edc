import threading
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from engine.kernel.errors import Conflict
from processes.class_hours import api as class_hours
from processes.stamping import created
from processes.timetable import api as timetable
from processes.timetable.bookings import TimetableClash
from processes.timetable.tables import holiday, lesson, lesson_booking, roster

THURSDAYS = timetable.Recurrence(date(2026, 9, 3), frozenset({3}), time(10), time(12), count=4)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in Shanghai (UTC+8) in September 2026."""
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def create(school, group, pattern=THURSDAYS, key: str = "s", **more):
    return school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key=key, **more))


def bookings(school, *conditions) -> int:
    statement = select(func.count()).select_from(lesson_booking).where(*conditions)
    return school.run(lambda tx: tx.execute(statement).scalar_one())


def test_lessons_follow_the_pattern_and_skip_holidays(school) -> None:
    school.run(
        lambda tx: tx.execute(
            insert(holiday).values(created(tx, school.hq) | {"name": "中秋", "day": date(2026, 9, 17)})
        )
    )
    made = create(school, school.group)
    starts = school.run(lambda tx: tx.execute(select(lesson.c.starts_at).order_by(lesson.c.starts_at)).scalars().all())
    assert starts == [local(3, 10), local(10, 10), local(24, 10), local(24, 10) + timedelta(days=7)]
    assert create(school, school.group) == made


def test_a_teacher_cannot_be_booked_twice(school) -> None:
    create(school, school.group)
    other = school.klass("二班", teacher=school.teacher)
    longer = timetable.Recurrence(date(2026, 9, 3), frozenset({3}), time(10), time(11), count=1)
    with pytest.raises(TimetableClash) as caught:
        create(school, other, longer, key="o")
    assert [clash.resource_kind for clash in caught.value.clashes] == ["teacher"]
    assert school.run(lambda tx: tx.execute(select(func.count()).select_from(lesson)).scalar_one()) == 4


def test_lessons_that_touch_do_not_clash(school) -> None:
    create(school, school.group)
    other = school.klass("二班", room=school.room, teacher=school.teacher)
    after = timetable.Recurrence(date(2026, 9, 3), frozenset({3}), time(12), time(13), count=1)
    assert len(create(school, other, after, key="o")) == 1


def test_a_student_in_two_classes_is_a_conflict(school) -> None:
    student, other = school.student(), school.klass("二班")
    school.lessons(school.group, 3)
    school.lessons(other, 3)
    school.run(lambda tx: timetable.enrol(tx, school.group, student))
    preview = school.run(lambda tx: timetable.enrol_preview(tx, other, student))
    assert (preview.seats_left, preview.future_lessons, len(preview.clashes)) == (11, 1, 1)
    with pytest.raises(TimetableClash):
        school.run(lambda tx: timetable.enrol(tx, other, student))
    leaving = school.run(lambda tx: timetable.enrol_preview(tx, other, student, leaving=school.group))
    assert leaving.clashes == ()


def test_two_bookings_at_once_leave_one_lesson(school) -> None:
    groups = [school.klass(f"班{n}", room=school.room) for n in range(4)]
    results: list[str] = []

    def work(group) -> None:
        try:
            create(school, group, key=str(group))
            results.append("made")
        except TimetableClash:
            results.append("clash")

    threads = [threading.Thread(target=work, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["clash", "clash", "clash", "made"]


def test_the_database_itself_refuses_a_double_booking(school) -> None:
    (one,) = school.lessons(school.group, 3)
    copy = (
        "INSERT INTO lesson_booking (id, lesson_id, resource_kind, resource_id, during)"
        " SELECT gen_random_uuid(), lesson_id, resource_kind, resource_id, during FROM lesson_booking"
    )
    with pytest.raises(IntegrityError):
        school.run(lambda tx: tx.execute(text(copy)))
    assert bookings(school, lesson_booking.c.lesson_id == one) == 3


def test_an_override_exempts_that_pair_only(school) -> None:
    (first,) = school.lessons(school.group, 3, start=time(10), end=time(12))
    other, third = school.klass("二班", room=school.room), school.klass("三班", room=school.room)
    (second,) = school.lessons(other, 3, start=time(11), end=time(13), override_reason="校长同意")
    assert bookings(school, lesson_booking.c.exempt) == 1
    with pytest.raises(TimetableClash):
        school.lessons(third, 3, start=time(11, 30), end=time(12))
    school.run(lambda tx: timetable.cancel_lesson(tx, first, reason="教师生病"))
    assert bookings(school, lesson_booking.c.exempt) == 0
    with pytest.raises(TimetableClash) as caught:
        school.lessons(third, 3, start=time(11, 30), end=time(12))
    assert {clash.lesson_id for clash in caught.value.clashes} == {second}


def test_a_moved_lesson_frees_its_time(school) -> None:
    (one,) = school.lessons(school.group, 3)
    slot = timetable.Slot(local(4, 14), local(4, 16))
    school.run(lambda tx: timetable.move_lesson(tx, one, slot))
    other = school.klass("二班", room=school.room, teacher=school.teacher)
    assert len(school.lessons(other, 3)) == 1
    with pytest.raises(TimetableClash):
        school.lessons(other, 4, start=time(15), end=time(17))


def test_a_substitute_is_booked_and_the_planned_teacher_is_free(school) -> None:
    (one,) = school.lessons(school.group, 3)
    substitute = school.user("sub", "teacher", school.east)
    school.run(lambda tx: timetable.substitute_teacher(tx, one, UUID(substitute.id), reason="病假"))
    row = school.run(lambda tx: tx.execute(select(lesson)).mappings().one())
    assert (str(row["teacher_id"]), row["planned_teacher_id"]) == (substitute.id, school.teacher)
    assert len(school.lessons(school.klass("二班", teacher=school.teacher), 3)) == 1


def test_a_cancelled_lesson_gives_hours_back_and_drops_bookings(school) -> None:
    student = school.student()
    school.lots(student, "10", "1000.00")
    (one,) = school.lessons(school.group, 3)
    school.run(lambda tx: timetable.enrol(tx, school.group, student))
    school.run(lambda tx: timetable.roll_call(tx, one, {student: timetable.Status.PRESENT}))
    school.run(lambda tx: timetable.cancel_lesson(tx, one, reason="停电"))
    assert bookings(school) == 0
    assert school.run(lambda tx: class_hours.remaining_hours(tx, student)) == Decimal(10)
    school.assert_books_are_sound()


def test_only_future_lessons_move_with_a_transfer(school) -> None:
    student, other = school.student(), school.klass("二班")
    school.lessons(school.group, 3, 10)
    school.lessons(other, 4, 11, 18)
    school.run(lambda tx: timetable.enrol(tx, school.group, student))
    school.run(
        lambda tx: timetable.move_roster(
            tx, student, from_class=school.group, to_class=other, contract_line_id=None, from_at=local(5, 0)
        )
    )
    mine = lesson_booking.c.resource_id == student
    starts = select(func.lower(lesson_booking.c.during)).where(mine).order_by(lesson_booking.c.during)
    assert school.run(lambda tx: tx.execute(starts).scalars().all()) == [local(3, 10), local(11, 10), local(18, 10)]
    assert school.run(lambda tx: timetable.classes_of(tx, student)) == (other,)


def test_a_full_class_needs_a_reason(school) -> None:
    small = school.klass("小班", capacity=1)
    one, two = school.student("甲"), school.student("乙", phone="13900139000")
    school.run(lambda tx: timetable.enrol(tx, small, one))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: timetable.enrol(tx, small, two))
    assert caught.value.code == "class.full"
    school.run(lambda tx: timetable.enrol(tx, small, two, override_reason="插班"))
    reasons = school.run(lambda tx: tx.execute(select(roster.c.override_reason)).scalars().all())
    assert sorted(filter(None, reasons)) == ["插班"]


def test_free_slots_avoid_teacher_and_room(school) -> None:
    school.lessons(school.group, 3, start=time(8), end=time(12))
    found = school.run(
        lambda tx: timetable.propose_slots(
            tx, school.group, first_day=date(2026, 9, 3), days=1, length=timedelta(hours=2), wanted=2
        )
    )
    assert [slot.start for slot in found] == [local(3, 12), local(3, 14)]
