"""Price rules: the policy that gives a line its list price, and the value of paid and gift hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.money import fen, split_by_largest_remainder
from engine.kernel.text import Text

ZERO = Decimal("0.00")


class GiftPolicy(StrEnum):
    """When gift hours are used and what they are worth."""

    LAST = "last"
    FIRST = "first"
    PRO_RATA = "pro_rata"


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One row of the price policy; None matches anything. Quantity bounds are half-open, days inclusive."""

    id: UUID
    unit_price: Decimal
    course_id: UUID | None = None
    branch_id: UUID | None = None
    region: str | None = None
    customer_type: str | None = None
    quantity_from: Decimal = ZERO
    quantity_below: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    floor_price: Decimal | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asks a price for."""

    course_id: UUID
    branch_id: UUID
    quantity: Decimal
    on: date
    region: str | None = None
    customer_type: str | None = None


@dataclass(frozen=True, slots=True)
class LotPlan:
    """Quantities, amounts and priorities of the lots one line opens."""

    paid_quantity: Decimal
    paid_amount: Decimal
    gift_quantity: Decimal
    gift_amount: Decimal
    paid_priority: int
    gift_priority: int


def find_rule(rules: Iterable[PriceRule], asked: Asked) -> PriceRule:
    """The rule in force: highest priority, then the most specific, then the newest start.

    Raises: UserError when the policy has no price.
    """
    matching = [rule for rule in rules if _matches(rule, asked)]
    if not matching:
        raise UserError(
            "contract.no_price",
            Text("价格政策里没有该课程的价格", "The price policy has no price for this course"),
            hint=Text("请管理员在价格规则中补充", "Ask an administrator to add a price rule"),
        )
    return max(matching, key=lambda rule: (rule.priority, _specificity(rule), rule.valid_from or date.min, rule.id))


def _matches(rule: PriceRule, asked: Asked) -> bool:
    same = (
        rule.course_id in (None, asked.course_id)
        and rule.branch_id in (None, asked.branch_id)
        and rule.region in (None, asked.region)
        and rule.customer_type in (None, asked.customer_type)
    )
    in_quantity = rule.quantity_from <= asked.quantity and (
        rule.quantity_below is None or asked.quantity < rule.quantity_below
    )
    in_time = (rule.valid_from is None or rule.valid_from <= asked.on) and (
        rule.valid_to is None or asked.on <= rule.valid_to
    )
    return same and in_quantity and in_time


def _specificity(rule: PriceRule) -> int:
    named = (rule.course_id, rule.branch_id, rule.region, rule.customer_type, rule.quantity_below)
    return sum(value is not None for value in named) + (rule.quantity_from > 0)


def list_amount(unit_price: Decimal, quantity: Decimal) -> Decimal:
    """Yuan of a line before any discount."""
    return fen(unit_price * quantity)


def plan_lots(net_amount: Decimal, paid: Decimal, gift: Decimal, policy: GiftPolicy) -> LotPlan:
    """Spread the price of a line over its paid and gift hours.

    Pro rata gives gift hours their share of the price; otherwise they are worth nothing and are used last or first.

    >>> plan_lots(Decimal(6000), Decimal(40), Decimal(4), GiftPolicy.PRO_RATA).gift_amount
    Decimal('545.45')
    """
    if policy is GiftPolicy.PRO_RATA and gift > 0 and net_amount > 0:
        paid_amount, gift_amount = split_by_largest_remainder(net_amount, [paid, gift])
    else:
        paid_amount, gift_amount = fen(net_amount), ZERO
    gift_priority = 5 if policy is GiftPolicy.FIRST else 20
    return LotPlan(paid, paid_amount, gift, gift_amount, 10, gift_priority)


def below_floor(rule: PriceRule, net_amount: Decimal, paid: Decimal) -> bool:
    """Whether a line sells below the lowest price its rule allows."""
    return rule.floor_price is not None and paid > 0 and net_amount < fen(rule.floor_price * paid)
