from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from engine.kernel.errors import UserError
from processes.contracts.pricing import Asked, GiftPolicy, PriceRule, below_floor, find_rule, list_amount, plan_lots

COURSE, BRANCH = UUID(int=1), UUID(int=2)


def asked(quantity: str = "40", on: date = date(2026, 3, 1), **values: str) -> Asked:
    return Asked(COURSE, BRANCH, Decimal(quantity), on, **values)


def rule(number: int, price: str, **values: object) -> PriceRule:
    return PriceRule(UUID(int=number), Decimal(price), **values)  # type: ignore[arg-type]


def test_find_rule_prefers_priority_then_the_more_specific() -> None:
    general, course = rule(1, "200"), rule(2, "180", course_id=COURSE)
    branch = rule(3, "170", course_id=COURSE, branch_id=BRANCH)
    assert find_rule([general, course, branch], asked()) == branch
    assert find_rule([rule(4, "150", priority=5), branch], asked()).unit_price == Decimal(150)


def test_find_rule_uses_half_open_quantity_bands() -> None:
    small = rule(1, "200", quantity_below=Decimal(40))
    large = rule(2, "180", quantity_from=Decimal(40))
    assert find_rule([small, large], asked("39.5")) == small
    assert find_rule([small, large], asked("40")) == large


def test_find_rule_honours_season_region_and_customer_type() -> None:
    summer = rule(1, "150", valid_from=date(2026, 7, 1), valid_to=date(2026, 8, 31))
    old = rule(2, "160", customer_type="renewal", region="东城")
    base = rule(3, "180")
    assert find_rule([summer, old, base], asked(on=date(2026, 8, 31))) == summer
    assert find_rule([summer, old, base], asked(customer_type="renewal", region="东城")) == old
    assert find_rule([summer, old, base], asked()) == base


def test_find_rule_without_a_price_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        find_rule([rule(1, "1", course_id=UUID(int=9))], asked())
    assert caught.value.code == "contract.no_price"


def test_plan_lots_spreads_the_price_over_gift_hours() -> None:
    plan = plan_lots(Decimal(6000), Decimal(40), Decimal(4), GiftPolicy.PRO_RATA)
    assert (plan.paid_amount, plan.gift_amount) == (Decimal("5454.55"), Decimal("545.45"))


def test_plan_lots_gives_zero_value_gifts_a_place_in_the_order_of_use() -> None:
    last = plan_lots(Decimal(6000), Decimal(40), Decimal(4), GiftPolicy.LAST)
    first = plan_lots(Decimal(6000), Decimal(40), Decimal(4), GiftPolicy.FIRST)
    assert (last.paid_amount, last.gift_amount) == (Decimal("6000.00"), Decimal("0.00"))
    assert first.gift_priority < first.paid_priority < last.gift_priority


def test_below_floor_compares_the_net_price() -> None:
    floor = rule(1, "180", floor_price=Decimal(150))
    assert below_floor(floor, Decimal("5999.99"), Decimal(40))
    assert not below_floor(floor, Decimal("6000.00"), Decimal(40))
    assert list_amount(Decimal("180"), Decimal("1.5")) == Decimal("270.00")
