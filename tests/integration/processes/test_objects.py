"""Every shipped object of the domain folders is readable by the roles it grants, through each of its views."""

from datetime import date
from decimal import Decimal

import pytest

from engine.kernel.errors import Forbidden, NotFound
from engine.metadata import access, catalog
from engine.metadata.query import Query, fetch
from processes.contracts import api as contracts
from processes.finance import api as finance
from processes.people import api as people
from processes.timetable import api as timetable

MODULES = ("people", "timetable", "contracts", "class_hours", "finance")
ROLES = ("admin", "hq_manager", "principal", "sales_head", "sales", "academic", "teacher", "finance", "hq_finance",
         "auditor")  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_view_opens_for_the_role(school, role: str) -> None:
    actor = school.user(f"east_{role}", role, school.east)

    def look(tx) -> int:
        opened = 0
        for definition in catalog.load(tx).definitions.values():
            if definition.module not in MODULES or not access.can(tx, "read", definition.key):
                continue
            fields = tuple(key for key in definition.layouts.list if access.rights_on(tx, definition.key).readable(key))
            filters = [None, *(view.filter for view in definition.views)]
            for text in filters:
                fetch(tx, Query(object=definition.key, fields=fields, filter=text, limit=5))
                opened += 1
        return opened

    assert school.run(look, actor) >= 10


def test_sales_sees_the_own_leads_and_no_other(school) -> None:
    mine, other = school.user("s1", "sales", school.east), school.user("s2", "sales", school.east)

    def make(tx) -> None:
        for number, owner in enumerate((mine, other)):
            values = {"name": f"学员{number}", "phone": f"1380013800{number}"}
            lead = people.register_lead(tx, values, branch_id=school.east, key=f"k{number}").lead_id
            people.assign_lead(tx, lead, owner_id=type(school.east)(owner.id))

    school.run(make)
    page = school.run(lambda tx: fetch(tx, Query(object="lead", fields=("name",))), mine)
    assert [row.values["name"] for row in page.items] == ["学员0"]


def test_a_lead_is_found_by_its_name_in_pinyin(school) -> None:
    values = {"name": "欧阳小丽", "phone": "13800138000"}
    school.run(lambda tx: people.register_lead(tx, values, branch_id=school.east, key="k"))
    boss = school.user("boss", "admin", school.hq)
    for words in ("欧阳", "ouyang", "oyxl", "13800138000"):
        page = school.run(lambda tx, w=words: fetch(tx, Query(object="lead", fields=("name",), search=w)), boss)
        assert len(page.items) == 1, words


def test_people_reach_their_own_branch_only(school) -> None:
    student, west = school.student(), school.user("west_academic", "academic", school.west)
    (lesson,) = school.lessons(school.group, 3)
    school.run(lambda tx: timetable.enrol(tx, school.group, student))
    attempts = (
        lambda tx: timetable.enrol(tx, school.group, school_student),
        lambda tx: timetable.leave_class(tx, school.group, student),
        lambda tx: timetable.ask_leave(tx, student, lesson, reason="出游"),
        lambda tx: timetable.cancel_lesson(tx, lesson, reason="停课"),
        lambda tx: timetable.roll_call(tx, lesson, {student: timetable.Status.PRESENT}),
        lambda tx: people.pool(tx, school.east),
    )
    school_student = school.student("乙", phone="13900139000")
    for attempt in attempts:
        with pytest.raises((Forbidden, NotFound)):
            school.run(attempt, west)
    assert school.run(lambda tx: timetable.week(tx, branch_id=school.east, monday=date(2026, 8, 31)), west) == ()


def test_money_of_another_branch_is_out_of_reach(school) -> None:
    student, west = school.student(), school.user("west_finance", "finance", school.west)
    contract = school.contract(student, paid_in="0")
    order = finance.PaymentOrder(student, school.east, Decimal(1), "cash", (contract,))
    with pytest.raises((Forbidden, NotFound)):
        school.run(lambda tx: finance.record_payment(tx, order, key="no"), west)
    assert school.run(lambda tx: finance.arrears(tx, on=date(2027, 1, 1)), west) == ()
    east = school.user("east_money", "finance", school.east)
    assert school.run(lambda tx: finance.record_payment(tx, order, key="yes"), east).allocated == Decimal(1)


def test_a_person_cannot_approve_a_contract_outside_its_process(school) -> None:
    principal = school.user("head", "principal", school.east)
    contract = school.contract(school.student())
    with pytest.raises(Forbidden):
        school.run(lambda tx: contracts.approve(tx, contract), principal)
