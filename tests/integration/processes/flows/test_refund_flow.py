"""The refund process on a real database; figures of the domain's acceptance table, worked by hand."""

from decimal import Decimal
from uuid import UUID

import pytest

from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.metadata.organisation.roles import assign_role
from engine.workflow import instances, tasks
from processes.contracts import api as contracts
from processes.record_values import read
from processes.refund import actions
from tests.integration.processes.flows.conftest import School

PAID = {"way": "original", "payment_reference": "T20260901"}
KEPT = {"reason": "搬家", "way": "original", "materials_kept": "120.00"}


def request(school: School, contract_id: UUID, who: str = "east_finance", **values: str) -> UUID:
    done = school.run(lambda tx: actions.start(tx, contract_id, {**KEPT, **values}), who)
    assert done.instance_id is not None
    return done.instance_id


def test_small_refund_is_paid_after_one_approval(school: School) -> None:
    contract_id = school.family()  # 40 h for 6000.00, strategy B
    school.consume(contract_id, 10)
    shown = school.run(lambda tx: actions.preview(tx, contract_id, KEPT), "east_finance")
    assert shown.lines[-1].value == Decimal("4380.00")
    instance_id = request(school, contract_id)
    assert school.left(contract_id) == (Decimal(30), Decimal("4500.00"), Decimal(30))
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    school.complete("east_finance", "pay_back", contract_id, "paid", PAID)
    assert school.status(instance_id) == "completed"
    assert school.left(contract_id) == (Decimal(0), Decimal(0), Decimal(0))
    assert school.run(lambda tx: contracts.facts(tx, contract_id).stage) == "settled"
    assert any("4380.00" in text for text in school.texts("退费"))
    school.assert_books_are_sound()


def test_large_refund_needs_two_different_persons(school: School) -> None:
    contract_id = school.family()
    principal = UUID(school.users["east_principal"].id)
    root = school.ids["branch:hq"]
    school.run(lambda tx: assign_role(tx, "hq_finance", root, user_id=principal))
    request(school, contract_id)  # nothing used: cooling-off, 6000 - 120
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    task_id = school.task("approve_finance", contract_id)
    with pytest.raises((Forbidden, Conflict)):
        school.run(lambda tx: tasks.claim(tx, task_id), "east_principal")
    school.complete("hq_finance", "approve_finance", contract_id, "approve")
    school.complete("east_finance", "pay_back", contract_id, "paid", PAID)
    order = school.run(lambda tx: _order(tx, contract_id))
    assert order["refundable"] == Decimal("5880.00")
    assert len(order["approvers"]) == 2
    school.assert_books_are_sound()


def _order(tx, contract_id):  # type: ignore[no-untyped-def]
    from sqlalchemy import select

    from processes.finance.tables import refund_order

    found = tx.execute(select(refund_order.c.id).where(refund_order.c.contract_id == contract_id)).scalar_one()
    return read(tx, "refund_order", found)


def test_withdrawing_midway_leaves_the_books_exact(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 4)
    before = school.left(contract_id)
    instance_id = request(school, contract_id)
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    school.run(lambda tx: actions.cancel(tx, contract_id, {}), "east_finance")
    assert school.status(instance_id) == "completed"
    assert school.left(contract_id) == before
    assert school.run(lambda tx: contracts.facts(tx, contract_id).stage) == "active"
    school.assert_books_are_sound()
    with pytest.raises(UserError):
        school.run(lambda tx: actions.cancel(tx, contract_id, {}), "east_finance")


def test_rejection_releases_the_hours_and_tells_why(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    request(school, contract_id)
    school.complete("east_principal", "approve_principal", contract_id, "reject", comment="请先面谈")
    assert school.left(contract_id) == (Decimal(30), Decimal("4500.00"), Decimal(0))
    assert any("请先面谈" in text for text in school.texts("未通过"))
    school.assert_books_are_sound()


def test_second_request_is_refused_while_one_runs(school: School) -> None:
    contract_id = school.family()
    request(school, contract_id)
    with pytest.raises(Conflict, match=r"contract\.held"):
        request(school, contract_id)


def test_only_one_of_two_people_completes_a_task(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    request(school, contract_id)
    task_id = school.task("approve_principal", contract_id)
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    with pytest.raises(UserError):
        school.run(lambda tx: tasks.complete(tx, task_id, "reject", {}, "太迟了"), "east_principal")
    school.task("pay_back", contract_id)


def test_payback_form_refuses_fields_it_does_not_let_write(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    request(school, contract_id)
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    with pytest.raises(UserError) as caught:
        school.complete("east_finance", "pay_back", contract_id, "paid", {**PAID, "refundable": "9999.00"})
    assert caught.value.fields["refundable"].zh == "您无权填写此项"


@pytest.mark.parametrize("approvals", [0, 1])
def test_cancelling_the_case_midway_leaves_the_books_exact(school: School, approvals: int) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    before = school.left(contract_id)
    instance_id = request(school, contract_id)
    if approvals:
        school.complete("east_principal", "approve_principal", contract_id, "approve")
    school.run(lambda tx: instances.cancel(tx, instance_id, "重复申请"), "admin")
    assert school.status(instance_id) == "cancelled"
    assert school.left(contract_id) == before
    assert school.run(lambda tx: contracts.facts(tx, contract_id).stage) == "active"
    assert school.run(lambda tx: _order(tx, contract_id))["reason"] == "重复申请"
    school.assert_books_are_sound()
    request(school, contract_id)
