from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import UserError
from processes.finance.refund_entries import Closing, LotBalance
from processes.finance.refund_formula import Proof, RefundCase, RefundTerms, Strategy, compute

PAID, GIFT = UUID(int=1), UUID(int=2)


def case(lots: tuple[LotBalance, ...], **values: object) -> RefundCase:
    base: dict[str, object] = {
        "net_amount": Decimal("6000.00"),
        "received": Decimal("6000.00"),
        "list_price": Decimal("180.00"),
        "requested_on": date(2026, 5, 1),
        "signed_on": date(2026, 3, 1),
        "materials_kept": Decimal("120.00"),
    }
    return RefundCase(lots=lots, **(base | values))  # type: ignore[arg-type]


def balance(lot_id: UUID, bought: str, bought_amount: str, left: str, amount: str) -> LotBalance:
    figures = (Decimal(text) for text in (bought, bought_amount, left, amount))
    return LotBalance(lot_id, lot_id == GIFT, *figures)


PRO_RATA = (balance(PAID, "40", "5454.55", "30", "4090.91"), balance(GIFT, "4", "545.45", "4", "545.45"))
ZERO_GIFT = (balance(PAID, "40", "6000.00", "30", "4500.00"), balance(GIFT, "4", "0.00", "4", "0.00"))


def by_kind(proof: Proof) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for entry in proof.entries:
        totals[entry.kind] = totals.get(entry.kind, Decimal(0)) - entry.amount
    return totals


def assert_closes(proof: Proof, lots: tuple[LotBalance, ...]) -> None:
    for lot in lots:
        entries = [entry for entry in proof.entries if entry.lot_id == lot.lot_id]
        assert lot.amount + sum((entry.amount for entry in entries), Decimal(0)) == 0
        assert lot.quantity + sum((entry.quantity for entry in entries), Decimal(0)) == 0


def test_strategy_a_spreads_the_price_over_gift_hours() -> None:
    proof = compute(RefundTerms(Strategy.NET_WITH_GIFTS), case(PRO_RATA))
    assert proof.refundable == Decimal("4516.36")
    assert by_kind(proof) == {"MATERIAL": Decimal("120.00"), "REFUND": Decimal("4516.36")}
    assert_closes(proof, PRO_RATA)


def test_strategy_b_counts_paid_hours_and_lets_gifts_lapse() -> None:
    proof = compute(RefundTerms(Strategy.PAID_ONLY), case(ZERO_GIFT))
    assert proof.refundable == Decimal("4380.00")
    assert Closing(GIFT, "FORFEIT", Decimal(-4), Decimal("0.00"), "hours_lapse") in proof.entries
    assert_closes(proof, ZERO_GIFT)


def test_strategy_c_values_consumed_hours_at_list_price() -> None:
    proof = compute(RefundTerms(Strategy.LIST_PRICE), case(ZERO_GIFT))
    assert proof.refundable == Decimal("4080.00")
    expected = {"SETTLE_ADJUST": Decimal("300.00"), "MATERIAL": Decimal("120.00"), "REFUND": Decimal("4080.00")}
    assert {kind: total for kind, total in by_kind(proof).items() if total} == expected
    assert_closes(proof, ZERO_GIFT)


def test_unpaid_instalments_are_cancelled_not_deducted() -> None:
    lots = (balance(PAID, "40", "6000.00", "30", "4500.00"),)
    proof = compute(
        RefundTerms(Strategy.PAID_ONLY), case(lots, received=Decimal("3000.00"), materials_kept=Decimal("0.00"))
    )
    assert (proof.refundable, proof.cancelled, proof.still_owed) == (Decimal("1500.00"), Decimal("3000.00"), 0)
    assert_closes(proof, lots)


def test_more_consumed_than_paid_refunds_nothing_and_keeps_the_arrears() -> None:
    lots = (balance(PAID, "40", "6000.00", "30", "4500.00"),)
    proof = compute(
        RefundTerms(Strategy.PAID_ONLY), case(lots, received=Decimal("1000.00"), materials_kept=Decimal("0.00"))
    )
    assert (proof.refundable, proof.still_owed, proof.cancelled) == (0, Decimal("500.00"), Decimal("4500.00"))
    assert_closes(proof, lots)


