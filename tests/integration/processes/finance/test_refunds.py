from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from engine.kernel.errors import Conflict, Forbidden
from processes.class_hours import api as class_hours
from processes.class_hours.tables import hour_entry, hour_lot
from processes.contracts import api as contracts
from processes.contracts.api import GiftPolicy
from processes.finance import api as finance
from processes.finance.tables import instalment, invoice, payment, refund_order

ASKED = date(2026, 10, 20)
TWO = ("zhang", "li")


def request(materials: str = "0") -> finance.RefundRequest:
    return finance.RefundRequest(ASKED, materials_kept=Decimal(materials))


def opened(school, contract: UUID, materials: str = "0", key: str = "ask") -> UUID:
    return school.run(lambda tx: finance.refund_open(tx, contract, request(materials), key=f"{key}:{contract}"))


def sums(school, contract: UUID) -> dict[str, Decimal]:
    statement = (
        select(hour_entry.c.kind, func.sum(hour_entry.c.amount))
        .where(hour_entry.c.contract_id == contract)
        .group_by(hour_entry.c.kind)
    )
    return {kind: -total for kind, total in school.run(lambda tx: tx.execute(statement).all()) if total}


def lots(school, contract: UUID) -> list[tuple[Decimal, Decimal, Decimal]]:
    statement = select(hour_lot.c.quantity, hour_lot.c.amount, hour_lot.c.frozen).where(
        hour_lot.c.contract_id == contract
    )
    return [tuple(row) for row in school.run(lambda tx: tx.execute(statement).all())]


def test_strategy_a_pays_back_4516_36(school) -> None:
    student = school.student()
    contract = school.contract(student, gift="4", policy=GiftPolicy.PRO_RATA)
    school.consume(student, "10")
    order = opened(school, contract, "120")
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO, min_approvers=2))
    row = school.run(lambda tx: tx.execute(select(refund_order)).mappings().one())
    assert (row["refundable"], row["stage"]) == (Decimal("4516.36"), "posted")
    found = sums(school, contract)
    assert {kind: found[kind] for kind in ("CONSUME", "MATERIAL", "REFUND")} == {
        "CONSUME": Decimal("1363.64"),
        "MATERIAL": Decimal("120.00"),
        "REFUND": Decimal("4516.36"),
    }
    assert set(lots(school, contract)) == {(0, 0, 0)}
    school.assert_books_are_sound()


def test_a_fen_of_rounding_between_ledger_and_strategy_is_adjusted(school) -> None:
    student = school.student()
    contract = school.contract(student, gift="4", policy=GiftPolicy.PRO_RATA)
    for _ in range(5):
        school.consume(student, "2")
    order = opened(school, contract, "120")
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    found = sums(school, contract)
    assert (found["CONSUME"], found["SETTLE_ADJUST"], found["REFUND"]) == (
        Decimal("1363.65"),
        Decimal("-0.01"),
        Decimal("4516.36"),
    )
    school.assert_books_are_sound()


def test_strategy_b_cancels_what_is_not_paid_yet(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="3000", instalments=2)
    school.consume(student, "10")
    order = opened(school, contract)
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    row = school.run(lambda tx: tx.execute(select(refund_order)).mappings().one())
    assert (row["refundable"], row["cancelled"]) == (Decimal("1500.00"), Decimal("3000.00"))
    states = school.run(lambda tx: tx.execute(select(instalment.c.stage).order_by(instalment.c.number)).scalars().all())
    assert states == ["paid", "cancelled"]
    assert school.run(lambda tx: tx.execute(select(payment.c.refunded)).scalar_one()) == Decimal("1500.00")
    school.assert_books_are_sound()


def test_strategy_c_books_the_difference_to_the_list_price(school) -> None:
    student = school.student()
    terms = {"strategy": "C", "version": "1", "cooling_off_days": 0, "penalty_rate": "0", "penalty_cap": None}
    contract = school.contract(student, paid_in="5400", gift="4", discount_amount=Decimal("600.00"),
                               discount_reason="开学季", refund_terms=terms)  # fmt: skip
    school.consume(student, "10")
    order = opened(school, contract)
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    found = sums(school, contract)
    assert (found["CONSUME"], found["SETTLE_ADJUST"], found["REFUND"]) == (
        Decimal("1350.00"),
        Decimal("150.00"),
        Decimal("3900.00"),
    )
    assert set(lots(school, contract)) == {(0, 0, 0)}
    school.assert_books_are_sound()


