"""What the office does to records by a button: money, invoices, cards, leave, seats; on a real database."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from processes.domain_action import Done, Preview
from processes.finance import api as finance
from processes.finance.tables import cashier_closing, instalment, payment, refund_order
from processes.people import api as people
from processes.people.tables import card
from processes.refund import actions as refunds
from processes.registry import discover
from processes.timetable import api as timetable
from processes.timetable.tables import roster
from tests.integration.processes.flows.conftest import School

CASH = {"payment_amount": "2000.00", "payment_method": "cash"}


def preview(school: School, who: str, kind: tuple[str, str], record_id: UUID, **values: Any) -> Preview:
    action = discover().action(*kind)
    assert action is not None
    return school.run(lambda tx: action.preview(tx, record_id, values), who)


def do(school: School, who: str, kind: tuple[str, str], record_id: UUID, **values: Any) -> Done:
    action = discover().action(*kind)
    assert action is not None
    return school.run(lambda tx: action.start(tx, record_id, values), who)


def figures(found: Preview) -> dict[str, Any]:
    return {line.label.zh: line.value for line in found.lines}


def test_cashier_takes_the_next_instalment_once_and_closes_the_day(school: School) -> None:
    contract_id = school.family(paid=40, instalments=3)  # 6000.00 in three, the first is paid
    student_id = school.student_of(contract_id)
    action = discover().action("student", "take_payment")
    assert action is not None
    assert school.run(lambda tx: action.defaults(tx, student_id), "east_finance") == {
        "payment_amount": Decimal("4000.00")
    }
    found = preview(school, "east_finance", ("student", "take_payment"), student_id, **CASH)
    assert figures(found) == {
        "应收未收": Decimal("4000.00"),
        "本次冲抵": Decimal("2000.00"),
        "仍欠": Decimal("2000.00"),
    }
    for _ in range(2):  # a double click
        done = do(school, "east_finance", ("student", "take_payment"), student_id, **CASH, once="one")
    assert done.message.zh == "已收款，收据 EAST-2026-000002"
    assert school.run(lambda tx: finance.received(tx, contract_id)) == Decimal("4000.00")
    east = school.ids["branch:east"]
    closing = school.run(
        lambda tx: finance.close_day(tx, branch_id=east, day=date(2026, 9, 1), counted_cash=Decimal("1990.00")),
        "east_finance",
    )
    assert (closing.expected_cash, closing.difference) == (Decimal("2000.00"), Decimal("-10.00"))
    with pytest.raises(Conflict, match=r"finance\.day_closed"):
        do(school, "east_finance", ("student", "take_payment"), student_id, **CASH, once="two")
    school.run(lambda tx: tx.execute(cashier_closing.delete()))
    school.assert_books_are_sound()


def test_payment_that_a_process_books_names_the_person_who_took_it(school: School) -> None:
    contract_id = school.family()
    statement = select(payment.c.cashier).where(payment.c.student_id == school.student_of(contract_id))
    assert str(school.run(lambda tx: tx.execute(statement).scalar_one())) == school.users["east_finance"].id


def test_too_much_goes_to_the_wallet_and_the_wallet_pays_an_instalment(school: School) -> None:
    contract_id = school.family(paid=40, instalments=2)
    student_id, east = school.student_of(contract_id), school.ids["branch:east"]
    school.run(
        lambda tx: finance.wallet_credit(
            tx, student_id, branch_id=east, real=Decimal("800.00"), reason="储值", key="kept"
        )
    )
    due = select(instalment.c.id).where(instalment.c.contract_id == contract_id, instalment.c.number == 2)
    part = school.run(lambda tx: tx.execute(due).scalar_one())
    wallet = {"payment_amount": "800.00", "payment_method": "wallet"}
    do(school, "east_finance", ("instalment", "take_payment"), part, **wallet)
    assert school.run(lambda tx: finance.wallet_balance(tx, student_id).real) == Decimal(0)
    over = {"payment_amount": "2500.00", "payment_method": "wechat", "payment_reference": "W77"}
    found = preview(school, "east_finance", ("instalment", "take_payment"), part, **over)
    assert figures(found)["多收转入钱包"] == Decimal("300.00")
    do(school, "east_finance", ("instalment", "take_payment"), part, **over)
    assert school.run(lambda tx: finance.wallet_balance(tx, student_id).real) == Decimal("300.00")
    school.assert_books_are_sound()


def test_salesperson_may_not_take_money(school: School) -> None:
    student_id = school.student_of(school.family())
    with pytest.raises(Forbidden):
        do(school, "east_sales1", ("student", "take_payment"), student_id, **CASH)


def test_payment_is_invoiced_and_the_invoice_reversed(school: School) -> None:
    contract_id = school.family(paid=40, instalments=2)
    student_id = school.student_of(contract_id)
    more = {"payment_amount": "3000.00", "payment_method": "card", "payment_reference": "C1"}
    do(school, "east_finance", ("student", "take_payment"), student_id, **more)
    statement = select(payment.c.id).where(payment.c.student_id == student_id).order_by(payment.c.id)
    first, second = school.run(lambda tx: tx.execute(statement).scalars().all())
    given = {"title": "王女士", "others": [str(second)]}
    assert figures(preview(school, "east_finance", ("payment", "issue_invoice"), first, **given)) == {
        "收款笔数": 2,
        "发票金额": Decimal("6000.00"),
    }
    made = do(school, "east_finance", ("payment", "issue_invoice"), first, **given).record
    assert made is not None
    with pytest.raises(Conflict):
        do(school, "east_finance", ("payment", "issue_invoice"), second, title="王女士", others=[])
    red = do(school, "east_finance", ("invoice", "reverse_invoice"), made[1], reason="抬头写错").record
    assert red is not None
    do(school, "east_finance", ("payment", "issue_invoice"), second, title="王妈妈", others=[])


def test_refund_that_the_bank_sends_back_is_undone(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    before = school.left(contract_id)
    wish = {"reason": "搬家", "way": "original", "materials_kept": "120.00"}
    school.run(lambda tx: refunds.start(tx, contract_id, wish), "east_finance")
    school.complete("east_principal", "approve_principal", contract_id, "approve")
    paid = {"way": "original", "payment_reference": "T1"}
    school.complete("east_finance", "pay_back", contract_id, "paid", paid)
    statement = select(refund_order.c.id).where(refund_order.c.contract_id == contract_id)
    order_id = school.run(lambda tx: tx.execute(statement).scalar_one())
    do(school, "hq_finance", ("refund_order", "undo_refund"), order_id, reason="账号已注销")
    assert school.left(contract_id) == before
    school.assert_books_are_sound()


def test_card_is_bound_reported_lost_and_bound_again(school: School) -> None:
    student_id = school.student_of(school.family())
    assert figures(preview(school, "east_academic", ("student", "bind_card"), student_id, number="007B3A01")) == {
        "卡号": "0008075777"
    }
    do(school, "east_academic", ("student", "bind_card"), student_id, number="0008075777")
    other = school.student_of(school.family())
    taken = preview(school, "east_academic", ("student", "bind_card"), other, number="0008075777")
    assert [text.zh for text in taken.blockers] == ["该卡已绑定其他人，请先退卡"]
    held = select(card.c.id).where(card.c.student_id == student_id)
    card_id = school.run(lambda tx: tx.execute(held).scalar_one())
    do(school, "east_academic", ("card", "unbind_card"), card_id, stage="lost", reason="丢失")
    do(school, "east_academic", ("student", "bind_card"), other, number="0008075777")
    assert school.run(lambda tx: people.student_by_card(tx, "007B3A01")) == other


def test_full_class_keeps_a_queue_and_gives_the_free_seat(school: School) -> None:
    group = school.ids["class:east_art_1"]
    first = school.student_of(school.family("east_art_1", 30))
    second = school.student_of(school.family("east_english_2", 30))
    assert figures(
        preview(school, "east_academic", ("class_group", "wait_for_seat"), group, student_id=str(second))
    ) == {"候补名次": 1}
    do(school, "east_academic", ("class_group", "wait_for_seat"), group, student_id=str(second))
    later = datetime(2026, 9, 20, tzinfo=UTC)
    assert second not in school.run(lambda tx: timetable.members(tx, group, later))
    assert [one.student_id for one in school.run(lambda tx: timetable.queue(tx, group))] == [second]
    entry = select(roster.c.id).where(roster.c.class_group_id == group, roster.c.student_id == first)
    entry_id = school.run(lambda tx: tx.execute(entry).scalar_one())
    today = school.clock.now().date()
    do(school, "east_academic", ("roster", "leave_class"), entry_id, from_on=today, reason="时间不合适")
    do(school, "east_academic", ("class_group", "enrol_student"), group, student_id=str(second), from_on=today)
    assert second in school.run(lambda tx: timetable.members(tx, group, later))
    assert school.run(lambda tx: timetable.queue(tx, group)) == ()


def test_student_of_another_branch_cannot_be_put_into_a_class(school: School) -> None:
    stranger = school.student_of(school.family("west_english_1", 30))
    group, today = school.ids["class:east_art_1"], school.clock.now().date()
    with pytest.raises(NotFound):
        do(school, "east_academic", ("class_group", "enrol_student"), group, student_id=str(stranger), from_on=today)
    with pytest.raises(UserError):
        do(school, "east_academic", ("class_group", "enrol_student"), group, student_id=str(stranger),
           from_on=today - timedelta(days=9))  # fmt: skip


def test_leave_asked_after_the_lesson_is_judged_by_the_table_in_force(school: School) -> None:
    contract_id = school.family()
    student_id, group = school.student_of(contract_id), school.ids["class:east_english_1"]
    pattern = timetable.Recurrence(date(2026, 9, 10), frozenset({3}), time(16), time(18), count=1)
    lesson_id = school.run(lambda tx: timetable.create_lessons(tx, group, pattern, key="late leave"))[0]
    school.clock.set(datetime(2026, 9, 10, 10, 5, tzinfo=UTC))
    school.run(lambda tx: timetable.close_lesson(tx, lesson_id))
    assert school.left(contract_id)[0] == Decimal(38)
    offered = discover().action("student", "ask_leave")
    assert offered is not None
    options = school.run(lambda tx: offered.choices(tx, student_id), "east_academic")["lesson_id"]
    assert [option.label.zh for option in options] == ["09-10 周四 16:00 英语启蒙一班"]
    given = {"lesson_id": str(lesson_id), "reason": "发烧", "sick": True, "proof": str(UUID(int=1))}
    do(school, "east_academic", ("student", "ask_leave"), student_id, **given)
    assert school.left(contract_id)[0] == Decimal(40)
    school.assert_books_are_sound()
