"""The attendance table is a model of its own: deployed alone, it judges the next mark; figures worked by hand."""

from datetime import date, time
from decimal import Decimal
from uuid import UUID

import pytest

from engine.workflow import deployments
from processes.attendance.api import terms_of
from processes.registry import discover
from processes.timetable import api as timetable
from processes.timetable.api import EntryType, Facts, Notice, Outcome, Status
from tests.integration.processes.flows.conftest import School

DAY = date(2026, 9, 9)
FREE = Outcome(Decimal(0), EntryType.NONE, notices=(Notice.ARRIVED,))
FULL = Outcome(Decimal(1), EntryType.CONSUME, notices=(Notice.ARRIVED,))
LOST = Outcome(Decimal(1), EntryType.ABSENT_CONSUME, notices=(Notice.ABSENT,))
HALF = Outcome(Decimal("0.5"), EntryType.ABSENT_CONSUME, pay_factor=Decimal("0.5"), notices=(Notice.ABSENT,))
_MADE_UP = {"entry": EntryType.NONE, "make_up": True, "pay_factor": Decimal(0)}
CASES = [
    (Facts(Status.PRESENT), FULL),
    (Facts(Status.LATE, late_minutes=40), FULL),
    (Facts(Status.LEFT_EARLY, left_early_minutes=20), FULL),
    (Facts(Status.MAKE_UP), FULL),
    (Facts(Status.TRIAL), FREE),
    (Facts(Status.ABSENT), LOST),
    (Facts(Status.LEAVE, leave_hours_before=24), Outcome(Decimal(0), make_up_days=60, **_MADE_UP)),
    (Facts(Status.LEAVE, leave_hours_before=23), HALF),
    (Facts(Status.LEAVE, leave_hours_before=2), HALF),
    (Facts(Status.LEAVE, leave_hours_before=1), LOST),
    (Facts(Status.SICK, leave_hours_before=0, has_proof=True), Outcome(Decimal(0), make_up_days=90, **_MADE_UP)),
    (Facts(Status.SICK, leave_hours_before=0), LOST),
]
_ENTRY = '<inputEntry id="east_late_in_{}"><text>{}</text></inputEntry>'
_OUT = '<outputEntry id="east_late_out_{}"><text>{}</text></outputEntry>'


@pytest.fixture(scope="module")
def lesson(school: School) -> UUID:
    """A lesson of the east campus."""
    pattern = timetable.Recurrence(DAY, frozenset({DAY.weekday()}), time(16), time(18), count=1)
    group = school.ids["class:east_english_1"]
    (one,) = school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key="table"))
    return one


def judged(school: School, lesson_id: UUID, facts: Facts) -> Outcome:
    return school.run(lambda tx: terms_of(tx, lesson_id)(facts))


def shipped() -> str:
    folder = discover().process("attendance_exception")
    assert folder is not None
    return folder.dmn["attendance_terms.dmn"]


def with_row(xml: str, **place: str) -> str:
    """Late by half an hour or more at that place: half the hours."""
    where = [f'"{place[name]}"' if name in place else "-" for name in ("branch", "course", "class_group")]
    asked = ('"late"', "-", "-", "&gt;= 30", *where)
    told = ("0.5", '"CONSUME"', "false", "0", "1", '["arrived"]')
    cells = [_ENTRY.format(n, text) for n, text in enumerate(asked)] + [_OUT.format(n, t) for n, t in enumerate(told)]
    mark = '<rule id="attendance_terms_rule_2">'
    return xml.replace(mark, f'<rule id="east_late">{"".join(cells)}</rule>{mark}')


@pytest.mark.parametrize(("facts", "expected"), CASES)
def test_shipped_table_judges(school: School, lesson: UUID, facts: Facts, expected: Outcome) -> None:
    assert judged(school, lesson, facts) == expected


def test_table_deployed_alone_changes_one_branch_at_once(school: School, lesson: UUID) -> None:
    late = Facts(Status.LATE, late_minutes=30)
    sources = {"attendance_terms.dmn": with_row(shipped(), branch="east")}
    done = school.run(lambda tx: deployments.deploy(tx, sources, name="东城迟到减半"), "admin")
    if done.status == "waiting":
        school.run(lambda tx: deployments.approve(tx, done.id), "hq_manager")
    assert judged(school, lesson, late) == Outcome(Decimal("0.5"), EntryType.CONSUME, notices=(Notice.ARRIVED,))
    assert judged(school, lesson, Facts(Status.LATE, late_minutes=29)) == FULL
    school.run(lambda tx: deployments.deploy(tx, {"attendance_terms.dmn": shipped()}, name="恢复"), "admin")
    assert judged(school, lesson, late) == FULL


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"course": "少儿英语"}, "0.5"),
        ({"course": "数学思维"}, "1"),
        ({"class_group": "英语启蒙一班"}, "0.5"),
        ({"class_group": "英语精英班"}, "1"),
    ],
)
def test_row_may_name_a_course_or_a_class(school: School, lesson: UUID, place: dict[str, str], expected: str) -> None:
    sources = {"attendance_terms.dmn": with_row(shipped(), **place)}
    school.run(lambda tx: deployments.deploy(tx, sources), "admin")
    assert judged(school, lesson, Facts(Status.LATE, late_minutes=30)).hours_factor == Decimal(expected)
    school.run(lambda tx: deployments.deploy(tx, {"attendance_terms.dmn": shipped()}), "admin")
