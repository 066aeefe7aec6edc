from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import Conflict, UserError
from processes.class_hours import ledger
from processes.class_hours.ledger import EntryKind, Lot, LotKind, Posting, Unit

DAY = date(2026, 3, 2)
COURSE = UUID(int=100)


def lot(number: int, quantity: str, amount: str, **values: object) -> Lot:
    base: dict[str, object] = {"kind": LotKind.PAID, "unit": Unit.HOUR}
    return Lot(UUID(int=number), quantity=Decimal(quantity), amount=Decimal(amount), **(base | values))  # type: ignore[arg-type]


def consume(lots: list[Lot], hours: str, lessons: str = "1") -> ledger.Consumption:
    return ledger.consume(lots, hours=Decimal(hours), lessons=Decimal(lessons), course_id=COURSE, on=DAY)


def drain(start: Lot, step: str, times: int) -> tuple[Decimal, Lot]:
    consumed = Decimal(0)
    current = start
    for _ in range(times):
        (posting,) = consume([current], step).postings
        consumed -= posting.amount
        current = ledger.apply(current, posting)
    return consumed, current


def test_thirty_hours_for_2000_sum_to_the_price() -> None:
    consumed, rest = drain(lot(1, "30", "2000.00"), "1", 30)
    assert consumed == Decimal("2000.00")
    assert (rest.quantity, rest.amount) == (Decimal(0), Decimal("0.00"))


def test_ninety_six_hours_for_9800_after_21_steps_of_one_and_a_half() -> None:
    consumed, rest = drain(lot(1, "96", "9800.00"), "1.5", 21)
    assert consumed == Decimal("3215.63")
    assert rest.amount == Decimal("6584.37")


@given(
    fen=st.integers(0, 2_000_000),
    halves=st.lists(st.integers(1, 6), min_size=1, max_size=40),
    extra=st.integers(0, 20),
)
def test_consumed_and_remaining_equal_the_price_at_every_step(fen: int, halves: list[int], extra: int) -> None:
    price = Decimal(fen) / 100
    current = lot(1, str(Decimal(sum(halves) + extra) / 2), str(price))
    consumed = Decimal(0)
    for half in halves:
        (posting,) = consume([current], str(Decimal(half) / 2)).postings
        consumed -= posting.amount
        current = ledger.apply(current, posting)
        assert consumed + current.amount == price
    if extra == 0:
        assert (current.quantity, current.amount) == (0, 0)


operation = st.tuples(st.sampled_from(["consume", "reverse", "freeze", "unfreeze"]), st.integers(0, 50))


@given(fen=st.integers(0, 500_000), operations=st.lists(operation, max_size=60))
def test_any_order_of_operations_keeps_sum_of_entries_equal_to_balance(
    fen: int, operations: list[tuple[str, int]]
) -> None:
    start = lot(1, "20", str(Decimal(fen) / 100))
    current, live = start, []
    entries: list[Posting] = []
    for number, (name, pick) in enumerate(operations):
        posting: Posting | None = None
        if name == "consume":
            quantity = Decimal(pick % 6 + 1) / 2
            if quantity <= current.available:
                (posting,) = consume([current], str(quantity)).postings
                live.append((UUID(int=1000 + number), posting))
        elif name == "reverse" and live:
            entry_id, original = live.pop(pick % len(live))
            posting = ledger.reverse(entry_id, original)
        elif name == "freeze":
            posting = ledger.freeze(current)
        elif name == "unfreeze":
            posting = ledger.unfreeze(current)
        if posting:
            entries.append(posting)
            current = ledger.apply(current, posting)
    assert start.quantity + sum(e.quantity for e in entries) == current.quantity
    assert start.amount + sum((e.amount for e in entries), Decimal(0)) == current.amount
    assert sum((e.frozen for e in entries), Decimal(0)) == current.frozen
    closed = ledger.apply(current, *ledger.close(current, EntryKind.REFUND))
    assert (closed.quantity, closed.amount, closed.frozen) == (0, 0, 0)