def test_cooling_off_refunds_an_untouched_contract_in_full(school) -> None:
    contract = school.contract(school.student())
    early = finance.RefundRequest(date(2026, 9, 7))
    assert school.run(lambda tx: finance.refund_preview(tx, contract, early)).strategy == "D"


def test_preview_writes_nothing(school) -> None:
    contract = school.contract(school.student())
    before = sums(school, contract)
    proof = school.run(lambda tx: finance.refund_preview(tx, contract, request()))
    assert proof.refundable == Decimal("6000.00")
    assert sums(school, contract) == before
    assert not school.run(lambda tx: class_hours.is_held(tx, contract))


def test_cancelling_midway_leaves_the_books_exact(school) -> None:
    student = school.student()
    contract = school.contract(student)
    school.consume(student, "10")
    order = opened(school, contract)
    assert lots(school, contract) == [(Decimal(30), Decimal("4500.00"), Decimal(30))]
    assert school.consume(student, "2").state == "held"
    school.run(lambda tx: finance.refund_cancel(tx, order, reason="家长撤回"))
    assert lots(school, contract) == [(Decimal(30), Decimal("4500.00"), Decimal(0))]
    assert school.run(lambda tx: contracts.facts(tx, contract)).stage == "active"
    assert school.consume(student, "2").state == "charged"
    school.assert_books_are_sound()


def test_a_failed_payment_is_undone_to_the_fen(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="3000", instalments=2)
    school.consume(student, "10")
    paid = school.run(lambda tx: tx.execute(select(payment.c.id)).scalar_one())
    school.run(lambda tx: finance.issue_invoice(tx, [paid], title="王女士", key="inv"))
    order = opened(school, contract)
    school.run(lambda tx: finance.refund_post(tx, order, way="wallet", approvers=TWO))
    assert school.run(lambda tx: finance.wallet_balance(tx, student)).real == Decimal("1500.00")
    school.run(lambda tx: finance.refund_reverse(tx, order, reason="银行退回"))
    assert lots(school, contract) == [(Decimal(30), Decimal("4500.00"), Decimal(0))]
    assert school.run(lambda tx: finance.wallet_balance(tx, student)).real == Decimal("0.00")
    assert school.run(lambda tx: tx.execute(select(func.sum(invoice.c.amount))).scalar_one()) == Decimal("3000.00")
    assert school.run(lambda tx: tx.execute(select(func.sum(instalment.c.cancelled))).scalar_one()) == 0
    school.assert_books_are_sound()
    again = opened(school, contract, key="second")
    school.run(lambda tx: finance.refund_post(tx, again, way="original", approvers=TWO))
    assert set(lots(school, contract)) == {(0, 0, 0)}
    school.assert_books_are_sound()


def test_posting_twice_pays_once(school) -> None:
    contract = school.contract(school.student())
    order = opened(school, contract)
    for _ in range(2):
        school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    assert school.run(lambda tx: tx.execute(select(payment.c.refunded)).scalar_one()) == Decimal("6000.00")


def test_two_votes_of_one_person_are_not_two_approvers(school) -> None:
    order = opened(school, school.contract(school.student()))
    with pytest.raises(Forbidden) as caught:
        school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=["li", "li"], min_approvers=2))
    assert caught.value.code == "refund.approvers"


def test_changed_figures_go_back_to_approval(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="3000", instalments=2)
    order = opened(school, contract)
    pay = finance.PaymentOrder(student, school.east, Decimal("1000"), "cash", (contract,))
    school.run(lambda tx: finance.record_payment(tx, pay, key="late"))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    assert caught.value.code == "refund.changed"
    assert school.run(lambda tx: finance.refund_recheck(tx, order)) is False
    assert school.run(lambda tx: finance.refund_recheck(tx, order)) is True
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    assert school.run(lambda tx: tx.execute(select(func.sum(payment.c.refunded))).scalar_one()) == Decimal("4000.00")
    school.assert_books_are_sound()


def test_paid_back_over_the_latest_channel_first(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="5000", instalments=1)
    cash = finance.PaymentOrder(student, school.east, Decimal("1000"), "cash", (contract,))
    school.run(lambda tx: finance.record_payment(tx, cash, key="rest"))
    school.consume(student, "10")
    order = opened(school, contract)
    school.run(lambda tx: finance.refund_post(tx, order, way="original", approvers=TWO))
    row = school.run(lambda tx: tx.execute(select(refund_order.c.paybacks)).scalar_one())
    assert sorted((part["method"], part["amount"]) for part in row["parts"]) == [
        ("cash", "1000.00"),
        ("wechat", "3500.00"),
    ]
