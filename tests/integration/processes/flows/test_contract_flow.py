"""The contract approval process on a real database."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.kernel.errors import UserError
from engine.workflow import instances, tasks
from engine.workflow.tables.task import user_task
from processes.contracts import api as contracts
from processes.contracts.api import Draft, DraftLine
from processes.finance import api as finance
from processes.timetable import api as timetable
from tests.integration.processes.flows.conftest import School
from webapp.demo import students
from webapp.demo.students import Enrolment

SIGNED = {"signed_on": "2026-09-01", "sign_way": "paper"}


def draft(school: School, discount: str = "0", group: str = "east_english_1", **more: int) -> tuple[str, UUID]:
    """The consultant and the contract he drafted: 40 h at the course's price."""
    sales = students.accept_new_lead(school, group.split("_", maxsplit=1)[0])
    enrolment = Enrolment(group, 40, discount=discount, **more)
    return sales, students.draft(school, sales, school.ids["lead:last"], enrolment)


def stage(school: School, contract_id: UUID) -> str:
    return school.run(lambda tx: contracts.facts(tx, contract_id).stage)


def test_standard_price_goes_straight_to_signature_and_class(school: School) -> None:
    sales, contract_id = draft(school, instalments=2)
    school.complete(sales, "sign_contract", contract_id, "signed", SIGNED)
    assert stage(school, contract_id) == "signed"
    students.pay(school, "east", contract_id)  # 3000.00 of 6000.00
    assert stage(school, contract_id) == "active"
    assert school.run(lambda tx: finance.received(tx, contract_id)) == Decimal("3000.00")
    assert school.left(contract_id) == (Decimal(40), Decimal("6000.00"), Decimal(0))
    student_id = school.student_of(contract_id)
    assert school.run(lambda tx: timetable.classes_of(tx, student_id)) == (school.ids["class:east_english_1"],)
    number = school.run(lambda tx: contracts.facts(tx, contract_id).number)
    assert any(number in text and "40" in text for text in school.texts("已生效"))
    school.assert_books_are_sound()


def test_rejected_contract_comes_back_with_the_comment_and_is_revised(school: School) -> None:
    sales, contract_id = draft(school, "480.00")  # 8 %
    school.complete("east_principal", "approve_principal", contract_id, "reject", comment="最多优惠 100 元")
    assert stage(school, contract_id) == "rejected"
    task_id = school.task("revise_draft", contract_id)
    view = school.run(lambda tx: tasks.get(tx, task_id), sales)
    assert view.variables["decision_comment"] == "最多优惠 100 元"
    lines = [{"course_id": str(school.ids["course:english"]), "paid_quantity": "40", "gift_policy": "last"}]
    values = {"lines": lines, "discount_amount": "100.00", "discount_reason": "老生推荐", "instalments_wanted": 1}
    school.complete(sales, "revise_draft", contract_id, "resubmit", values)
    assert stage(school, contract_id) == "approved"  # 1.67 %: nobody has to approve
    assert school.run(lambda tx: contracts.facts(tx, contract_id).net_amount) == Decimal("5900.00")
    school.task("sign_contract", contract_id)


def test_countersign_needs_everybody(school: School) -> None:
    sales, contract_id = draft(school, "1800.00")  # 30 %
    statement = select(user_task.c.assignee).where(
        user_task.c.record_id == contract_id, user_task.c.node_id == "countersign", user_task.c.status == "open"
    )
    signers = set(school.run(lambda tx: tx.execute(statement).scalars().all()))
    assert signers == {school.users[name].id for name in ("east_principal", "hq_manager", "hq_finance")}
    for who in ("east_principal", "hq_manager"):
        _countersign(school, who, contract_id)
        assert stage(school, contract_id) == "approving"
    _countersign(school, "hq_finance", contract_id)
    assert stage(school, contract_id) == "approved"
    assert sales.startswith("east_sales")


def _countersign(school: School, who: str, contract_id: UUID) -> None:
    statement = select(user_task.c.id).where(
        user_task.c.record_id == contract_id,
        user_task.c.assignee == school.users[who].id,
        user_task.c.status == "open",
    )
    task_id = school.run(lambda tx: tx.execute(statement).scalar_one())
    school.run(lambda tx: tasks.complete(tx, task_id, "approve", {}, "同意"), who)


def test_amount_changed_after_approval_is_approved_again(school: School) -> None:
    sales, contract_id = draft(school)
    found = school.run(lambda tx: contracts.facts(tx, contract_id))
    line = DraftLine(school.ids["course:english"], Decimal(40), title="少儿英语")
    dearer = Draft(
        found.student_id,
        found.branch_id,
        (line,),
        discount_amount=Decimal("480.00"),
        discount_reason="家长要求",
        is_identity_checked=True,
        is_cost_approved=True,
    )
    school.run(lambda tx: contracts.revise(tx, contract_id, dearer))
    school.complete(sales, "sign_contract", contract_id, "signed", SIGNED)
    school.task("approve_principal", contract_id)
    assert stage(school, contract_id) == "approving"


def test_part_of_the_first_instalment_asks_for_the_rest(school: School) -> None:
    sales, contract_id = draft(school)
    school.complete(sales, "sign_contract", contract_id, "signed", SIGNED)
    values = {"payment_amount": "2000.00", "payment_method": "cash", "received_on": "2026-09-01"}
    school.complete("east_finance", "collect_payment", contract_id, "received", values)
    assert stage(school, contract_id) == "signed"
    school.complete("east_finance", "collect_payment", contract_id, "received", {**values, "payment_amount": "4000.00"})
    assert stage(school, contract_id) == "active"
    school.assert_books_are_sound()


def test_instalments_must_add_up(school: School) -> None:
    sales, contract_id = draft(school)
    wrong = [{"due_on": "2026-09-01", "amount": "1000.00"}, {"due_on": "2026-10-01", "amount": "1000.00"}]
    with pytest.raises(UserError) as caught:
        school.complete(sales, "sign_contract", contract_id, "signed", {**SIGNED, "instalments": wrong})
    assert caught.value.fields["instalments"].zh == "分期金额合计应等于合同金额"


def test_family_that_does_not_sign_voids_the_contract(school: School) -> None:
    sales, contract_id = draft(school)
    school.complete(sales, "sign_contract", contract_id, "declined", comment="预算不够")
    assert stage(school, contract_id) == "void"


def test_cancelling_the_case_makes_an_unsigned_contract_void(school: School) -> None:
    _, contract_id = draft(school, "480.00")
    task_id = school.task("approve_principal", contract_id)
    case = school.run(
        lambda tx: tx.execute(select(user_task.c.instance_id).where(user_task.c.id == task_id)).scalar_one()
    )
    school.run(lambda tx: instances.cancel(tx, case, "录错学员"), "admin")
    assert stage(school, contract_id) == "void"
