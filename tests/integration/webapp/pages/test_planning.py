"""Planning a class's lessons, and moving, substituting and cancelling one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
# 2027-03-01 is a Monday; the demo plans no lessons that far ahead.
PATTERN = {"first_day": "2027-03-01", "weekday": ["0", "2"], "starts_at": "09:00", "ends_at": "10:30", "count": "4"}


@pytest.fixture(scope="module")
def group(school: School) -> str:
    """A running class of the east campus."""
    (row,) = school.rows(
        "SELECT id FROM class_group WHERE branch_id = :east AND stage = 'open' ORDER BY name LIMIT 1",
        east=school.branch("east"),
    )
    return str(row["id"])


def lessons(school: School, group: str) -> list[dict[str, Any]]:
    """The class's planned lessons of March 2027."""
    return school.rows(
        "SELECT id, starts_at, ends_at, stage, teacher_id FROM lesson WHERE class_group_id = :id"
        " AND starts_at >= '2027-03-01' ORDER BY starts_at",
        id=group,
    )


def test_pattern_is_previewed_then_planned_and_a_second_one_clashes(school: School, visit: Visit, group: str) -> None:
    academic, path = visit("east_academic"), f"/timetable/classes/{group}/plan"
    assert "近期空闲时间" in academic.get(path)
    assert "没有时间冲突" in academic.post(path, 200, step="preview", key="k1", **PATTERN).text
    assert lessons(school, group) == []
    academic.post(path, step="go", key="k1", **PATTERN)
    days = [one["starts_at"].strftime("%m-%d %H:%M") for one in lessons(school, group)]
    assert days == ["03-01 01:00", "03-03 01:00", "03-08 01:00", "03-10 01:00"]
    answer = academic.post(path, 409, step="go", key="k2", **PATTERN)
    assert "时间冲突" in answer.text
    assert len(lessons(school, group)) == 4
    reason = {"override_reason": "合班上课"}
    academic.post(path, step="go", key="k2", **PATTERN, **reason)
    assert len(lessons(school, group)) == 8
    visit("east_sales1").get(path, status=403)


def test_dragged_lesson_moves_and_says_why_it_may_not(school: School, visit: Visit, group: str) -> None:
    first = lessons(school, group)[0]
    academic, path = visit("east_academic"), f"/timetable/lessons/{first['id']}/drag"
    clash = {"start": "2027-03-03T09:30", "end": "2027-03-03T11:00"}
    answer = academic.post(path, 409, **clash)
    assert "时间冲突" in answer.text
    academic.post(path, 200, start="2027-03-01T14:00", end="2027-03-01T15:30")
    moved = next(one for one in lessons(school, group) if one["id"] == first["id"])
    assert moved["starts_at"] - first["starts_at"] == timedelta(hours=5)
    visit("east_teacher2").post(path, 403, start="2027-03-01T16:00", end="2027-03-01T17:00")
    visit("west_academic").post(path, 404, start="2027-03-01T16:00", end="2027-03-01T17:00")


def test_lesson_gets_a_substitute_and_is_cancelled_with_a_reason(school: School, visit: Visit, group: str) -> None:
    lesson = str(lessons(school, group)[-1]["id"])
    academic, teacher = visit("east_academic"), str(school.actor("east_teacher2"))
    assert "代课" in academic.get(f"/timetable/lessons/{lesson}")
    assert "请填写原因" in academic.post(f"/timetable/lessons/{lesson}/substitute", 422, user=teacher).text
    more = {"override_reason": "临时调整"}
    academic.post(f"/timetable/lessons/{lesson}/substitute", user=teacher, reason="原教师生病", **more)
    assert str(lessons(school, group)[-1]["teacher_id"]) == teacher
    academic.post(f"/timetable/lessons/{lesson}/cancel", reason="停电")
    assert lessons(school, group)[-1]["stage"] == "cancelled"


def test_teacher_sees_the_own_week(school: School, visit: Visit, group: str) -> None:
    window = "start=2027-03-01T00:00&end=2027-03-31T00:00"
    found = visit("east_teacher2").client.get(
        f"/timetable/events?branch={school.branch('east')}&{window}&mine=1"
    ).json  # fmt: skip
    taught = [one for one in lessons(school, group) if str(one["teacher_id"]) == str(school.actor("east_teacher2"))]
    assert len(found) == len(taught)
