"""Values as text."""

from datetime import date
from decimal import Decimal

import pytest

from webapp import formats


@pytest.mark.parametrize(
    ("value", "text"), [(Decimal("1234567.5"), "1,234,567.50"), ("0", "0.00"), (Decimal("-3.005"), "-3.00"), (None, "")]
)
def test_money_has_two_places_and_groups(value: Decimal | str | None, text: str) -> None:
    assert formats.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(Decimal("31.50"), "31.5"), (Decimal("40.00"), "40"), (Decimal("1E+2"), "100")]
)
def test_hours_have_no_needless_zeros(value: Decimal, text: str) -> None:
    assert formats.hours(value) == text


@pytest.mark.parametrize(("name", "text"), [("王小明", "小明"), ("Ann Lee", "AL"), ("bob", "BO"), ("", "?")])
def test_initials_are_the_given_name_or_first_letters(name: str, text: str) -> None:
    assert formats.initials(name) == text


def test_plain_groups_amounts_and_keeps_dates() -> None:
    assert formats.plain(Decimal("4516.36")) == "4,516.36"
    assert formats.plain(date(2026, 9, 1)) == "2026-09-01"
