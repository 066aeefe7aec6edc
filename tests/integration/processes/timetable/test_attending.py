import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from engine.kernel.clock import FixedClock
from engine.kernel.errors import Conflict, NotFound
from processes.class_hours import api as class_hours
from processes.class_hours.tables import hour_entry
from processes.timetable import api as timetable
from processes.timetable.api import Notice, Status
from processes.timetable.tables import attendance


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def lesson(school) -> tuple[UUID, UUID]:
    """(student with 10 h for 1000.00, lesson on 3 September 10:00-12:00 local, 2 h)."""
    student = school.student()
    school.lots(student, "10", "1000.00")
    (one,) = school.lessons(school.group, 3)
    school.run(lambda tx: timetable.enrol(tx, school.group, student))
    return student, one


def swipe(school, student: UUID, one: UUID, at: datetime) -> timetable.Marked:
    return school.run(lambda tx: timetable.mark_attendance(tx, student, one, source="swipe", occurred_at=at))


def remaining(school, student: UUID) -> Decimal:
    return school.run(lambda tx: class_hours.remaining_hours(tx, student))


def test_a_swipe_finds_its_lesson_consumes_and_notifies(school, lesson, clock: FixedClock) -> None:
    student, one = lesson
    clock.advance(local(3, 9, 50) - clock.now())
    assert school.run(lambda tx: timetable.lesson_for(tx, student, local(3, 9, 50), branch_id=school.east)) == one
    marked = swipe(school, student, one, local(3, 9, 50))
    assert (marked.status, marked.is_new, marked.notices) == (Status.PRESENT, True, (Notice.ARRIVED,))
    assert (marked.charge.quantity, marked.charge.amount, marked.charge.remaining) == (
        Decimal(2),
        Decimal("200.00"),
        Decimal(8),
    )


def test_no_lesson_at_that_time(school, lesson) -> None:
    student, _ = lesson
    assert school.run(lambda tx: timetable.lesson_for(tx, student, local(3, 8, 59))) is None
    assert school.run(lambda tx: timetable.lesson_for(tx, student, local(3, 12))) is None


def test_two_swipes_at_once_consume_once(school, lesson) -> None:
    student, one = lesson
    marks: list[timetable.Marked] = []
    threads = [
        threading.Thread(target=lambda m=minute: marks.append(swipe(school, student, one, local(3, 9, m))))
        for minute in (50, 51, 52, 53)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mark.is_new for mark in marks) == [False, False, False, True]
    assert remaining(school, student) == Decimal(8)
    school.assert_books_are_sound()


def test_swipes_and_the_end_of_the_lesson_at_once(school, clock: FixedClock) -> None:
    students = [school.student(f"学员{n}", phone=f"1380013800{n}") for n in range(6)]
    (one,) = school.lessons(school.group, 3)
    for student in students:
        school.lots(student, "10", "1000.00")
        school.run(lambda tx, s=student: timetable.enrol(tx, school.group, s))
    clock.advance(local(3, 12) - clock.now())
    works = [lambda s=student: swipe(school, s, one, local(3, 10)) for student in students]
    works.insert(3, lambda: school.run(lambda tx: timetable.close_lesson(tx, one)))
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stages = school.run(lambda tx: tx.execute(select(attendance.c.stage)).scalars().all())
    assert stages == ["present"] * 6
    assert [remaining(school, student) for student in students] == [Decimal(8)] * 6
    school.assert_books_are_sound()


def test_a_late_offline_swipe_turns_absence_into_presence_without_a_stale_notice(
    school, lesson, clock: FixedClock
) -> None:
    student, one = lesson
    clock.advance(local(3, 12, 30) - clock.now())
    (absent,) = school.run(lambda tx: timetable.close_lesson(tx, one))
    assert (absent.status, absent.charge.state) == (Status.ABSENT, "charged")
    clock.advance(timedelta(days=1))
    marked = swipe(school, student, one, local(3, 10, 12))
    assert (marked.status, marked.is_new, marked.is_stale, marked.notices) == (Status.LATE, True, True, ())
    kinds = school.run(
        lambda tx: tx.execute(
            select(hour_entry.c.kind, func.sum(hour_entry.c.quantity)).group_by(hour_entry.c.kind)
        ).all()
    )
    assert dict(map(tuple, kinds)) == {
        "PURCHASE": Decimal(10),
        "ABSENT_CONSUME": Decimal(-2),
        "REVERSAL": Decimal(2),
        "CONSUME": Decimal(-2),
    }
    row = school.run(lambda tx: tx.execute(select(attendance)).mappings().one())
    assert (row["late_minutes"], row["arrived_at"]) == (12, local(3, 10, 12))
    school.assert_books_are_sound()


