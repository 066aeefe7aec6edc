import threading
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select

from engine.kernel.errors import Conflict, Forbidden, UserError
from processes.finance import api as finance
from processes.finance.receipts import gaps
from processes.finance.tables import instalment, payment_allocation, receipt

DAY = date(2026, 9, 1)


def pay(school, student, amount: str, *contracts, key: str = "pay", method: str = "cash", **more) -> finance.Receipted:
    order = finance.PaymentOrder(student, school.east, Decimal(amount), method, contracts, **more)
    return school.run(lambda tx: finance.record_payment(tx, order, key=key))


def test_one_payment_covers_the_contracts_of_siblings(school) -> None:
    older, younger = school.student("哥哥"), school.student("妹妹", phone="13900139000")
    first = school.contract(older, paid="10", paid_in="0")
    second = school.contract(younger, paid="20", paid_in="0")
    done = pay(school, older, "4600", first, second)
    assert (done.allocated, done.to_wallet) == (Decimal("4500.00"), Decimal("100.00"))
    rows = school.run(lambda tx: tx.execute(select(payment_allocation.c.amount)).scalars().all())
    assert sorted(rows) == [Decimal("1500.00"), Decimal("3000.00")]
    assert school.run(lambda tx: finance.wallet_balance(tx, older)).real == Decimal("100.00")
    school.assert_books_are_sound()


def test_the_same_key_books_once(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    assert pay(school, student, "100", contract) == pay(school, student, "100", contract)
    assert school.run(lambda tx: finance.received(tx, contract)) == Decimal("100.00")


def test_a_form_sent_again_with_another_amount_is_refused(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    pay(school, student, "100", contract)
    with pytest.raises(Conflict, match=r"key_used|100"):
        pay(school, student, "250", contract)
    assert school.run(lambda tx: finance.received(tx, contract)) == Decimal("100.00")


def test_receipts_have_no_gaps_under_concurrency_and_rollback(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")

    def work(number: int) -> None:
        pay(school, student, "1", contract, key=f"thread{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    with pytest.raises(UserError):
        pay(school, student, "-1", contract, key="bad")
    for thread in threads:
        thread.join()
    rows = school.run(lambda tx: tx.execute(select(receipt.c.sequence, receipt.c.number)).all())
    assert gaps(row.sequence for row in rows) == ()
    assert max(row.number for row in rows) == "EAST-2026-000008"
    school.assert_books_are_sound()


def test_an_overpaid_instalment_is_refused(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    (one,) = school.run(lambda tx: tx.execute(select(instalment.c.id)).scalars().all())
    with pytest.raises(UserError) as caught:
        pay(school, student, "7000", contract, shares={one: Decimal("6000.01")})
    assert caught.value.code == "finance.over_allocation"


def test_the_wallet_pays_only_what_it_holds(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    school.run(
        lambda tx: finance.wallet_credit(tx, student, branch_id=school.east, real=Decimal(50), reason="充值", key="w")
    )
    with pytest.raises(Conflict) as caught:
        pay(school, student, "60", contract, method="wallet")
    assert caught.value.code == "wallet.short"
    pay(school, student, "50", contract, method="wallet")
    assert school.run(lambda tx: finance.wallet_balance(tx, student)).real == Decimal("0.00")
    school.assert_books_are_sound()


def test_the_first_instalment_opens_the_way(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0", instalments=3)
    pay(school, student, "1999.99", contract, key="a")
    assert not school.run(lambda tx: finance.is_first_instalment_paid(tx, contract))
    pay(school, student, "0.01", contract, key="b")
    assert school.run(lambda tx: finance.is_first_instalment_paid(tx, contract))


def test_arrears_name_what_is_overdue(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="2500", instalments=3)
    (late,) = school.run(lambda tx: finance.arrears(tx, on=date(2026, 10, 2)))
    assert (late.contract_id, late.due_on, late.open_amount) == (contract, date(2026, 10, 1), Decimal("1500.00"))


def test_daily_closing_compares_cash_and_closes_the_day(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="1000")
    cashier = school.user("feng", "finance", school.east)
    order = finance.PaymentOrder(student, school.east, Decimal(300), "cash", (contract,))
    school.run(lambda tx: finance.record_payment(tx, order, key="cash"), cashier)
    close = partial(finance.close_day, branch_id=school.east, day=DAY, counted_cash=Decimal("290.00"))
    closing = school.run(close, cashier)
    assert (closing.total, closing.expected_cash, closing.difference) == (Decimal(300), Decimal(300), Decimal(-10))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: finance.record_payment(tx, order, key="late"), cashier)
    assert caught.value.code == "finance.day_closed"
    with pytest.raises(UserError, match=r"finance\.no_cashier"):
        school.run(close)


def test_a_teacher_may_not_take_money(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    teacher = school.user("chen", "teacher", school.east)
    order = finance.PaymentOrder(student, school.east, Decimal(1), "cash", (contract,))
    with pytest.raises(Forbidden):
        school.run(lambda tx: finance.record_payment(tx, order, key="no"), teacher)


def test_one_invoice_for_several_payments_and_its_reversal(school) -> None:
    student = school.student()
    contract = school.contract(student, paid_in="0")
    paid = [pay(school, student, amount, contract, key=amount).payment_id for amount in ("100", "200")]
    blue = school.run(lambda tx: finance.issue_invoice(tx, paid, title="启明", key="one"))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: finance.issue_invoice(tx, paid[:1], title="启明", key="two"))
    assert caught.value.code == "invoice.already"
    red = school.run(lambda tx: finance.reverse_invoice(tx, blue, reason="抬头错误", key="red"))
    assert red == school.run(lambda tx: finance.reverse_invoice(tx, blue, reason="抬头错误", key="red"))
