from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import UserError
from processes.contracts.discount import discount_rate, split_discount


def test_split_discount_gives_the_largest_remainder_the_last_fen() -> None:
    shares = split_discount(Decimal("100.00"), [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")])
    assert shares == (Decimal("33.33"), Decimal("33.33"), Decimal("33.34"))


@given(st.lists(st.integers(1, 5_000_000), min_size=1, max_size=20), st.integers(0, 10_000))
def test_split_discount_is_exact_and_never_exceeds_a_line(fens: list[int], per_myriad: int) -> None:
    amounts = [Decimal(fen) / 100 for fen in fens]
    discount = (sum(amounts, Decimal(0)) * per_myriad / 10_000).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    shares = split_discount(discount, amounts)
    assert sum(shares) == discount
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))


def test_split_discount_refuses_more_than_the_list_price() -> None:
    with pytest.raises(UserError) as caught:
        split_discount(Decimal("10.01"), [Decimal("10.00")])
    assert caught.value.code == "contract.discount_out_of_range"


def test_discount_rate_has_four_places() -> None:
    assert discount_rate(Decimal(500), Decimal(6000)) == Decimal("0.0833")
    assert discount_rate(Decimal(0), Decimal(0)) == Decimal("0.0000")