def test_the_earliest_event_is_the_arrival_in_any_order(school, lesson) -> None:
    student, one = lesson
    assert swipe(school, student, one, local(3, 10, 30)).status is Status.LATE
    assert swipe(school, student, one, local(3, 9, 58)).status is Status.PRESENT
    row = school.run(lambda tx: tx.execute(select(attendance)).mappings().one())
    assert (row["arrived_at"], row["left_at"]) == (local(3, 9, 58), local(3, 10, 30))
    assert remaining(school, student) == Decimal(8)


def test_a_roll_call_is_not_overruled_by_a_device(school, lesson) -> None:
    student, one = lesson
    school.run(lambda tx: timetable.roll_call(tx, one, {student: Status.TRIAL}))
    swipe(school, student, one, local(3, 9, 50))
    row = school.run(lambda tx: tx.execute(select(attendance)).mappings().one())
    assert (row["stage"], row["source"], row["arrived_at"]) == ("trial", "roll_call", local(3, 9, 50))
    assert remaining(school, student) == Decimal(10)


def test_leave_asked_a_day_before_costs_nothing_and_gives_a_make_up_right(school, lesson, clock: FixedClock) -> None:
    student, one = lesson
    school.run(lambda tx: timetable.ask_leave(tx, student, one, reason="出游"))
    clock.advance(local(3, 13) - clock.now())
    (marked,) = school.run(lambda tx: timetable.close_lesson(tx, one))
    assert (marked.status, marked.charge.state) == (Status.LEAVE, "unchanged")
    row = school.run(lambda tx: tx.execute(select(attendance)).mappings().one())
    assert (row["hours"], row["make_up_until"].isoformat()) == (Decimal("0.00"), "2026-11-02")
    assert remaining(school, student) == Decimal(10)


def test_leave_asked_late_costs_half(school, lesson, clock: FixedClock) -> None:
    student, one = lesson
    school.run(lambda tx: timetable.ask_leave(tx, student, one, reason="堵车", asked_at=local(3, 7)))
    clock.advance(local(3, 13) - clock.now())
    (marked,) = school.run(lambda tx: timetable.close_lesson(tx, one))
    assert (marked.charge.quantity, marked.charge.remaining) == (Decimal(1), Decimal(9))


def test_closing_a_lesson_twice_changes_nothing(school, lesson) -> None:
    student, one = lesson
    assert len(school.run(lambda tx: timetable.close_lesson(tx, one))) == 1
    assert school.run(lambda tx: timetable.close_lesson(tx, one)) == ()
    assert remaining(school, student) == Decimal(8)


def test_a_stranger_cannot_be_marked_present(school, lesson) -> None:
    _, one = lesson
    stranger = school.student("陌生", phone="13700137000")
    with pytest.raises(Conflict) as caught:
        swipe(school, stranger, one, local(3, 10))
    assert caught.value.code == "attendance.not_on_roster"


def test_a_teacher_calls_the_roll_of_the_own_lesson_only(school, lesson) -> None:
    student, one = lesson
    other = school.user("chen", "teacher", school.east)
    with pytest.raises(NotFound):
        school.run(lambda tx: timetable.roll_call(tx, one, {student: Status.PRESENT}), other)
    school.run(lambda tx: timetable.substitute_teacher(tx, one, UUID(other.id), reason="代课"))
    (marked,) = school.run(lambda tx: timetable.roll_call(tx, one, {student: Status.PRESENT}), other)
    assert marked.charge.state == "charged"
