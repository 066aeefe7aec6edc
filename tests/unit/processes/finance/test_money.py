from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import UserError
from processes.finance.allocation import Paid, Payback, Share, allocate, allocate_as_told, pay_back
from processes.finance.instalments import (
    Due,
    Instalment,
    InstalmentState,
    add_months,
    cancel_unpaid,
    check_plan,
    overdue,
    plan_equal,
)
from processes.finance.receipts import amount_in_words, gaps, receipt_number
from processes.finance.refund_contract import read_terms, split_received
from processes.finance.refund_formula import Strategy

FIRST = date(2026, 1, 31)


def instalment(number: int, amount: str, received: str = "0", cancelled: str = "0", due: date = FIRST) -> Instalment:
    figures = (Decimal(text) for text in (amount, received, cancelled))
    return Instalment(UUID(int=number), UUID(int=100), UUID(int=200), number, due, *figures)


def test_equal_instalments_add_up_and_keep_the_end_of_month() -> None:
    plan = plan_equal(Decimal("1000.00"), 3, first_due=FIRST)
    assert [due.amount for due in plan] == [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")]
    assert [due.due_on for due in plan] == [FIRST, date(2026, 2, 28), date(2026, 3, 31)]


@given(st.integers(1, 10_000_000), st.integers(1, 36))
def test_equal_instalments_are_exact(fen: int, count: int) -> None:
    plan = plan_equal(Decimal(fen) / 100, count, first_due=FIRST)
    assert sum(due.amount for due in plan) == Decimal(fen) / 100


def test_a_plan_must_add_up_to_the_contract() -> None:
    dues = [Due(1, FIRST, Decimal("500.00")), Due(2, date(2026, 1, 1), Decimal("500.00"))]
    assert [due.due_on for due in check_plan(Decimal(1000), dues)] == [date(2026, 1, 1), FIRST]
    with pytest.raises(UserError) as caught:
        check_plan(Decimal("1000.01"), dues)
    assert caught.value.code == "finance.plan_sum"


def test_states_follow_the_figures() -> None:
    states = [instalment(1, "10", *rest).state for rest in ((), ("4",), ("10",), ("0", "10"), ("4", "6"))]
    assert states == [
        InstalmentState.OPEN,
        InstalmentState.PARTLY_PAID,
        InstalmentState.PAID,
        InstalmentState.CANCELLED,
        InstalmentState.PAID,
    ]


def test_cancelling_takes_the_latest_instalments_first() -> None:
    plan = [instalment(1, "10", "10"), instalment(2, "10", "4", due=date(2026, 2, 1)),
            instalment(3, "10", due=date(2026, 3, 1))]  # fmt: skip
    assert cancel_unpaid(plan, Decimal(14)) == ((UUID(int=3), Decimal(10)), (UUID(int=2), Decimal(4)))
    with pytest.raises(UserError):
        cancel_unpaid(plan, Decimal(17))


def test_overdue_lists_open_ones_before_the_day() -> None:
    plan = [instalment(1, "10", "10"), instalment(2, "10"), instalment(3, "10", due=date(2026, 2, 1))]
    assert [one.number for one in overdue(plan, date(2026, 2, 1))] == [2]
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_a_payment_covers_the_oldest_first_and_leaves_the_rest() -> None:
    plan = [instalment(2, "10", due=date(2026, 2, 1)), instalment(1, "10", "4")]
    found = allocate(Decimal(20), plan)
    assert found.shares == (Share(UUID(int=1), Decimal(6)), Share(UUID(int=2), Decimal(10)))
    assert found.unused == Decimal(4)


@given(st.integers(0, 100_000), st.lists(st.integers(1, 50_000), max_size=10))
def test_allocation_is_exact_and_never_overpays(paid: int, fens: list[int]) -> None:
    plan = [instalment(number, str(Decimal(fen) / 100)) for number, fen in enumerate(fens, start=1)]
    found = allocate(Decimal(paid) / 100, plan)
    assert sum((share.amount for share in found.shares), Decimal(0)) + found.unused == Decimal(paid) / 100
    by_id = {one.id: one for one in plan}
    assert all(share.amount <= by_id[share.instalment_id].open_amount for share in found.shares)


def test_a_named_allocation_is_checked() -> None:
    plan = [instalment(1, "10", "4")]
    assert allocate_as_told(Decimal(6), {UUID(int=1): Decimal(6)}, plan).unused == 0
    for amount, wanted in ((Decimal(9), Decimal(7)), (Decimal(5), Decimal(6)), (Decimal(5), Decimal(0))):
        with pytest.raises(UserError):
            allocate_as_told(amount, {UUID(int=1): wanted}, plan)


def test_a_refund_goes_back_over_the_latest_channel_first() -> None:
    paid = [Paid(UUID(int=1), 1, "cash", Decimal(100)), Paid(UUID(int=2), 2, "wechat", Decimal(50))]
    assert pay_back(Decimal(120), paid) == (
        Payback(UUID(int=2), "wechat", Decimal(50)),
        Payback(UUID(int=1), "cash", Decimal(70)),
    )
    with pytest.raises(UserError) as caught:
        pay_back(Decimal(151), paid)
    assert caught.value.code == "finance.refund_exceeds_received"


def test_receipt_numbers_and_gaps() -> None:
    assert receipt_number("EAST", 2026, 42) == "EAST-2026-000042"
    assert gaps([1, 2, 4, 7]) == (3, 5, 6)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "人民币零元整"),
        ("0.05", "人民币伍分"),
        ("10.10", "人民币壹拾元壹角整"),
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("1680.32", "人民币壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "人民币壹拾万零柒仟元伍角叁分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("100000000", "人民币壹亿元整"),
    ],
)
def test_amounts_in_financial_capitals(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount)) == words


def test_what_was_received_covers_every_lines_deductions_first() -> None:
    used_up, untouched = (Decimal(3000), Decimal(0)), (Decimal(0), Decimal(3000))
    assert split_received(Decimal(3000), [used_up, untouched]) == (Decimal(3000), Decimal(0))
    assert split_received(Decimal(4000), [untouched, used_up]) == (Decimal(1000), Decimal(3000))
    assert split_received(Decimal(2000), [used_up, used_up]) == (Decimal(2000), Decimal(0))


def test_terms_are_read_from_the_contract_or_refused() -> None:
    terms = read_terms({"strategy": "B", "penalty_rate": "0.2", "penalty_cap": "500.00", "cooling_off_days": 7})
    assert (terms.strategy, terms.penalty_rate, terms.penalty_cap) == (Strategy.PAID_ONLY, Decimal("0.2"), Decimal(500))
    with pytest.raises(UserError):
        read_terms({"strategy": "Z"})
