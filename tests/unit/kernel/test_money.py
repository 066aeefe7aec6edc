"""Yuan to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.money import fen, split_by_largest_remainder

AMOUNTS = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=100_000, places=2), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("1363.636363", "1363.64"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("2", "2.00")]
)
def test_fen_rounds_half_up(amount: str, rounded: str) -> None:
    assert fen(amount) == Decimal(rounded)


def test_split_of_the_acceptance_figure() -> None:
    weights = [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")]
    assert split_by_largest_remainder(Decimal("100.00"), weights) == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]


@given(total=AMOUNTS, weights=WEIGHTS)
def test_split_adds_up_exactly(total: Decimal, weights: list[Decimal]) -> None:
    shares = split_by_largest_remainder(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < Decimal("0.01") + Decimal("1e-20")


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(2), Decimal(-1)]])
def test_split_refuses_weights_without_a_share(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="positive sum"):
        split_by_largest_remainder(Decimal(1), weights)
