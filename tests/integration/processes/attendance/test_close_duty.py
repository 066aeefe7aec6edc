"""Ended lessons are closed by the clock; who has no mark is absent, or on leave when it was asked in time."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.kernel.clock import FixedClock
from engine.kernel.duties import Occasion
from processes.attendance.duties import close_ended
from processes.class_hours import api as class_hours
from processes.timetable import api as timetable
from processes.timetable.tables import attendance, lesson

OCCASION = Occasion("2026-09-03T04:30:00Z", date(2026, 9, 3), ZoneInfo("Asia/Shanghai"))


def test_lesson_is_closed_half_an_hour_after_its_end(school, clock: FixedClock) -> None:
    here, absent, excused = (school.student(f"学员{n}", phone=f"1380013800{n}") for n in range(3))
    (one,) = school.lessons(school.group, 3)
    for student in (here, absent, excused):
        school.lots(student, "10", "1000.00", key=f"lots:{student}")
        school.run(lambda tx, student=student: timetable.enrol(tx, school.group, student))
    school.run(lambda tx: timetable.ask_leave(tx, excused, one, reason="旅行"))
    ends = school.run(lambda tx: tx.execute(select(lesson.c.ends_at)).scalar_one())
    clock.set(ends - timedelta(minutes=90))
    school.run(lambda tx: timetable.mark_attendance(tx, here, one, source="swipe", occurred_at=tx.now))
    clock.set(ends + timedelta(minutes=30))
    assert school.run(lambda tx: close_ended(tx, OCCASION))["lessons"] == 0
    clock.advance(timedelta(seconds=1))
    assert school.run(lambda tx: close_ended(tx, OCCASION)) == {"lessons": 1, "unmarked": 2, "refused": {}}
    assert school.run(lambda tx: close_ended(tx, OCCASION)) == {"lessons": 0, "unmarked": 0, "refused": {}}
    rows = school.run(lambda tx: tx.execute(select(attendance.c.student_id, attendance.c.stage)).all())
    assert {row.student_id: row.stage for row in rows} == {here: "late", absent: "absent", excused: "leave"}
    left = [school.run(lambda tx, s=s: class_hours.remaining_hours(tx, s)) for s in (here, absent, excused)]
    assert left == [Decimal(8), Decimal(8), Decimal(10)]