def test_consume_spreads_a_lesson_over_two_lots_in_order_of_priority_then_expiry() -> None:
    gift = lot(1, "4", "0.00", kind=LotKind.GIFT, priority=20)
    late = lot(2, "1", "100.00", expires_on=date(2026, 12, 31))
    soon = lot(3, "1", "150.00", expires_on=date(2026, 6, 30))
    result = consume([gift, late, soon], "2.5")
    assert [(p.lot_id.int, p.quantity, p.amount) for p in result.postings] == [
        (3, Decimal(-1), Decimal("-150.00")),
        (2, Decimal(-1), Decimal("-100.00")),
        (1, Decimal("-0.5"), Decimal("0.00")),
    ]


def test_consume_skips_expired_and_foreign_lots_and_reports_what_is_short() -> None:
    expired = lot(1, "5", "500.00", expires_on=date(2026, 3, 1))
    foreign = lot(2, "5", "500.00", courses=frozenset({UUID(int=7)}))
    result = consume([expired, foreign], "2")
    assert (result.postings, result.short, result.held) == ((), Decimal(2), Decimal(0))


def test_consume_counts_lessons_on_lesson_lots() -> None:
    result = consume([lot(1, "10", "1000.00", unit=Unit.LESSON)], "2")
    assert (result.postings[0].quantity, result.unit) == (Decimal(-1), Unit.LESSON)


def test_consume_lets_a_period_card_cover_the_lesson_without_quantity() -> None:
    result = consume([lot(1, "30", "900.00", unit=Unit.DAY)], "2")
    assert (result.postings[0].quantity, result.short) == (Decimal(0), Decimal(0))


def test_consume_reports_held_hours_instead_of_taking_them() -> None:
    result = consume([lot(1, "10", "1000.00", frozen=Decimal(9))], "2")
    assert (result.postings[0].quantity, result.held, result.short) == (Decimal(-1), Decimal(1), Decimal(0))


def test_debt_is_settled_by_new_hours() -> None:
    debt = lot(1, "0", "0", kind=LotKind.DEBT)
    debt = ledger.apply(debt, ledger.overdraw(debt, Decimal(3)))
    new = lot(2, "10", "1000.00")
    taken, given = ledger.settle_debt(debt, [new], course_id=COURSE, on=DAY)
    assert (taken.quantity, taken.amount) == (Decimal(-3), Decimal("-300.00"))
    assert ledger.apply(debt, given).quantity == 0


def test_apply_refuses_to_go_below_zero() -> None:
    with pytest.raises(Conflict) as caught:
        ledger.apply(lot(1, "1", "10.00"), Posting(UUID(int=1), EntryKind.CONSUME, Decimal(-2), Decimal(-10)))
    assert caught.value.code == "ledger.unbalanced"


def test_apply_refuses_value_without_hours() -> None:
    with pytest.raises(Conflict):
        ledger.apply(lot(1, "1", "10.00"), Posting(UUID(int=1), EntryKind.CONSUME, Decimal(-1), Decimal(-9)))


def test_reversal_of_a_reversal_is_refused() -> None:
    reversal = ledger.reverse(UUID(int=9), Posting(UUID(int=1), EntryKind.CONSUME, Decimal(-1), Decimal(-9)))
    with pytest.raises(UserError):
        ledger.reverse(UUID(int=10), reversal)


def test_expire_takes_what_is_available_after_the_last_day() -> None:
    one = lot(1, "10", "1000.00", frozen=Decimal(4), expires_on=date(2026, 3, 1))
    assert ledger.expire(one, date(2026, 3, 1)) is None
    posting = ledger.expire(one, DAY)
    assert posting is not None
    assert (posting.quantity, posting.amount) == (Decimal(-6), Decimal("-600.00"))


def test_period_card_accrues_elapsed_days_and_whole_months() -> None:
    days = lot(1, "30", "900.00", unit=Unit.DAY, opened_on=date(2026, 3, 1))
    posting = ledger.accrue(days, bought=Decimal(30), until=date(2026, 3, 11))
    assert posting is not None
    assert (posting.quantity, posting.amount) == (Decimal(-10), Decimal("-300.00"))
    assert ledger.elapsed_units(Unit.MONTH, date(2026, 1, 31), date(2026, 3, 30)) == 1