def test_cooling_off_gives_everything_back() -> None:
    terms = RefundTerms(Strategy.COOLING_OFF, cooling_off_days=7, penalty_rate=Decimal("0.1"))
    lots = (balance(PAID, "40", "6000.00", "38", "5700.00"),)
    proof = compute(terms, case(lots, requested_on=date(2026, 3, 8), materials_kept=Decimal("0.00")))
    assert proof.refundable == Decimal("6000.00")
    assert_closes(proof, lots)


def test_cooling_off_is_refused_after_its_last_day() -> None:
    with pytest.raises(UserError) as caught:
        compute(RefundTerms(Strategy.COOLING_OFF, cooling_off_days=7), case(ZERO_GIFT, requested_on=date(2026, 3, 9)))
    assert caught.value.code == "refund.cooling_off_over"


def test_period_card_is_charged_by_elapsed_days() -> None:
    lots = (balance(PAID, "90", "900.00", "60", "600.00"),)
    period = {"valid_from": date(2026, 3, 1), "valid_to": date(2026, 5, 29)}
    figures = {"net_amount": Decimal("900.00"), "received": Decimal("900.00"), "materials_kept": Decimal("0.00")}
    proof = compute(RefundTerms(Strategy.ELAPSED_DAYS), case(lots, requested_on=date(2026, 3, 31), **period, **figures))
    assert proof.refundable == Decimal("600.00")


def test_penalty_is_a_share_of_what_is_left_and_capped() -> None:
    lots = (balance(PAID, "40", "6000.00", "30", "4500.00"),)
    rate = RefundTerms(Strategy.PAID_ONLY, penalty_rate=Decimal("0.2"))
    capped = RefundTerms(Strategy.PAID_ONLY, penalty_rate=Decimal("0.2"), penalty_cap=Decimal("500.00"))
    plain = case(lots, materials_kept=Decimal("0.00"))
    assert compute(rate, plain).refundable == Decimal("3600.00")
    assert compute(capped, plain).refundable == Decimal("4000.00")
    assert_closes(compute(capped, plain), lots)


fens = st.integers(0, 1_000_000).map(lambda value: Decimal(value) / 100)


@given(
    strategy=st.sampled_from([Strategy.NET_WITH_GIFTS, Strategy.PAID_ONLY, Strategy.LIST_PRICE]),
    net=st.integers(100, 1_000_000).map(lambda value: Decimal(value) / 100),
    paid_share=st.integers(0, 100),
    used=st.integers(0, 40),
    booked_share=st.integers(0, 100),
    materials=fens,
    gifts=fens,
    penalty=st.integers(0, 100),
)
def test_any_refund_closes_every_lot_and_stays_within_what_was_received(
    strategy: Strategy, net: Decimal, paid_share: int, used: int, booked_share: int,
    materials: Decimal, gifts: Decimal, penalty: int,
) -> None:  # fmt: skip
    quantity = Decimal(40 - used)
    booked = (net * booked_share / 100).quantize(Decimal("0.01")) if 0 < used < 40 else net * (used == 40)
    lots = (
        LotBalance(PAID, False, Decimal(40), net, quantity, net - booked),
        LotBalance(GIFT, True, Decimal(4), Decimal("0.00"), Decimal(4), Decimal("0.00")),
    )
    received = (net * paid_share / 100).quantize(Decimal("0.01"))
    terms = RefundTerms(strategy, penalty_rate=Decimal(penalty) / 100)
    proof = compute(
        terms, case(lots, net_amount=net, received=received, materials_kept=materials, gifts_clawed_back=gifts)
    )
    assert 0 <= proof.refundable <= received
    assert proof.cancelled >= 0
    assert sum((line.amount for line in proof.lines), Decimal(0)) == proof.refundable - proof.still_owed
    assert proof.cancelled + proof.still_owed == net - received
    assert_closes(proof, lots)
