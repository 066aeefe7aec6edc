"""Paper for families and auditors."""

import re
from collections.abc import Callable

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_receipt_counts_its_prints_and_says_which_is_a_reprint(school: School, visit: Visit) -> None:
    east = school.branch("east")
    (row,) = school.rows(
        "SELECT id, number, amount_words, printed_count FROM receipt WHERE branch_id = :east AND printed_count = 0"
        " ORDER BY number LIMIT 1",
        east=east,
    )
    finance, path = visit("east_finance"), f"/print/receipts/{row['id']}"
    assert "尚未打印过" in finance.get(path)
    page = finance.get(finance.post(path, copies="3").headers["Location"])
    assert page.count(row["number"]) >= 3
    assert all(text in page for text in ("第一联", "第二联", "第三联", row["amount_words"]))
    assert "补打" not in re.sub(r"补打会", "", page)
    page = finance.get(finance.post(path, copies="2").headers["Location"])
    assert "补打第 1 次" in page
    assert "第三联" not in page
    visit("west_finance").get(path, status=404)


def test_statement_lists_every_movement_with_the_balance(school: School, visit: Visit) -> None:
    (row,) = school.rows(
        "SELECT student_id, count(*) AS n, sum(quantity) AS hours FROM hour_entry e JOIN student s ON s.id = student_id"
        " WHERE s.branch_id = :east GROUP BY student_id ORDER BY n DESC, student_id LIMIT 1",
        east=school.branch("east"),
    )
    page = visit("east_finance").get(f"/print/students/{row['student_id']}/hours")
    assert page.count("<tr>") == row["n"] + 1
    assert f"剩余课时：{row['hours'].normalize():f}" in page


def test_refund_proof_is_printed_line_by_line(school: School, visit: Visit) -> None:
    (contract,) = school.rows(
        "SELECT id FROM contract WHERE branch_id = :east AND stage = 'active'"
        " AND id NOT IN (SELECT contract_id FROM contract_hold) ORDER BY id LIMIT 1",
        east=school.branch("east"),
    )
    person = school.person("east_sales1")
    person.act("contract", str(contract["id"]), "refund", {"reason": "搬家", "way": "original"})
    (order,) = school.rows("SELECT id, refundable FROM refund_order WHERE contract_id = :id", id=contract["id"])
    page = visit("auditor").get(f"/print/refunds/{order['id']}")
    assert "实收金额" in page
    assert "本项应退" in page
    assert f"{order['refundable']:,.2f}" in page
