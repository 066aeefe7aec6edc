"""Swipes from the inbox: attendance, hours, messages, and what people have to decide."""

import itertools
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.kernel import connector_store
from engine.kernel.actor import SYSTEM
from engine.kernel.card_number import CardForm, canonical
from engine.kernel.connector import Inbound
from engine.kernel.connector_store import ConnectorDraft
from engine.kernel.inbox import drain_inbox, receive
from engine.kernel.secrets import Vault
from engine.workflow import deployments, tasks
from engine.workflow.tables.task import user_task
from processes.attendance import api as attendance
from processes.people import api as people
from processes.refund import actions as refunds
from processes.registry import discover
from processes.timetable import api as timetable
from tests.integration.processes.flows.conftest import School
from webapp.drains import take_in

LESSON = date(2026, 9, 2)
AT = datetime(2026, 9, 2, 7, 58, tzinfo=UTC)  # two minutes before 16:00 in Shanghai
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def reader(school: School) -> UUID:
    """A card reader of the east campus; one lesson of the class on 2 September."""
    config = {"port": "/dev/null", "device": "front"}
    draft = ConnectorDraft(
        kind="card_reader",
        channel="swipe",
        name="front",
        config=config,
        secrets={},
        branch_id=school.ids["branch:east"],
    )
    row = school.run(lambda tx: connector_store.create(tx, Vault(["k" * 32]), draft))
    pattern = timetable.Recurrence(LESSON, frozenset({LESSON.weekday()}), time(16), time(18), count=1)
    group = school.ids["class:east_english_1"]
    school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key="flow"))
    return row.id


def swipe(school: School, reader: UUID, printed: str, at: datetime = AT) -> None:
    card = canonical(printed, CardForm.DECIMAL_10)
    payload = {"card_no": card, "device": "front"}
    event = Inbound(f"swipe:{next(_numbers)}", "attendance.swipe", at, payload, {"card_no": card})
    school.clock.set(at)
    school.run(lambda tx: receive(tx, reader, event))
    assert drain_inbox(school.boundary, SYSTEM, take_in) == 1


def exception_task(school: School, node: str) -> UUID:
    statement = select(user_task.c.id).where(user_task.c.node_id == node, user_task.c.status == "open")
    return school.run(lambda tx: tx.execute(statement.order_by(user_task.c.id.desc()).limit(1)).scalar_one())


def decide(school: School, node: str, outcome: str, values: dict[str, str], comment: str = "") -> None:
    task_id = exception_task(school, node)
    school.run(lambda tx: tasks.claim(tx, task_id), "east_academic")
    school.run(lambda tx: tasks.complete(tx, task_id, outcome, values, comment), "east_academic")


def enrolled(school: School, paid: int = 40) -> tuple[UUID, UUID]:
    """A contract and its student, signed before the lesson."""
    school.clock.set(datetime(2026, 9, 1, 2, 0, tzinfo=UTC))
    contract_id = school.family(paid=paid)
    return contract_id, school.student_of(contract_id)


def bind(school: School, printed: str, student_id: UUID) -> None:
    school.run(lambda tx: people.bind_card(tx, printed, student_id, form=CardForm.DECIMAL_10))


def test_swipe_charges_the_lesson_once_and_tells_the_hours_left(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school)
    bind(school, "0008075701", student_id)
    swipe(school, reader, "0008075701")
    swipe(school, reader, "0008075701", AT.replace(minute=59))
    assert school.left(contract_id) == (Decimal(38), Decimal("5700.00"), Decimal(0))
    name = school.run(lambda tx: people.student_contact(tx, student_id).name)
    told = [text for text in school.texts("到校上课") if name in text]
    assert len(told) == 1
    assert "剩余 38 课时" in told[0]
    school.assert_books_are_sound()


def test_roll_call_by_hand_tells_the_guardian_once_and_the_end_tells_who_was_missing(
    school: School, reader: UUID
) -> None:
    _, here = enrolled(school)
    _, missing = enrolled(school)
    group = school.ids["class:east_english_1"]
    pattern = timetable.Recurrence(date(2026, 9, 8), frozenset({1}), time(16), time(18), count=1)
    (lesson_id,) = school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key="by hand"))
    school.clock.set(datetime(2026, 9, 8, 8, 5, tzinfo=UTC))
    for _ in range(2):
        school.run(lambda tx: attendance.call_roll(tx, lesson_id, {here: timetable.Status.PRESENT}), "east_teacher1")
    school.run(lambda tx: attendance.finish_lesson(tx, lesson_id), "east_teacher1")
    first, second = (school.run(lambda tx, one=one: people.student_contact(tx, one).name) for one in (here, missing))
    told = [text for text in school.texts("16:00") if first in text or second in text]
    assert told == [
        f"家长您好，{first} 于 16:00 到校上课（英语启蒙一班），本次消耗 2 课时，剩余 38 课时。",
        f"家长您好，{second} 未到 16:00 的课（英语启蒙一班），按规则扣 2 课时，剩余 38 课时。如有疑问请联系校区。",
    ]


