"""Contracts over the API: each route of approval, rejection, changed amounts, signature, payment, hours, messages."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.webapp.api.school import Person, School

PAID = {"payment_method": "wechat", "payment_reference": "WX100", "received_on": "2026-09-01"}
SIGNED = {"signed_on": "2026-09-01", "sign_way": "paper"}
_phones = iter(range(13922200000, 13922300000))


def make_lead(school: School, branch: str = "east") -> tuple[Person, str]:
    """An accepted lead and its owner."""
    region = {"east": "东城区", "west": "西城区"}[branch]
    values = {
        "name": f"合同{next(_phones) % 1000}", "phone": str(next(_phones)), "guardian_name": "家长",
        "region": region, "branch_id": school.branch(branch),
    }  # fmt: skip
    lead = school.person(f"{branch}_principal").post("/records/lead", values, status=201)
    (row,) = school.rows(
        "SELECT u.username FROM lead l JOIN app_user u ON u.id = l.owner_id WHERE l.id = :id", id=lead["id"]
    )
    owner = school.person(row["username"])
    owner.complete("accept_lead", "accept", record=lead["id"])
    return owner, lead["id"]


def line(school: School, course: str, group: str, hours: str) -> dict[str, str]:
    (found,) = school.rows(
        "SELECT g.id AS class_group_id, c.id AS course_id FROM class_group g JOIN course c ON c.id = g.course_id"
        " WHERE g.name = :group AND c.name = :course",
        group=group,
        course=course,
    )
    return {"course_id": str(found["course_id"]), "class_group_id": str(found["class_group_id"]),
            "paid_quantity": hours}  # fmt: skip


def wanted(school: School, discount: str, instalments: int) -> dict[str, Any]:
    return {
        "kind": "new",
        "customer_type": "normal",
        "lines": [line(school, "少儿英语", "英语启蒙一班", "40"), line(school, "创意美术", "创意美术班", "20")],
        "discount_amount": discount,
        "discount_reason": "开学季" if Decimal(discount) else "",
        "instalments_wanted": instalments,
        "is_identity_checked": True,
        "is_cost_approved": True,
    }


def draft(school: School, discount: str, *, instalments: int = 1, branch: str = "east") -> tuple[Person, str]:
    """40 h English at 150.00 and 20 h art at 120.00 (8400.00), less the discount; the drafter and the contract."""
    owner, lead = make_lead(school, branch)
    values = wanted(school, discount, instalments)
    preview = owner.act("lead", lead, "draft_contract", values, dry_run=True)
    assert preview["lines"][-1]["value"] == f"{Decimal('8400.00') - Decimal(discount):f}"
    done = owner.act("lead", lead, "draft_contract", values)
    assert done["record"][0] == "contract"
    return owner, done["record"][1]


def stage(school: School, contract: str) -> str:
    return str(school.rows("SELECT stage FROM contract WHERE id = :id", id=contract)[0]["stage"])


def test_no_approval_when_the_discount_is_small(school: School) -> None:
    drafter, contract = draft(school, "200.00")  # 2.38 %
    assert stage(school, contract) == "approved"
    assert drafter.task("sign_contract", record=contract)


def test_principal_approves_a_medium_discount(school: School) -> None:
    _, contract = draft(school, "500.00")  # 5.95 %
    principal = school.person("east_principal")
    task = principal.get(f"/tasks/{principal.task('approve_principal', record=contract)['id']}")
    assert task["form"]["values"]["net_amount"] == "7900.00"
    assert task["form"]["schema"]["properties"]["net_amount"]["readOnly"] is True
    assert [one["name"] for one in task["outcomes"]] == ["approve", "reject"]
    principal.complete("approve_principal", "approve", record=contract)
    assert stage(school, contract) == "approved"


def test_headquarters_finance_approves_a_large_discount_too(school: School) -> None:
    _, contract = draft(school, "1000.00")  # 11.90 %
    school.person("east_principal").complete("approve_principal", "approve", record=contract)
    assert stage(school, contract) == "approving"
    school.person("hq_finance").complete("approve_finance", "approve", record=contract)
    assert stage(school, contract) == "approved"


def test_countersign_needs_everybody(school: School) -> None:
    drafter, contract = draft(school, "2000.00")  # 23.8 %, below the floor
    signers = [
        row["username"]
        for row in school.rows(
            "SELECT u.username FROM user_task t JOIN app_user u ON u.id::text = t.assignee"
            " WHERE t.record_id = :id AND t.node_id = 'countersign' AND t.status = 'open' ORDER BY 1",
            id=contract,
        )
    ]
    assert len(signers) == 3
    for username in signers[:-1]:
        school.person(username).complete("countersign", "approve", record=contract)
        assert stage(school, contract) == "approving"
    school.person(signers[-1]).complete("countersign", "approve", record=contract)
    assert stage(school, contract) == "approved"
    assert drafter.task("sign_contract", record=contract)


def test_rejection_comes_back_with_its_comment_and_the_changed_amount_is_approved_again(school: School) -> None:
    drafter, contract = draft(school, "1000.00")
    principal = school.person("east_principal")
    refused = principal.task("approve_principal", record=contract)
    silent = principal.post(f"/tasks/{refused['id']}/complete", {"outcome": "reject"}, status=422)
    assert "comment" in silent["fields"]
    principal.complete("approve_principal", "reject", record=contract, comment="优惠请降到 6%")
    back = drafter.get(f"/tasks/{drafter.task('revise_draft', record=contract)['id']}")
    assert back["form"]["values"]["decision_comment"] == "优惠请降到 6%"
    lines = [{name: one[name] for name in ("course_id", "class_group_id", "paid_quantity")}
             for one in back["form"]["values"]["lines"]]  # fmt: skip
    drafter.complete(
        "revise_draft",
        "resubmit",
        {"lines": lines, "discount_amount": "500.00", "discount_reason": "开学季", "instalments_wanted": 1,
         "is_identity_checked": True, "is_cost_approved": True},
        record=contract,
    )  # fmt: skip
    again = principal.get(f"/tasks/{principal.task('approve_principal', record=contract)['id']}")
    assert again["form"]["values"]["net_amount"] == "7900.00"


@pytest.fixture(scope="module")
def signed(school: School) -> tuple[Person, str]:
    """A family's second contract, 8200.00 in two instalments, signed and its first instalment paid."""
    drafter, first = draft(school, "200.00")
    (row,) = school.rows(
        "SELECT c.student_id, g.id AS guardian_id FROM contract c JOIN guardian g ON g.student_id = c.student_id"
        " WHERE c.id = :id",
        id=first,
    )
    guardian = drafter.get(f"/records/guardian/{row['guardian_id']}")
    drafter.patch(f"/records/guardian/{guardian['id']}", {"email": "jiazhang@example.com"}, version=guardian["version"])
    done = drafter.act("student", str(row["student_id"]), "draft_contract", wanted(school, "200.00", 2))
    contract = done["record"][1]
    drafter.complete("sign_contract", "signed", SIGNED, record=contract)
    finance = school.person("east_finance")
    finance.complete("collect_payment", "received", {"payment_amount": "4100.00", **PAID}, record=contract)
    school.drain()
    return drafter, contract


