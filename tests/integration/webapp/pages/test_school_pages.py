"""Pages of the office: what to look after, a class at a glance, the cashier's day."""

import re
from collections.abc import Callable

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_office_sees_whose_hours_run_out_and_when_teachers_taught(school: School, visit: Visit) -> None:
    (low,) = school.rows(
        "SELECT s.name FROM hour_lot l JOIN student s ON s.id = l.student_id WHERE s.branch_id = :west"
        " AND s.stage = 'active' GROUP BY s.id HAVING sum(l.quantity) <= 6 LIMIT 1",
        west=school.branch("west"),
    )
    west = visit("west_academic").get("/reminders")
    assert low["name"] in west
    assert low["name"] not in visit("east_academic").get("/reminders")
    assert "课时将用完" in west
    assert "本月教师课时" in west


def test_arrears_are_shown_to_finance_and_not_to_teachers(school: School, visit: Visit) -> None:
    assert "欠费" in visit("east_finance").get("/reminders")
    teacher = visit("east_teacher1").get("/reminders")
    assert "欠费" not in teacher
    assert "试听待跟进" not in teacher


def test_birthday_of_today_comes_first(school: School, visit: Visit) -> None:
    person = school.person("east_academic")
    (student,) = school.rows(
        "SELECT id, name FROM student WHERE branch_id = :east AND stage = 'active' ORDER BY id LIMIT 1",
        east=school.branch("east"),
    )
    today = school.clock.now().date()
    path = f"/records/student/{student['id']}"
    version = person.get(path)["version"]
    person.patch(path, {"born_on": today.replace(year=2016).isoformat()}, version=version)
    page = visit("east_academic").get("/reminders")
    shown = page[page.index("七天内生日") :]
    assert student["name"] in shown
    assert f"{today:%m-%d}" in shown


def test_class_page_counts_seats_and_names_who_waits(school: School, visit: Visit) -> None:
    (group,) = school.rows("SELECT id FROM class_group WHERE name = '英语启蒙一班'")
    (stranger,) = school.rows(
        "SELECT id, name FROM student WHERE branch_id = :east AND id NOT IN"
        " (SELECT student_id FROM roster WHERE class_group_id = :group) ORDER BY id LIMIT 1",
        east=school.branch("east"),
        group=group["id"],
    )
    (taken,) = school.rows(
        "SELECT count(*) AS n FROM roster WHERE class_group_id = :group AND stage = 'active'", group=group["id"]
    )
    academic = visit("east_academic")
    academic.post(
        f"/records/class_group/{group['id']}/actions/wait_for_seat", step="go", student_id=str(stranger["id"])
    )
    page = academic.get(f"/records/class_group/{group['id']}")
    assert f"{taken['n']} / 12 人" in page
    assert f"空余 {12 - taken['n']}" in page
    assert stranger["name"] in page[page.index("候补 <span") :]


def test_cashier_closes_the_own_day_once(school: School, visit: Visit) -> None:
    finance = visit("east_finance")
    assert "这一天您没有收款" in finance.get("/closing")
    (due,) = school.rows(
        "SELECT id FROM instalment WHERE branch_id = :east AND stage = 'open' ORDER BY id LIMIT 1",
        east=school.branch("east"),
    )
    path = f"/records/instalment/{due['id']}/actions/take_payment"
    given = {"payment_amount": "100.00", "payment_method": "cash"}
    page = finance.post(path, status=200, step="preview", **given).text
    once = re.search(r'name="_once" value="([^"]+)"', page)
    assert once is not None
    for _ in range(2):
        finance.post(path, step="go", _once=once[1], **given)
    page = finance.get("/closing")
    assert "应有现金 100.00 元" in page
    assert "现金差额" not in page
    refused = finance.post("/closing", status=422, day=school.clock.now().date().isoformat(), counted_cash="很多")
    assert "请填写实点现金金额" in refused.text
    finance.post("/closing", day=school.clock.now().date().isoformat(), counted_cash="90")
    page = finance.get("/closing")
    assert "已日结" in page
    assert "现金差额 -10.00 元" in page
    assert "已日结" in finance.post(path, status=409, step="go", **given).text
    visit("east_sales1").get("/closing", status=403)