def test_roll_of_a_lesson_long_over_tells_nobody(school: School, reader: UUID) -> None:
    _, student_id = enrolled(school)
    group = school.ids["class:east_english_1"]
    pattern = timetable.Recurrence(date(2026, 9, 15), frozenset({1}), time(16), time(18), count=1)
    (lesson_id,) = school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key="long over"))
    school.clock.set(datetime(2026, 9, 17, 8, 5, tzinfo=UTC))
    before = len(school.texts("16:00"))
    marks = {student_id: timetable.Status.PRESENT}
    school.run(lambda tx: attendance.call_roll(tx, lesson_id, marks), "east_academic")
    assert len(school.texts("16:00")) == before


def test_unknown_card_is_bound_and_its_swipe_replayed(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school)
    swipe(school, reader, "0008075702")
    swipe(school, reader, "0008075702", AT.replace(minute=59))  # the same hour asks only once
    waiting = select(user_task.c.id).where(user_task.c.node_id == "bind_card", user_task.c.status == "open")
    assert len(school.run(lambda tx: tx.execute(waiting).all())) == 1
    decide(school, "bind_card", "done", {"student_id": str(student_id)})
    assert school.left(contract_id)[0] == Decimal(38)
    key = canonical("0008075702", CardForm.DECIMAL_10)
    assert school.run(lambda tx: people.student_by_card(tx, key)) == student_id


def test_card_whose_key_has_only_digits_is_bound_from_its_swipe(school: School, reader: UUID) -> None:
    _, student_id = enrolled(school)
    swipe(school, reader, "0134698548")  # 08075634 in hexadecimal: eight digits could be read in two ways
    decide(school, "bind_card", "done", {"student_id": str(student_id)})
    assert school.run(lambda tx: people.student_by_card(tx, "08075634")) == student_id


def test_swipe_on_a_held_contract_waits_for_a_person(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school)
    bind(school, "0008075703", student_id)
    wish = {"reason": "搬家", "way": "original", "materials_kept": "0"}
    school.run(lambda tx: refunds.start(tx, contract_id, wish), "east_finance")
    swipe(school, reader, "0008075703")
    assert school.left(contract_id)[0] == Decimal(40)
    school.run(lambda tx: refunds.cancel(tx, contract_id, {}), "east_finance")
    decide(school, "decide_held", "done", {})
    assert school.left(contract_id)[0] == Decimal(38)
    school.assert_books_are_sound()


def test_debt_may_be_taken_back(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school, paid=1)
    bind(school, "0008075704", student_id)
    swipe(school, reader, "0008075704")
    decide(school, "decide_debt", "dismiss", {}, "体验课")
    assert school.left(contract_id)[0] == Decimal(1)
    school.assert_books_are_sound()


def test_swipe_without_a_lesson_is_dismissed_by_a_person(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school)
    bind(school, "0008075705", student_id)
    swipe(school, reader, "0008075705", datetime(2026, 9, 4, 1, 0, tzinfo=UTC))
    decide(school, "choose_lesson", "dismiss", {}, "来校自习")
    assert school.left(contract_id)[0] == Decimal(40)


def test_changed_table_changes_what_the_next_swipe_costs(school: School, reader: UUID) -> None:
    contract_id, student_id = enrolled(school)
    bind(school, "0008075706", student_id)
    folder = discover().process("attendance_exception")
    assert folder is not None
    table = folder.dmn["attendance_terms.dmn"].replace('rule_2_out_1"><text>1<', 'rule_2_out_1"><text>0.5<')
    school.run(lambda tx: deployments.deploy(tx, {"attendance_terms.dmn": table}), "admin")
    swipe(school, reader, "0008075706")
    assert school.left(contract_id)[0] == Decimal(39)
    school.run(lambda tx: deployments.deploy(tx, folder.dmn), "admin")
