"""Refunds and transfers over the API: previews, two persons, exact books, the auditor's view of it all."""

from decimal import Decimal
from typing import Any

from engine.kernel.actor import SYSTEM
from processes.class_hours import api as class_hours
from processes.finance import api as finance
from tests.integration.webapp.api.school import Json, School

PAID = {"way": "original", "payment_reference": "T20260901"}


def contract_of(school: School, group: str, place: int) -> str:
    """An active contract of the class, the n-th, that nothing holds."""
    rows = school.rows(
        """SELECT c.id FROM contract c JOIN contract_line l ON l.contract_id = c.id
        JOIN class_group g ON g.id = l.class_group_id
        WHERE g.name = :group AND c.stage = 'active' AND NOT EXISTS (
          SELECT 1 FROM contract_hold h WHERE h.contract_id = c.id AND h.released_at IS NULL) ORDER BY c.number""",
        group=group,
    )
    return str(rows[place]["id"])


def lots(school: School, contract: str) -> list[tuple[Decimal, Decimal]]:
    rows = school.rows("SELECT quantity, amount FROM hour_lot WHERE contract_id = :id ORDER BY id", id=contract)
    return [(row["quantity"], row["amount"]) for row in rows]


def stage(school: School, contract: str) -> str:
    return str(school.rows("SELECT stage FROM contract WHERE id = :id", id=contract)[0]["stage"])


def assert_books_are_sound(school: School) -> None:
    for proof in (class_hours.nightly_proof, finance.nightly_proof):
        assert list(school.platform.boundary.run(SYSTEM, proof)) == []


def refund(school: School, contract: str, **more: str) -> Json:
    values = {"reason": "搬家", "way": "original", "materials_kept": "0", **more}
    preview = school.person("east_principal").act("contract", contract, "refund", values, dry_run=True)
    assert preview["blockers"] == []
    school.person("east_finance").act("contract", contract, "refund", values)
    return preview


def order(school: School, contract: str) -> dict[str, Any]:
    return school.rows("SELECT * FROM refund_order WHERE contract_id = :id ORDER BY id DESC", id=contract)[0]


def test_refund_above_the_limit_takes_two_persons_and_closes_every_lot(school: School) -> None:
    contract = contract_of(school, "数学思维一班", 1)
    preview = refund(school, contract)
    refundable = preview["lines"][-1]["value"]
    assert Decimal(refundable) > 5000
    principal = school.person("east_principal")
    principal.complete("approve_principal", "approve", record=contract, comment="情况属实")
    task = school.rows(
        "SELECT id FROM user_task WHERE record_id = :id AND node_id = 'approve_finance' AND status = 'open'",
        id=contract,
    )[0]["id"]
    same = principal.call("POST", f"/tasks/{task}/complete", json={"outcome": "approve"})
    assert same.status_code in (403, 404)
    school.person("hq_finance").complete("approve_finance", "approve", record=contract)
    school.person("east_finance").complete("pay_back", "paid", PAID, record=contract)
    school.drain()
    assert set(lots(school, contract)) == {(Decimal(0), Decimal(0))}
    assert stage(school, contract) == "settled"
    posted = order(school, contract)
    assert (f"{posted['refundable']:f}", len(posted["approvers"])) == (refundable, 2)
    assert_books_are_sound(school)


def test_refund_cancelled_midway_leaves_the_books_exact(school: School) -> None:
    contract = contract_of(school, "英语精英班", 0)
    before = lots(school, contract)
    refund(school, contract)
    assert stage(school, contract) == "settling"
    again = school.person("east_finance").act(
        "contract", contract, "refund", {"reason": "x", "way": "original"}, status=409
    )
    assert again["code"] == "contract.held"
    school.person("east_finance").act("contract", contract, "cancel_refund")
    school.drain()
    assert lots(school, contract) == before
    assert stage(school, contract) == "active"
    assert_books_are_sound(school)


def test_auditor_follows_the_refund_and_verifies_the_chain(school: School) -> None:
    auditor = school.person("auditor")
    contract = str(school.rows("SELECT contract_id FROM refund_order WHERE posted_at IS NOT NULL")[0]["contract_id"])
    instances = auditor.get(f"/records/contract/{contract}/processes")["items"]
    (case,) = [one for one in instances if one["process_key"] == "refund"]
    trail = auditor.get(f"/instances/{case['id']}/history", limit=500)["items"]
    assert {"王校长", "钱总账", "冯财务"} <= {one["actor_name"] for one in trail}
    assert "task:completed" in {one["action"] for one in trail}
    diagram = auditor.get(f"/instances/{case['id']}/diagram")
    assert diagram["states"]["approve_finance"] == "done"
    found = auditor.get("/history", object="contract", id=contract)["items"]
    assert found
    verdict = auditor.post("/history/verify")
    assert (verdict["intact"], verdict["broken"]) == (True, [])


def transfer(school: School, who: str, contract: str, from_class: str, to_class: str) -> Json:
    ids = {row["name"]: str(row["id"]) for row in school.rows("SELECT id, name FROM class_group")}
    values = {"from_class_id": ids[from_class], "to_class_id": ids[to_class]}
    values |= {"effective_on": "2026-09-02", "reason": "换时间"}
    preview = school.person(who).act("contract", contract, "transfer_class", values, dry_run=True)
    school.person(who).act("contract", contract, "transfer_class", values)
    school.person("east_academic").complete("approve_academic", "approve", record=contract)
    return preview


def test_transfer_to_a_dearer_class_collects_the_difference(school: School) -> None:
    contract = contract_of(school, "英语启蒙一班", 0)
    preview = transfer(school, "east_academic", contract, "英语启蒙一班", "英语精英班")
    assert len(preview["lines"]) >= 4
    paid = {"payment_method": "wechat", "payment_reference": "WX7"}
    school.person("east_finance").complete("collect_difference", "received", paid, record=contract)
    school.drain()
    assert_books_are_sound(school)
    rosters = school.rows(
        """SELECT g.name FROM roster r JOIN class_group g ON g.id = r.class_group_id
        JOIN contract c ON c.student_id = r.student_id
        WHERE c.id = :id AND (r.left_at IS NULL OR r.left_at > :later)""",
        id=contract,
        later="2026-09-05T00:00:00Z",
    )
    assert [row["name"] for row in rosters] == ["英语精英班"]


def test_transfer_across_branches_to_a_cheaper_class_credits_the_wallet_and_settles(school: School) -> None:
    contract = contract_of(school, "英语精英班", 0)
    transfer(school, "hq_manager", contract, "英语精英班", "英语一班（西城）")
    school.person("east_finance").complete("return_difference", "wallet", record=contract)
    school.drain()
    settled = school.rows("SELECT amount FROM settlement_entry WHERE contract_id = :id", id=contract)
    assert len(settled) == 1
    wallets = school.rows(
        "SELECT w.real_balance FROM wallet w JOIN contract c ON c.student_id = w.student_id WHERE c.id = :id",
        id=contract,
    )
    assert wallets[0]["real_balance"] > 0
    assert_books_are_sound(school)