def test_payment_opens_hours_and_enrols(school: School, signed: tuple[Person, str]) -> None:
    _, contract = signed
    assert stage(school, contract) == "active"
    instalments = school.rows(
        "SELECT amount::text FROM instalment WHERE contract_id = :id ORDER BY number", id=contract
    )
    assert [row["amount"] for row in instalments] == ["4100.00", "4100.00"]
    lots = school.rows(
        "SELECT bought_quantity, bought_amount FROM hour_lot WHERE contract_id = :id ORDER BY bought_quantity DESC",
        id=contract,
    )
    assert [(Decimal(row["bought_quantity"]), row["bought_amount"]) for row in lots] == [
        (Decimal(40), Decimal("5857.14")),
        (Decimal(20), Decimal("2342.86")),
    ]
    rosters = school.rows(
        "SELECT g.name FROM roster r JOIN class_group g ON g.id = r.class_group_id JOIN contract c"
        " ON c.student_id = r.student_id WHERE c.id = :id ORDER BY 1",
        id=contract,
    )
    assert [row["name"] for row in rosters] == ["创意美术班", "英语启蒙一班"]


def test_payment_tells_the_guardian_by_sms_and_mail(school: School, signed: tuple[Person, str]) -> None:
    _, contract = signed
    (number,) = school.rows("SELECT number FROM contract WHERE id = :id", id=contract)
    (mail,) = school.outbox("jiazhang@example.com", "email")
    assert number["number"] in mail
    (sms,) = school.rows(
        "SELECT o.payload FROM outbox o JOIN instance i ON i.id = o.instance_id"
        " WHERE i.record_id = :id AND o.channel = 'sms'",
        id=contract,
    )
    assert "60" in sms["payload"]["text"]


def test_finance_finds_the_payment(school: School, signed: tuple[Person, str]) -> None:
    page = school.person("east_finance").get("/records/payment", filter="amount = 4100", sort="-created_at")
    assert page["items"][0]["values"]["amount"] == "4100.00"
    assert page["items"][0]["values"]["reference"] == "WX100"
